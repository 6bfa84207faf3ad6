"""Ways around the gate that a hostile reviewer found, each built again in small."""

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from drawn import draw_character
from pack_samples import picture, tarred, zipped
from PIL import Image
from test_lora import SEA_SAGA
from videos import video

from screening.cli import cli
from screening.errors import SettingsError
from screening.images.sampler import CHANGE_LEVELS
from screening.images.video_decoder import decode_video
from screening.lora import screen_lora
from screening.packs import Unscreened, open_pack
from screening.packs.clean_copy import write_clean_copy
from screening.packs.layouts import recognise
from screening.policy import Policy, Verdict
from screening.references.intake import from_files
from screening.settings import Limits


def pictures(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names or ("a.png",)):
        (folder / name).write_bytes(picture(shade=number))
    return folder


TENSOR = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "header",
    [
        {"__metadata__": {"xiao yan": "1"}},
        {"__metadata__": {"modelspec.trigger_phrase": "data:image/ xiao yan"}},
        {"__metadata__": {"modelspec.trigger_phrase": "data:image/png;base64,XiaoYan"}},
        {"__metadata__": {"modelspec.title": "xiao%20yan"}},
        {"__metadata__": {"modelspec.title": "xiao&nbsp;yan"}},
        {"bundle_emb.xiao yan.string_to_param.*": TENSOR},
        {"<xiao-yan>": TENSOR},
    ],
)
def test_a_lora_that_names_somebody_in_an_odd_place_is_found(
    tmp_path: Path, header: dict[str, object]
) -> None:
    data = json.dumps(header).encode()
    file = tmp_path / "x.safetensors"
    file.write_bytes(struct.pack("<Q", len(data)) + data + bytes(4))
    assert screen_lora(file, [SEA_SAGA]).verdict is Verdict.FLAG


def test_a_thumbnail_and_the_names_of_a_models_parts_are_no_words(tmp_path: Path) -> None:
    thumbnail = "data:image/jpeg;base64," + "XiaoYan+" * 200
    header = {
        "__metadata__": {"modelspec.thumbnail": thumbnail},
        "lora_unet_xiao_yan.alpha": TENSOR,
        "emb_params": TENSOR,
    }
    data = json.dumps(header).encode()
    file = tmp_path / "x.safetensors"
    file.write_bytes(struct.pack("<Q", len(data)) + data + bytes(4))
    decision = screen_lora(file, [SEA_SAGA])
    assert (decision.verdict, decision.picture) == (Verdict.ALLOW, True)


LATENTS = {
    "latents.h5": b"\x89HDF\r\n\x1a\n" + bytes(200),
    "train/data-00000-of-00001.arrow": b"\xff\xff\xff\xff\x10\0\0\0" + bytes(200),
    "old/state.arrow": b"ARROW1\0\0" + bytes(200),
    "data.mdb": bytes(16) + b"\xde\xc0\xef\xbe" + bytes(100),
    "shard.tfrecord": b"\x07\0\0\0\0\0\0\0" + bytes(40),
    "latents.zarr/0.0": bytes(range(64)),
    "latents.pkl": b"(lp0\nI1\na.",
    "model.gguf": b"GGUF\x03\0\0\0" + bytes(100),
    "a.txt": b"\x93NUMPY\x01\0" + bytes(100),
    "nested.zip": zipped([("b.png", picture()), ("deep.tar", tarred([("c.h5", bytes(99))]))]),
}


def test_a_clean_copy_holds_only_what_can_be_looked_at(tmp_path: Path) -> None:
    for name, data in {**LATENTS, "a.png": picture(), "b.caption": b"a girl"}.items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_bytes(data)
    (tmp_path / "pack" / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "pack" / "run.sh").chmod(0o777)
    copy = write_clean_copy(tmp_path / "pack", tmp_path / "clean")
    assert {each.path for each in copy.left_out} == {*LATENTS}
    left = list(open_pack(copy.folder).read())
    assert {each.path for each in left} == {"a.png", "b.caption", "run.sh"}
    assert not (copy.folder / "run.sh").stat().st_mode & 0o111


def test_a_picture_without_a_signature_stays_in_a_clean_copy(tmp_path: Path) -> None:
    for form in ("TGA", "PCX"):
        (tmp_path / "pack").mkdir(exist_ok=True)
        (tmp_path / "pack" / f"a.{form.lower()}").write_bytes(picture(form))
    assert write_clean_copy(tmp_path / "pack", tmp_path / "clean").files == 2


def test_captions_are_no_pictures_that_were_refused(tmp_path: Path) -> None:
    pictures(tmp_path / "in", "a.png", "b.c.png")
    for name in ("a.txt", "b.c.caption", "notes.txt", ".hidden", "empty.txt"):
        (tmp_path / "in" / name).write_text("" if name == "empty.txt" else "a girl")
    (tmp_path / "in" / "more.zip").write_bytes(zipped([("d.png", picture()), ("d.txt", b"x")]))
    refused = {each.name for each in from_files(tmp_path / "in", Limits()) if each.reason}
    assert refused == {".hidden", "notes.txt"}
    (only,) = from_files(tmp_path / "in" / "empty.txt", Limits())
    assert "an empty file" in only.reason


def test_fingerprints_of_nothing_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    command = ["fingerprint", str(tmp_path / "empty"), "--out", str(tmp_path / "prints.parquet")]
    done = CliRunner().invoke(cli, command, standalone_mode=False)
    assert done.return_value == 1
    assert "0 pictures in" in done.stderr


def flickering(*, seen: bool = True) -> list[Image.Image]:
    """24 frames a second; a figure in a corner of all but the first of every half second."""
    frames = []
    for number in range(36):
        frame = Image.new("RGB", (640, 360), (120, 150, 120))
        if number % 12 and seen:
            frame.paste(draw_character(0, 3).resize((180, 180)), (320, 0))
        frames.append(frame)
    return frames


def test_a_figure_that_only_the_steady_samples_leave_out_is_seen() -> None:
    whole = [each.reduce(20) for each in flickering()[:2]]
    change = np.abs(np.asarray(whole[0], float) - np.asarray(whole[1], float)).mean()
    assert change < CHANGE_LEVELS, "it is no other scene"
    times = [view.seconds for view, _ in decode_video(video(flickering()), Limits()).views]
    assert [round(each * 24) for each in dict.fromkeys(times)] == [0, 1, 12, 13, 24, 25]


def test_what_moves_does_not_use_up_what_the_steady_samples_need() -> None:
    limits = Limits(max_video_frames=4)
    decoded = decode_video(video(flickering()), limits)
    times = dict.fromkeys(view.seconds for view, _ in decoded.views)
    assert [round(each * 24) for each in times] == [0, 1, 12], "24 looks like 12"
    assert decoded.frames_left == ""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("words", [["--help"], ["lora", "gone"], ["check", "."]])
def test_nobody_to_read_is_no_error_of_ours(tmp_path: Path, words: list[str], stream: str) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "screening", *words],
            cwd=tmp_path,
            check=False,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: write},
        )
    finally:
        os.close(write)
    told = "stdout" if words == ["--help"] else "stderr"
    expected = {("--help", "stderr"): 0, ("lora", "stdout"): 2, ("check", "stdout"): 3}
    if stream == told:
        assert done.returncode == -signal.SIGPIPE
        assert not done.stderr
    else:
        assert done.returncode == expected[words[0], stream]


@pytest.mark.parametrize("name", ["a.pt", "A.PKL", "a_sd.npz", "a.safetensors"])
def test_a_cache_that_is_text_is_not_read_as_a_caption(tmp_path: Path, name: str) -> None:
    """A pickle of protocol 0 holds latents in printable characters alone."""
    (tmp_path / name).write_bytes(pickle.dumps({"latents": [0.5, 0.25]}, protocol=0))
    (found,) = open_pack(tmp_path).read()
    assert isinstance(found, Unscreened)
    assert found.reason == "text under the name of a cache"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("name", ["two_sample_score", "few_pictures_score"])
def test_a_score_that_nothing_reaches_is_no_policy(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "policy.toml").write_text(f"[characters]\n{name} = {value}\n")
    with pytest.raises(SettingsError, match=f"{name} must be a finite number"):
        Policy.load(tmp_path / "policy.toml")


def card(configs: str, *, before: str = "") -> str:
    return f"{before}---\nlicense: mit\nconfigs:\n{configs}\n---\n# Pictures\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("README.md", card("- data_files: hf://datasets/a/b/*.parquet"), "not fetched"),
        ("README.md", card("- data_files: [a.png, https://x.org/a.zip]"), "not fetched"),
        ("README.md", card("- data_files: [{split: train, path: [/srv/x/*]}]"), "outside the pack"),
        ("README.md", card("- data_dir: ../other", before="\n"), "outside the pack"),
        ("README.md", card("- data_files: 'cache::https://x.org/a'"), "not fetched"),
        ("README.md", card("- data_files: [}"), "has a header that is no YAML"),
        ("sub/README.md", card("- data_dir: ../../other"), "outside the pack"),
        (".huggingface.yaml", "configs: [{data_files: s3://bucket/x}]", "not fetched"),
    ],
)
def test_a_data_set_card_that_leads_elsewhere_is_unscreened(
    name: str, text: str, said: str
) -> None:
    layout = recognise(["a.png"], {name: text})
    assert [each.path for each in layout.unscreened] == [name]
    assert said in layout.unscreened[0].reason


@pytest.mark.parametrize(
    "text",
    [
        card("- data_files: [{split: train, path: 'train/*.png'}]"),
        card("- config_name: default\n  data_dir: ."),
        "# configs\n---\ndata_files: https://x.org\n---\n",
        "---\nbase_model: x\n---\nconfigs https://x.org\n",
    ],
)
def test_a_card_that_stays_in_the_pack_is_no_trouble(text: str) -> None:
    assert recognise(["a.png"], {"README.md": text}).unscreened == ()


def test_many_cards_are_not_all_read() -> None:
    texts = {f"{number:02}/README.md": card("- data_dir: .") for number in range(40)}
    (found,) = recognise(["a.png"], texts).unscreened
    assert "more cards" in found.reason
