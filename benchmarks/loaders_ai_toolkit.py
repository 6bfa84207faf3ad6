"""Which pictures ostris/ai-toolkit itself would train on, with which captions, how often.

    PYTHON benchmarks/loaders_ai_toolkit.py CHECKOUT JOBS.json RESULTS.json

Started by `loaders` with the interpreter that has ai-toolkit's packages; nothing of `screening` is
imported. Runs ``toolkit.config.get_config``, the lines of ``BaseSDTrainProcess`` that make the
data-set configs, and ``get_dataloader_from_datasets``; the model is a stand-in of a few settings.
"""

# ruff: noqa: PLC0415, PTH100 - the trainer's modules come from its checkout; links stay links

import json
import os
import random
import sys
import types
from collections import Counter
from pathlib import Path
from typing import Any

DRAWS = 30
PATHS_BESIDE = {"control_path": "control", "mask_path": "mask", "inpaint_path": "control",
                "unconditional_path": "control", "clip_image_path": "control"}  # fmt: skip


def main() -> None:
    checkout, jobs, results = map(Path, sys.argv[1:4])
    sys.path.insert(0, str(checkout))
    import diffusers
    import transformers

    _ = transformers.CLIPImageProcessor, diffusers.AutoencoderKL
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))  # no sound is read
    import toolkit.config
    import toolkit.config_modules
    import toolkit.data_loader

    found = []
    for job in json.loads(jobs.read_text()):
        os.chdir(job["folder"])
        random.seed(0)
        try:
            found.append({"pictures": _pictures(toolkit, job["arguments"]["config"])})
        except (Exception, SystemExit) as error:  # whatever it is, nothing trains
            found.append({"refused": f"{type(error).__name__}: {error}"[:300]})
    results.write_text(json.dumps(found))


def _pictures(toolkit: Any, path: str) -> list[dict[str, Any]]:
    config = toolkit.config.get_config(path)
    pictures = []
    for process in config["config"]["process"]:
        raw = toolkit.config_modules.preprocess_dataset_raw_config(process.get("datasets") or [])
        groups: dict[bool, list[Any]] = {}
        for each in raw:
            data_set = toolkit.config_modules.DatasetConfig(**each)
            if data_set.trigger_word is None and process.get("trigger_word") is not None:
                data_set.trigger_word = process["trigger_word"]
            data_set.num_workers = 0
            groups.setdefault(bool(data_set.is_reg), []).append(data_set)
        for is_reg, configs in groups.items():
            loader = toolkit.data_loader.get_dataloader_from_datasets(configs, 1, _model())
            role = "regularisation" if is_reg else "train"
            for data_set in loader.dataset.datasets:
                pictures += _of_data_set(data_set, role)
    return pictures


def _of_data_set(data_set: Any, role: str) -> list[dict[str, Any]]:
    captions: dict[str, set[str]] = {}
    beside = set()
    repeats = Counter(each.path for each in data_set.file_list)
    for item in {each.path: each for each in data_set.file_list}.values():
        said = captions.setdefault(item.path, set())
        for _ in range(DRAWS):
            item.raw_caption = None
            item.load_caption(data_set.caption_dict)
            said |= {each for each in (item.caption, item.caption_short) if each is not None}
        for name, other in PATHS_BESIDE.items():
            value = getattr(item, name, None)
            values = value if isinstance(value, list) else [value]
            beside |= {(each, other) for each in values if isinstance(each, str)}
    pictures = [
        {
            "path": os.path.abspath(path),
            "captions": sorted(said),
            "repeats": repeats[path],
            "role": role,
        }
        for path, said in captions.items()
    ]
    return pictures + [{"path": os.path.abspath(p), "role": r} for p, r in sorted(beside)]


def _model() -> Any:
    import torch

    return types.SimpleNamespace(
        get_bucket_divisibility=lambda: 8,
        device="cpu",
        device_torch=torch.device("cpu"),
        torch_dtype=torch.float32,
        set_device_state_preset=lambda _: None,
        restore_device_state=lambda: None,
        encode_images=lambda images: torch.zeros(len(images), 4, 8, 8),
        model_config=types.SimpleNamespace(latent_space_version="flux1", arch="flux"),
        latent_space_version="flux1",
        vae=None,
        unet=None,
        adapter=None,
        is_xl=False,
        is_vega=False,
        is_ssd=False,
        is_audio_model=False,
        use_raw_control_images=False,
        encode_control_in_text_embeddings=False,
        text_embedding_space_version="flux1",
        te_padding_side="right",
    )


if __name__ == "__main__":
    main()
