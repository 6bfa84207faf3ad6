"""Settings and policy files: every key is known, every value possible, or it is an error."""

import dataclasses
from pathlib import Path

import pytest

from screening.errors import SettingsError
from screening.policy import Policy
from screening.settings import Limits, Settings


def load(folder: Path, text: str) -> Settings:
    file = folder / "screening.toml"
    file.write_text(text)
    return Settings.load(file)


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.load() == Settings()
    assert Settings().embedders == ("lite",)


def test_a_file_in_the_current_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    load(tmp_path, 'embedders = ["clip"]')
    assert Settings.load().embedders == ("clip",)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, 'index = "i"\npolicy = "p.toml"\n[clip]\ncheckpoint = "c.pt"')
    assert settings.index == tmp_path / "i"
    assert settings.policy == tmp_path / "p.toml"
    assert settings.clip.checkpoint == tmp_path / "c.pt"
    assert settings.with_paths(index="/other").index == Path("/other")
    assert settings.with_paths().index == tmp_path / "i"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("indx = 1", "unknown key 'indx'; known keys: calibration, clip, "),
        ("[limits]\nmax_image_pixel = 5", "limits: unknown key 'max_image_pixel'"),
        ("[limits]\nmax_image_pixels = 0", "max_image_pixels must be above 0"),
        ("[limits]\ndecode_timeout_seconds = -1.0", "decode_timeout_seconds must be above 0"),
        ("[limits]\ndecode_timeout_seconds = nan", "decode_timeout_seconds must be above 0"),
        ("[limits]\nmax_frames = true", "max_frames: True is not"),
        ("workers = 1.5", "workers: 1.5 is not"),
        ("embedders = []", "embedders must be a non-empty list"),
        ("embedders = [1]", "embedders must be a non-empty list"),
        ("index = 3", "index: 3 is not"),
        ("limits = 3", "limits must be a table"),
        ("index = ", "not readable as TOML"),
    ],
)
def test_what_is_impossible_is_an_error_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
    assert "screening.toml" in str(error.value) or said.startswith(("max", "decode"))


def test_a_limit_is_an_error_in_python_too() -> None:
    for field in dataclasses.fields(Limits):
        with pytest.raises(SettingsError, match=field.name):
            Limits(**{field.name: 0})


def test_a_policy_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[copies]\nblock_pictures = 5\n[characters]\ntwo_sample_score = -0.5\n")
    policy = Policy.load(file)
    assert policy.copies.block_pictures == 5
    assert policy.characters.two_sample_score == -0.5
    assert policy.copies.distance_bits == Policy().copies.distance_bits
    assert policy.sha256 != Policy().sha256 == Policy.load(None).sha256
    file.write_text("[copies]\nblock = 5\n")
    with pytest.raises(SettingsError, match="block"):
        Policy.load(file)
