"""What a calibration holds for, and how much an index may grow until it does not.

A calibration is refused with other embedders, another background, or a policy that counts another
way: the same pack would have other statistics. New reference sets must neither invalidate it every
day nor water its promise down unseen. What a platform flags by is the largest statistic over all
characters; over k times as many, it exceeds any value at most k times as often as over a random
choice of as many as were calibrated with, because the character that exceeds it is in the choice
with probability 1 / k. So p-values are multiplied by k, which costs power and keeps the promise as
long as what is added is like what is there, and from `MOST_GROWTH` on the calibration is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from screening import hashes, keypoints
from screening.errors import CalibrationUnusable
from screening.index import Index
from screening.index.version import SCHEMA as INDEX_SCHEMA

MOST_GROWTH = 2.0
"""Twice the characters are twice the p-values; what is added by then is no longer a little more of
what was there (a judgement)."""

BACKGROUND_TOLERANCE = 0.002
"""Of a background's mean cosine, by which statistics are scaled: processors differ by less than
1e-4, another choice of pictures by more."""


class Kind(StrEnum):
    """The kinds of evidence that packs are ranked by, each for itself."""

    CHARACTERS = "characters"
    COPIES = "copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a pack's statistics hang on.

    ``makers`` of fingerprints, ``background``: embedder output -> mean cosine of its background,
    ``statistics``: the policy's numbers that statistics are made with. ``index`` is told, not
    compared; of it only ``characters`` in force and ``reference_images`` count.
    """

    index: str
    index_schema: str
    makers: Mapping[str, str]
    background: Mapping[str, float]
    statistics: Mapping[str, float]
    characters: int
    reference_images: int

    @classmethod
    def of(cls, index: Index, *, statistics: Mapping[str, float], characters: int) -> "Binding":
        """``characters``: how many of the index are in force."""
        outputs = [each.name for each in index.outputs]
        made_by = {
            name: str(version)
            for name, version in index.manifest["makers"].items()
            if name in (hashes.NAME, keypoints.NAME)
            or any(output.startswith(f"{name}.") for output in outputs)
        }
        return cls(
            index=index.id,
            index_schema=INDEX_SCHEMA,
            makers=made_by,
            background={name: index.backgrounds[name].mean_score for name in outputs},
            statistics=dict(statistics),
            characters=characters,
            reference_images=int(index.manifest["reference_images"]),
        )

    def growth(self, now: "Binding") -> dict[Kind, float]:
        """How many times what was calibrated with is there now, at least 1.

        Raises CalibrationUnusable where ``now`` differs in what must not differ, or is too large.
        """
        same: tuple[tuple[str, object, object], ...] = (
            ("another format of the index", self.index_schema, now.index_schema),
            ("other embedders", self.makers, now.makers),
            ("other outputs of embedders", sorted(self.background), sorted(now.background)),
            ("a policy that counts another way", self.statistics, now.statistics),
        )
        for what, made_with, there_is in same:
            if made_with != there_is:
                raise CalibrationUnusable(
                    f"the calibration was made with {what}: {_difference(made_with, there_is)}; "
                    "calibrate again with: screening calibrate"
                )
        for name, mean in self.background.items():
            if abs(mean - now.background[name]) > BACKGROUND_TOLERANCE:
                raise CalibrationUnusable(
                    f"the calibration was made with another background of {name}: mean cosine "
                    f"{mean:.4f}, not {now.background[name]:.4f}; calibrate again"
                )
        grown = {
            Kind.CHARACTERS: (self.characters, now.characters, "characters"),
            Kind.COPIES: (self.reference_images, now.reference_images, "reference images"),
        }
        for then, since, what in grown.values():
            if since > MOST_GROWTH * then:
                raise CalibrationUnusable(
                    f"the calibration was made against {then} {what}, and there are {since} now; "
                    f"it holds up to {int(MOST_GROWTH * then)}: calibrate again, from the "
                    "fingerprints that `screening calibrate` kept beside it"
                )
        return {kind: max(1.0, since / max(1, then)) for kind, (then, since, _) in grown.items()}


def _difference(then: object, now: object) -> str:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        keys = sorted(key for key in {*then, *now} if then.get(key) != now.get(key))
        return "; ".join(f"{key} {then.get(key)}, now {now.get(key)}" for key in keys)
    return f"{then}, now {now}"
