"""`Screener`: opened once, asked for many packs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Self

from screening.calibration import Binding, Calibration, Kind
from screening.decision import Decision, Times
from screening.embedders import open_embedders
from screening.errors import IndexUnusable
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprint import Maker
from screening.index import Index, current_version
from screening.matching import CopySearch
from screening.names import NameMatcher
from screening.packs import Pack, open_pack
from screening.policy import Policy
from screening.references import References, ReferenceSet, Status
from screening.screener.case import Case
from screening.screener.reading import PackReading, read_pictures
from screening.settings import Settings

Progress = Callable[[int], None]
"""Called with the number of pictures done so far."""


def _no_progress(_: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPack:
    """A pack, its pictures as fingerprints, and what else was read of it."""

    pack: Pack
    pictures: list[PictureFingerprints]
    reading: PackReading


class Screener:
    """Screens packs against an index. Thread-safe; close it, or use ``with``.

    A new version of the index, a new calibration and changes of reference sets count from the next
    `screen` on.
    """

    def __init__(self, settings: Settings) -> None:
        """Use `open`."""
        self.settings = settings
        self.policy = Policy.load(settings.policy)
        self._calibration: tuple[tuple[int, ...], Calibration] | None = None
        self._lock = Lock()
        self._matcher: tuple[list[ReferenceSet], NameMatcher] | None = None
        self._embedders = open_embedders(settings)
        self._fingerprinter = Fingerprinter(
            self._embedders, limits=settings.limits, workers=settings.workers
        )
        try:
            # the decoding processes import while the index is opened
            self._fingerprinter.warm_up()
            self._index = Index.open(settings.index, self._embedders)
            self._references = References(settings.references)
            records = self._fresh_records(self._index)
            self.policy.check_scopes((each.id for each in records), (each.work for each in records))
            self._growth(self.calibration, self._index, records)
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(
        cls,
        index: Path | str | None = None,
        *,
        references: Path | str | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Open an index and what goes with it: embedders, reference sets, policy.

        ``index`` and ``references`` override the settings. Raises IndexUnusable, ModelMissing,
        ReferencesMissing, ReferenceSetError, CalibrationUnusable, SettingsError.
        """
        settings = settings or Settings.load()
        return cls(settings.with_paths(index=index, references=references))

    @property
    def index(self) -> Index:
        """The version of the index that the next pack is matched with."""
        return self._current_index()

    @property
    def calibration(self) -> Calibration | None:
        """What the next pack is ranked by. Raises CalibrationUnusable."""
        path = self.settings.calibration
        if path is None:
            return None
        with self._lock:
            found = _signature(path)
            if self._calibration is None or self._calibration[0] != found:
                self._calibration = (found, Calibration.load(path))
            return self._calibration[1]

    def close(self) -> None:
        self._fingerprinter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def screen(
        self,
        pack: Pack | Path | str,
        *,
        uploader: str = "",
        today: date | None = None,
        progress: Progress = _no_progress,
    ) -> Decision:
        """The decision on ``pack``: a folder, an archive, a picture, or a trainer's config file.

        What a config names is opened by `open_pack`, which also takes the name of the trainer.
        ``uploader`` is who licences are looked up for, ``today`` the day that they must cover.
        Raises PackError where the pack cannot be opened at all, IndexUnusable where the index no
        longer fits the reference sets, CalibrationUnusable where it has outgrown the calibration.
        Whatever is wrong with single members is in the decision.
        """
        started, clock = datetime.now(UTC), perf_counter()
        index = self.index
        records = self._fresh_records(index)
        calibration = self.calibration
        growth = self._growth(calibration, index, records)
        read = self.read(pack, index=index, progress=progress)
        case = Case(
            pack=read.pack,
            pictures=read.pictures,
            reading=read.reading,
            index=index,
            policy=self.policy,
            calibration=calibration,
            growth=growth,
            records={each.id: each for each in records},
            names=self._names(records),
            names_seconds=self.settings.limits.max_names_seconds,
            uploader=uploader,
            today=today or started.date(),
        )
        decided = case.decide()
        times = Times(started=started, seconds=round(perf_counter() - clock, 3))
        return replace(decided, times=times)

    def read(
        self,
        pack: Pack | Path | str,
        *,
        index: Index | None = None,
        progress: Progress = _no_progress,
    ) -> "ReadPack":
        """Read a pack without judging it, looking for copies of what is in ``index``."""
        opened = pack if isinstance(pack, Pack) else open_pack(pack, limits=self.settings.limits)
        reading = PackReading()
        pictures: list[PictureFingerprints] = []
        bits = self.policy.copies.certain_distance_bits
        look = CopySearch(index=index or self.index, certain_bits=bits)
        for picture in read_pictures(
            opened, self._fingerprinter, self.settings.limits, reading, look=look
        ):
            pictures.append(picture)
            progress(len(pictures))
        return ReadPack(pack=opened, reading=reading, pictures=pictures)

    @property
    def makers(self) -> tuple[Maker, ...]:
        """Everything that goes into the fingerprint of a pack's picture."""
        return self._fingerprinter.makers

    @property
    def records(self) -> dict[str, ReferenceSet]:
        """The reference sets as they stand now, by id."""
        return {each.id: each for each in self._fresh_records(self.index)}

    def binding(self, index: Index) -> Binding:
        """What the statistics of packs hang on that are compared with ``index`` now."""
        return self._binding(index, self._fresh_records(index))

    def _binding(self, index: Index, records: list[ReferenceSet]) -> Binding:
        in_force = {each.id for each in records if each.status is not Status.DISABLED}
        return Binding.of(index, statistics=self.policy.statistics, in_force=in_force)

    def _growth(
        self, calibration: Calibration | None, index: Index, records: list[ReferenceSet]
    ) -> Mapping[Kind, float] | None:
        """Raises CalibrationUnusable where the calibration does not hold for the index."""
        if calibration is None:
            return None
        return calibration.binding.growth(self._binding(index, records))

    def _current_index(self) -> Index:
        with self._lock:
            if current_version(self.settings.index) != self._index.folder:
                self._index = Index.open(self.settings.index, self._embedders)
            return self._index

    def _fresh_records(self, index: Index) -> list[ReferenceSet]:
        """The records as they stand now. Raises IndexUnusable where ``index`` is behind them."""
        records = list(self._references)
        known = {each.id for each in records}
        if gone := sorted(set(index.reference_sets) - known):
            raise IndexUnusable(
                f"the index holds the reference set {gone[0]!r}, which is not in "
                f"{self._references.root}: give the folder that it was built of with --references "
                "(references=), or build the index again"
            )
        for record in records:
            if record.status is Status.DISABLED:
                continue
            if index.reference_sets.get(record.id, "") != self._references.digest(record.id):
                raise IndexUnusable(
                    f"the reference set {record.id!r} has changed since the index was built; "
                    "run: screening index build"
                )
        return records

    def _names(self, records: list[ReferenceSet]) -> NameMatcher:
        with self._lock:
            if self._matcher is None or self._matcher[0] != records:
                active = (each for each in records if each.status is not Status.DISABLED)
                self._matcher = (records, NameMatcher(active))
            return self._matcher[1]


def _signature(path: Path) -> tuple[int, ...]:
    """What changes when the file does; empty where there is none by that name."""
    try:
        facts = path.stat()
    except OSError:
        return ()
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
