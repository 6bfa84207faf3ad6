"""Japanese syllables: one form for katakana and hiragana, and both in Latin letters (Hepburn)."""

import re
from itertools import product

_FIRST_KATAKANA, _LAST_KATAKANA = 0x30A1, 0x30F6
_TO_HIRAGANA = 0x60
_ITERATION_MARKS = {"ヽ": "ゝ", "ヾ": "ゞ"}

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
    "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_IRREGULAR = {
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu",
    "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ゔ": "vu",
    "てぃ": "ti", "でぃ": "di", "とぅ": "tu", "どぅ": "du", "でゅ": "dyu", "てゅ": "tyu",
    "ふぁ": "fa", "ふぃ": "fi", "ふぇ": "fe", "ふぉ": "fo", "ゔぁ": "va", "ゔぃ": "vi",
    "ゔぇ": "ve", "ゔぉ": "vo", "うぃ": "wi", "うぇ": "we", "うぉ": "wo", "つぁ": "tsa",
    "しぇ": "she", "じぇ": "je", "ちぇ": "che",
}  # fmt: skip
_SMALL_Y = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_SMALL_VOWELS = {"ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}
_LONG, _DOUBLED = "ー", "っ"


def hiragana(character: str) -> str:
    """Hiragana for a katakana; any other character is itself."""
    if _FIRST_KATAKANA <= ord(character) <= _LAST_KATAKANA:
        return chr(ord(character) - _TO_HIRAGANA)
    return _ITERATION_MARKS.get(character, character)


def _syllables() -> dict[str, str]:
    table = {
        kana: consonant + vowel
        for consonant, row in _ROWS.items()
        for kana, vowel in zip(row, "aiueo", strict=True)
    }
    table |= _IRREGULAR
    for kana in "きしちにひみりぎじびぴ":
        for small, vowel in _SMALL_Y.items():
            stem = table[kana][:-1]
            glide = "" if stem in ("sh", "ch", "j") else "y"
            table[kana + small] = stem + glide + vowel
    return table | _SMALL_VOWELS


_SYLLABLES = _syllables()
_PARTS = re.compile("|".join(sorted((*_SYLLABLES, _LONG, _DOUBLED), key=len, reverse=True)))
_LONG_VOWELS = (("ou", "o"), ("oo", "o"), ("uu", "u"), ("aa", "a"), ("ei", "e"), ("ii", "i"))


def hepburn(kana: str) -> tuple[str, ...]:
    """How ``kana`` (hiragana) is written in Latin letters: long vowels doubled and single.

    Empty for text that holds anything else.
    """
    parts = _PARTS.findall(kana)
    if not kana or "".join(parts) != kana:
        return ()
    return tuple(dict.fromkeys(_spelled(parts, *how) for how in product((True, False), repeat=2)))


def _spelled(parts: list[str], doubled: bool, tch: bool) -> str:
    """``doubled`` writes long vowels out, ``tch`` writes a doubled ch as Hepburn does."""
    letters = ""
    for number, part in enumerate(parts):
        if part == _LONG:
            letters += letters[-1:] if doubled else ""
        elif part == _DOUBLED:
            following = _SYLLABLES.get(parts[number + 1], "") if number + 1 < len(parts) else ""
            first = following[:1]
            letters += "t" if first == "c" and tch else first
        else:
            letters += _SYLLABLES[part]
    if not doubled:
        for long, short in _LONG_VOWELS[:3]:
            letters = letters.replace(long, short)
    return letters
