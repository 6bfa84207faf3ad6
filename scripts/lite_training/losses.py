"""What the outputs learn from. Rows are unit vectors; every loss is a mean over rows."""

import torch
from torch import Tensor, nn


def supervised_contrast(rows: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, L_out) of rows (n, d), labels (n,)."""
    scores = rows @ rows.T / temperature
    itself = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    same = (labels[:, None] == labels[None, :]) & ~itself
    log_share = scores - torch.logsumexp(scores.masked_fill(itself, -1e9), 1, keepdim=True)
    counted = same.sum(1)
    per_row = -(log_share * same).sum(1) / counted.clamp_min(1)
    return per_row[counted > 0].mean()


class MarginSoftmax(nn.Module):
    """CosFace (Wang et al. 2018): one centre a character, a margin on the true one's cosine."""

    def __init__(self, dimension: int, characters: int, scale: float, margin: float) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(characters, dimension) * 0.05)
        self.scale, self.margin = scale, margin

    def forward(self, rows: Tensor, labels: Tensor) -> Tensor:
        scores = rows @ nn.functional.normalize(self.centres).T
        own = nn.functional.one_hot(labels, scores.shape[1])
        logits = self.scale * (scores - self.margin * own)
        return nn.functional.cross_entropy(logits, labels)


def instance_contrast(
    copies: Tensor, originals: Tensor, others: Tensor, pictures: Tensor, temperature: float
) -> Tensor:
    """InfoNCE of each copy (n, d) with its own original (n, d) against all others and `others`.

    `pictures` (n,) numbers the picture of each row: another view of the same picture is not an
    "other".
    """
    scores = copies @ originals.T
    twins = pictures[:, None] == pictures[None, :]
    itself = torch.eye(len(copies), dtype=torch.bool, device=copies.device)
    scores = scores.masked_fill(twins & ~itself, -1e9)
    logits = torch.cat([scores, copies @ others.T], 1) / temperature
    return nn.functional.cross_entropy(logits, torch.arange(len(copies), device=copies.device))


def spread(rows: Tensor) -> Tensor:
    """Differential entropy regulariser of SSCD (Pizzi et al. 2022): far from one's nearest."""
    with torch.no_grad():
        scores = rows @ rows.T
        scores.fill_diagonal_(-2.0)
        nearest = scores.argmax(1)
    distance = torch.linalg.vector_norm(rows - rows[nearest] + 1e-6, dim=1)
    return -torch.log(distance.clamp_min(1e-4)).mean()


def regions_loss(maps: Tensor, truth: Tensor) -> Tensor:
    """Binary cross entropy of maps (n, 2, h, w) where `truth` is known (not NaN)."""
    known = ~torch.isnan(truth)
    if not bool(known.any()):
        return maps.sum() * 0.0
    wanted = torch.where(known, truth, torch.zeros_like(truth))
    each = nn.functional.binary_cross_entropy(maps.clamp(1e-5, 1 - 1e-5), wanted, reduction="none")
    return (each * known).sum() / known.sum()
