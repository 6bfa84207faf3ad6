"""What a benchmark ran on, to be printed beside its figures."""

import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def machine(packages: Iterable[str], *, cores: int) -> dict[str, str]:
    """The processor, how many ``cores`` of it were used, and the versions of Python and
    ``packages``."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = {each: version(each) for each in packages}
    return {"cpu": model, "cores used": str(cores), "python": platform.python_version(), **versions}
