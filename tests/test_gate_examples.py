"""The examples under ``scripts/gate`` run, as far as they can without a cluster and a trainer."""

import importlib.util
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from conftest import FREE, HEROINE, World
from drawn import write_poses

from screening import PackBlocked, PackChanged, PackFlagged, ScreeningError

EXAMPLES = Path(__file__).parent.parent / "scripts" / "gate"


@pytest.fixture
def benign(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "benign", FREE, range(4))


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "copies", HEROINE, range(4))


class Cluster:
    """The containers of the Kubernetes job, run here one after the other."""

    def __init__(self, pack: Path, world: World, folder: Path) -> None:
        self.job = yaml.safe_load((EXAMPLES / "kubernetes_job.yaml").read_text())
        self.spec = self.job["spec"]["template"]["spec"]
        self.gate = folder / "gate"
        self.gate.mkdir()
        self.mounts = {
            "/pack": pack,
            "/gate": self.gate,
            "/protected/index": world.settings.index,
            "/protected/reference_sets": world.settings.references,
        }
        programs = folder / "programs"
        programs.mkdir()
        for name, does in {
            "screening": f'exec {shlex.quote(sys.executable)} -m screening "$@"',
            "accelerate": 'echo "trained: $*"',
        }.items():
            (programs / name).write_text(f"#!/bin/sh\n{does}\n")
            (programs / name).chmod(0o755)
        self.path = f"{programs}{os.pathsep}{os.environ['PATH']}"

    def run(self, container: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        """Run what the container would, with the folders where its mounts would be."""
        (script,) = container["args"]
        for mounted, here in self.mounts.items():
            script = script.replace(mounted, shlex.quote(str(here)))
        variables = {each["name"]: each["value"] for each in container.get("env", ())}
        return subprocess.run(
            [*container["command"], script],
            env={**os.environ, "PATH": self.path, **variables},
            capture_output=True,
            text=True,
        )

    def action(self, container: str, code: int) -> str:
        """What podFailurePolicy does; the first rule that fits counts."""
        for rule in self.job["spec"]["podFailurePolicy"]["rules"]:
            codes = rule.get("onExitCodes", {})
            if codes.get("containerName") == container and code in codes["values"]:
                assert codes["operator"] == "In"
                return str(rule["action"])
        return "Count"


def test_the_kubernetes_job_trains_an_allowed_pack(
    world: World, benign: Path, tmp_path: Path
) -> None:
    cluster = Cluster(benign, world, tmp_path)
    (screen,), (train,) = cluster.spec["initContainers"], cluster.spec["containers"]
    assert cluster.spec["restartPolicy"] == "Never", "podFailurePolicy is refused otherwise"
    assert cluster.run(screen).returncode == 0
    trained = cluster.run(train)
    assert trained.returncode == 0
    assert f"trained: launch train_network.py --train_data_dir {benign}" in trained.stdout

    (benign / "swapped.png").write_bytes(b"swapped")
    swapped = cluster.run(train)
    assert swapped.returncode == 20
    assert "trained" not in swapped.stdout
    assert "added: swapped.png" in swapped.stderr
    assert cluster.action("train", 20) == "FailJob"


def test_the_kubernetes_job_fails_at_once_on_copies(
    world: World, copies: Path, tmp_path: Path
) -> None:
    cluster = Cluster(copies, world, tmp_path)
    (screen,), (train,) = cluster.spec["initContainers"], cluster.spec["containers"]
    blocked = cluster.run(screen)
    assert blocked.returncode == 20
    assert cluster.action(screen["name"], 20) == cluster.action(screen["name"], 10) == "FailJob"
    assert cluster.action(screen["name"], 3) == cluster.action(screen["name"], 1) == "Count"
    assert cluster.run(train).returncode == 20, "the decision itself does not verify"


def test_every_mount_of_the_kubernetes_job_has_its_volume() -> None:
    spec = yaml.safe_load((EXAMPLES / "kubernetes_job.yaml").read_text())["spec"]["template"][
        "spec"
    ]
    volumes = {each["name"] for each in spec["volumes"]}
    for container in (*spec["initContainers"], *spec["containers"]):
        assert {each["name"] for each in container["volumeMounts"]} <= volumes


@pytest.fixture
def settings(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "screening.toml"
    file.write_text(
        f"index = '{world.settings.index}'\nreferences = '{world.settings.references}'\n"
    )
    monkeypatch.setenv("SCREENING_SETTINGS", str(file))
    return file


def imported(name: str, file: Path) -> ModuleType:
    folder = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folder)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def worker(settings: Path) -> Iterator[ModuleType]:
    """The Celery example, imported as a worker would, with its tasks run where they are called."""
    module = imported("celery_worker", EXAMPLES / "celery_worker.py")
    module.app.conf.update(task_always_eager=True, task_store_eager_result=True)
    yield module
    if module.screener.cache_info().currsize:
        module.screener().close()


def test_the_celery_task_trains_what_is_allowed_and_answers_what_is_not(
    worker: ModuleType, benign: Path, copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = tmp_path / "trained"
    command = [sys.executable, "-c", f"open({str(trained)!r}, 'w').write('x')"]
    monkeypatch.setattr(worker, "command", lambda _: command)

    refused = worker.train.delay(str(copies), "user:17", "zh").get()
    assert refused["trained"] is False
    assert refused["verdict"] == "block"
    assert "不能用于训练" in refused["notice"]
    assert not trained.exists()

    allowed = worker.train.delay(str(benign), "user:17").get()
    assert allowed == {"trained": True, "verdict": "allow", "notice": ""}
    assert trained.exists()


def test_the_celery_task_fails_without_training_where_nothing_can_be_screened(
    worker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "command", lambda _: pytest.fail("it trained"))
    result = worker.train.delay(str(tmp_path / "gone"), "user:17")
    assert result.failed()
    assert isinstance(result.result, ScreeningError)


def test_the_celery_task_does_not_train_what_changes_meanwhile(
    worker: ModuleType, benign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = worker.screen_or_raise

    def swap_after(pack: str, **options: Any) -> Any:
        decision = screen(pack, **options)
        (benign / "swapped.png").write_bytes(os.urandom(8))
        return decision

    monkeypatch.setattr(worker, "screen_or_raise", swap_after)
    monkeypatch.setattr(worker, "command", lambda _: pytest.fail("it trained"))
    result = worker.train.apply((str(benign), "user:17"), retries=3)
    assert isinstance(result.result, PackChanged)


class SDTrainer:
    """Calls the hooks of ai-toolkit's trainer in its order, and notes when data is opened."""

    def __init__(self, process_id: int, job: Any, config: dict[str, Any]) -> None:
        self.process_id = process_id
        self.job = job
        self.config = config
        self.done: list[str] = []

    def hook_before_model_load(self) -> None:
        self.done.append("hook before model")

    def before_dataset_load(self) -> None:
        self.done.append("hook before data")

    def load_model(self) -> None:
        self.done.append("model")

    def run(self) -> None:
        self.hook_before_model_load()
        self.load_model()
        self.before_dataset_load()
        self.done.append("data")


class DiffusionTrainer(SDTrainer):
    """Stops where its web page says so; calls the hooks that it overrides."""

    def hook_before_model_load(self) -> None:
        super().hook_before_model_load()
        self.done.append("not stopped")


class Job:
    def __init__(self, *datasets: dict[str, Any]) -> None:
        process = {"type": "screened_sd_trainer", "datasets": list(datasets)}
        self.raw_config = {"job": "extension", "config": {"name": "x", "process": [process]}}


@pytest.fixture(params=["screened_sd_trainer", "screened_diffusion_trainer"])
def process_class(
    settings: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[type]:
    """What ai-toolkit gets of the extension, with its own modules stood in for."""
    stand_ins: dict[str, dict[str, Any]] = {
        "toolkit": {},
        "toolkit.extension": {"Extension": object},
        "extensions_built_in": {},
        "extensions_built_in.sd_trainer": {},
        "extensions_built_in.sd_trainer.SDTrainer": {"SDTrainer": SDTrainer},
        "extensions_built_in.sd_trainer.DiffusionTrainer": {"DiffusionTrainer": DiffusionTrainer},
        "extensions": {"__path__": []},
    }
    for name, content in stand_ins.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "extensions.screened", None)
    monkeypatch.delitem(sys.modules, "extensions.screened.process", raising=False)
    folder = EXAMPLES / "ai_toolkit_extension"
    package = imported("extensions.screened", folder / "__init__.py")
    by_uid = {each.uid: each for each in package.AI_TOOLKIT_EXTENSIONS}
    yield by_uid[request.param].get_process()
    sys.modules.pop("extensions.screened.process", None)


def test_the_ai_toolkit_process_trains_an_allowed_pack(process_class: type, benign: Path) -> None:
    process = process_class(0, Job({"folder_path": str(benign)}), {})
    process.run()
    assert [each for each in process.done if each != "not stopped"] == [
        *("hook before model", "model", "hook before data", "data")
    ]
    assert process.decision.verdict == "allow"
    assert process.decision.pack.trainer == "ai-toolkit"


def test_the_ai_toolkit_process_stops_before_the_model_is_loaded(
    process_class: type, benign: Path, copies: Path
) -> None:
    for datasets in (
        [{"folder_path": str(copies)}],
        [{"folder_path": str(benign)}, {"dataset_path": str(copies), "is_reg": True}],
        [{"folder_path": str(benign), "control_path": str(copies)}],
    ):
        process = process_class(0, Job(*datasets), {})
        with pytest.raises(PackBlocked):
            process.run()
        assert process.done[0] == "hook before model"
        assert not {"model", "data"} & {*process.done}


def test_the_ai_toolkit_process_stops_on_data_that_is_not_here(
    process_class: type, benign: Path
) -> None:
    for place in ("s3://bucket/pack", str(benign / "gone")):
        job = Job({"folder_path": str(benign)}, {"folder_path": place})
        with pytest.raises(PackFlagged):
            process_class(0, job, {}).run()


def test_the_ai_toolkit_process_stops_on_what_changes_while_the_model_loads(
    process_class: type, benign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap(self: Any) -> None:
        (benign / "swapped.png").write_bytes(b"swapped")

    monkeypatch.setattr(SDTrainer, "load_model", swap)
    process = process_class(0, Job({"folder_path": str(benign)}), {})
    with pytest.raises(PackChanged):
        process.run()
    assert "data" not in process.done


def test_the_ai_toolkit_process_screens_where_only_its_last_hook_is_called(
    process_class: type, copies: Path
) -> None:
    process = process_class(0, Job({"folder_path": str(copies)}), {})
    with pytest.raises(PackBlocked):
        process.before_dataset_load()
