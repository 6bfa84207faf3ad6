"""Any folder of pictures with a text of the same name beside each, as most trainers take it.

bmaltais/kohya_ss, cocktailpeanut/fluxgym, ostris/ai-toolkit (``toolkit/dataloader_mixins.py``) and
others read ``.txt``; kohya-ss/sd-scripts reads ``.caption`` unless told otherwise.
"""

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import Plan

CAPTION_SUFFIXES = frozenset({".txt", ".caption"})


class FolderLayout:
    """Captions by stem, in the picture's own folder, whatever the case."""

    trainer = "folder"

    def plan(self, config: Config) -> Plan | None:  # noqa: ARG002
        return None

    def read(self, listing: Listing) -> Findings:
        findings = Findings(recognised=True)
        for image_path in listing.image_paths:
            for text_path in listing.captions_beside(image_path, CAPTION_SUFFIXES):
                findings.used_texts.add(text_path)
                findings.caption(image_path, listing.texts[text_path])
        return findings
