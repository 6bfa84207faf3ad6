"""A platform's own model: its TOML file, its graph, and what each gets wrong."""

from pathlib import Path

import numpy as np
import pytest
from embedder_models import pictures, save_graph, write_pooling_graph
from onnx import TensorProto, helper, numpy_helper

from screening.embedders.onnx import OnnxModel
from screening.embedders.onnx_description import Description
from screening.errors import EmbedderError, ModelMissing, SettingsError

DESCRIPTION = """
name = "pooling"
model = "pooling.onnx"
input_size_px = 8
mean = [0.5, 0.4, 0.3]
std = [0.2, 0.3, 0.4]
fit = "pad"
resample = "bilinear"
"""
ONE_OUTPUT = 'output = "embedding"\n'


def described(folder: Path, text: str) -> Path:
    path = folder / "model.toml"
    path.write_text(text)
    return path


def opened(folder: Path, text: str = DESCRIPTION + ONE_OUTPUT, **graph) -> OnnxModel:
    write_pooling_graph(folder / "pooling.onnx", **graph)
    return OnnxModel.open(described(folder, text), threads=2)


def pooled(pixels: np.ndarray) -> np.ndarray:
    """What the graph does, by hand: (n, 12) unit rows."""
    normalised = (pixels / 255 - [0.5, 0.4, 0.3]) / [0.2, 0.3, 0.4]
    quarters = normalised.reshape(-1, 2, 4, 2, 4, 3).mean(axis=(2, 4))
    rows = quarters.transpose(0, 3, 1, 2).reshape(len(pixels), 12)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("batch", ["n", 1])
def test_pictures_are_normalised_as_the_file_says(
    tmp_path: Path, layout: str, batch: int | str
) -> None:
    text = f'{DESCRIPTION}{ONE_OUTPUT}layout = "{layout}"\n'
    model = opened(tmp_path, text, layout=layout, batch=batch)
    pixels = pictures(3, 8)
    vectors = model.embed(pixels)["pooling.embedding"]
    np.testing.assert_allclose(vectors, pooled(pixels), atol=1e-6)


def test_bgr_swaps_the_channels_before_they_are_normalised(tmp_path: Path) -> None:
    model = opened(tmp_path, f'{DESCRIPTION}{ONE_OUTPUT}color = "bgr"\n')
    pixels = pictures(2, 8)
    vectors = model.embed(pixels)["pooling.embedding"]
    np.testing.assert_allclose(vectors, pooled(pixels[..., ::-1]), atol=1e-6)


def test_several_outputs_each_for_its_evidence(tmp_path: Path) -> None:
    graph = write_two_headed_graph(tmp_path / "pooling.onnx", dimensions={"a": 12, "b": 12})
    assert graph.is_file()
    text = DESCRIPTION + (
        '[[outputs]]\nname = "b"\nfinds = ["copies", "characters"]\ncopy_score = 4\n'
        '[[outputs]]\nname = "a"\nfinds = ["characters"]\n'
    )
    model = OnnxModel.open(described(tmp_path, text), threads=1)
    assert [(o.name, o.finds, o.copy_score) for o in model.outputs] == [
        ("pooling.b", {"copies", "characters"}, 4.0),
        ("pooling.a", {"characters"}, None),
    ]
    vectors = model.embed(pictures(2, 8))
    np.testing.assert_allclose(vectors["pooling.a"], -vectors["pooling.b"], atol=1e-6)


def write_two_headed_graph(path: Path, *, dimensions: dict[str, int | str]) -> Path:
    """``a`` and ``b`` = -a: channel means over quarters, declared with ``dimensions``."""
    nodes = [
        helper.make_node("AveragePool", ["picture"], ["p"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["p"], ["a"]),
        helper.make_node("Neg", ["a"], ["b"]),
    ]
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, 8, 8])]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        for name, size in dimensions.items()
    ]
    return save_graph(helper.make_graph(nodes, "heads", inputs, outputs), path, {})


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert opened(tmp_path).name == "pooling"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DESCRIPTION, "outputs is missing"),
        (DESCRIPTION + ONE_OUTPUT + "meen = 1\n", "unknown key 'meen'"),
        (DESCRIPTION + ONE_OUTPUT + '[[outputs]]\nname = "a"\n', "not both"),
        (DESCRIPTION + "outputs = []\n", "at least one"),
        (DESCRIPTION + "outputs = [1]\n", "must be a table"),
        (DESCRIPTION + '[[outputs]]\nname = "a"\n', "finds is missing"),
        (DESCRIPTION + '[[outputs]]\nname = "a"\nfinds = []\n', "finds must be a list of"),
        (DESCRIPTION + '[[outputs]]\nname = "a"\nfinds = ["names"]\n', "finds must be a list of"),
        (DESCRIPTION + '[[outputs]]\nname="a"\nfinds=["copies"]\nfind=1\n', "unknown key 'find'"),
        (
            DESCRIPTION + '[[outputs]]\nname="a"\nfinds=["characters"]\ncopy_score=1.0\n',
            "does not find copies",
        ),
        (DESCRIPTION + '[[outputs]]\nname="a"\nfinds=["copies"]\n' * 2, "the same name"),
        (DESCRIPTION.replace('"pooling"', '"a.b"') + ONE_OUTPUT, "letters, digits"),
        (DESCRIPTION.replace('"pooling"', '"lite"') + ONE_OUTPUT, "is taken"),
        (DESCRIPTION.replace('"pooling"', "3") + ONE_OUTPUT, "name must be a text, not 3"),
        (DESCRIPTION.replace("= 8", "= 0") + ONE_OUTPUT, "input_size_px must be"),
        (DESCRIPTION.replace("= 8", "= true") + ONE_OUTPUT, "input_size_px must be"),
        (DESCRIPTION.replace("= 8", "= 4097") + ONE_OUTPUT, "input_size_px must be"),
        (DESCRIPTION.replace("0.2,", "0.0,") + ONE_OUTPUT, "std must be above 0"),
        (DESCRIPTION.replace("0.2,", "nan,") + ONE_OUTPUT, "std must be three numbers"),
        (DESCRIPTION.replace("0.5, ", "") + ONE_OUTPUT, "mean must be three numbers"),
        (DESCRIPTION.replace('"pad"', '"stretch"') + ONE_OUTPUT, "fit must be one of squash"),
        (DESCRIPTION.replace('"pad"', "[]") + ONE_OUTPUT, "fit must be one of squash"),
        (DESCRIPTION.replace('"bilinear"', '"nearest"') + ONE_OUTPUT, "resample must be one of"),
        ("name = ", "not readable as TOML"),
    ],
)
def test_a_wrong_description_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = described(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as refused:
        Description.read(path)
    assert str(path) in str(refused.value)


def test_a_missing_description_or_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml: no such file"):
        OnnxModel.open(tmp_path / "absent.toml", threads=1)
    with pytest.raises(ModelMissing, match=r"pooling\.onnx: no such model file") as missing:
        OnnxModel.open(described(tmp_path, DESCRIPTION + ONE_OUTPUT), threads=1)
    assert missing.value.exit_code == 3


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pooling.onnx").write_bytes(b"not a graph")
    with pytest.raises(EmbedderError, match="ONNX Runtime cannot load it"):
        OnnxModel.open(described(tmp_path, DESCRIPTION + ONE_OUTPUT), threads=1)


@pytest.mark.parametrize(
    ("change", "graph", "message"),
    [
        (("embedding", "embeding"), {}, "no output 'embeding'; outputs: embedding, pooled"),
        (("embedding", "pooled"), {}, r"output 'pooled' is \['n', 3, 2, 2\], not \(n, d\)"),
        (("= 8", "= 9"), {}, "nchw of 9 px"),
        (("= 8", "= 8"), {"layout": "nhwc"}, "nchw of 8 px"),
        (("= 8", "= 8"), {"batch": 4}, "fixed to 4"),
        (('name = "pooling"', 'name = "pooling"\ninput = "x"'), {}, "one of picture"),
    ],
)
def test_a_graph_that_does_not_fit_its_description_is_refused(
    tmp_path: Path, change: tuple[str, str], graph: dict, message: str
) -> None:
    text = (DESCRIPTION + ONE_OUTPUT).replace(*change)
    with pytest.raises(EmbedderError, match=message):
        opened(tmp_path, text, **graph)


def test_a_length_that_the_graph_leaves_open_is_found_by_a_run(tmp_path: Path) -> None:
    write_two_headed_graph(tmp_path / "pooling.onnx", dimensions={"a": "d"})
    text = DESCRIPTION + 'output = "a"\n'
    model = OnnxModel.open(described(tmp_path, text), threads=1)
    assert model.outputs[0].dimension == 12
    np.testing.assert_allclose(
        model.embed(pictures(2, 8))["pooling.a"], pooled(pictures(2, 8)), atol=1e-6
    )


def test_vectors_whose_length_depends_on_the_picture_are_refused(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Clip", ["picture", "zero"], ["positive"]),
        helper.make_node("NonZero", ["positive"], ["places"]),
        helper.make_node("Gather", ["places", "first"], ["row"], axis=0),
        helper.make_node("Cast", ["row"], ["embedding"], to=TensorProto.FLOAT),
    ]
    weights = [
        numpy_helper.from_array(np.array(0, np.float32), "zero"),
        numpy_helper.from_array(np.array([3]), "first"),
    ]
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, 8, 8])]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", "d"])]
    graph = helper.make_graph(nodes, "places", inputs, outputs, weights)
    save_graph(graph, tmp_path / "pooling.onnx", {})
    model = OnnxModel.open(described(tmp_path, DESCRIPTION + ONE_OUTPUT), threads=1)
    with pytest.raises(EmbedderError, match=r"output 'embedding' is \(1, \d+\), not \(1, \d+\)"):
        model.embed(pictures(2, 8))


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), 0.0])
def test_vectors_that_are_no_vectors_are_refused(tmp_path: Path, factor: float) -> None:
    model = opened(tmp_path, factor=factor)
    with pytest.raises(EmbedderError, match="pooling returned a vector that is not finite"):
        model.embed(pictures(2, 8))


def test_the_version_changes_with_everything_that_changes_vectors(tmp_path: Path) -> None:
    text = DESCRIPTION + ONE_OUTPUT
    changes = [
        ("0.4, 0.3]", "0.4, 0.31]"),
        ("0.2, ", "0.21, "),
        ('"pad"', '"crop"'),
        ('"bilinear"', '"bicubic"'),
        ('name = "pooling"', 'name = "pooled"'),
        ("= 8", '= 8\ncolor = "bgr"'),
    ]
    base = opened(tmp_path, text).version
    versions = [opened(tmp_path, text.replace(*change)).version for change in changes]
    other_graph = opened(tmp_path, text, factor=2.0).version
    assert len({base, other_graph, *versions}) == len(changes) + 2


def test_the_version_does_not_depend_on_where_the_files_are(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert opened(tmp_path / "a").version == opened(tmp_path / "b").version
