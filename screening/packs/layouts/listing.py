"""Listings: what a pack holds, as layouts look at it: pictures, texts and configs by path."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from screening.packs.layouts.config import (
    MAX_NAMED_CHARACTERS,
    Config,
    ConfigUnclear,
    is_config_name,
    parse,
)
from screening.packs.layouts.places import Located, within_pack
from screening.packs.layouts.stems import MAX_CAPTIONS, stem
from screening.packs.layouts.training import Training
from screening.packs.member import Unscreened
from screening.packs.paths import given_path

MAX_CONFIGS_CHARACTERS = 32 * 1024 * 1024
MAX_YAMLS_CHARACTERS = 512 * 1024
"""All configs of one pack together: some seconds of parsing. What is over is not read."""


class Listing:
    """Paths as `Pack.read` gives them. Made once for a pack and read by all layouts.

    ``image_paths`` are what was decoded as pictures, in their order; ``texts`` maps the paths of
    texts to what they say; ``videos`` are the paths of videos, whether their frames were decoded
    or not. ``unclear`` are the configs that nobody can read, for whichever trainer they are.
    ``given`` counts the pictures that `pictures_in` gave and the folders that it looked at.
    """

    def __init__(
        self,
        image_paths: Sequence[str],
        texts: Mapping[str, str],
        *,
        videos: Collection[str] = (),
        training: Training | None = None,
    ) -> None:
        self.image_paths = image_paths
        self.texts = texts
        self.videos = frozenset(videos)
        self.training = training or Training()
        self._media = _by_given_path(dict.fromkeys((*image_paths, *sorted(videos))))
        self._texts = _by_given_path(sorted(texts))
        self._texts_by_stem: dict[str, list[str]] = {}
        for path in self._texts:
            same = self._texts_by_stem.setdefault(stem(path), [])
            if len(same) < MAX_CAPTIONS:
                same.append(path)
        self._folders = _by_folder(self._media)
        self._all_folders = {"", *self._folders, *_by_folder(self._texts)}
        for folder in list(self._all_folders):
            self._all_folders.update(_above(folder))
        self._children = _by_folder(sorted(self._all_folders - {""}))
        self.given = 0
        self.aside: frozenset[str] = frozenset()
        self._characters_left = MAX_NAMED_CHARACTERS
        self.unclear: list[Unscreened] = []
        self.configs = tuple(self._configs())

    @property
    def asked(self) -> str:
        """The trainer that the operator named (``--as``), or ""."""
        return self.training.trainer

    def set_aside(self, paths: Collection[str]) -> None:
        """Reads the configs at ``paths`` no more: the operator's config has said what they are."""
        self.aside = frozenset(paths)
        self.configs = tuple(
            each for each in self.configs if each.trusted or each.path not in self.aside
        )

    def pictures_in(self, folder: str, *, recursive: bool = False) -> list[str]:
        """Pictures and videos that lie in ``folder`` (``""``: the pack), by path."""
        folders = [folder]
        if recursive:
            self.given += len(self._folders)
            folders = [
                each
                for each in sorted(self._folders)
                if not folder or each == folder or each.startswith(folder + "/")
            ]
        found = [
            path
            for each in folders
            for given in self._folders.get(each, ())
            for path in self._media[given]
        ]
        self.given += len(found)
        return found

    def pictures_at(self, path: str) -> list[str]:
        """The pictures or videos at ``path``: none, one, or all that an archive has of it."""
        return self._media.get(path, [])

    def texts_at(self, path: str) -> list[str]:
        """Paths of the texts at ``path``; more than one where an archive repeats it."""
        return self._texts.get(path, [])

    def captions_beside(self, image_path: str, extensions: Collection[str]) -> list[str]:
        """Paths of the texts of the picture's name with one of ``extensions`` (``.txt``).

        Whatever the case of names and extensions: an upload is unpacked on other systems too.
        """
        return self.captions_of(stem(image_path), extensions)

    def captions_of(self, folded_stem: str, extensions: Collection[str]) -> list[str]:
        """Paths of the texts whose `stem` is ``folded_stem``, with one of ``extensions``."""
        wanted = {(folded_stem + extension).casefold() for extension in extensions}
        # An extension may hold a dot ("_caption.txt", ".en.txt"): the stem is another one then.
        given = dict.fromkeys(self._texts_by_stem.get(folded_stem, ()))
        for name in wanted:
            given |= dict.fromkeys(self._texts_by_stem.get(stem(name), ()))
        return [path for each in given if each.casefold() in wanted for path in self._texts[each]][
            :MAX_CAPTIONS
        ]

    def locate(self, config: Config, place: str) -> Located:
        """Where in the pack the folder or file lies that ``config`` calls ``place``."""
        if config.trusted:
            paths = self.training.locate(place)
            return Located(paths=paths, reason="" if paths else "is not there")
        within = within_pack(config.path.rpartition("/")[0], place)
        if isinstance(within, str):
            return Located(reason=within)
        for path in within:
            if path in self._all_folders or path in self._media or path in self._texts:
                return Located(paths=(path,))
        return Located(reason="is not in the pack")

    def folders_in(self, folder: str) -> list[str]:
        """Paths of the folders that lie in ``folder`` and have pictures or texts in or below."""
        return self._children.get(folder, [])

    def text(self, config_path: str, place: str) -> str | None:
        """As `Files` has it."""
        for path in self._located(config_path, place):
            for text_path in self.texts_at(path):
                text = self.texts[text_path]
                self._characters_left -= len(text)
                return text if self._characters_left >= 0 else None
        return None

    def _located(self, config_path: str, place: str) -> tuple[str, ...]:
        trusted = config_path == self.training.config_path
        config = Config(path=config_path, document=None, trusted=trusted)
        return self.locate(config, place).paths

    def _configs(self) -> Iterator[Config]:
        characters, yaml_characters = MAX_CONFIGS_CHARACTERS, MAX_YAMLS_CHARACTERS
        operators = self.training.config_path
        paths = [path for path in sorted(self.texts) if is_config_name(path)]
        for path in sorted(paths, key=lambda each: each != operators):
            text = self.texts[path]
            characters -= len(text)
            if given_path(path).lower().endswith((".yaml", ".yml")):
                yaml_characters -= len(text)
            try:
                if min(characters, yaml_characters) < 0:
                    raise ConfigUnclear("is one of more configs than are read of one pack")
                document = parse(path, text)
            except ConfigUnclear as unclear:
                self.unclear.append(Unscreened(path=path, reason=str(unclear)))
                continue
            trusted = path == operators
            yield Config(path=path, document=document, files=self, trusted=trusted)


def _by_given_path(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        same = found.setdefault(given_path(path), [])
        if len(same) < MAX_CAPTIONS:
            same.append(path)
    return found


def _by_folder(given_paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in given_paths:
        found.setdefault(path.rpartition("/")[0], []).append(path)
    return found


def _above(folder: str) -> Iterator[str]:
    """The folders that ``folder`` lies in, but the pack itself."""
    while folder := folder.rpartition("/")[0]:
        yield folder
