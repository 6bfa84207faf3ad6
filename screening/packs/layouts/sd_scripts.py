"""kohya-ss/sd-scripts: child folders ``N_concept``, N times an epoch, captions beside pictures.

From ``library/config_util.py`` (``generate_dreambooth_subsets_config_by_subdirs``: the number is
``int`` of what stands before the first ``_``, folders without one or with one below 1 are left
out, the rest of the name is the class token) and ``library/train_util.py`` (``read_caption``: the
picture's path without suffix, or the same without its last four parts between ``_`` where it has
five or more; the whole path is split, its folders too; ``load_dreambooth_dir``: a flat folder, the
class token where a picture has no caption). ``reg`` beside ``img`` is how bmaltais/kohya_ss
(``kohya_gui/dreambooth_folder_creation_gui.py``) lays regularisation pictures out.
"""

from screening.packs.layouts.config import Config
from screening.packs.layouts.folder import CAPTION_SUFFIXES
from screening.packs.layouts.layout import MAX_REPEATS, Findings
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import Plan
from screening.packs.layouts.role import Role
from screening.packs.layouts.stems import stem
from screening.packs.paths import given_path

REGULARISATION_FOLDERS = frozenset({"reg", "regularization", "regularisation"})

FACE_PARTS = 4
"""How many parts of a name a detected face adds (``read_caption``)."""


class SdScriptsLayout:
    """Repeats, class tokens, roles, and captions by the shortened name."""

    trainer = "sd-scripts"

    def plan(self, config: Config) -> Plan | None:  # noqa: ARG002
        return None

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        for image_path in listing.image_paths:
            folders = given_path(image_path).split("/")[:-1]
            concept = concept_of(folders[-1]) if folders else None
            if concept is None:
                continue
            repeats, class_token = concept
            findings.recognised = True
            findings.repeats[image_path] = repeats
            if folders[:-1] and folders[-2].lower() in REGULARISATION_FOLDERS:
                findings.roles[image_path] = Role.REGULARISATION
            if class_token and class_token not in findings.class_tokens:
                findings.class_tokens.append(class_token)
            _caption(findings, listing, image_path)
            if not findings.captions.get(image_path):
                findings.caption(image_path, class_token)
        return findings


def concept_of(folder: str) -> tuple[int, str] | None:
    """Repeats and class token of a folder's name, None where sd-scripts leaves the folder out.

    An archive (``10_cat.zip!``) is no folder.
    """
    if folder.endswith("!"):
        return None
    number, _, class_token = folder.partition("_")
    try:
        repeats = int(number)
    except ValueError:
        return None
    return (min(repeats, MAX_REPEATS), class_token) if repeats >= 1 else None


def _caption(findings: Findings, listing: Listing, image_path: str) -> None:
    whole = stem(image_path)
    parts = whole.split("_")
    shortened = "_".join(parts[:-FACE_PARTS]) if len(parts) > FACE_PARTS else whole
    beside = listing.captions_of(whole, CAPTION_SUFFIXES)
    for text_path in (*beside, *listing.captions_of(shortened, CAPTION_SUFFIXES)):
        findings.used_texts.add(text_path)
        findings.caption(image_path, listing.texts[text_path])
