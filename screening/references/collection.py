"""All reference sets under one folder, read again whenever a record changes."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from screening.errors import ReferenceSetError
from screening.references import stored
from screening.references.reference_set import FINGERPRINTS_FILE, MANIFEST_FILE, ReferenceSet

Stamp = tuple[int, int, int]


class References:
    """The records under ``root``. Thread-safe.

    Records are read when they are asked for, so that a status or a licence counts at the next
    screening; one whose file has not changed is not parsed again.
    """

    def __init__(self, root: Path) -> None:
        """Raises ReferenceSetError if ``root`` is not a folder."""
        if not root.is_dir():
            raise ReferenceSetError(f"{root}: no such folder of reference sets")
        self.root = root
        self._known: dict[str, tuple[Stamp, ReferenceSet]] = {}
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[ReferenceSet]:
        """Every record, in the order of the ids."""
        for path in sorted(self.root.glob(f"*/{MANIFEST_FILE}")):
            yield self.get(path.parent.name)

    def get(self, identifier: str) -> ReferenceSet:
        """The record as it stands now. Raises ReferenceSetError."""
        folder = self.root / identifier
        try:
            status = (folder / MANIFEST_FILE).stat()
        except FileNotFoundError:
            raise ReferenceSetError(f"{folder}: no reference set of this id") from None
        stamp = _stamp(status)
        with self._lock:
            known = self._known.get(identifier)
        if known is not None and known[0] == stamp:
            return known[1]
        record = ReferenceSet.load(folder)
        with self._lock:
            self._known[identifier] = (stamp, record)
        return record

    def digest(self, identifier: str) -> str:
        """sha256 of the set's fingerprints, or empty where there are none."""
        path = self.root / identifier / FINGERPRINTS_FILE
        try:
            stamp = _stamp(path.stat())
        except FileNotFoundError:
            return ""
        with self._lock:
            known = self._digests.get(identifier)
        if known is None or known[0] != stamp:
            known = (stamp, stored.digest(path.parent))
            with self._lock:
                self._digests[identifier] = known
        return known[1]


def _stamp(status: os.stat_result) -> Stamp:
    return (status.st_mtime_ns, status.st_size, status.st_ino)
