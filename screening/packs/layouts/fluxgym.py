"""cocktailpeanut/fluxgym: the ``dataset.toml`` that it writes for sd-scripts.

From ``app.py`` at 678add2 (``gen_toml``): one flat folder, captions in ``.txt``, ``class_tokens``
is the trigger word, one token kept; at most 150 pictures, which ``create_dataset`` resizes.
"""

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, is_table
from screening.packs.layouts.sd_scripts import SdScriptsLayout
from screening.packs.layouts.sd_scripts_config import is_dataset_config, plan_dataset_config

GENERAL = {"shuffle_caption": False, "caption_extension": ".txt", "keep_tokens": 1}
DATASET_KEYS = frozenset({"resolution", "batch_size", "keep_tokens", "subsets"})
SUBSET_KEYS = frozenset({"image_dir", "class_tokens", "num_repeats"})


class FluxGymLayout:
    """A dataset config of sd-scripts whose class token is the trigger word."""

    trainer = "fluxgym"

    def plan(self, config: Config) -> Plan | None:
        if not is_fluxgym(config):
            return None
        plan = plan_dataset_config(config)
        plan.trigger_words, plan.class_tokens = plan.class_tokens, []
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        SdScriptsLayout().take(source, path, listing, findings)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        return findings


def is_fluxgym(config: Config) -> bool:
    """Whether ``config`` is what ``gen_toml`` writes, and nothing beside it."""
    document = config.document
    if not is_dataset_config(document) or document.get("general") != GENERAL:
        return False
    return len(document["datasets"]) == 1 and all(
        is_table(dataset)
        and dataset.keys() == DATASET_KEYS
        and isinstance(dataset["subsets"], list)
        and all(is_table(each) and each.keys() == SUBSET_KEYS for each in dataset["subsets"])
        for dataset in document["datasets"]
    )
