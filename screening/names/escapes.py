"""Characters that are written otherwise than they are shown.

JSON, TOML, YAML and Python write escapes (``json.dumps`` writes every Chinese and Japanese name as
``\\uXXXX``), web pages entities, addresses percent signs; an override of direction shows letters in
the opposite order, and the tag characters of Unicode are letters that nothing shows. To search the
text alone would miss all of these.
"""

import html
import re
from urllib.parse import unquote

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([nrt]))")
_LAST_CODE_POINT = 0x10FFFF
_PERCENT = re.compile("(?:%[0-9a-fA-F]{2})+")
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OVERRIDDEN = re.compile(
    "\u202e((?:[^\u202c\u2066-\u2069\n]|[\u2066-\u2068][^\u202c\u2066-\u2069\n]*\u2069)*)"
)
"""As far as the override goes, with one level of isolates in it."""
_TAGGED = re.compile("[\U000e0020-\U000e007e]+")
_OF_TAG = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}
_SEPARATORS = "\n,;|、，。"
_ONE = rf"[ \t]?[^\s{_SEPARATORS}]"
_ONE_BY_ONE = re.compile(
    rf"(?:^|(?<=[{_SEPARATORS}]))({_ONE}(?:\r?[{_SEPARATORS}]{_ONE}){{2,}})"
    rf"(?=\r?(?:[{_SEPARATORS}]|\Z))"
)
"""Three letters and more, each of which is a line or a tag by itself."""
_ALONE = tuple(
    (each, re.compile(rf"[{each}][ \t]?+[^\s{_SEPARATORS}]\r?+[{each}]").search)
    for each in _SEPARATORS
)
"""What a text has that has those; a search for one separator is faster than for all."""
_ALONE_IN_ASCII = tuple(each for each in _ALONE if each[0].isascii())
_BETWEEN = re.compile(rf"\r?[{_SEPARATORS}][ \t]?")


def unescaped(text: str) -> str:
    """``text`` with its escapes replaced by what they stand for; surrogate pairs are joined.

    Whatever is no escape stays as it is. Linear in the text.
    """
    is_ascii = text.isascii()
    if not is_ascii and _TAGGED.search(text):
        text = _TAGGED.sub(lambda found: f" {found[0].translate(_OF_TAG)} ", text)
    for separator, stands_alone in _ALONE_IN_ASCII if is_ascii else _ALONE:
        if separator in text and stands_alone(text):
            text = _ONE_BY_ONE.sub(lambda found: f" {_BETWEEN.sub(' ', found[1])} ", text)
            break
    if not ("\\" in text or "%" in text or "&" in text or "\u202e" in text):
        return text
    replaced = _ESCAPE.sub(_character, text)
    replaced = replaced.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    replaced = html.unescape(_PERCENT.sub(lambda found: unquote(found[0]), replaced))
    return _OVERRIDDEN.sub(lambda found: _DIRECTIONS.sub("", found[1])[::-1], replaced)


def _character(escape: re.Match[str]) -> str:
    four, two, eight, blank = escape.groups()
    if blank:
        return "\n"
    code_point = int(four or two or eight, 16)
    return chr(code_point) if code_point <= _LAST_CODE_POINT else escape.group()
