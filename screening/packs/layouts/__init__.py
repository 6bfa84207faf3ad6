"""Layouts: one module for each trainer's format, read together.

A further trainer is a module with a `TrainerLayout` and a place in `LAYOUTS`.
"""

from collections.abc import Iterable, Mapping, Sequence

from screening.packs.layouts.folder import FolderLayout
from screening.packs.layouts.imagefolder import ImagefolderLayout
from screening.packs.layouts.layout import (
    Findings,
    Layout,
    Listing,
    Role,
    TrainerLayout,
    TrainingImage,
)
from screening.packs.layouts.sd_scripts import SdScriptsLayout

__all__ = ["LAYOUTS", "Layout", "Role", "TrainerLayout", "TrainingImage", "recognise"]

LAYOUTS: tuple[TrainerLayout, ...] = (SdScriptsLayout(), ImagefolderLayout(), FolderLayout())
"""In the order in which they name the trainer; the last one takes any pack."""


def recognise(image_paths: Sequence[str], texts: Mapping[str, str]) -> Layout:
    """What a pack with these pictures and texts would train on.

    ``image_paths`` are the paths of what was decoded as a picture, ``texts`` maps the paths of
    texts to what they say (`decode_text`). Every picture is in the result, in the given order.
    """
    listing = Listing(image_paths=image_paths, texts=texts)
    all_findings = [layout.read(listing) for layout in LAYOUTS]
    trainers = (
        layout.trainer
        for layout, findings in zip(LAYOUTS, all_findings, strict=True)
        if findings.recognised
    )
    used = set[str]().union(*(findings.used_texts for findings in all_findings))
    return Layout(
        trainer=next(trainers),
        images=tuple(_image(path, all_findings) for path in image_paths),
        class_tokens=_once(token for findings in all_findings for token in findings.class_tokens),
        trigger_words=_once(word for findings in all_findings for word in findings.trigger_words),
        other_texts=tuple(path for path in sorted(texts) if path not in used),
        unscreened=tuple(remark for findings in all_findings for remark in findings.unscreened),
    )


def _image(path: str, all_findings: Sequence[Findings]) -> TrainingImage:
    """What all trainers together say about one picture."""
    captions = (each for findings in all_findings for each in findings.captions.get(path, ()))
    roles = (findings.roles[path] for findings in all_findings if path in findings.roles)
    return TrainingImage(
        path=path,
        captions=_once(captions),
        repeats=max(findings.repeats.get(path, 1) for findings in all_findings),
        role=next(roles, Role.TRAIN),
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
