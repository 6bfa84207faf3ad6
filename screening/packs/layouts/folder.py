"""Any folder of pictures with a text of the same name beside each, as most trainers take it.

bmaltais/kohya_ss, cocktailpeanut/fluxgym, ostris/ai-toolkit (``toolkit/dataloader_mixins.py``) and
others read ``.txt``; kohya-ss/sd-scripts reads ``.caption`` unless told otherwise.
"""

from screening.packs.layouts.layout import Findings, Listing, stem, texts_by_stem

CAPTION_SUFFIXES = frozenset({".txt", ".caption"})


class FolderLayout:
    """Captions by stem, in the picture's own folder, whatever the case."""

    trainer = "folder"

    def read(self, listing: Listing) -> Findings:
        findings = Findings(recognised=True)
        texts = texts_by_stem(listing.texts, CAPTION_SUFFIXES)
        for image_path in listing.image_paths:
            for text_path in texts.get(stem(image_path), ()):
                findings.used_texts.add(text_path)
                findings.caption(image_path, listing.texts[text_path])
        return findings
