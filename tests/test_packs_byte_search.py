"""Signatures are found wherever they stand, first of several, as `bytes.find` finds them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.packs.byte_search import BLOCK_BYTES, LEAST_BYTES, MOST_CANDIDATES, Signatures

NEEDLES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"PK\5\6")
SIGNATURES = Signatures(*NEEDLES)


def expected(data: bytes) -> dict[bytes, int]:
    return {each: data.find(each) for each in NEEDLES if each in data}


@pytest.mark.parametrize("needle", NEEDLES)
@pytest.mark.parametrize("size_bytes", [LEAST_BYTES - 1, LEAST_BYTES, 2 * BLOCK_BYTES + 9])
@pytest.mark.parametrize("shift", range(-7, 8))
def test_at_every_edge(needle: bytes, size_bytes: int, shift: int) -> None:
    noise = random.Random(size_bytes).randbytes(size_bytes)
    for edge in (0, LEAST_BYTES, BLOCK_BYTES, size_bytes):
        place = min(max(0, edge + shift), size_bytes - len(needle))
        data = noise[:place] + needle + noise[place + len(needle) :]
        assert SIGNATURES.positions(data) == expected(data)
        assert SIGNATURES.positions(data)[needle] == place


@pytest.mark.parametrize("size_bytes", [0, 1, 2, 3, LEAST_BYTES, BLOCK_BYTES + 1])
def test_what_is_not_there(size_bytes: int) -> None:
    assert SIGNATURES.positions(bytes(size_bytes)) == {}


@pytest.mark.parametrize("count", [MOST_CANDIDATES // 2 - 1, MOST_CANDIDATES, LEAST_BYTES])
def test_a_file_full_of_beginnings(count: int) -> None:
    data = b"7z" * count + bytes(LEAST_BYTES) + b"7z" + NEEDLES[1] + NEEDLES[0]
    assert SIGNATURES.positions(data) == expected(data) != {}


@given(
    parts=st.lists(
        st.one_of(st.sampled_from([*NEEDLES, b"7z", b"Rar", b"PK\5"]), st.binary(max_size=3)),
        max_size=30,
    ),
    before=st.integers(LEAST_BYTES, LEAST_BYTES + 1),
)
def test_as_find_does(parts: list[bytes], before: int) -> None:
    data = bytes(before) + b"".join(parts)
    assert SIGNATURES.positions(data) == expected(data)
