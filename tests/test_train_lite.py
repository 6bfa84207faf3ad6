"""The training of `lite`, on a handful of pictures: every part runs, and learns what it should."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from art_packages.package import Use
from lite_training.augmentation import copy_view, plain_view
from lite_training.batches import CHARACTERS, GENERATED, VIEWS, Batches
from lite_training.evaluation import TuneSet, _auc
from lite_training.export import export
from lite_training.families import FAMILIES, sources_of
from lite_training.losses import (
    MarginSoftmax,
    instance_contrast,
    regions_loss,
    spread,
    supervised_contrast,
)
from lite_training.network import SIZE_PX, fit_heads
from lite_training.network import Lite as Network
from lite_training.pictures import SIDE_PX, Labelled, Pictures, read_art, write
from lite_training.training import Recipe, Training
from train_lite import drawn

from screening.embedders.lite import Lite


def labelled(number: int, picture: int, source: str) -> Labelled:
    rng = np.random.default_rng((number, picture))
    pixels = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 4)).astype(np.uint8)
    pixels[..., :3] //= 2
    pixels[..., number % 3] += 100
    pixels[..., 3] = 255
    box = (0.25, 0.25, 0.75, 0.5)
    return Labelled(pixels, source, f"{source}-{number}", head=box, figure=box)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    folder = tmp_path_factory.mktemp("pictures")
    everything = [
        labelled(number, picture, source)
        for source in (GENERATED, "emoji-a")
        for number in range(16)
        for picture in range(3)
    ]
    assert write(folder, everything) == 96
    return Pictures(folder)


@pytest.fixture(scope="module")
def batches(pictures: Pictures) -> Batches:
    families = {GENERATED: ([GENERATED], 0.0), "emoji": (["emoji-a"], 1.0)}
    return Batches(pictures, families, side_px=64, seed=3)


@pytest.fixture(scope="module")
def model() -> Network:
    torch.manual_seed(0)
    return Network().eval()


def test_pictures_come_back_as_they_were_written(pictures: Pictures) -> None:
    again = labelled(5, 2, "emoji-a")
    row = 16 * 3 + 5 * 3 + 2
    assert np.array_equal(pictures.pixels[row], again.pixels)
    assert pictures.character_names[pictures.characters[row]] == "emoji-a-5"
    assert pictures.source_names[pictures.sources[row]] == "emoji-a"
    assert pictures.heads[row] == pytest.approx(again.head)


def test_art_is_fitted_without_its_transparent_border(tmp_path: Path) -> None:
    folder = tmp_path / "hands" / "elf"
    folder.mkdir(parents=True)
    sprite = Image.new("RGBA", (100, 100))
    ImageDraw.Draw(sprite).rectangle((40, 20, 59, 59), fill=(200, 10, 10, 255))
    sprite.save(folder / "a.png")
    Image.new("RGBA", (50, 50)).save(folder / "empty.png")
    (folder / "LICENCE").write_text("CC0")
    [picture] = read_art(tmp_path, "hands", ["elf"])
    assert picture.figure == pytest.approx((0.25, 0.0, 0.75, 1.0))
    assert tuple(picture.pixels[96, 96]) == (200, 10, 10, 255)
    assert picture.pixels[96, 10, 3] == 0


def test_a_step_has_one_batch(batches: Batches) -> None:
    first, again, other = batches[4], batches[4], batches[5]
    assert torch.equal(first.views, again.views)
    assert torch.equal(first.copies, again.copies)
    assert not torch.equal(first.views, other.views)


def test_a_batch_has_four_views_of_every_character_and_maps_of_its_boxes(batches: Batches) -> None:
    batch = batches[0]
    assert batch.views.shape == (CHARACTERS * VIEWS, 64, 64, 3)
    _, counts = batch.characters.unique(return_counts=True)
    assert counts.tolist() == [VIEWS] * CHARACTERS
    known = batch.maps[: CHARACTERS * (VIEWS - 1)]
    assert not torch.isnan(known).any()
    assert 0 < known.mean() < 1
    assert torch.isnan(batch.maps[-CHARACTERS:]).all()


def test_a_copy_shows_its_original(pictures: Pictures) -> None:
    rng = np.random.default_rng(0)
    closer = 0
    for row in range(20):
        original = plain_view(pictures, row, 255.0, 96).astype(float)
        other = plain_view(pictures, row + 1, 255.0, 96).astype(float)
        copy = copy_view(pictures, row, 255.0, 96, rng).astype(float)
        assert copy.shape == (96, 96, 3)
        means = [each.mean((0, 1)) for each in (original, other, copy)]
        closer += np.abs(means[2] - means[0]).sum() <= np.abs(means[2] - means[1]).sum()
    assert closer >= 8


def test_contrast_is_lower_where_same_characters_are_close() -> None:
    apart = torch.eye(4)
    together = torch.tensor([[1.0, 0, 0, 0], [1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 1.0, 0, 0]])
    labels = torch.tensor([0, 0, 1, 1])
    assert supervised_contrast(together, labels, 0.1) < supervised_contrast(apart, labels, 0.1)
    # Two rows, one pair: nothing to tell apart, so the loss is log 1.
    assert supervised_contrast(apart[:2], labels[:2], 0.1) == pytest.approx(0.0, abs=1e-6)


def test_the_margin_makes_the_true_character_harder() -> None:
    rows, labels = torch.eye(3)[:2], torch.tensor([0, 1])
    losses = []
    for margin in (0.0, 0.3):
        softmax = MarginSoftmax(3, 2, 10.0, margin)
        with torch.no_grad():
            softmax.centres.copy_(torch.eye(3)[:2])
        losses.append(float(softmax(rows, labels).detach()))
    assert losses[0] < losses[1]


def test_a_copy_is_not_told_from_another_view_of_its_own_picture() -> None:
    rows = torch.nn.functional.normalize(torch.randn(3, 8, generator=torch.manual_seed(1)))
    others = torch.zeros(1, 8)
    twins = instance_contrast(rows, rows[[0, 0, 2]], others, torch.tensor([0, 0, 2]), 0.1)
    strangers = instance_contrast(rows, rows[[0, 0, 2]], others, torch.tensor([0, 1, 2]), 0.1)
    assert twins < strangers


def test_spread_is_lower_where_rows_lie_apart() -> None:
    assert spread(torch.eye(4)) < spread(torch.tensor([[1.0, 0.0], [0.999, 0.0447]]))


def test_unknown_maps_teach_nothing() -> None:
    maps = torch.full((2, 2, 4, 4), 0.5, requires_grad=True)
    truth = torch.full((2, 2, 4, 4), torch.nan)
    assert float(regions_loss(maps, truth).detach()) == 0.0
    truth[0, 0] = 1.0
    regions_loss(maps, truth).backward()
    assert maps.grad is not None
    assert (maps.grad[0, 0] < 0).all()
    assert (maps.grad[1] == 0).all()


def test_training_lowers_the_losses_and_goes_on_where_it_stopped(
    batches: Batches, tmp_path: Path
) -> None:
    def fresh() -> Training:
        torch.manual_seed(0)
        return Training(Network().eval(), 32, Recipe(steps=20, warmup_steps=1), "cpu")

    training = fresh()
    first = training.take_step(batches[0])
    training.save(tmp_path / "checkpoint.pt")
    second = training.take_step(batches[0])
    assert second["identity"] < first["identity"]
    assert second["regions"] < first["regions"]
    resumed = fresh()
    resumed.load(tmp_path / "checkpoint.pt")
    assert resumed.step == 1
    assert resumed.take_step(batches[0]) == pytest.approx(second, rel=1e-4)


def test_another_recipes_checkpoint_is_refused(tmp_path: Path, model: Network) -> None:
    Training(model, 4, Recipe(steps=1), "cpu").save(tmp_path / "c.pt")
    with pytest.raises(ValueError, match="another recipe"):
        Training(model, 4, Recipe(steps=2), "cpu").load(tmp_path / "c.pt")


@pytest.mark.filterwarnings("ignore")  # the exporter warns of itself
def test_the_exported_graph_answers_as_the_network_does(model: Network, tmp_path: Path) -> None:
    generator = torch.manual_seed(2)
    rows = torch.rand(64, 1, generator=generator)
    features = [
        rows * torch.rand(1, head.in_features) + 0.1 * torch.rand(64, head.in_features)
        for head in (model.shape_head, model.copy_head, model.colour_head)
    ]
    fit_heads(model, *features)
    file = tmp_path / "lite.onnx"
    file.write_bytes(export(model, "test").SerializeToString())
    assert Lite(threads=1, graph=file).version.startswith("lite test ")
    session = onnxruntime.InferenceSession(file)
    pixels = np.random.default_rng(0).integers(0, 256, (2, SIZE_PX, SIZE_PX, 3)).astype(np.uint8)
    names = ("identity", "copy", "regions")
    closer = np.ascontiguousarray(pixels[:, :160, :160])
    assert session.run(["regions"], {"pixels": closer})[0].shape == (2, 2, 10, 10)
    found = dict(zip(names, session.run(names, {"pixels": pixels}), strict=True))
    with torch.no_grad():
        expected = model(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
    for name, wanted in zip(names, expected, strict=True):
        flat = [np.asarray(each, np.float64).reshape(2, -1) for each in (found[name], wanted)]
        cosine = (flat[0] * flat[1]).sum(1) / np.prod([np.linalg.norm(f, axis=1) for f in flat], 0)
        # The bound for a quantised file: halves of weights keep far more.
        assert cosine.min() > 0.995


def test_a_compressed_identity_keeps_cosines() -> None:
    network = Network().eval()
    few = torch.randn(60, 448, generator=torch.manual_seed(4))
    rows = torch.nn.functional.normalize(torch.randn(500, 60) @ few + 3)
    network.compress_identity(rows)
    kept = rows @ network.identity_axes
    assert (rows @ rows.T - kept @ kept.T).abs().max() < 1e-3


def test_whitened_copies_have_no_direction_in_common() -> None:
    network = Network().eval()
    generator = torch.manual_seed(4)
    rows = torch.randn(500, 256, generator=generator) * torch.linspace(0.1, 2, 256) + 1
    rows = torch.nn.functional.normalize(rows)
    network.whiten_copies(rows)
    whitened = (rows - network.copy_mean) @ network.copy_axes
    spread_of = torch.linalg.eigvalsh(torch.cov(whitened.T))
    assert spread_of.max() / spread_of.min() < 1.2
    assert whitened.mean(0).abs().max() < 1e-3


def test_tune_figures_of_a_perfect_and_a_blind_ranking() -> None:
    high, low = np.array([0.9, 0.8], np.float32), np.array([0.1, 0.2, 0.3], np.float32)
    assert _auc(high, low) == 1.0
    assert _auc(low, high) == 0.0
    assert _auc(np.ones(2, np.float32), np.ones(3, np.float32)) == 0.5


def test_tune_figures_are_shares(pictures: Pictures, model: Network) -> None:
    tune = TuneSet(pictures, {GENERATED: [GENERATED], "emoji": ["emoji-a"]})
    figures = tune.judge(model, "cpu")
    assert {"generated.nn", "emoji.auc", "copy.top1"} <= set(figures)
    assert all(0 <= value <= 1 for value in figures.values())


def test_held_out_and_protected_sources_are_in_no_family(tmp_path: Path) -> None:
    for name, use in (
        ("dicebear-micah", Use.TRAINING),
        ("dicebear-lorelei", Use.TRAINING),
        ("arcade", Use.TRAINING),
        ("emoji-a", Use.TRAINING),
        ("emoji-of-others", Use.EVALUATION_ONLY),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "LICENCE").write_text(f"use: {use.value}\n")
    found = {source for family in FAMILIES.values() for source in sources_of(family, tmp_path)}
    assert found == {"dicebear-micah", "emoji-a"}


def test_art_that_does_not_say_what_it_may_be_used_for_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "emoji-a").mkdir()
    with pytest.raises(ValueError, match="does not say"):
        sources_of(FAMILIES["emoji"], tmp_path)


def test_a_drawn_look_alike_is_another_character_than_the_one_before_it() -> None:
    first, twin = drawn(40, 2), drawn(40, 3)
    assert first[0].source == twin[0].source == GENERATED
    assert twin[0].character == first[0].character + "~"
    assert first[0].pixels.shape == (SIDE_PX, SIDE_PX, 4)
    assert all(np.isfinite(picture.figure).all() for picture in first)
