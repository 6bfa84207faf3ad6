"""Write the network as the ONNX graph that the package ships."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from lite_training.network import COPY_DIMENSIONS, IDENTITY_DIMENSIONS, SIZE_PX, Lite

OPSET = 18

HALF_FROM_ELEMENTS = 256
"""Weights with fewer elements stay float32: biases, and what the heads need exactly."""


class Graph(nn.Module):
    """The network over what the package hands over: (n, s, s, 3) uint8 RGB, s in 32s."""

    def __init__(self, model: Lite) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return `identity`, `copy` and `regions`."""
        identity, copy, regions = self.model(pixels.permute(0, 3, 1, 2).float())
        return identity, copy, regions


def export(model: Lite, version: str) -> onnx.ModelProto:
    """Write the model without any trace of this machine, weights as halves."""
    names = ["identity", "copy", "regions"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lite.onnx"
        torch.onnx.export(
            Graph(model.cpu().eval()),
            (torch.zeros(1, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8),),
            file,
            input_names=["pixels"],
            output_names=names,
            dynamic_axes={
                "pixels": {0: "n", 1: "s", 2: "s"},
                **{name: {0: "n"} for name in names},
            },
            opset_version=OPSET,
            dynamo=False,
        )
        graph_model = onnx.load(file)
    _name_shapes(graph_model.graph)
    _store_halves(graph_model.graph)
    for node in graph_model.graph.node:
        node.doc_string = ""
    graph_model.producer_name, graph_model.producer_version = "screening", version
    helper.set_model_props(
        graph_model,
        {
            "version": version,
            "weights": "scripts/train_lite.py, from EfficientNet-lite0 (Apache-2.0)",
        },
    )
    onnx.checker.check_model(graph_model, full_check=True)
    return graph_model


def _name_shapes(graph: onnx.GraphProto) -> None:
    shapes: dict[str, list[str | int | None]] = {
        "identity": ["n", IDENTITY_DIMENSIONS],
        "copy": ["n", COPY_DIMENSIONS],
        "regions": ["n", 2, "cells", "cells"],
    }
    for output in graph.output:
        shape = shapes[output.name]
        output.CopyFrom(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, shape))


def _store_halves(graph: onnx.GraphProto) -> None:
    """Store large float32 weights as float16 with a cast, which a runtime folds when it loads."""
    casts = []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < HALF_FROM_ELEMENTS:
            continue
        full, half = weights.name, weights.name + ".half"
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [full], f"{full}.cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
