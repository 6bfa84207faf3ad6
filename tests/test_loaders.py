"""Trainers' own loaders against our readers, where they are there.

``SCREENING_LOADERS_PYTHON`` is an interpreter with the trainers' packages; their checkouts are
``SCREENING_SD_SCRIPTS``, ``SCREENING_AI_TOOLKIT``, ``SCREENING_DIFFUSERS`` and
``SCREENING_MUSUBI_TUNER``.
`benchmarks/loaders.md` reports such a run. What compares is tested in any case.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from layout_case import TRAIN

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import loaders
from loaders_packs import Job, conformance_jobs

PYTHON = "SCREENING_LOADERS_PYTHON"
DIFFERENCES = ("not screened", "other roles", "other captions", "too few repeats")


@pytest.mark.parametrize("trainer", loaders.TRAINERS)
def test_what_the_trainer_itself_loads_is_screened(trainer: str) -> None:
    variable = f"SCREENING_{trainer.replace('-', '_').upper()}"
    if not {PYTHON, variable} <= os.environ.keys():
        pytest.skip(f"{PYTHON} and {variable} do not say where {trainer} and its packages are")
    checkout = Path(os.environ[variable])
    compared = loaders.compare(trainer, checkout, os.environ[PYTHON], packs=20)
    assert compared.differences == []
    assert compared.counts["pictures"] > 100
    assert compared.counts["refused"] < compared.counts["packs"] / 2


@pytest.fixture(name="job")
def arguments_of_sd_scripts(tmp_path: Path) -> Job:
    jobs = conformance_jobs(tmp_path, "sd-scripts")
    return next(each for each in jobs if each.name == "sd-scripts arguments")


def loaded(job: Job) -> list[dict[str, Any]]:
    """What sd-scripts loads of the eight pictures that train there."""
    folder = job.folder / "img" / "10_girl"
    return [
        {"path": str(folder / f"{number:02}.jpg"), "captions": [f"a drawing, number {number}"],
         "repeats": 10, "role": "train"}
        for number in TRAIN
    ]  # fmt: skip


def compared_with(job: Job, pictures: list[dict[str, Any]]) -> dict[str, int]:
    compared = loaders.Compared()
    loaders.compare_job(job, loaders.screened_of(job), pictures, compared)
    return {kind: compared.counts[kind] for kind in DIFFERENCES if compared.counts[kind]}


def test_the_same_is_no_difference(job: Job) -> None:
    assert compared_with(job, loaded(job)) == {}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"path": "/elsewhere/other.png"}, "not screened"),
        ({"role": "control"}, "other roles"),
        ({"captions": ["a drawing of somebody"]}, "other captions"),
        ({"repeats": 11}, "too few repeats"),
    ],
)
def test_each_difference_is_found(job: Job, change: dict[str, Any], kind: str) -> None:
    first, *others = loaded(job)
    assert compared_with(job, [first | change, *others]) == {kind: 1}


def test_what_is_listed_as_unscreened_is_no_difference(job: Job) -> None:
    link = job.folder / "img" / "10_girl" / "linked.jpg"
    link.symlink_to(job.folder / "elsewhere.jpg")
    first, *others = loaded(job)
    assert compared_with(job, [first | {"path": str(link)}, *others]) == {}
