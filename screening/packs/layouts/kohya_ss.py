"""bmaltais/kohya_ss: the JSON or TOML that its window saves, from which it starts sd-scripts.

From ``kohya_gui/lora_gui.py`` at 45088f0: the settings become a ``--config_file`` for sd-scripts
(``train_data_dir``, ``reg_data_dir``, ``dataset_config``, ``caption_extension``, ``.txt`` unless
changed), and ``additional_parameters`` follows it on the command line, where it wins over the file.
"""

import shlex
from dataclasses import replace
from typing import Any

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings, read_configs
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import DataSource, Plan, is_table, shown
from screening.packs.layouts.sd_scripts import SdScriptsLayout, balance
from screening.packs.layouts.sd_scripts_config import ARGUMENT_KEYS, is_arguments, plan_arguments

WINDOW_KEYS = frozenset(
    {"LoRA_type", "additional_parameters", "extra_accelerate_launch_args", "model_list"}
)
"""What the window saves and sd-scripts has no argument for."""


class KohyaSsLayout:
    """The folders and configs of sd-scripts, under the names of the window."""

    trainer = "kohya_ss"

    def plan(self, config: Config) -> Plan | None:
        document = config.document
        if not is_table(document) or WINDOW_KEYS.isdisjoint(document):
            return None
        added = document.get("additional_parameters")
        parameters, trouble = parsed_parameters(added if isinstance(added, str) else "")
        plan = Plan()
        if trouble:
            plan.trouble(trouble)
        for name in parameters:
            if any(each.startswith(name) and each != name for each in ARGUMENT_KEYS) or (
                len(name) > len("c") and "config_file".startswith(name)
            ):
                plan.trouble(f"has {shown(name)} in additional_parameters, which may name data")
        # Both are read: what the parameters take the place of is what the window still shows.
        for each in (document, document | parameters if parameters else {}):
            if is_arguments(each):
                told = plan_arguments(replace(config, document=each), default_extension=".txt")
                if told is not None:
                    plan.merge(told)
        if not plan.sources:
            plan.trouble("names no train_data_dir and no dataset_config")
        plan.sources = list({(s.place, s.key, s.repeats): s for s in plan.sources}.values())
        return plan

    def take(self, source: DataSource, path: str, listing: Listing, findings: Findings) -> None:
        SdScriptsLayout().take(source, path, listing, findings)

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        read_configs(self, listing, findings)
        balance(findings)
        return findings


def parsed_parameters(text: str) -> tuple[dict[str, Any], str]:
    """(arguments, what is wrong with them) of a command line: ``--name value``, ``--name=value``.

    A name without a value is on.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        return {}, f"has additional_parameters that are no command line ({error})"
    arguments: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            arguments[name] = value if equals else True
        elif name:
            before = arguments[name]
            arguments[name] = word if before is True else before
    return arguments, ""
