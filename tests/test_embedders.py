"""One suite for every embedder: what `Embedder` promises, each of them must keep."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from embedder_models import (
    TINY_CLIP,
    pictures,
    write_clip_checkpoint,
    write_lite_graph,
    write_pooling_graph,
)
from numpy.typing import NDArray

from screening.embedders import lite, open_embedders
from screening.embedders.embedder import Embedder, unit_rows
from screening.embedders.regions import Box
from screening.errors import EmbedderError, SettingsError
from screening.settings import ClipSettings, Settings

POOLING = """
name = "pooling"
model = "pooling.onnx"
input_size_px = 8
mean = [0.5, 0.4, 0.3]
std = [0.2, 0.3, 0.4]
fit = "pad"
resample = "bilinear"
output = "embedding"
"""


@dataclass(frozen=True)
class Case:
    """A way to open an embedder, what it must say it makes, and how exact it must be."""

    embedder: str
    outputs: dict[str, tuple[int, set[str]]]
    clip: tuple[str, str] = ("onnx", "fp32")
    device: str = "cpu"
    # Largest difference of a vector's numbers when its neighbours change; 0 in ONNX Runtime.
    tolerance: float = 0.0


CLIP_OUTPUTS = {"clip.image": (16, {"characters"})}

CASES = {
    "lite": Case("lite", {"lite.identity": (512, {"characters"}), "lite.copy": (256, {"copies"})}),
    "onnx": Case("pooling.toml", {"pooling.embedding": (12, {"characters"})}),
    "clip-fp32": Case("clip", CLIP_OUTPUTS),
    "clip-int8": Case("clip", CLIP_OUTPUTS, clip=("onnx", "int8")),
    "clip-torch-fp32": Case("clip", CLIP_OUTPUTS, clip=("torch", "fp32"), tolerance=1e-5),
    "clip-torch-bf16": Case("clip", CLIP_OUTPUTS, clip=("torch", "bf16"), tolerance=1e-2),
}
if torch.cuda.is_available():
    CASES |= {
        f"clip-cuda-{precision}": Case(
            "clip", CLIP_OUTPUTS, clip=("torch", precision), device="cuda", tolerance=1e-2
        )
        for precision in ("fp16", "bf16", "fp32")
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with every model, and the user's cache inside it."""
    folder = tmp_path_factory.mktemp("models")
    write_pooling_graph(folder / "pooling.onnx")
    (folder / "pooling.toml").write_text(POOLING)
    write_clip_checkpoint(folder / "clip.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield folder


def opened(case: Case, folder: Path) -> Embedder:
    backend, precision = case.clip
    name = str(folder / case.embedder) if case.embedder.endswith(".toml") else case.embedder
    clip = ClipSettings(
        model=TINY_CLIP,
        checkpoint=folder / "clip.safetensors",
        device=case.device,
        backend=backend,
        precision=precision,
    )
    (embedder,) = open_embedders(Settings(embedders=(name,), workers=3, clip=clip))
    return embedder


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def embedder(case: Case, folder: Path) -> Embedder:
    return opened(case, folder)


@pytest.fixture
def pixels(embedder: Embedder) -> NDArray[np.uint8]:
    return pictures(11, embedder.preprocessing.size_px)


def assert_same(
    found: dict[str, NDArray[np.float32]], wanted: dict[str, NDArray[np.float32]], case: Case
) -> None:
    assert found.keys() == wanted.keys()
    for name, vectors in wanted.items():
        np.testing.assert_allclose(found[name], vectors, rtol=0, atol=case.tolerance)


def test_outputs_are_those_documented(embedder: Embedder, case: Case) -> None:
    described = {o.name: (o.dimension, set(o.finds)) for o in embedder.outputs}
    assert described == case.outputs
    assert "." not in embedder.name
    assert all(name.startswith(f"{embedder.name}.") for name in described)


@pytest.mark.parametrize("count", [0, 1, 2, 11, 70])
def test_makes_unit_vectors_of_the_documented_dimension(
    embedder: Embedder, case: Case, count: int
) -> None:
    vectors = embedder.embed(pictures(count, embedder.preprocessing.size_px))
    assert list(vectors) == [output.name for output in embedder.outputs]
    for output in embedder.outputs:
        rows = vectors[output.name]
        assert rows.shape == (count, output.dimension)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_different_pictures_have_different_vectors(
    embedder: Embedder, pixels: NDArray[np.uint8]
) -> None:
    for rows in embedder.embed(pixels).values():
        scores = rows @ rows.T
        assert scores[~np.eye(len(rows), dtype=bool)].max() < 0.9999


def test_is_deterministic(embedder: Embedder, case: Case, pixels: NDArray[np.uint8]) -> None:
    first, second = embedder.embed(pixels), embedder.embed(pixels)
    for name, rows in first.items():
        np.testing.assert_array_equal(second[name], rows)


def test_a_vector_does_not_depend_on_its_neighbours(
    embedder: Embedder, case: Case, pixels: NDArray[np.uint8]
) -> None:
    together = embedder.embed(pixels)
    for i in range(len(pixels)):
        alone = {name: rows[i : i + 1] for name, rows in together.items()}
        assert_same(embedder.embed(pixels[i : i + 1]), alone, case)
    order = np.random.default_rng(1).permutation(len(pixels))
    shuffled = {name: rows[order] for name, rows in together.items()}
    assert_same(embedder.embed(pixels[order]), shuffled, case)


def test_eight_threads_get_the_vectors_of_one(
    embedder: Embedder, case: Case, pixels: NDArray[np.uint8]
) -> None:
    parts = [pixels[i % 4 : i % 4 + 1 + i % 3] for i in range(24)]
    wanted = [embedder.embed(part) for part in parts]
    with ThreadPoolExecutor(8) as pool:
        for found, vectors in zip(pool.map(embedder.embed, parts), wanted, strict=True):
            assert_same(found, vectors, case)


def test_views_and_read_only_pixels_are_taken_as_they_are(
    embedder: Embedder, case: Case, pixels: NDArray[np.uint8]
) -> None:
    mirrored = pixels[:, :, ::-1]
    wanted = embedder.embed(np.ascontiguousarray(mirrored))
    before = pixels.copy()
    pixels.flags.writeable = False
    assert_same(embedder.embed(mirrored), wanted, case)
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: pixels.astype(np.float32) / 255,
        lambda pixels: pixels.astype(np.int64),
        lambda pixels: pixels[0],
        lambda pixels: pixels[..., 0],
        lambda pixels: pixels.transpose(0, 3, 1, 2),
        lambda pixels: np.concatenate([pixels, pixels[..., :1]], axis=3),
        lambda pixels: pixels[:, 1:],
        lambda pixels: pixels[:0, 1:],
        lambda pixels: pixels.tolist(),
    ],
    ids=["float", "int64", "one", "grey", "nchw", "alpha", "not-square", "none-of-wrong", "list"],
)
def test_wrong_pixels_are_refused(embedder: Embedder, pixels: NDArray[np.uint8], change) -> None:
    with pytest.raises(EmbedderError, match=rf"{embedder.name} wants "):
        embedder.embed(change(pixels))


def test_opening_again_gives_the_same_version_and_vectors(
    embedder: Embedder, case: Case, folder: Path, pixels: NDArray[np.uint8]
) -> None:
    again = opened(case, folder)
    assert again.version == embedder.version
    assert again.preprocessing == embedder.preprocessing
    wanted = embedder.embed(pixels)
    for name, rows in again.embed(pixels).items():
        np.testing.assert_array_equal(rows, wanted[name])


def test_all_versions_differ(folder: Path) -> None:
    versions = {opened(case, folder).version for case in CASES.values()}
    assert len(versions) == len(CASES)


def test_batch_size_is_positive(embedder: Embedder) -> None:
    assert embedder.batch_size >= 1


def test_embedders_open_in_the_order_of_the_settings(folder: Path) -> None:
    names = (str(folder / "pooling.toml"), "lite")
    assert [e.name for e in open_embedders(Settings(embedders=names))] == ["pooling", "lite"]


@pytest.mark.parametrize("name", ["", "LITE", "resnet", "pooling.onnx"])
def test_an_unknown_embedder_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(SettingsError, match=r"choose lite, clip, or the path of .*\.toml"):
        open_embedders(Settings(embedders=(name,)))


def test_two_embedders_of_one_name_are_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match="'lite'"):
        open_embedders(Settings(embedders=("lite", "lite")))


def test_the_lite_graph_names_its_version(tmp_path: Path) -> None:
    def version(name: str, **options) -> str:
        graph = write_lite_graph(tmp_path / f"{name}.onnx", **options)
        return lite.Lite(threads=1, graph=graph).version

    named = version("named", version="7")
    assert named == version("same", version="7", seed=1)
    assert named != version("next", version="8")
    # Without a name the file itself is the version.
    assert version("a") == version("b") != version("c", seed=1)


def closer_look(folder: Path, picture: NDArray[np.uint8]) -> tuple[np.ndarray, np.ndarray]:
    """Both halves of the identity of one picture (384, 384, 3), by a stand-in graph."""
    graph = write_lite_graph(folder / "stand-in.onnx", version="1")
    identity = lite.Lite(threads=1, graph=graph).embed(picture[None])["lite.identity"][0]
    half = len(identity) // 2
    return identity[:half] * np.sqrt(2), identity[half:] * np.sqrt(2)


def test_the_second_half_of_an_identity_is_of_the_most_telling_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Box(left=0.0, top=0.0, right=0.5, bottom=1.0)
    picture, other = pictures(2, lite.GIVEN_SIDE_PX)
    beside = np.concatenate([picture[:, : lite.SIDE_PX], other[:, lite.SIDE_PX :]], axis=1)
    monkeypatch.setattr(lite, "most_telling", lambda _: left)
    one, two = closer_look(tmp_path, picture), closer_look(tmp_path, beside)
    np.testing.assert_allclose(one[1], two[1], atol=1e-6)
    assert np.abs(one[0] - two[0]).max() > 0.01


def test_without_a_telling_part_both_halves_are_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lite, "most_telling", lambda _: None)
    whole, part = closer_look(tmp_path, pictures(1, lite.GIVEN_SIDE_PX)[0])
    np.testing.assert_array_equal(whole, part)
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-6)


def test_a_lite_graph_of_another_shape_is_refused(tmp_path: Path) -> None:
    graph = write_pooling_graph(tmp_path / "lite.onnx")
    with pytest.raises(EmbedderError, match=r"not \(n, s, s, 3\)"):
        lite.Lite(threads=1, graph=graph)


@pytest.mark.parametrize("row", [[np.nan, 1], [np.inf, 1], [0, 0]])
def test_vectors_without_direction_are_refused(row: list[float]) -> None:
    with pytest.raises(EmbedderError, match="not finite or has length 0"):
        unit_rows(np.array([[1.0, 0.0], row]), maker="test")


def test_opening_loads_no_torch(folder: Path) -> None:
    """Only the libraries that run: nothing at import, ONNX Runtime alone for lite and onnx."""
    program = f"""
import sys
from screening.embedders import open_embedders
assert not {{"onnxruntime", "torch", "open_clip"}} & set(sys.modules)
from screening.settings import Settings
open_embedders(Settings(embedders=("lite", {str(folder / "pooling.toml")!r})))
print(*{{"onnxruntime", "torch", "open_clip", "onnx"}} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["onnxruntime"]
