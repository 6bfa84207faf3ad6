"""Characters that JSON, TOML, YAML and Python write as escapes.

``json.dumps`` writes every Chinese and Japanese name as ``\\uXXXX``: to search the file's text
alone would miss them all.
"""

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([nrt]))")
_LAST_CODE_POINT = 0x10FFFF


def unescaped(text: str) -> str:
    """``text`` with its escapes replaced by what they stand for; surrogate pairs are joined.

    Whatever is no escape stays as it is. Linear in the text.
    """
    replaced = _ESCAPE.sub(_character, text)
    return replaced.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    four, two, eight, blank = escape.groups()
    if blank:
        return "\n"
    code_point = int(four or two or eight, 16)
    return chr(code_point) if code_point <= _LAST_CODE_POINT else escape.group()
