"""Small models that embed pictures, for tests of the embedders: ONNX graphs and an OpenCLIP."""

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

TINY_CLIP = "tiny-clip"
TINY_CLIP_CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 64, "heads": 1, "layers": 1},
}


def pictures(count: int, size_px: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Blotches of colour: (count, size_px, size_px, 3) uint8, all different."""
    random = np.random.default_rng(seed)
    few = random.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    index = np.arange(size_px) * 8 // size_px
    return np.ascontiguousarray(few[:, index][:, :, index])


def write_lite_graph(path: Path, *, seed: int = 0, version: str | None = None) -> Path:
    """A stand-in for lite.onnx: uint8 (n, s, s, 3) in, ``copy`` (12), ``identity`` (10), maps out.

    ``regions`` (n, 2, 2, 2) are high everywhere in some pictures and low in others.
    """
    side, inputs = 8, 8 * 8 * 3
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Resize", ["floats", "", "", "small"], ["resized"], axes=[1, 2]),
        helper.make_node("Reshape", ["resized", "flat_shape"], ["flat"]),
        helper.make_node("Sub", ["flat", "mean"], ["centred"]),
        helper.make_node("Sigmoid", ["cells"], ["sure"]),
        helper.make_node("Reshape", ["sure", "maps_shape"], ["regions"]),
    ]
    weights = [
        numpy_helper.from_array(np.array([side, side]), "small"),
        numpy_helper.from_array(np.array([-1, inputs]), "flat_shape"),
        numpy_helper.from_array(np.array([-1, 2, 2, 2]), "maps_shape"),
        numpy_helper.from_array(np.array(100, np.float32), "mean"),
    ]
    free = ["n", "s", "s", 3]
    outputs = [helper.make_tensor_value_info("regions", TensorProto.FLOAT, ["n", 2, 2, 2])]
    random = np.random.default_rng(seed)
    for name, dimension in (("copy", 12), ("identity", 10), ("cells", 8)):
        matrix = random.normal(size=(inputs, dimension)).astype(np.float32)
        weights.append(numpy_helper.from_array(matrix, f"{name}_weights"))
        nodes.insert(4, helper.make_node("MatMul", ["centred", f"{name}_weights"], [name]))
        if name != "cells":
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", dimension]))
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, free)
    graph = helper.make_graph(nodes, "lite", [pixels], outputs, weights)
    return save_graph(graph, path, {"version": version} if version else {})


def write_pooling_graph(
    path: Path, *, layout: str = "nchw", batch: int | str = "n", factor: float = 1.0
) -> Path:
    """float32 in, ``embedding`` out: the mean of each channel over each quarter, (n, 12)."""
    shape = [batch, 3, 8, 8] if layout == "nchw" else [batch, 8, 8, 3]
    nodes = [
        helper.make_node("Mul", ["picture", "factor"], ["scaled"]),
        helper.make_node(
            "Transpose",
            ["scaled"],
            ["nchw"],
            perm=[0, 1, 2, 3] if layout == "nchw" else [0, 3, 1, 2],
        ),
        helper.make_node("AveragePool", ["nchw"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "pooling",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, 12]),
            helper.make_tensor_value_info("pooled", TensorProto.FLOAT, [batch, 3, 2, 2]),
        ],
        [numpy_helper.from_array(np.array(factor, np.float32), "factor")],
    )
    return save_graph(graph, path, {})


def save_graph(graph: onnx.GraphProto, path: Path, metadata: dict[str, str]) -> Path:
    """Write ``graph`` as a checked model with ``metadata``; the path."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def write_clip_checkpoint(path: Path, *, seed: int = 0) -> Path:
    """A random checkpoint of TINY_CLIP, which OpenCLIP knows afterwards; `.pt` or safetensors."""
    import open_clip  # noqa: PLC0415 - seconds
    import torch  # noqa: PLC0415
    from safetensors.torch import save_file  # noqa: PLC0415

    if TINY_CLIP not in open_clip.list_models():
        config = path.parent / f"{TINY_CLIP}.json"
        config.write_text(json.dumps(TINY_CLIP_CONFIG))
        open_clip.add_model_config(config)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        weights = open_clip.create_model(TINY_CLIP).state_dict()
    if path.suffix == ".safetensors":
        save_file(weights, path)
    else:
        torch.save({"state_dict": weights}, path)
    return path
