"""What running the trainers' own loaders beside ours (`benchmarks/loaders.py`) has shown."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from layout_samples import layout_of, loaded, write_picture

from screening.packs import TrainingImage, open_arguments, open_pack


def images_of(config: Path, **asked: str) -> dict[str, TrainingImage]:
    layout = layout_of(open_pack(config, **asked))
    assert layout.unscreened == ()
    return {each.path.rpartition("/")[2]: each for each in layout.images}


def sd_scripts(folder: Path, *datasets: list[dict[str, Any]]) -> Path:
    told = [{"subsets": [{"image_dir": str(folder / "img"), **each} for each in subsets]}
            for subsets in datasets]  # fmt: skip
    config = folder / "dataset.json"
    config.write_text(json.dumps({"datasets": told}))
    return config


@pytest.mark.parametrize("odd", ["\u2028", "\x85"])
def test_a_line_ends_where_a_file_s_line_ends(odd: str, tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "img" / "a.txt").write_text(f"one{odd}two\nnext", encoding="utf-8")
    config = sd_scripts(tmp_path, [{"caption_extension": ".txt"}])
    assert images_of(config)["a.png"].captions[0] == f"one{odd}two"


@pytest.mark.parametrize("key", ["metadata_file", "image_jsonl_file"])
def test_json_lines_may_hold_odd_ends_of_lines(key: str, tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "img" / "a.png")
    row = {"image_path": str(picture), "caption": "one\u2028two"}
    lines = tmp_path / "rows.jsonl"
    lines.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    if key == "metadata_file":
        config = sd_scripts(tmp_path, [{key: str(lines)}])
    else:
        config = tmp_path / "dataset.json"
        config.write_text(json.dumps({"datasets": [{key: str(lines)}]}))
    assert images_of(config)["a.png"].captions == ("one\u2028two",)


def test_each_data_set_has_its_own_class_tokens(tmp_path: Path) -> None:
    """A picture that has a caption in one data set may have none in another."""
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "img" / "a.txt").write_text("beside")
    config = sd_scripts(
        tmp_path,
        [{"caption_extension": ".txt"}],
        [{"caption_extension": ".other", "class_tokens": "girl", "caption_prefix": "sks"}],
    )
    assert images_of(config)["a.png"].captions == ("beside", "sks girl")


def test_a_subset_named_twice_in_a_data_set_counts_once(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    both = [{"num_repeats": 3}, {"num_repeats": 5}]
    assert images_of(sd_scripts(tmp_path, both))["a.png"].repeats == 3
    assert images_of(sd_scripts(tmp_path, [{"num_repeats": 0}, both[1]]))["a.png"].repeats == 5
    assert images_of(sd_scripts(tmp_path, *([each] for each in both)))["a.png"].repeats == 8


def test_what_only_a_repeated_subset_names_is_not_loaded(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    other = write_picture(tmp_path / "other" / "b.png")
    cache = {str(other): {"caption": "x", "resolution": [64, 64]}}
    (tmp_path / "img" / "metadata_cache.json").write_text(json.dumps(cache))
    config = sd_scripts(tmp_path, [{}, {"cache_info": True}])
    images = images_of(config)
    assert images.keys() == {"a.png", "b.png"}
    assert [name for name, image in images.items() if image.loaded] == ["a.png"]


def test_an_empty_separator_joins_the_parts_of_a_name(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "img" / "a.txt").write_text("el;;;sa")
    settings = {"caption_extension": ".txt", "secondary_separator": ";;;", "caption_separator": ""}
    assert images_of(sd_scripts(tmp_path, [settings]))["a.png"].captions[0] == "elsa"


def test_tags_are_taken_apart_at_any_separator(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "img" / "a.png")
    entry = {str(picture): {"caption": "a girl", "tags": "elsa"}}
    (tmp_path / "m.json").write_text(json.dumps(entry))
    settings = {"metadata_file": str(tmp_path / "m.json"), "caption_separator": "x"}
    captions = images_of(sd_scripts(tmp_path, [settings]))["a.png"].captions
    assert captions == ("a girlxelsa", "a girl, elsa")


@pytest.mark.parametrize("route", ["config", "arguments"])
def test_a_caption_above_the_folder_is_read(route: str, tmp_path: Path) -> None:
    """`read_caption` takes four parts from the whole path: the folder's count as well."""
    inside = tmp_path / "da_ta" / "5_girl_x"
    write_picture(inside / "a_b.png")
    (tmp_path / "da.caption").write_text("from above")
    (tmp_path / "unrelated.caption").write_text("not read")
    if route == "config":
        pack = open_pack(sd_scripts(tmp_path, [{"image_dir": str(inside)}]))
    else:
        pack = open_arguments({"train_data_dir": str(inside.parent)}, trainer="sd-scripts")
    layout = layout_of(pack)
    assert [each.captions[0] for each in layout.images] == ["from above"]
    assert not any("unrelated" in member.path for member in pack.read())


def ai_toolkit(folder: Path, **dataset: Any) -> Path:
    process = {"type": "sd_trainer", "datasets": [dataset]}
    config = folder / "job.json"
    config.write_text(json.dumps({"job": "x", "config": {"name": "n", "process": [process]}}))
    return config


@pytest.mark.parametrize(
    ("flips", "times"),
    [({"flip_x": True}, 6), ({"flip_x": True, "flip_y": True}, 12), ({"flip_y": False}, 3)],
)
def test_flipped_copies_count(flips: dict[str, bool], times: int, tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    config = ai_toolkit(tmp_path, folder_path=str(tmp_path / "img"), num_repeats=3, **flips)
    assert images_of(config)["a.png"].repeats == times


def test_the_default_caption_is_the_short_one_of_every_picture(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "img" / "a.txt").write_text("long")
    config = ai_toolkit(tmp_path, folder_path=str(tmp_path / "img"), default_caption="short")
    assert images_of(config)["a.png"].captions == ("long", "short")


def test_a_picture_named_without_caption_has_the_one_beside_it(tmp_path: Path) -> None:
    pictures = [write_picture(tmp_path / "img" / name) for name in ("a.png", "b.png")]
    for each in pictures:
        each.with_suffix(".cap").write_text(f"beside {each.stem}")
    entries = {str(pictures[0]): {}, str(pictures[1]): {"caption": "said"}}
    (tmp_path / "data.json").write_text(json.dumps(entries))
    config = ai_toolkit(tmp_path, dataset_path=str(tmp_path / "data.json"), caption_ext="cap")
    images = images_of(config)
    assert images["a.png"].captions == ("beside a",)
    assert images["b.png"].captions == ("said",)


def test_a_picture_with_an_empty_caption_counts_as_often(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "img" / "a.txt").touch()
    dataset = {"image_directory": str(tmp_path / "img"), "caption_extension": ".txt"}
    config = tmp_path / "dataset.json"
    config.write_text(json.dumps({"datasets": [{**dataset, "num_repeats": 4}]}))
    layout = layout_of(open_pack(config))
    assert loaded(layout) == set()
    assert [each.repeats for each in layout.images] == [4]


CARD = "---\ndataset_info:\n  features:\n  - name: picture\n    {}: image\n---\n"


@pytest.mark.parametrize("form", ["dtype", "sequence"])
@pytest.mark.parametrize("table", ["data.jsonl", "data/train.csv", "a.json"])
def test_a_card_that_makes_pictures_of_names_is_unscreened(
    form: str, table: str, tmp_path: Path
) -> None:
    """``datasets`` opens what such a table names wherever it lies, and fetches URLs."""
    write_picture(tmp_path / "a.png")
    (tmp_path / table).parent.mkdir(exist_ok=True)
    (tmp_path / table).write_text('{"picture": "https://elsewhere.example/b.png"}')
    layout = layout_of(open_pack(tmp_path))
    assert not any("makes pictures" in each.reason for each in layout.unscreened)
    (tmp_path / "README.md").write_text(CARD.format(form))
    layout = layout_of(open_pack(tmp_path))
    reason = f"makes pictures of what '{table}' names, and those are not read"
    assert [(each.path, each.reason) for each in layout.unscreened] == [("README.md", reason)]


def test_older_descriptions_of_columns_are_read(tmp_path: Path) -> None:
    features = {"default": {"features": {"picture": {"_type": "Image"}}}}
    (tmp_path / "dataset_infos.json").write_text(json.dumps(features))
    (tmp_path / "data.csv").write_text("picture\n/elsewhere/b.png\n")
    layout = layout_of(open_pack(tmp_path))
    assert [each.path for each in layout.unscreened] == ["dataset_infos.json"]


def test_a_card_beside_pictures_alone_is_no_trouble(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("a caption")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "a.png", "text": "x"}')
    (tmp_path / "README.md").write_text(CARD.format("dtype"))
    assert layout_of(open_pack(tmp_path)).unscreened == ()


def test_a_card_that_reads_captions_as_pictures_is_unscreened(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("https://elsewhere.example/b.png")
    card = CARD.format("dtype").replace("---\nd", "---\nconfigs:\n- data_files: '*.txt'\nd")
    (tmp_path / "README.md").write_text(card)
    layout = layout_of(open_pack(tmp_path))
    assert [each.path for each in layout.unscreened] == ["README.md"]


def test_a_path_in_parquet_without_any_bytes_is_told(tmp_path: Path) -> None:
    cells = [{"bytes": None, "path": "/elsewhere/b.png"}]
    pq.write_table(pa.table({"image": cells, "text": ["x"]}), tmp_path / "train.parquet")
    layout = layout_of(open_pack(tmp_path))
    assert ["outside the pack" in each.reason for each in layout.unscreened] == [True]


def test_a_card_makes_pictures_of_parquet_without_any(tmp_path: Path) -> None:
    table = pa.table({"picture": ["https://elsewhere.example/b.png"], "text": ["x"]})
    pq.write_table(table, tmp_path / "train.parquet")
    (tmp_path / "README.md").write_text(CARD.format("dtype"))
    layout = layout_of(open_pack(tmp_path))
    assert [each.path for each in layout.unscreened] == ["README.md"]
