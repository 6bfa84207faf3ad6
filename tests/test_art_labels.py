"""Whose picture each file of a package is: small packages in the shape of the real ones."""

import json
import shutil
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from art_packages import avatars, comicgen, emoji, held_out, protected, wesnoth
from art_packages.layout import lay_out
from art_packages.package import (
    Package,
    PackageUnavailableError,
    Picture,
    identity_of,
    split_of,
)
from art_packages.qt_resources import files_of

GRINNING, MAN_COOK, COOK, FLAG = (
    "\U0001f600",
    "\U0001f468‍\U0001f373",
    "\U0001f9d1‍\U0001f373",
    "\U0001f3c1",
)
COOK_BY_TONE = "\U0001f9d1\U0001f3fb‍\U0001f373"


def write(file: Path, content: str | bytes = "x") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def draw(file: Path, *frames: str, size: tuple[int, int] = (8, 8)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pictures = [Image.new("RGBA", size, colour) for colour in frames]
    more = {"save_all": True, "append_images": pictures[1:]} if len(frames) > 1 else {}
    pictures[0].save(file, **more)
    return file


def named(pictures: list[Picture]) -> list[tuple[str, str, str]]:
    return [(each.source, each.character, each.name or each.file.name) for each in pictures]


# --- Wesnoth ------------------------------------------------------------------------------------

ARCHER = """
[unit_type]
    id=Elvish Archer
    image="units/elves-wood/archer.png"
    profile="portraits/elves/archer.png"
    [attack]
        name=bow
        image="units/elves-wood/archer-bow.png"
    [/attack]
    [female]
        image="units/elves-wood/archer+female.png"
        profile="portraits/elves/archer+female.png~FL()"
    [/female]
[/unit_type]
"""
WOLF = '[unit_type]\n    image="units/monsters/wolf.png"\n[/unit_type]\n'


@pytest.fixture
def core(tmp_path: Path) -> Path:
    data = tmp_path / "usr/share/games/wesnoth/1.16/data/core"
    write(data / "units/elves/Archer.cfg", ARCHER)
    write(data / "units/monsters/Wolf.cfg", WOLF)
    for name in ("archer", "archer-bow-attack1", "archer+female", "archery"):
        write(data / f"images/units/elves-wood/{name}.png")
    write(data / "images/units/monsters/wolf-run-2.png")
    for name in ("archer", "archer+female", "archer-2"):
        write(data / f"images/portraits/elves/{name}.png")
    return tmp_path


def test_a_unit_and_its_portrait_are_one_identity(core: Path) -> None:
    pictures = named(list(wesnoth.label_core(core)))
    assert pictures == [
        ("wesnoth", "elves-archer+elves-wood-archer-female", "archer+female.png"),
        ("wesnoth", "elves-archer+elves-wood-archer", "archer-bow-attack1.png"),
        ("wesnoth", "elves-archer+elves-wood-archer", "archer.png"),
        ("wesnoth", "monsters-wolf", "wolf-run-2.png"),
        ("wesnoth-portraits", "elves-archer+female", "archer+female.png"),
        ("wesnoth-portraits", "elves-archer+2", "archer-2.png"),
        ("wesnoth-portraits", "elves-archer", "archer.png"),
    ]
    elves = {identity_of(character) for _, character, _ in pictures if "elves" in character}
    assert elves == {"elves-archer"}


def campaign(root: Path, name: str, *pictures: str) -> list[tuple[str, str]]:
    images = root / "usr/share/games/wesnoth/1.16/data/campaigns" / name / "images"
    for picture in pictures:
        write(images / f"{picture}.png")
    return [(each.source, each.character) for each in wesnoth.label_campaign(root)]


def test_a_person_is_one_identity_in_all_campaigns(tmp_path: Path) -> None:
    throne = campaign(
        tmp_path / "throne",
        "Heir_To_The_Throne",
        "portraits/konrad-elvish-mad",
        "portraits/delfador",
        "units/konrad-fighter-attack-1",
        "units/human-princess",
        "units/icons/icon-lich",
    )
    memoirs = campaign(
        tmp_path / "memoirs", "Delfadors_Memoirs", "portraits/young_delfador", "portraits/oracle2"
    )
    assert throne == [
        ("heir-to-the-throne-portraits", "delfador"),
        ("heir-to-the-throne-portraits", "konrad"),
        ("heir-to-the-throne-units", "lisar+human-princess"),
        ("heir-to-the-throne-units", "konrad+konrad-fighter"),
    ]
    assert memoirs == [
        ("delfadors-memoirs-portraits", "oracle+2"),
        ("delfadors-memoirs-portraits", "delfador"),
    ]


def test_no_motion_is_taken_for_the_end_of_a_name(tmp_path: Path) -> None:
    labels = campaign(
        tmp_path,
        "Son_Of_The_Black_Eye",
        "units/orcish-shaman-defend-1",
        "units/orcish-leader-se-attack2",
        "units/masked_stalwart_defend_1",
        "units/quenoth/kaleh-bow-3",
    )
    assert {character for _, character in labels} == {
        "orcish-shaman+orcish-shaman",
        "orcish-leader",
        "masked-stalwart",
        "kaleh+kaleh",
    }


def test_the_splits_of_joined_characters_are_disjoint(core: Path, tmp_path: Path) -> None:
    labels = [each.character for each in wesnoth.label_core(core)]
    labels += [c for _, c in campaign(tmp_path, "Liberty", "portraits/konrad", "units/konrad-lord")]
    splits: dict[str, set[str]] = {}
    for character in labels:
        splits.setdefault(identity_of(character), set()).add(split_of(character))
    assert all(len(each) == 1 for each in splits.values())
    assert set(splits) == {"elves-archer", "monsters-wolf", "konrad"}


# --- emoji --------------------------------------------------------------------------------------


@pytest.fixture
def emoji_package(tmp_path: Path) -> Path:
    known = {
        GRINNING: ("grinning_face", "Smileys & Emotion"),
        MAN_COOK: ("man_cook", "People & Body"),
        COOK: ("cook", "People & Body"),
        "\U0001f550": ("one_o_clock", "Travel & Places"),
        "⭐": ("star", "Travel & Places"),
        FLAG: ("chequered_flag", "Flags"),
    }
    entries = {key: {"slug": slug, "group": group} for key, (slug, group) in known.items()}
    names = tmp_path / "needs/unicode-emoji-json/package/data-by-emoji.json"
    write(names, json.dumps(entries))
    return tmp_path


def codes(text: str) -> str:
    return "-".join(f"{ord(each):x}" for each in text)


def test_emoji_are_named_by_their_code_points(emoji_package: Path) -> None:
    for text in (GRINNING, MAN_COOK, COOK, COOK_BY_TONE, "\U0001f550", "⭐️", FLAG):
        write(emoji_package / f"package/64/{codes(text)}.png")
    write(emoji_package / "package/64/custom.png")
    labels = named(list(emoji.by_codes({"emoji-x": "64/*.png"})(emoji_package)))
    assert {character for _, character, _ in labels} == {
        "grinning-face",
        "cook+man-cook",
        "cook",
        "star",
    }
    assert len(labels) == 4


@pytest.mark.parametrize("by_codes", [True, False])
def test_icons_are_named_like_other_vendors_pictures(emoji_package: Path, by_codes: bool) -> None:
    icons = {
        "width": 36,
        "icons": {
            "grinning-face": {"body": "<path d='M0 0'/>"},
            "man-cook": {"body": "<g/>", "width": 20},
            "chequered-flag": {"body": "<g/>"},
        },
        "aliases": {"cook": {"parent": "man-cook"}},
    }
    write(emoji_package / "package/icons.json", json.dumps(icons))
    if by_codes:
        chars = {codes(GRINNING): "grinning-face", codes(MAN_COOK): "man-cook"}
        write(emoji_package / "package/chars.json", json.dumps(chars))
    pictures = list(emoji.iconify("emoji-y")(emoji_package))
    assert [each.character for each in pictures] == ["grinning-face", "cook+man-cook"]
    assert 'viewBox="0 0 36 16"' in pictures[0].file.read_text()
    assert 'viewBox="0 0 20 16"' in pictures[1].file.read_text()


# --- persons ------------------------------------------------------------------------------------


MOODS = tuple(f"emotion/{mood}" for mood in ("calm", "glad", "sad"))


def test_moods_are_put_on_poses_and_redrawn_persons_are_one(tmp_path: Path) -> None:
    for character in ("dee", "deenuova"):
        for part in ("pose/stand", "pose/sit", *MOODS):
            write(tmp_path / f"package/svg/{character}/straight/{part}.svg", f"<g id='{part}'/>")
    write(tmp_path / "package/svg/trump/pose/stand.svg")
    labels = named(list(comicgen.label_comicgen(tmp_path)))
    assert {(source, character) for source, character, _ in labels} == {
        ("comicgen", "dee"),
        ("comicgen", "dee+deenuova"),
        ("comicgen-heads", "dee"),
        ("comicgen-heads", "dee+deenuova"),
    }
    figures = [each for each in comicgen.label_comicgen(tmp_path) if each.source == "comicgen"]
    texts = {each.file.read_text() for each in figures if each.character == "dee"}
    assert len(figures) == 2 * len(texts)
    assert all("pose/" in text and "emotion/" in text for text in texts)
    assert {pose for pose in ("pose/stand", "pose/sit") if any(pose in text for text in texts)} == {
        "pose/stand",
        "pose/sit",
    }


def test_a_style_finds_the_core_that_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def node(command: list[str | Path], _folder: Path) -> str:
        _, _, core, _, drawn, identities, pictures = command
        assert (Path(core) / "package.json").is_file()
        assert (int(identities), int(pictures)) == (avatars.IDENTITIES, avatars.PICTURES)
        write(Path(drawn) / "007/00.svg")
        return ""

    write(tmp_path / "needs/@dicebear/core/package/package.json", "{}")
    monkeypatch.setattr(avatars, "run", node)
    labels = named(list(avatars.dicebear("dylan")(tmp_path)))
    assert labels == [("dicebear-dylan", "dylan-007", "00.svg")]
    assert (tmp_path / "node_modules/@dicebear/core/package.json").is_file()


def test_persons_of_visual_novels_are_named_and_places_left_out(tmp_path: Path) -> None:
    for name in ("sylvie green smile", "sylvie blue smile", "bg meadow"):
        write(tmp_path / f"usr/share/games/renpy/the_question/game/images/{name}.png")
    assert named(list(held_out.label_renpy(tmp_path))) == [
        ("renpy-the-question", "sylvie", "sylvie-blue-smile.png"),
        ("renpy-the-question", "sylvie", "sylvie-green-smile.png"),
    ]


def test_frames_of_dink_are_unpacked(tmp_path: Path) -> None:
    bitmaps = [draw(tmp_path / f"{each}.bmp", each).read_bytes() for each in ("red", "blue")]
    places = [4 + 17 * 3, 4 + 17 * 3 + len(bitmaps[0])]
    table = [(places[0], b"GN-01.BMP"), (places[1], b"GN-02.BMP"), (sum(map(len, bitmaps)), b"")]
    content = struct.pack("<I", 3) + b"".join(struct.pack("<I13s", *each) for each in table)
    root = tmp_path / "usr/share/games/dink/dink/graphics"
    whole = struct.pack("<I13s", places[1] + len(bitmaps[1]), b"")
    content = content[: 4 + 17 * 2] + whole + b"".join(bitmaps)
    write(root / "People/Gnome/Blue/dir.ff", content)
    write(root / "Bonuses/Heart/dir.ff", content)
    pictures = list(held_out.label_dink(tmp_path))
    assert named(pictures) == [
        ("dink", "gnome+blue", "gn-01.png"),
        ("dink", "gnome+blue", "gn-02.png"),
    ]
    assert Image.open(pictures[1].file).getpixel((0, 0)) == (0, 0, 255)


def test_faces_and_figures_of_ardentryst_share_names(tmp_path: Path) -> None:
    data = tmp_path / "usr/share/games/ardentryst/Data"
    for name in (
        "Nyx/L_Walking1",
        "Pyralis/L_Walking1",
        "NPCs/Frames/Nyx_Mentor/Stopped1",
        "NPCs/Faces/Nyx_Mentor2",
        "NPCs/Faces/glow_texture",
        "MonsterFrames/wasp/walk1",
    ):
        write(data / f"{name}.png")
    assert {(s, c) for s, c, _ in named(list(held_out.label_ardentryst(tmp_path)))} == {
        ("ardentryst", "nyx"),
        ("ardentryst", "pyralis"),
        ("ardentryst", "nyx-mentor"),
        ("ardentryst", "wasp"),
        ("ardentryst-faces", "nyx-mentor"),
    }


# --- art of others ------------------------------------------------------------------------------


def test_sprites_and_vector_art_have_one_name(tmp_path: Path) -> None:
    animated = tmp_path / "package" / protected.POKEMON_ANIMATED
    draw(animated / "25.gif", "red", "blue", "red")
    draw(animated / "back/25.gif", "green")
    draw(animated / "shiny/25.gif", "yellow")
    draw(animated / "10025.gif", "yellow")
    write(tmp_path / "package/sprites/pokemon/other/dream-world/25.svg", "<svg/>")
    assert named(list(protected.label_pokemon(tmp_path))) == [
        ("pokemon-sprites", "pokemon-025", "front-25-00.png"),
        ("pokemon-sprites", "pokemon-025", "front-25-01.png"),
        ("pokemon-sprites", "pokemon-025", "back-25-00.png"),
        ("pokemon-dream-world", "pokemon-025", "25.svg"),
    ]


def test_files_are_read_from_compiled_resources(tmp_path: Path) -> None:
    """A tree of one folder, `face`, with one file, `mi_ka.png`."""

    def name(text: str) -> bytes:
        return struct.pack(">HI", len(text), 0) + text.encode("utf-16-be")

    names = name("face") + name("mi_ka.png")
    tree = struct.pack(">IHIIQ", 0, 2, 1, 1, 0)
    tree += struct.pack(">IHIIQ", 0, 2, 1, 2, 0)
    tree += struct.pack(">IHIIQ", len(name("face")), 0, 0, 0, 0)
    data = struct.pack(">I", 5) + b"\x89PNG\n"
    parts = {"data": data, "name": names, "struct": tree}
    text = "from PySide6 import QtCore\n\n"
    for part, content in parts.items():
        escaped = "".join(f"\\x{byte:02x}" for byte in content)
        text += f'qt_resource_{part} = b"\\\n{escaped}\\\n"\n\n'
    module = write(tmp_path / "gi_loadouts/face/rsrc/char/face.py", text)
    assert list(files_of(module)) == [("face/mi_ka.png", b"\x89PNG\n")]
    for other in ("side", "wish"):
        shutil.copy(module, module.with_name(f"{other}.py"))
    assert {(s, c) for s, c, _ in named(list(protected.label_genshin(tmp_path)))} == {
        ("genshin-busts", "genshin-mi-ka"),
        ("genshin-profiles", "genshin-mi-ka"),
        ("genshin-figures", "genshin-mi-ka"),
    }


# --- drawing ------------------------------------------------------------------------------------


def test_a_machine_without_node_leaves_vector_art_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def label(unpacked: Path) -> list[Picture]:
        return [Picture(write(unpacked / "star.svg", "<svg/>"), "stars", "star")]

    with zipfile.ZipFile(tmp_path / "stars.whl", "w") as archive:
        archive.writestr("empty", "")
    package = Package("stars", "1", "pip", "stars.whl", "0" * 64, "CC0", label)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(PackageUnavailableError, match="node is not installed"):
        lay_out(package, tmp_path / "stars.whl", {}, tmp_path / "art")
    assert not list((tmp_path / "art").iterdir())
