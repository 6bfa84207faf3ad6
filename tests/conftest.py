"""A small world, made once: protected drawn characters, their reference set, an index."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from drawn import write_poses
from numpy.typing import NDArray

from screening.cli import cli
from screening.embedders.lite import Lite
from screening.evaluation import separability, trial_index
from screening.fingerprints import Fingerprinter
from screening.index import background
from screening.references import Name, References
from screening.screener import Screener
from screening.settings import Limits, Settings

# The same examples every time: a change is judged by what it changes. ``HYPOTHESIS_PROFILE=search
# pytest`` looks for others.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("search", derandomize=False)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

REFERENCE_POSES = range(16)
OTHER_POSES = range(100, 124)
HEROINE, HERO = 0, 1
FREE = 2


@dataclass(frozen=True)
class World:
    """Where everything is; ``copy_to`` gives a test a world of its own to change."""

    root: Path

    @property
    def settings(self) -> Settings:
        return Settings(index=self.root / "index", references=self.root / "sets", workers=2)

    @property
    def options(self) -> list[str]:
        settings = self.settings
        return ["--index", str(settings.index), "--references", str(settings.references)]

    def copy_to(self, folder: Path) -> "World":
        return World(shutil.copytree(self.root, folder / "world"))

    def change(self, **fields: object) -> None:
        """Change the record of the reference set."""
        references = References(self.settings.references)
        replace(references.get("sea-saga"), **fields).save(references.root)


@pytest.fixture(scope="session", autouse=True)
def background_made_once() -> Iterator[None]:
    """The background that ships is embedded by `lite` once: it is the same in every index."""
    embed, known = background.embed_background, dict[object, dict[str, NDArray[np.float32]]]()

    def embed_once(
        source: Path, fingerprinter: Fingerprinter, limits: Limits
    ) -> dict[str, NDArray[np.float32]]:
        if source != background.BACKGROUND_PICTURES or any(
            type(each) is not Lite for each in fingerprinter.embedders
        ):
            return embed(source, fingerprinter, limits)
        key = (fingerprinter.makers, limits)
        if key not in known:
            known[key] = embed(source, fingerprinter, limits)
        return dict(known[key])

    with pytest.MonkeyPatch.context() as patch:
        for module in (background, separability, trial_index):
            patch.setattr(module, "embed_background", embed_once)
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("world"))
    sets = made.settings.references
    for number, character, names in (
        (HEROINE, "medusa", ("--ambiguous-name", "Medusa")),
        (HERO, "xiao-yan", ("--name", "Xiao Yan")),
    ):
        pictures = write_poses(made.root / "pictures" / character, number, REFERENCE_POSES)
        command = ["references", "add", "sea-saga", "--references", str(sets)]
        facts = ["--work", "Sea Saga", "--rights-holder", "Saga Studio", "--language", "en"]
        who = ["--character", character, *names, str(pictures)]
        cli.main([*command, *facts, *who], standalone_mode=False)
    made.change(work_names=(Name(text="Sea Saga", language="en"),))
    cli.main(["index", "build", *made.options], standalone_mode=False)
    return made


@pytest.fixture(scope="session")
def screener(world: World):
    with Screener.open(settings=world.settings) as opened:
        yield opened
