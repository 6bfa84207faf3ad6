"""The sample reference sets in the repository are whole, licensed and fit the current makers."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from screening.calibration import Binding, Calibration, Kind
from screening.cli import cli
from screening.embedders import open_embedders
from screening.index import Index
from screening.policy import Policy
from screening.references import References
from screening.settings import Settings

ROOT = Path(__file__).parent.parent / "reference_sets"


def test_the_samples_fit_the_current_makers() -> None:
    arguments = ["references", "check", "--references", str(ROOT)]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert result.exception is None
    # a pose short of 15 is the one thing that these sets are told about
    findings = [line for line in result.stdout.splitlines() if not line.endswith("findings")]
    assert all("different reference images: expect" in line for line in findings)


def test_the_samples_say_whose_art_they_are_made_of() -> None:
    records = list(References(ROOT))
    assert {each.id for each in records} >= {"big-buck-bunny", "kenney-platformers"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for record in records:
        assert record.art_licence
        assert record.provenance
        assert f"`{record.id}`" in readme
        assert not (ROOT / record.id / "images").exists()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "index"
    arguments = ["index", "build", "--references", str(ROOT), "--index", str(path)]
    CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    return path


def test_an_index_can_be_built_of_fingerprints_alone(index: Path) -> None:
    arguments = ["doctor", "--references", str(ROOT), "--index", str(index)]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert result.return_value == 0
    assert "3 characters of 2 reference sets" in result.stdout


def test_the_shipped_calibration_fits_what_ships(index: Path) -> None:
    opened = Index.open(index, open_embedders(Settings()))
    now = Binding.of(opened, statistics=Policy().statistics)
    shipped = Calibration.load(Path("lite"))
    growth = shipped.binding.growth(now)
    assert set(growth.values()) == {1.0}
    assert shipped.provisional
    assert shipped.yardstick(24, growth).limit(Kind.CHARACTERS, 0.01) is not None
    assert shipped.yardstick(24, growth).limit(Kind.CHARACTERS, 0.001) is None
