"""All reference sets under one folder, read again whenever a record changes."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from screening.errors import ReferenceSetError, ReferencesMissing
from screening.references import stored
from screening.references.reference_set import (
    FINGERPRINTS_FILE,
    MANIFEST_FILE,
    ReferenceSet,
    check_id,
)

Stamp = tuple[int, int, int, int]

SETTLED_NANOSECONDS = 2_000_000_000
"""Times of files are coarse: 4 ms on ext4, 2 s on FAT. A file may change twice within one step
and keep its size, so what was read of one that changed so recently is not relied on."""


class References:
    """The records under ``root``. Thread-safe.

    Records are read when they are asked for, so that a status or a licence counts at the next
    screening; one whose file has not changed is not parsed again.
    """

    def __init__(self, root: Path) -> None:
        """Raises ReferencesMissing if ``root`` is not a folder."""
        if not root.is_dir():
            raise ReferencesMissing(
                f"{root}: no such folder of reference sets; give the one that the index was built "
                "of with --references (references=)"
            )
        self.root = root
        self._records: dict[str, tuple[Stamp, ReferenceSet]] = {}
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[ReferenceSet]:
        """Every record, in the order of the ids."""
        for path in sorted(self.root.glob(f"*/{MANIFEST_FILE}")):
            yield self.get(path.parent.name)

    def get(self, identifier: str) -> ReferenceSet:
        """The record as it stands now. Raises ReferenceSetError."""
        check_id(identifier, self.root)
        folder = self.root / identifier
        try:
            stamp = _stamp(folder / MANIFEST_FILE)
        except OSError:
            raise ReferenceSetError(f"{folder}: no reference set of this id") from None
        with self._lock:
            known = self._records.get(identifier)
        if known is not None and known[0] == stamp:
            return known[1]
        read_at = time.time_ns()
        record = ReferenceSet.load(folder)
        if _is_settled(stamp, read_at):
            with self._lock:
                self._records[identifier] = (stamp, record)
        return record

    def digest(self, identifier: str) -> str:
        """sha256 of what an index holds of the set, its fingerprints; empty where there are none.

        Where images are quarantined, of that sha256 and of their paths.
        """
        found = self._fingerprints_digest(identifier)
        quarantined = self.get(identifier).quarantined_images if found else ()
        if not quarantined:
            return found
        return hashlib.sha256("\n".join([found, *sorted(quarantined)]).encode()).hexdigest()

    def _fingerprints_digest(self, identifier: str) -> str:
        check_id(identifier, self.root)
        folder = self.root / identifier
        try:
            stamp = _stamp(folder / FINGERPRINTS_FILE)
        except FileNotFoundError:
            return ""
        with self._lock:
            known = self._digests.get(identifier)
        if known is not None and known[0] == stamp:
            return known[1]
        read_at = time.time_ns()
        found = stored.digest(folder)
        if _is_settled(stamp, read_at):
            with self._lock:
                self._digests[identifier] = (stamp, found)
        return found


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _is_settled(stamp: Stamp, read_at: int) -> bool:
    return read_at - max(stamp[:2]) > SETTLED_NANOSECONDS
