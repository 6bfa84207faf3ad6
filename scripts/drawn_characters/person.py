"""A person assembled: body, clothes, head, hair, gear, from back to front."""

import random
from collections.abc import Callable
from dataclasses import replace

import skia

from drawn_characters.body import draw_arm, draw_leg
from drawn_characters.clothes import draw_neck, draw_skirt, draw_top
from drawn_characters.ears import draw_ears
from drawn_characters.face import draw_face
from drawn_characters.hair_back import draw_back
from drawn_characters.hair_front import draw_front
from drawn_characters.headgear import draw_gear
from drawn_characters.identity import ALTERNATE_SHARE, Identity
from drawn_characters.manner import Expression, Manner
from drawn_characters.neckwear import draw_neckwear
from drawn_characters.outline import ellipse
from drawn_characters.part import Figure
from drawn_characters.pose import Skeleton, drawn_pose, skeleton
from drawn_characters.props import draw_prop
from drawn_characters.traits import Gear, Outfit
from drawn_characters.view import View, face_outline
from drawn_characters.wings import draw_back_item, draw_tail, draw_wings


def drawn_view(rng: random.Random, *, face: bool) -> View:
    """Front, three-quarter, profile; from behind only where the face is not the point."""
    kind = rng.random()
    sign = rng.choice((-1, 1))
    pitch = rng.gauss(0, 0.35)
    if kind < 0.4:
        return View(rng.uniform(-14, 14), pitch)
    if kind < 0.78:
        return View(sign * rng.uniform(18, 45), pitch)
    if kind < 0.94 or face:
        return View(sign * rng.uniform(60, 90), pitch)
    return View(180.0 + rng.uniform(-12, 12), pitch)


def person(
    identity: Identity,
    rng: random.Random,
    manner: Manner,
    framing: str,
    *,
    head: Callable[[View, Expression], Figure] | None = None,
) -> Figure:
    """A picture's figure of a person, in units of the head's radius, head's middle at 0, 0.

    `head` draws another head than a person's, without hair.
    """
    view = drawn_view(rng, face=framing == "face" or head is not None)
    expression = Expression.drawn(rng)
    outfit = identity.outfit
    if rng.random() < ALTERNATE_SHARE:
        identity, outfit = _changed(identity), identity.alternate
    gear = tuple(each for each in identity.gear if rng.random() > 0.1)
    sway = rng.gauss(0, 0.45)
    name, pose = drawn_pose(rng)
    heads = manner.heads or identity.build.heads
    body_yaw = 0.0 if view.behind else view.yaw * rng.uniform(0.5, 1.0)
    build = identity.build
    bones = skeleton(
        pose,
        heads=heads,
        shoulders=build.shoulders,
        hips=build.hips,
        limbs=build.limbs * manner.limbs,
        yaw=body_yaw,
        chin=identity.face.chin,
    )
    behind = view.behind
    figure = Figure()
    top = head(view, expression) if head else _head(identity, view, expression, manner, gear)
    tilt = skia.Matrix.RotateDeg(rng.gauss(0, 6), skia.Point(0, 0.8))
    hair_behind = Figure()
    if head is None:
        draw_back(hair_behind, identity.hair, identity.palette, view, manner, sway=sway)
    if identity.wings and not behind:
        _wings(figure, identity, bones, body_yaw)
    if outfit.back_item and not behind:
        draw_back_item(figure, outfit.back_item, bones, identity.palette, sway, behind=False)
    if not behind:
        figure.extend(hair_behind, tilt)
    _body(figure, identity, outfit, bones, rng, sway=sway, yaw=body_yaw, behind=behind)
    figure.extend(top, tilt)
    top.head.transform(tilt)
    figure.head = top.head
    if behind:
        if outfit.back_item:
            draw_back_item(figure, outfit.back_item, bones, identity.palette, sway, behind=True)
        figure.extend(hair_behind, tilt)
        if identity.wings:
            _wings(figure, identity, bones, 0.0)
    if name == "fly":
        _turn(figure, rng.uniform(30, 70) * (1 if view.yaw >= 0 else -1))
    return figure


def _changed(identity: Identity) -> Identity:
    """The identity in the colours of its other costume."""
    palette = identity.palette
    return replace(
        identity,
        palette=replace(palette, main=palette.trim, second=palette.main, trim=palette.second),
    )


def _turn(figure: Figure, degrees: float) -> None:
    matrix = skia.Matrix.RotateDeg(degrees, skia.Point(0, 1))
    whole = Figure()
    whole.extend(figure, matrix)
    figure.head.transform(matrix)


def _wings(figure: Figure, identity: Identity, bones: Skeleton, yaw: float) -> None:
    palette = identity.palette
    turned = min(0.55, abs(yaw) / 120)
    near, far = (1 - turned, 1.0) if yaw > 0 else (1.0, 1 - turned)
    root = (bones.neck[0], bones.neck[1] + 0.6)
    draw_wings(
        figure, identity.wings, palette.feature, palette.accent, root, size=2.1, near=near, far=far
    )


def _body(
    figure: Figure,
    identity: Identity,
    outfit: Outfit,
    bones: Skeleton,
    rng: random.Random,
    *,
    sway: float,
    yaw: float,
    behind: bool,
) -> None:
    palette = identity.palette
    far = 0 if yaw >= 0 else 1
    near = 1 - far
    side_on = abs(yaw) > 35
    tail_out = -1.0 if yaw > 0 else 1.0
    if identity.tail and not behind:
        draw_tail(figure, identity.tail, palette, bones.pelvis, tail_out, size=1.4)
    if side_on:
        draw_arm(figure, bones, far, outfit, palette, rng=rng)
    for side in (far, near):
        draw_leg(figure, bones, side, outfit, palette)
    draw_neck(figure, bones, palette.skin, identity.face.chin)
    gown = outfit.bottom in ("dress", "gown")
    if not gown:
        draw_skirt(figure, bones, outfit, palette, sway)
        draw_top(figure, bones, outfit, palette, behind=behind)
    else:
        draw_top(figure, bones, outfit, palette, behind=behind)
        draw_skirt(figure, bones, outfit, palette, sway)
    if not behind:
        draw_neckwear(figure, bones, outfit, palette)
    if identity.tail and behind:
        draw_tail(figure, identity.tail, palette, bones.pelvis, tail_out, size=1.4)
    if outfit.prop and rng.random() < 0.75:
        draw_prop(
            figure,
            outfit.prop,
            palette,
            bones.hands[near],
            bones.elbows[near],
            side=1 if near else -1,
        )
    if not side_on:
        draw_arm(figure, bones, far, outfit, palette, rng=rng)
    draw_arm(figure, bones, near, outfit, palette, rng=rng)


def _head(
    identity: Identity, view: View, expression: Expression, manner: Manner, gear: tuple[Gear, ...]
) -> Figure:
    figure = Figure()
    palette, face, hair = identity.palette, identity.face, identity.hair
    draw_face(figure, face, palette, view, expression, manner=manner)
    short = hair.back in (
        "bald",
        "buzz",
        "crop",
        "mohawk",
        "topknot",
        "bun",
        "pony",
        "high-pony",
        "spiky",
    )
    if short and not view.behind and not identity.ears:
        for side in (-1, 1):
            x, y, depth = view.at(side * 92, 0.25, 0.97)
            if depth > -0.45:
                figure.form(ellipse(x, y, 0.15, 0.24), palette.skin)
    draw_front(figure, hair, palette, view, manner)
    draw_ears(figure, identity.ears, palette, view)
    for each in gear:
        draw_gear(figure, identity, each, view)
    outline = face_outline(face, view)
    outline.addCircle(0, 0, 1.09)
    figure.head = outline
    matrix = skia.Matrix.Scale(manner.head_width, 1.0)
    whole = Figure()
    whole.extend(figure, matrix)
    figure.head.transform(matrix)
    return figure
