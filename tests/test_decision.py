"""Decisions as JSON: canonical, valid against the schema that ships, and read back whole."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from decision_samples import (
    NOT_UTF8,
    copies,
    decision,
    decisions,
    full_decision,
    hostile_decision,
    unscreened,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from screening.decision import SCHEMA, Decision, DecisionUnreadable, Times, schema
from screening.errors import EmbedderError, ScreeningError
from screening.evidence import Evidence
from screening.packs import Ignored
from screening.packs.member import path_as_text, path_from_text

LONE_SURROGATE = re.compile(r"\\ud[89a-f]")

SAMPLES = {
    "allow": decision(),
    "full": full_decision(),
    "hostile": hostile_decision(),
    "empty": decision(pictures=()),
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Decision:
    return SAMPLES[request.param]


def document_of(each: Decision) -> dict[str, Any]:
    parsed = json.loads(each.to_json())
    assert isinstance(parsed, dict)
    return parsed


def objects_in(node: Any, path: str = "$") -> list[tuple[str, dict[str, Any]]]:
    found = [(path, node)] if isinstance(node, dict) else []
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        if isinstance(child, dict | list):
            found += objects_in(child, f"{path}.{key}")
    return found


def test_schema_is_a_valid_schema_and_closed() -> None:
    Draft202012Validator.check_schema(schema())
    described = [each for each in objects_in(schema()) if each[1].get("type") == "object"]
    assert len(described) > 10
    for path, each in described:
        closed = each["additionalProperties"]
        assert closed is False or closed == {"type": "string"}, path
        if closed is False:
            assert sorted(each["required"]) == sorted(each["properties"]), path


def test_sample_fits_the_schema(sample: Decision) -> None:
    errors = [
        error.message for error in Draft202012Validator(schema()).iter_errors(document_of(sample))
    ]
    assert errors == []


@given(decisions)
@settings(deadline=None, max_examples=60)
def test_any_decision_fits_the_schema_and_comes_back(each: Decision) -> None:
    written = each.to_json()
    assert not list(Draft202012Validator(schema()).iter_errors(json.loads(written)))
    written.decode("ascii")
    read = Decision.from_json(written)
    assert read.to_json() == written
    # repr shows lone surrogates as escapes: only those may come back as other text
    assert read == each or LONE_SURROGATE.search(repr(each))


def test_what_is_read_equals_what_was_written() -> None:
    written = full_decision()
    assert Decision.from_json(written.to_json()) == written


def test_same_input_gives_same_bytes_and_times_come_last() -> None:
    earlier, later = full_decision(), full_decision()
    assert earlier.to_json() == later.to_json()
    other_times = Times(started=datetime(2027, 1, 1, tzinfo=UTC), seconds=9.5)
    one, other = earlier.to_json(), replace(later, times=other_times).to_json()
    assert one != other
    assert one.partition(b'  "times": {')[0] == other.partition(b'  "times": {')[0]
    keys = list(json.loads(one))
    assert (keys[0], keys[-1]) == ("schema", "times")


def test_order_of_dictionaries_does_not_show() -> None:
    one = full_decision()
    makers = dict(reversed(one.versions.makers.items()))
    assert list(makers) != list(one.versions.makers)
    other = replace(one, versions=replace(one.versions, makers=makers))
    assert other.to_json() == one.to_json()


def test_text_is_ascii_indented_and_ends_with_a_newline() -> None:
    written = decision(pack="Größe 日本").to_json()
    assert written.startswith(b'{\n  "schema": "screening/decision/1",\n')
    assert written.endswith(b"}\n")
    assert rb"Gr\u00f6\u00dfe \u65e5\u672c" in written
    assert document_of(decision())["schema"] == SCHEMA


def test_control_characters_are_escaped() -> None:
    written = hostile_decision().to_json()
    assert not set(written) & {*range(10), *range(11, 32), 127}


def test_bytes_that_are_not_utf8_are_written_as_hexadecimal() -> None:
    document = document_of(decision(pictures=(NOT_UTF8,)))
    assert [each["path"] for each in document["manifest"]["members"]] == ["caf\\xe9.png"]


def test_a_byte_and_its_escape_as_text_have_different_paths() -> None:
    paths = ("a\udcff", "a\\xff", "a\\\\xff")
    everywhere = decision(
        pictures=(*paths, "b", "c", "d"),
        unscreened=tuple(unscreened(each) for each in paths),
        ignored=tuple(Ignored(path=each, reason="empty") for each in paths),
    )
    document = document_of(everywhere)
    written = {r"a\xff", r"a\\xff", r"a\\\\xff"}
    assert {each["path"] for each in document["manifest"]["members"]} == {*written, "b", "c", "d"}
    for section in (document["unscreened"], document["ignored"]):
        assert {each["path"] for each in section} == written
    read = Decision.from_json(everywhere.to_json())
    assert read.manifest == everywhere.manifest
    assert read.unscreened == everywhere.unscreened
    assert read.ignored == everywhere.ignored


def test_paths_of_matches_and_names_are_written_like_those_of_members() -> None:
    path = "a\\xff.png"
    base = full_decision()
    copies = base.evidence.copies[0]
    name = base.evidence.names[0]
    evidence = Evidence(
        copies=(replace(copies, matches=(replace(copies.matches[0], path=path),)),),
        names=(replace(name, paths=(path, "b")),),
    )
    written = replace(base, evidence=evidence)
    document = document_of(written)["evidence"]
    assert document["copies"][0]["matches"][0]["path"] == r"a\\xff.png"
    assert document["names"][0]["paths"] == [r"a\\xff.png", "b"]
    assert Decision.from_json(written.to_json()).evidence == evidence


@given(st.lists(st.text(st.characters() | st.sampled_from("\\\\\\xuf8\udcff\ud800")), max_size=4))
@settings(deadline=None)
def test_no_two_paths_have_the_same_text(paths: list[str]) -> None:
    texts = [path_as_text(each) for each in paths]
    assert len(set(texts)) == len(set(paths))
    assert [path_from_text(each) for each in texts] == paths


def test_other_lone_surrogates_are_written_as_escapes() -> None:
    assert document_of(decision(uploader="\ud800"))["uploader"] == "\\ud800"


@pytest.mark.parametrize(
    ("score", "written"),
    [(0.1234564, 0.123456), (0.1234566, 0.123457), (-0.0000001, 0.0), (1.0, 1.0)],
)
def test_floats_are_rounded_to_six_decimals(score: float, written: float) -> None:
    base = full_decision()
    found = replace(base.evidence.characters[0], score=score)
    document = document_of(replace(base, evidence=Evidence(characters=(found,))))
    got = document["evidence"]["characters"][0]["score"]
    assert repr(got) == repr(written)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_score_that_is_not_a_number_is_refused_by_name(score: float) -> None:
    base = full_decision()
    found = replace(base.evidence.characters[0], score=score)
    with pytest.raises(EmbedderError, match=r"evidence\.characters\[0\]\.score is -?(nan|inf)"):
        replace(base, evidence=Evidence(characters=(found,))).to_json()


def test_times_are_written_in_utc() -> None:
    local = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    document = document_of(replace(decision(), times=Times(started=local, seconds=0.0)))
    assert document["times"]["started"] == "2026-01-02T01:04:05+00:00"


def test_manifest_says_what_became_of_each_member() -> None:
    document = document_of(
        decision(
            pictures=("a.png", "b.png"),
            unscreened=(unscreened("b.png", "only its first 32 frames are screened"),),
            ignored=(Ignored(path="c", reason="empty", sha256="0" * 64),),
        )
    )
    members = document["manifest"]["members"]
    assert [(each["path"], each["status"]) for each in members] == [
        ("a.png", "screened"),
        ("b.png", "unscreened"),
        ("c", "ignored"),
    ]
    assert members[2]["sha256"] == "0" * 64


def broken(**changes: Any) -> bytes:
    return json.dumps({**document_of(full_decision()), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", r"\$: "),
        (broken(verdict="perhaps"), r"\$\.verdict"),
        (broken(schema="screening/decision/2"), r"\$\.schema"),
        (broken(surprise=1), "surprise"),
        (broken(reasons=[]), r"\$\.reasons"),
        (broken(times={"started": "yesterday", "seconds": 1}), r"\$\.times\.started"),
        (broken().replace(b'"distance_bits": 12', b'"distance_bits": 257'), "copies"),
        (broken().replace(b'"score": 0.9,', b'"score": NaN,'), "NaN"),
        (broken().replace(b'"method": "lite.identity"', b'"method": "phash-256"'), "characters"),
    ],
)
def test_what_is_no_decision_is_refused_with_the_place(data: bytes, place: str) -> None:
    with pytest.raises(DecisionUnreadable, match=place) as caught:
        Decision.from_json(data)
    assert isinstance(caught.value, ScreeningError)
    assert len(str(caught.value)) < 1000


def test_a_match_without_distance_and_score_is_refused() -> None:
    nothing = replace(copies("a.png").matches[0], distance_bits=None)
    evidence = Evidence(copies=(replace(copies("a.png"), matches=(nothing,)),))
    with pytest.raises(DecisionUnreadable):
        Decision.from_json(decision(evidence).to_json())
