"""Manifests: they identify a pack, whatever the order, and do not survive a change."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pack_samples import picture, read

from screening.packs import Manifest

A, B = "a" * 64, "b" * 64
digests = st.one_of(st.none(), st.text("0123456789abcdef", min_size=64, max_size=64))
pairs = st.lists(st.tuples(st.text(st.characters(exclude_categories=[])), digests), max_size=8)


def test_the_canonical_form_is_as_documented() -> None:
    manifest = Manifest.of([("é\n", None), ("a.png", A), ("\udcff", B)])
    assert manifest.canonical_bytes() == (
        b"screening manifest 1\n"
        b'["a.png","' + A.encode() + b'"]\n'
        b'["\\u00e9\\n",null]\n'
        b'["\\udcff","' + B.encode() + b'"]\n'
    )


def test_an_empty_manifest_has_a_known_sha256() -> None:
    assert Manifest.of([]).sha256 == (
        "d0a56cfb69fc3394dea1d9325342770f7fa511684ed0de031b93c523ab5d9832"
    )


@given(pairs=pairs, data=st.data())
def test_order_does_not_matter(pairs: list[tuple[str, str | None]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(pairs))
    assert Manifest.of(shuffled) == Manifest.of(pairs)
    assert Manifest.of(shuffled).sha256 == Manifest.of(pairs).sha256


@given(one=pairs, other=pairs)
def test_different_files_have_different_manifests(
    one: list[tuple[str, str | None]], other: list[tuple[str, str | None]]
) -> None:
    alike = Manifest.of(one).canonical_bytes() == Manifest.of(other).canonical_bytes()
    key = lambda pair: (pair[0], pair[1] or "")  # noqa: E731
    assert alike is (sorted(one, key=key) == sorted(other, key=key))


@given(pairs=pairs)
def test_nothing_is_lost(pairs: list[tuple[str, str | None]]) -> None:
    assert sorted(Manifest.of(pairs).digests, key=str) == sorted(pairs, key=str)


def test_the_manifest_of_a_pack_changes_with_one_byte_or_one_name(tmp_path: Path) -> None:
    def manifest() -> str:
        return Manifest.of((each.path, each.sha256) for each in read(tmp_path)).sha256

    file = tmp_path / "a.png"
    file.write_bytes(picture())
    before = manifest()
    assert manifest() == before
    file.write_bytes(picture() + b"\0")
    changed = manifest()
    file.write_bytes(picture())
    assert manifest() == before != changed
    file.rename(tmp_path / "b.png")
    assert manifest() not in (before, changed)
