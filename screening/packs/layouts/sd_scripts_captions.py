"""Captions as kohya-ss/sd-scripts assembles them for one subset.

From ``library/train_util.py`` at 48d368f (``DreamBoothDataset.read_caption``, ``FineTuningDataset``
and ``BaseDataset.process_caption``): ``caption_prefix`` and ``caption_suffix`` are set around the
caption; of several lines the first counts, or with ``enable_wildcard`` each of them, and there
``{a|b}`` stands for one of its parts; ``keep_tokens_separator`` is taken out and
``secondary_separator`` becomes ``caption_separator``. Tags are shuffled and dropped at random; here
they stand in their order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from screening.packs.text import text_lines

MAX_VARIANTS = 64
"""Captions that one with wildcards is expanded to; what the wildcards hold is in the pack's texts
all the same."""

_WILDCARD = re.compile(r"\{([^}]+)\}")
_OPENED, _CLOSED = "\ue000", "\ue001"  # private characters: nobody's captions hold them


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRule:
    """The settings of one subset that decide what a picture's caption becomes."""

    extension: str = ".caption"
    class_tokens: str = ""
    prefix: str = ""
    suffix: str = ""
    wildcard: bool = False
    separator: str = ","
    secondary_separator: str = ""
    keep_tokens_separator: str = ""

    def of_file(self, text: str) -> tuple[str, ...]:
        """What becomes of a caption file; more than one where wildcards leave a choice."""
        lines = text_lines(text)
        if self.wildcard:
            return self.assembled("\n".join(line.strip() for line in lines if line.strip()))
        return self.assembled(lines[0].strip())

    def of_metadata(self, caption: str, tags: str) -> tuple[str, ...]:
        """What becomes of an entry of a metadata file."""
        if self.wildcard and tags:
            tags = tags.replace("\n", self.separator)
            lines = (line for line in caption.split("\n") if line.strip())
            return self.assembled("\n".join(f"{line}{self.separator}{tags}" for line in lines))
        return self.assembled(self.separator.join(part for part in (caption, tags) if part))

    def assembled(self, caption: str) -> tuple[str, ...]:
        """What is trained for ``caption``, which may have several lines."""
        whole = f"{self.prefix} {caption}" if self.prefix else caption
        whole = f"{whole} {self.suffix}" if self.suffix else whole
        lines = whole.split("\n") if self.wildcard else whole.split("\n")[:1]
        variants = islice(
            (variant for line in lines for variant in self._variants(line)), MAX_VARIANTS
        )
        return tuple(
            dict.fromkeys(each for variant in variants for each in self._separated(variant))
        )

    def _variants(self, line: str) -> Iterator[str]:
        if not self.wildcard:
            yield line
            return
        escaped = line.replace("{{", _OPENED).replace("}}", _CLOSED)
        pieces = _WILDCARD.split(escaped)
        choices = [
            piece.split("|") if number % 2 else [piece] for number, piece in enumerate(pieces)
        ]
        for chosen in islice(product(*choices), MAX_VARIANTS):
            yield "".join(chosen).replace(_OPENED, "{").replace(_CLOSED, "}")

    def _separated(self, caption: str) -> Iterator[str]:
        captions = [caption]
        if self.keep_tokens_separator and self.keep_tokens_separator in caption:
            # Taken out where tags are shuffled or dropped; without that it stays.
            parts = caption.split(self.keep_tokens_separator, 2)
            stripped = (part.strip().strip(self.separator).strip() for part in parts)
            captions.insert(0, ", ".join(stripped))
        for each in captions:
            if self.secondary_separator:
                each = each.replace(self.secondary_separator, self.separator)  # noqa: PLW2901
            yield each
            if self.separator.strip() not in ("", ",") and self.separator in each:
                # Tags that are shuffled are taken apart at any separator and joined with a comma.
                yield ", ".join(part.strip() for part in each.split(self.separator))
