"""Small ONNX graphs that embed pictures, for tests of the embedders."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_lite_graph(
    path: Path, *, size_px: int = 8, seed: int = 0, version: str | None = None
) -> Path:
    """A stand-in for lite.onnx: uint8 (n, s, s, 3) in, ``copy`` (12) and ``identity`` (10) out."""
    random = np.random.default_rng(seed)
    inputs = size_px * size_px * 3
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["floats", "flat_shape"], ["flat"]),
        helper.make_node("Sub", ["flat", "mean"], ["centred"]),
    ]
    weights = [
        numpy_helper.from_array(np.array([-1, inputs]), "flat_shape"),
        numpy_helper.from_array(np.array(100, np.float32), "mean"),
    ]
    for name, dimension in (("copy", 12), ("identity", 10)):
        matrix = random.normal(size=(inputs, dimension)).astype(np.float32)
        weights.append(numpy_helper.from_array(matrix, f"{name}_weights"))
        nodes.append(helper.make_node("MatMul", ["centred", f"{name}_weights"], [name]))
    graph = helper.make_graph(
        nodes,
        "lite",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", size_px, size_px, 3])],
        [
            helper.make_tensor_value_info("copy", TensorProto.FLOAT, ["n", 12]),
            helper.make_tensor_value_info("identity", TensorProto.FLOAT, ["n", 10]),
        ],
        weights,
    )
    _save(graph, path, {"version": version} if version else {})
    return path


def _save(graph: onnx.GraphProto, path: Path, metadata: dict[str, str]) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)
