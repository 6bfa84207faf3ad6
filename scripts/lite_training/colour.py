"""Soft Lab histograms, over the whole picture and over its regions."""

import torch
from torch import Tensor, nn

POOL_PX = 4
"""The histogram sees means over 4 x 4 px: a region map's cell holds 4 x 4 of them."""

LIGHTNESS_BINS, CHROMA_BINS = 5, 7
BINS = LIGHTNESS_BINS * CHROMA_BINS**2

CHROMA_LIMIT = 60.0
"""Lab a and b beyond this are rare; they count in the outermost bin."""

POWER = 0.35
"""Below the square root of Hellinger's kernel: rare colours tell characters apart."""


class ColourHistogram(nn.Module):
    """Soft joint histograms over Lab: every pixel is shared between its eight nearest bins."""

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

    def forward(self, rgb: Tensor, regions: Tensor) -> Tensor:
        """Histograms of `rgb` (n, 3, s, s) in 0-255: everywhere, then weighted by each region.

        `regions`: (n, r, s/16, s/16) in 0-1. Returns (n, (1 + r) * 245), each part a unit row.
        """
        small = nn.functional.avg_pool2d(rgb, POOL_PX) / 255.0
        pixels = small.flatten(2).transpose(1, 2)
        linear = torch.where(pixels > 0.04045, ((pixels + 0.055) / 1.055) ** 2.4, pixels / 12.92)
        xyz = linear @ self.matrix.T
        root = torch.where(xyz > 0.008856, xyz.clamp_min(1e-6) ** (1 / 3), 7.787 * xyz + 16 / 116)
        x, y, z = root.unbind(2)
        lightness = _memberships(1.16 * y - 0.16, LIGHTNESS_BINS)
        green_red = _memberships(500 * (x - y) / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
        blue_yellow = _memberships(200 * (y - z) / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
        pairs = (lightness.unsqueeze(3) * green_red.unsqueeze(2)).flatten(2)
        weights = nn.functional.interpolate(regions, scale_factor=16 // POOL_PX, mode="nearest")
        weights = weights.flatten(2) + 1e-3
        everywhere = torch.ones_like(weights[:, :1])
        parts = []
        for weight in torch.cat([everywhere, weights], 1).unbind(1):
            share = weight / weight.sum(1, keepdim=True)
            counts = (pairs * share.unsqueeze(2)).transpose(1, 2) @ blue_yellow
            powered = counts.flatten(1).clamp_min(1e-12) ** POWER
            parts.append(powered / torch.linalg.vector_norm(powered, dim=1, keepdim=True))
        return torch.cat(parts, 1)


def _memberships(values: Tensor, bins: int) -> Tensor:
    """Share of each value (n, p), in 0-1, in each of `bins` evenly spread bins: (n, p, bins)."""
    centres = torch.arange(bins, dtype=torch.float32, device=values.device)
    distance = values.clamp(0.0, 1.0).unsqueeze(2) * (bins - 1) - centres
    return (1.0 - distance.abs()).clamp_min(0.0)
