"""Trainings: what the operator said about the trainer, and where its config's places lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from screening.packs.layouts.places import DiskPlaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is known of the training beside the pack itself; nothing, for an upload.

    ``trainer`` is the one that the operator named, ``config_path`` the path within the pack of
    the config that the operator gave. ``roots`` maps the real path of each folder and file that
    was opened for the config to its path within the pack.
    """

    trainer: str = ""
    config_path: str | None = None
    places: DiskPlaces | None = None
    roots: Mapping[str, str] = field(default_factory=dict)

    def locate(self, place: str) -> tuple[str, ...]:
        """Paths within the pack of what the operator's config calls ``place``."""
        if self.places is None:
            return ()
        found = (self._pack_path(path) for path in self.places.found(place))
        return tuple(path for path in found if path is not None)

    def _pack_path(self, real_path: str) -> str | None:
        """The path within the pack, None for what was not opened (it came later)."""
        folder, below = real_path, ""
        while True:
            root = self.roots.get(folder)
            if root is not None:
                return "/".join(part for part in (root, below) if part)
            parent, _, name = folder.rpartition("/")
            if not folder:
                return None
            folder, below = parent, f"{name}/{below}" if below else name
