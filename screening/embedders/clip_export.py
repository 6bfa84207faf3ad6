"""From an OpenCLIP image tower in torch to an ONNX graph in the cache."""

import threading
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from screening.embedders.clip_cache import GRAPH, Export, export_folder, making, publish
from screening.embedders.clip_tower import ImageTower, load_tower
from screening.embedders.embedder import unit_rows
from screening.embedders.onnx_runtime import Graph
from screening.errors import EmbedderError
from screening.settings import ClipSettings

OUTPUT = "image"
# Smallest cosine between torch's vector and the graph's at which an export is published. fp32
# differs by rounding alone (measured: above .99999 for ViT-B-32-256), int8 by its 8 bits.
LEAST_COSINE = {"fp32": 0.999, "int8": 0.95}
PROBES = 3

# torch.export keeps process-wide state and fails when two threads are in it.
EXPORTER = threading.Lock()


def export(settings: ClipSettings, precision: str, *, replace: bool = False) -> Export:
    """Export the configured image tower as ``fp32`` or ``int8`` and publish it in the cache.

    One that is there already is returned, unless it is to ``replace``. Raises what `load_tower`
    raises, and EmbedderError where the graph cannot be made or its vectors are not the tower's.
    """
    target = export_folder(settings, precision)
    with EXPORTER:
        if target.exists() and not replace:
            return Export.read(target)
        return _export(settings, precision, target, replace=replace)


def _export(settings: ClipSettings, precision: str, target: Path, *, replace: bool) -> Export:
    loaded = load_tower(settings)
    side = loaded.preprocessing.size_px
    with making(target) as folder:
        made = folder / "export"
        made.mkdir()
        if precision == "int8":
            floats = folder / "floats"
            floats.mkdir()
            _export_tower(loaded.tower, side, floats / GRAPH)
            _quantize(floats / GRAPH, made / GRAPH)
        else:
            _export_tower(loaded.tower, side, made / GRAPH)
        _check(loaded.tower, side, made / GRAPH, precision)
        description = loaded.describe(backend="onnx", precision=precision)
        return publish(made, target, description, replace=replace)


def _export_tower(tower: ImageTower, side: int, path: Path) -> None:
    pixels = torch.zeros((1, side, side, 3), dtype=torch.uint8)
    try:
        with torch.inference_mode():
            torch.onnx.export(
                tower,
                (pixels,),
                path,
                input_names=["pixels"],
                output_names=[OUTPUT],
                dynamo=True,
                external_data=True,  # a protobuf holds no more than 2 GiB
                verbose=False,
            )
    except Exception as error:  # the exporter raises whatever the model's code makes it raise
        cause = str(error.__cause__ or error).partition("\n")[0]
        raise EmbedderError(f"clip: the image tower cannot be exported: {cause}") from error


def _quantize(floats: Path, path: Path) -> None:
    """Weights to 8 bits per channel, activations as they come; convolutions stay fp32.

    One bit less for the weights: CPUs without VNNI add pairs of products in 16 bits, which
    overflow otherwise (onnxruntime docs, "Quantize ONNX models"). Measured: .9998 not .9999.
    """
    import onnx  # noqa: PLC0415 - slow
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - slow
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415

    # The quantizer transposes the weights of a Gemm, and then trips over their recorded shapes.
    model = onnx.load(floats, load_external_data=False)
    weights = {initializer.name for initializer in model.graph.initializer}
    shapes = [info for info in model.graph.value_info if info.name not in weights]
    del model.graph.value_info[:]
    model.graph.value_info.extend(shapes)
    unrecorded = floats.with_name("unrecorded.onnx")
    onnx.save(model, unrecorded)
    prepared = floats.with_name("prepared.onnx")
    quant_pre_process(
        unrecorded,
        prepared,
        skip_optimization=True,
        skip_symbolic_shape=True,
        save_as_external_data=True,  # a protobuf holds no more than 2 GiB
        all_tensors_to_one_file=True,
    )
    quantize_dynamic(
        prepared,
        path,
        op_types_to_quantize=["MatMul", "Gemm"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        use_external_data_format=True,
    )


def _check(tower: ImageTower, side: int, path: Path, precision: str) -> None:
    """Raises EmbedderError unless the graph's vectors of a few pictures are the tower's."""
    pixels = _probes(side)
    with torch.inference_mode():
        wanted = tower(torch.from_numpy(pixels)).numpy()
    graph = Graph(path, threads=1)
    found = graph.run(pixels, {OUTPUT: graph.dimension(OUTPUT)})[OUTPUT]
    cosines = np.sum(unit_rows(wanted, maker="torch") * unit_rows(found, maker="onnx"), axis=1)
    if cosines.min() < LEAST_COSINE[precision]:
        raise EmbedderError(
            f"clip: the {precision} export is not the model it was made from: cosine "
            f"{cosines.min():.4f}, at least {LEAST_COSINE[precision]} wanted"
        )


def _probes(side: int) -> NDArray[np.uint8]:
    """Blotches of three sizes, always the same: (3, side, side, 3) uint8."""
    random = np.random.default_rng(0)
    pictures = []
    for blotches in (4, 16, 64)[:PROBES]:
        few = random.integers(0, 256, (blotches, blotches, 3), dtype=np.uint8)
        index = np.arange(side) * blotches // side
        pictures.append(few[index][:, index])
    return np.stack(pictures)
