"""LoRA files: only the header is read, whatever it holds, and names in it flag."""

import json
import os
import struct
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import World
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from screening.cli import cli, main
from screening.lora import MAX_HEADER_BYTES, LoraUnreadable, read_metadata, screen_lora
from screening.names import Deadline, Source
from screening.policy import NamePolicy, Policy, Verdict
from screening.references import Character, Licence, Name, ReferenceSet, Status
from screening.settings import Limits

SEA_SAGA = ReferenceSet(
    id="sea-saga",
    work="Sea Saga",
    rights_holder="Saga Studio",
    work_names=(Name(text="Sea Saga"),),
    characters=(
        Character(id="medusa", names=(Name(text="Medusa", distinctive=False),)),
        Character(id="xiao-yan", names=(Name(text="Xiao Yan"), Name(text="萧炎"))),
    ),
)

KOHYA = {
    "ss_output_name": "my_style_v2",
    "ss_dataset_dirs": json.dumps({"10_girl": {"n_repeats": 10, "img_count": 24}}),
    "ss_tag_frequency": json.dumps({"10_girl": {"1girl": 24, "long hair": 12}}),
    "ss_datasets": json.dumps([{"subsets": [{"image_dir": "10_girl", "class_tokens": "girl"}]}]),
    "ss_learning_rate": "0.0001",
    "modelspec.title": "My style",
}


def lora(folder: Path, metadata: dict[str, str] | None = None, name: str = "x") -> Path:
    """A file as the trainers write it, with the format's own library."""
    file = folder / f"{name}.safetensors"
    tensors = {"lora_up.weight": np.zeros((4, 2), np.float32)}
    save_file(tensors, file, metadata=metadata)
    return file


def raw(folder: Path, header: bytes, *, claims: int | None = None) -> Path:
    file = folder / "raw.safetensors"
    size_bytes = len(header) if claims is None else claims
    file.write_bytes(struct.pack("<Q", size_bytes) + header)
    return file


def verdict(file: Path, **options: Any) -> Verdict:
    return screen_lora(file, [SEA_SAGA], **options).verdict


def test_metadata_that_names_nobody_is_allowed(tmp_path: Path) -> None:
    decision = screen_lora(lora(tmp_path, KOHYA), [SEA_SAGA])
    assert decision.verdict is Verdict.ALLOW
    assert decision.findings == ()
    assert decision.fields == len(KOHYA)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ss_tag_frequency", json.dumps({"10_girl": {"1girl": 24, "xiao_yan": 20}})),
        ("ss_tag_frequency", json.dumps({"10_xiao yan": {"1girl": 24}})),
        ("ss_tag_frequency", json.dumps({"10_girl": {"萧炎": 1}})),
        ("ss_tag_frequency", json.dumps({"10_girl": ["xiao yan"]})),
        ("ss_tag_frequency", '{"10_girl": {"xiao yan": 1}, "10_girl": {"1girl": 1}}'),
        ("ss_tag_frequency", '{"10_girl": {"xiao yan": 1'),
        ("ss_dataset_dirs", json.dumps({"20_Xiao_Yan": {"n_repeats": 20}})),
        ("ss_reg_dataset_dirs", json.dumps({"1_xiao yan": {}})),
        ("ss_output_name", "xiao_yan_v3"),
        ("ss_datasets", json.dumps([{"subsets": [{"class_tokens": "xiao yan man"}]}])),
        ("ss_datasets", json.dumps([{"subsets": [{"image_dir": "data/xiao_yan"}]}])),
        ("ss_datasets", json.dumps([{"tag_frequency": {"1_a": {"xiao yan": 4}}}])),
        ("ss_training_comment", "trained on Xiao Yan"),
        ("modelspec.title", "XIAO YAN lora"),
        ("modelspec.trigger_phrase", "xi4o yan"),
        ("modelspec.tags", "anime, xiao yan"),
        ("something new", "ｘｉａｏ ｙａｎ"),
    ],
)
def test_a_distinctive_name_flags_wherever_it_stands(tmp_path: Path, key: str, value: str) -> None:
    decision = screen_lora(lora(tmp_path, {**KOHYA, key: value}), [SEA_SAGA])
    assert decision.verdict is Verdict.FLAG
    (found,) = (each for each in decision.findings if each.verdict is Verdict.FLAG)
    assert found.evidence.character == "xiao-yan"
    assert found.keys == (key,)
    assert "of Xiao Yan, Sea Saga (Saga Studio) stands in" in found.reason


def test_a_file_name_is_a_name(tmp_path: Path) -> None:
    decision = screen_lora(lora(tmp_path, KOHYA, "Xiao-Yan_v1"), [SEA_SAGA])
    assert decision.verdict is Verdict.FLAG
    assert "stands in the file name" in decision.findings[0].reason


def test_an_ambiguous_name_needs_its_work(tmp_path: Path) -> None:
    alone = {"ss_tag_frequency": json.dumps({"a": {"medusa": 9}})}
    decision = screen_lora(lora(tmp_path, alone), [SEA_SAGA])
    assert decision.verdict is Verdict.ALLOW
    assert "does not count by itself" in decision.findings[0].reason
    with_work = {"ss_tag_frequency": json.dumps({"a": {"medusa": 9, "sea saga": 9}})}
    found = screen_lora(lora(tmp_path, with_work), [SEA_SAGA]).findings
    assert {each.evidence.character for each in found if each.verdict is Verdict.FLAG} == {
        "",
        "medusa",
    }


def test_a_work_split_over_two_tags_is_no_name(tmp_path: Path) -> None:
    tags = {"ss_tag_frequency": json.dumps({"a": {"sea": 9, "saga": 9, "xiao": 1, "yan": 1}})}
    assert verdict(lora(tmp_path, tags)) is Verdict.ALLOW


def test_licences_status_and_policy_count(tmp_path: Path) -> None:
    file = lora(tmp_path, {"ss_output_name": "xiao yan"})
    licence = Licence(holder="user:17", until=date(2026, 6, 1))
    licensed = replace(SEA_SAGA, licences=(licence,))
    for day, uploader, expected in [
        (date(2026, 6, 1), "user:17", Verdict.ALLOW),
        (date(2026, 6, 2), "user:17", Verdict.FLAG),
        (date(2026, 6, 1), "user:18", Verdict.FLAG),
    ]:
        got = screen_lora(file, [licensed], uploader=uploader, today=day)
        assert got.verdict is expected
    for status in Status:
        got = screen_lora(file, [replace(SEA_SAGA, status=status)])
        counts = status in (Status.ACTIVE, Status.DISPUTED)
        assert got.verdict is (Verdict.FLAG if counts else Verdict.ALLOW)
    policy = Policy(names=NamePolicy(distinctive_flags=False))
    assert verdict(file, policy=policy) is Verdict.ALLOW


def test_a_file_without_metadata_says_so(tmp_path: Path) -> None:
    decision = screen_lora(lora(tmp_path), [SEA_SAGA])
    assert (decision.verdict, decision.fields) == (Verdict.ALLOW, 0)


def test_words_that_there_is_no_time_for_are_never_allowed(tmp_path: Path) -> None:
    file = lora(tmp_path, KOHYA)
    short = screen_lora(file, [SEA_SAGA], limits=Limits(max_names_seconds=1e-9))
    assert short.verdict is Verdict.FLAG
    assert short.findings == ()
    assert short.unsearched == (
        Source.CAPTION,
        Source.FILE_NAME,
        Source.METADATA,
        Source.TRIGGER_WORD,
    )
    enough = screen_lora(file, [SEA_SAGA])
    assert (enough.verdict, enough.unsearched) == (Verdict.ALLOW, ())


def test_a_long_text_is_searched_until_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found before stays, and no set or policy makes an allow of what was left."""
    file = lora(tmp_path, {"comment": "xiao yan " + "a boat " * 200_000})
    looks = iter([False, True])
    monkeypatch.setattr(Deadline, "is_over", property(lambda _: next(looks, True)))
    quarantined = replace(SEA_SAGA, status=Status.QUARANTINED)
    decision = screen_lora(file, [quarantined])
    assert {each.verdict for each in decision.findings} == {Verdict.ALLOW}
    assert (decision.verdict, decision.unsearched[0]) == (Verdict.FLAG, Source.FILE_NAME)
    assert Source.METADATA in decision.unsearched


def test_a_thumbnail_is_no_text(tmp_path: Path) -> None:
    metadata = {"modelspec.thumbnail": "data:image/jpeg;base64," + "XiaoYan/" * 200, **KOHYA}
    decision = screen_lora(lora(tmp_path, metadata), [SEA_SAGA])
    assert decision.picture
    assert decision.findings == ()


def test_only_the_header_is_read(tmp_path: Path) -> None:
    file = lora(tmp_path, KOHYA)
    with file.open("r+b") as opened:
        opened.truncate(1 << 40)  # a terabyte of tensors, none of it on disk
    assert verdict(file) is Verdict.ALLOW


def test_no_key_is_lost_that_comes_twice(tmp_path: Path) -> None:
    header = b'{"__metadata__": {"a": "xiao yan", "a": "b"}, "__metadata__": {"c": "d"}}'
    assert read_metadata(raw(tmp_path, header)) == [("a", "xiao yan"), ("a", "b"), ("c", "d")]
    assert verdict(raw(tmp_path, header)) is Verdict.FLAG


@pytest.mark.parametrize(
    ("header", "claims", "said"),
    [
        (b"{}", MAX_HEADER_BYTES + 1, "more than"),
        (b"{}", 1 << 63, "more than"),
        (b"{}", 100, "truncated"),
        (b"{", None, "damaged"),
        (b'{"a": "\xff"}', None, "damaged"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None, "damaged"),
        (b'{"a":' + b"9" * 10_000 + b"}", None, "damaged"),
        (b'{"__metadata__": "xiao yan"}', None, "no table"),
        (b"[]", None, "not a safetensors file"),
        (b"", None, "not a safetensors file"),
    ],
)
def test_a_hostile_header_is_an_error(
    tmp_path: Path, header: bytes, claims: int | None, said: str
) -> None:
    with pytest.raises(LoraUnreadable, match=said):
        verdict(raw(tmp_path, header, claims=claims))


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    for path in (tmp_path / "empty", tmp_path / "none", tmp_path):
        with pytest.raises(LoraUnreadable):
            verdict(path)


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000,
        "{" * 5000 + "}" * 5000,
        '{"a":' * 900 + '"xiao yan"' + "}" * 900,
        json.dumps({"a": None, "b": [1, True, [[]]], "c": {"": ""}}),
        "\x00\ud800"[:1] * 1000,
    ],
)
def test_odd_values_are_text_or_walked(tmp_path: Path, value: str) -> None:
    for key in ("ss_tag_frequency", "ss_dataset_dirs", "ss_datasets", "x"):
        header = json.dumps({"__metadata__": {key: value}}).encode()
        expected = Verdict.FLAG if "xiao yan" in value else Verdict.ALLOW
        assert verdict(raw(tmp_path, header)) is expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ss_tag_frequency", "a", "image_dir"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(
    key=st.sampled_from(["ss_tag_frequency", "ss_dataset_dirs", "modelspec.tags", "a"]),
    value=json_values,
    as_text=st.booleans(),
)
@settings(deadline=None, max_examples=80)
def test_any_metadata_is_walked(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, as_text: bool
) -> None:
    """A name next to anything at all is found."""
    both = {"first": value, "then": "xiao yan", "more": value}
    held = json.dumps(both) if as_text else both
    header = json.dumps({"__metadata__": {key: held}}).encode()
    assert verdict(raw(tmp_path_factory.mktemp("any"), header)) is Verdict.FLAG


@given(data=st.binary(max_size=64))
@settings(deadline=None, max_examples=80)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("any") / "x.safetensors"
    file.write_bytes(data)
    try:
        read_metadata(file)
    except LoraUnreadable as error:
        assert str(file) in str(error)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


def test_the_command(world: World, tmp_path: Path) -> None:
    sets = ("--references", world.settings.references)
    clean = run("lora", lora(tmp_path, KOHYA), *sets)
    assert clean.return_value == 0
    assert "No name under protection" in clean.stderr
    named = lora(tmp_path, {"ss_output_name": "xiao_yan\x1b[2J_v1"}, "named")
    flagged = run("lora", named, *sets)
    assert flagged.return_value == 10
    assert flagged.stdout == ""
    assert "FLAG LoRA named.safetensors (1 field of metadata)" in flagged.stderr
    assert 'The name "Xiao Yan"' in flagged.stderr
    assert "[xiao_yan]\\x1b[2J_v1" in flagged.stderr
    printed = json.loads(run("lora", named, *sets, "--json").stdout)
    assert printed["verdict"] == "flag"
    assert printed["names"][0]["keys"] == ["ss_output_name"]
    assert printed["names"][0]["written"] == ["xiao_yan"]
    bare = run("lora", lora(tmp_path, None, "bare"), *sets)
    assert "carries no metadata" in bare.stderr


def test_the_command_says_what_it_had_no_time_for(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "screening.toml"
    settings.write_text("[limits]\nmax_names_seconds = 1e-9\n")
    told = ("--settings", settings, "lora", lora(tmp_path, KOHYA))
    sets = ("--references", world.settings.references)
    found = run(*told, *sets)
    assert found.return_value == 10
    assert "and its metadata text and its trigger word was not searched" in found.stderr
    assert "took longer than 1e-09 s" in found.stderr
    assert "No name under protection" not in found.stderr
    printed = json.loads(run(*told, *sets, "--json").stdout)
    assert printed["verdict"] == "flag"
    assert printed["not_searched"] == ["caption", "file name", "metadata text", "trigger word"]


@pytest.mark.parametrize(("made", "code"), [(b"", 1), (None, 3)])
def test_the_command_ends_with_a_code(
    tmp_path: Path,
    made: bytes | None,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = lora(tmp_path, KOHYA) if made is None else raw(tmp_path, made)
    references = tmp_path / "sets"
    if made is not None:
        references.mkdir()
    arguments = ["screening", "lora", os.fspath(file), "--references", os.fspath(references)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    assert "Traceback" not in capsys.readouterr().err
