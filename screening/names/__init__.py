"""Names of characters and works in a pack's words.

Matched, whatever the script: case, width, accents, underscores and other punctuation, invisible and
combining characters, weights and brackets of prompts, ``<lora:name:1>``, traditional and Japanese
forms of Chinese characters, both kana. Read, and said to be: leetspeak and letters drawn of signs,
lookalike letters (Cyrillic, Greek, Armenian, Cherokee, small capitals, emoji, regional indicators,
upside down), letters set apart, pinyin (with its tones as marks or numbers) and Hepburn, one wrong
letter of a distinctive name, or letters of it repeated (``pikachuuu``). `unescaped` reads what
JSON, URLs, entities, overrides of direction and Unicode's tag characters hide, and names of which
each letter is a line or a tag of its own.

Not matched, and known: text in reverse; base64, rot13, Morse and Braille; names transcribed into
another script (``медуза``, ``μεδουσα``), Bopomofo, Wade-Giles, initials (``dpcq``); a word of a
name cut in two (``me-dusa``, ``med🐍usa``, ``sn/ow``); a name of fewer than seven letters that is
misspelt or has letters repeated (``meeedusaaa``); left-to-right words within an override of
direction; the words of a name in another order, and set apart by commas or folders, since tags
beside each other are no name; two wrong letters in a word; a name glued to other words without a
digit or separator (``medusaXL``). A distinctive name of one word that is misspelt does not count
alone.
"""

from screening.names.deadline import Deadline
from screening.names.escapes import unescaped
from screening.names.matcher import NameMatcher
from screening.names.mention import Excerpt, NamedText, NameMention, Reading, Source
from screening.names.normal_form import normalise

__all__ = [
    "Deadline",
    "Excerpt",
    "NameMatcher",
    "NameMention",
    "NamedText",
    "Reading",
    "Source",
    "normalise",
    "unescaped",
]
