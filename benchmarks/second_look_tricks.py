"""What a hostile uploader does to the pictures of a pack, so that `lite` looks at the wrong part.

A trick takes the pack's pictures (RGB) and gives as many. Those that need to know where the head
is ask the embedder's own map, as an uploader who has the package can.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageOps

from screening.embedders.lite import Lite
from screening.embedders.regions import FIGURES, HEADS, Box, most_telling, strongest
from screening.images.preprocess import prepare

Pictures = list[Image.Image]
CORNER, STICKER, TINY, WATERMARK = 0.25, 0.4, 0.25, 0.4
"""Shares of the picture's shorter side; of the watermark, its opacity."""

TRIED_PICTURES = 2
PLACED = (0.15, 0.2, 0.25)
PLACES = [(x, y) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0)]
COVERED = 0.6
HUE_TURN = 60
"""Of the 180 steps that OpenCV's hue has: a third of the circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What an uploader has at hand. ``faces``: RGBA, cut out, of nobody under protection;
    ``others``: RGB pictures of another character of the same hand; ``grounds``: RGB photographs."""

    lite: Lite
    faces: Sequence[Image.Image]
    others: Sequence[Image.Image]
    grounds: Sequence[Image.Image]
    chance: random.Random


Trick = Callable[[Pictures, Kit], Pictures]


def _each(change: Callable[[Image.Image], Image.Image]) -> Trick:
    return lambda pictures, _: [change(picture) for picture in pictures]


def _one_face(side: float, opacity: float = 1.0) -> Trick:
    def trick(pictures: Pictures, kit: Kit) -> Pictures:
        face = kit.chance.choice(kit.faces)
        return [_pasted(picture, face, side, opacity) for picture in pictures]

    return trick


def _many_faces(pictures: Pictures, kit: Kit) -> Pictures:
    return [_pasted(each, kit.chance.choice(kit.faces), CORNER) for each in pictures]


def _chosen_face(side: float) -> Trick:
    """The face that the map likes best, of all that the uploader has."""

    def trick(pictures: Pictures, kit: Kit) -> Pictures:
        def liked(face: Image.Image) -> float:
            tried = [_pasted(each, face, side) for each in pictures[:TRIED_PICTURES]]
            return sum(float(_maps(each, kit.lite)[HEADS].sum()) for each in tried)

        face = max(kit.faces, key=liked)
        return [_pasted(picture, face, side) for picture in pictures]

    return trick


def _placed_face(pictures: Pictures, kit: Kit) -> Pictures:
    """One face, in each picture as small as will do and wherever the second look takes it.

    Where it takes it nowhere it stays in the corner.
    """
    face = kit.chance.choice(kit.faces)
    return [_placed(picture, face, kit) for picture in pictures]


def _placed(picture: Image.Image, face: Image.Image, kit: Kit) -> Image.Image:
    for side in PLACED:
        for x, y in kit.chance.sample(PLACES, len(PLACES)):
            px = round(side * min(picture.size))
            left, top = round(x * (picture.width - px)), round(y * (picture.height - px))
            tried = _over(picture, face, (left, top, left + px, top + px))
            box = most_telling(_maps(tried, kit.lite))
            if box is not None and _is_about(box, tried, left + px / 2, top + px / 2, px):
                return tried
    return _pasted(picture, face, PLACED[0])


def _is_about(box: Box, picture: Image.Image, x: float, y: float, px: int) -> bool:
    """Whether the middle of ``box`` lies in the face around (x, y)."""
    middle_x = (box.left + box.right) / 2 * picture.width
    middle_y = (box.top + box.bottom) / 2 * picture.height
    return max(abs(middle_x - x), abs(middle_y - y)) <= px / 2


def _over(picture: Image.Image, face: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    done = picture.copy()
    small = face.resize((box[2] - box[0], box[3] - box[1]))
    done.paste(small, box[:2], small)
    return done


def _border(pictures: Pictures, kit: Kit) -> Pictures:
    """A printed frame of faces, the same around every picture."""
    faces = [kit.chance.choice(kit.faces) for _ in range(16)]
    framed = []
    for picture in pictures:
        side = round(0.18 * min(picture.size))
        sheet = ImageOps.expand(picture, side, "white")
        places = [(x * (sheet.width - side) // 4, y) for x in range(5) for y in (0, -1)]
        places += [(x, y * (sheet.height - side) // 4) for y in (1, 2, 3) for x in (0, -1)]
        for face, (x, y) in zip(faces, places, strict=True):
            small = face.resize((side, side))
            left = sheet.width - side if x < 0 else x
            sheet.paste(small, (left, sheet.height - side if y < 0 else y), small)
        framed.append(sheet)
    return framed


def _blobs(pictures: Pictures, _: Kit) -> Pictures:
    """Three bright discs with two dark dots each: the least that a map may take for a head."""
    face = Image.new("RGBA", (96, 96))
    pen = ImageDraw.Draw(face)
    pen.ellipse((2, 2, 94, 94), fill=(255, 224, 160, 255))
    for x in (30, 62):
        pen.ellipse((x - 7, 34, x + 7, 56), fill=(20, 20, 20, 255))
    done = []
    for picture in pictures:
        dressed = picture
        for corner in (0, 1, 2):
            dressed = _pasted(dressed, face, 0.2, corner=corner)
        done.append(dressed)
    return done


def _head_away(pictures: Pictures, kit: Kit) -> Pictures:
    """The picture below the head that the map finds; without one, the lower three fifths."""

    def below(picture: Image.Image) -> Image.Image:
        box = strongest(_maps(picture, kit.lite)[HEADS])
        top = box.bottom if box is not None and box.bottom < 0.7 else 0.4
        return picture.crop((0, round(top * picture.height), *picture.size))

    return [below(picture) for picture in pictures]


def _head_covered(by_face: bool) -> Trick:
    def trick(pictures: Pictures, kit: Kit) -> Pictures:
        face = kit.chance.choice(kit.faces) if by_face else None
        done = []
        for picture in pictures:
            maps = _maps(picture, kit.lite)
            head, figure = strongest(maps[HEADS]), strongest(maps[FIGURES])
            if head is None and figure is not None:
                third = (figure.bottom - figure.top) / 3
                head = Box(
                    left=figure.left,
                    top=figure.top,
                    right=figure.right,
                    bottom=figure.top + third,
                )
            done.append(picture if head is None else _covered(picture, head, face))
        return done

    return trick


def _covered(picture: Image.Image, box: Box, face: Image.Image | None) -> Image.Image:
    """The middle of ``box``, `COVERED` of its sides: heads may fill the picture."""
    wide, tall = (box.right - box.left) * picture.width, (box.bottom - box.top) * picture.height
    left = round(box.left * picture.width + (1 - COVERED) / 2 * wide)
    top = round(box.top * picture.height + (1 - COVERED) / 2 * tall)
    place = left, top, left + max(2, round(COVERED * wide)), top + max(2, round(COVERED * tall))
    if face is not None:
        return _over(picture, face, place)
    done = picture.copy()
    done.paste((0, 0, 0), place)
    return done


def _tiny(pictures: Pictures, kit: Kit) -> Pictures:
    done = []
    for number, picture in enumerate(pictures):
        ground = ImageOps.fit(kit.grounds[number % len(kit.grounds)], (480, 360))
        small = ImageOps.contain(picture, (round(480 * TINY), round(360 * TINY)))
        x, y = (kit.chance.randint(0, ground.size[i] - small.size[i]) for i in (0, 1))
        ground.paste(small, (x, y))
        done.append(ground)
    return done


def _beside(pictures: Pictures, kit: Kit) -> Pictures:
    done = []
    for number, picture in enumerate(pictures):
        other = kit.others[number % len(kit.others)].resize(picture.size)
        sheet = Image.new("RGB", (2 * picture.width, picture.height))
        sheet.paste(picture, (picture.width * (number % 2), 0))
        sheet.paste(other, (picture.width * (1 - number % 2), 0))
        done.append(sheet)
    return done


def _letterboxed(picture: Image.Image) -> Image.Image:
    return ImageOps.pad(picture, (2 * max(picture.size), max(picture.size)), color="black")


def _recoloured(picture: Image.Image) -> Image.Image:
    hsv = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + HUE_TURN) % 180
    return Image.fromarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def _grey(picture: Image.Image) -> Image.Image:
    return picture.convert("L").convert("RGB")


def _line_art(picture: Image.Image) -> Image.Image:
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    soft = cv2.GaussianBlur(grey, (0, 0), 4)
    lines = np.clip(grey.astype(np.float32) / np.maximum(soft, 1) * 255, 0, 255)
    return Image.fromarray(np.where(lines < 235, lines * 0.5, 255).astype(np.uint8)).convert("RGB")


def _maps(picture: Image.Image, lite: Lite) -> np.ndarray:
    return lite.regions(prepare(picture, lite.preprocessing))


def _pasted(
    picture: Image.Image, face: Image.Image, side: float, opacity: float = 1.0, *, corner: int = 2
) -> Image.Image:
    """``corner`` 0-3: left top, right top, right bottom, left bottom."""
    px = max(8, round(side * min(picture.size)))
    small = face.resize((px, px))
    if opacity < 1:
        small.putalpha(small.getchannel("A").point(lambda level: round(level * opacity)))
    done = picture.copy()
    x = picture.width - px if corner in (1, 2) else 0
    done.paste(small, (x, picture.height - px if corner in (2, 3) else 0), small)
    return done


TRICKS: Mapping[str, Trick] = {
    "nothing": _each(lambda picture: picture),
    "one foreign face in a corner": _one_face(CORNER),
    "another foreign face in each": _many_faces,
    "the face that the map likes best": _chosen_face(CORNER),
    "a face where the second look takes it": _placed_face,
    "a large sticker of that face": _chosen_face(STICKER),
    "a border of faces": _border,
    "a watermark face": _one_face(STICKER, WATERMARK),
    "bright blobs": _blobs,
    "head cut away": _head_away,
    "face under a black box": _head_covered(False),
    "face under a foreign one": _head_covered(True),
    "turned by 90 degrees": _each(lambda picture: picture.transpose(Image.Transpose.ROTATE_90)),
    "turned by 180 degrees": _each(lambda picture: picture.transpose(Image.Transpose.ROTATE_180)),
    "mirrored": _each(ImageOps.mirror),
    "tiny, on photographs": _tiny,
    "letterboxed": _each(_letterboxed),
    "another character beside": _beside,
    "hue turned by a third": _each(_recoloured),
    "grey": _each(_grey),
    "line art": _each(_line_art),
}


def cut_out(path: Path) -> Image.Image:
    """RGBA, without its empty sides."""
    with Image.open(path) as opened:
        image = opened.convert("RGBA")
    return image.crop(image.getchannel("A").getbbox())
