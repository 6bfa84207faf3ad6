"""Parsing configs: what is understood, within which limits, and what each refusal says."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.packs.layouts import ConfigUnclear
from screening.packs.layouts.config import MAX_DEPTH, MAX_VALUES, MAX_YAML_CHARACTERS, parse


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "a = ", "is no TOML"),
        ("a.toml", "a = " + "[" * 100_000, "TOML"),
        ("a.toml", "a = 1\na = 2", "is no TOML"),
        ("a.toml", f"a = 0x{'f' * 5000}", "more than 64 bits"),
        ("a.toml", f"a = {'9' * 5000}", "is no TOML"),
        ("a.toml", "a = 9999-99-99", "is no TOML"),
        ("a.toml", "a." * 40 + "b = 1", "nested more than 32 deep"),
        ("a.json", "[" * 100_000, "JSON nested too deep"),
        ("a.json", "[" * 40 + "]" * 40, "nested more than 32 deep"),
        ("a.json", '{"a": 1', "is no JSON"),
        ("a.json", f'{{"a": {"9" * 5000}}}', "is no JSON"),
        ("a.yaml", "a: [", "is no YAML"),
        ("a.yaml", "[" * 100_000, "nested more than 32 deep"),
        ("a.yaml", "a: !!python/object/apply:os.system ['true']", "is no YAML"),
        ("a.yaml", "a: 1\n---\nb: 2", "is no YAML"),
        ("a.yaml", "? [a]\n: 1", "is no YAML"),
        ("a.yaml", "a: 2001-99-99", "is no YAML"),
        ("a.yaml", "&a [*a]", "nested more than 32 deep"),
        ("a.yaml", "a: 0x" + "f" * 100, "more than 64 bits"),
        ("a.yaml", "#" * (MAX_YAML_CHARACTERS + 1), "more than 262,144 characters"),
        ("a.txt", "a: 1", "is no config"),
    ],
)
def test_what_is_no_config_says_why(name: str, text: str, told: str) -> None:
    with pytest.raises(ConfigUnclear, match=told):
        parse(name, text)


def test_a_bomb_of_anchors_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(ConfigUnclear, match=f"more than {MAX_VALUES:,} values"):
        parse("a.yaml", "\n".join(lines))


def test_a_bomb_of_merged_keys_is_refused() -> None:
    pairs = ", ".join(f"k{n}: 1" for n in range(500))
    lines = [f"a0: &a0 {{{pairs}}}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 100)}]}}" for n in range(1, 5)]
    with pytest.raises(ConfigUnclear, match="is no YAML: too many merged keys"):
        parse("a.yaml", "\n".join(lines))


def test_anchors_and_merges_that_people_write_are_read() -> None:
    text = "base: &b {size: 512, tags: &t [a]}\none: {<<: *b, folder: x}\ntwo: *t\nday: 2024-01-02"
    assert parse("a.YML", text) == {
        "base": {"size": 512, "tags": ["a"]},
        "one": {"size": 512, "tags": ["a"], "folder": "x"},
        "two": ["a"],
        "day": "2024-01-02",
    }


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1])
def test_the_depth_is_exact(depth: int) -> None:
    text = "[" * depth + "1" + "]" * depth
    if depth > MAX_DEPTH:
        with pytest.raises(ConfigUnclear):
            parse("a.json", text)
    else:
        assert parse("a.json", text)


@settings(deadline=None)
@given(text=st.text(), suffix=st.sampled_from([".toml", ".json", ".yaml"]))
def test_any_text_is_parsed_or_unclear(text: str, suffix: str) -> None:
    with contextlib.suppress(ConfigUnclear):
        parse("a" + suffix, text)
