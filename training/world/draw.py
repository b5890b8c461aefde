"""Draws a :class:`~training.world.spec.PictureSpec` as a picture-book illustration or a sticker."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter

from training.world import face
from training.world.items import draw_eyewear, draw_headwear, draw_held, draw_neckwear
from training.world.kinds import all_kinds
from training.world.palette import INK, RGB, TONES
from training.world.settings import draw_setting
from training.world.shapes import Brush, Light
from training.world.spec import PictureSpec

SUPERSAMPLING = 3
"""Pictures are drawn this many times larger and averaged down, which is what makes their edges soft."""

_CHARACTER_LIGHTS: dict[str, Light] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.95, 0.91), "night": (0.91, 0.92, 0.98)}
"""Weaker than the light on the setting, so that a blue cat is blue at night too."""

_HEAD_SCALE = 1.07
"""Heads are drawn larger than kinds give them, which is both childlike and clearer when small."""


def draw(spec: PictureSpec, rng: random.Random, size: int = 128) -> Image.Image:
    """The picture as RGB, ``size`` x ``size`` pixels.

    ``rng`` decides what the spec leaves open (exact place, size and tilt of the character, trees, clouds); the same
    spec and the same state of ``rng`` give the same bytes. Raises ``KeyError`` for words that the world lacks.
    """
    large = size * SUPERSAMPLING
    if spec.style == "sticker":
        picture = _sticker(spec, rng, large)
    else:
        if spec.setting is None:
            raise ValueError(f"a picture in style {spec.style!r} needs a setting; only a sticker has none")
        picture = Image.new("RGB", (large, large))
        draw_setting(Brush.on(picture), spec.setting, spec.time, rng)
        placed = _place(Brush.on(picture, _CHARACTER_LIGHTS[spec.time]), spec, rng)
        _shadow(placed, spec)
        _character(placed, spec, rng)
    return picture.reduce(SUPERSAMPLING)


def _is_tall(spec: PictureSpec) -> bool:
    return spec.headwear is not None or all_kinds()[spec.kind].tall


def _place(brush: Brush, spec: PictureSpec, rng: random.Random) -> Brush:
    """Moves the brush to where the character stands, with a little room for what it holds or wears."""
    x = rng.uniform(-6, -2) if spec.holding else rng.uniform(-4, 4)
    tall = _is_tall(spec)
    y = rng.uniform(4.5, 6) if tall else rng.uniform(1, 5)
    scale = rng.uniform(0.9, 0.97) if tall or spec.holding else rng.uniform(0.95, 1.06)
    return brush.moved(x, y, scale=scale, angle=rng.uniform(-2.5, 2.5))


def _shadow(brush: Brush, spec: PictureSpec) -> None:
    ground: RGB = (196, 206, 226) if spec.setting == "snow" else (92, 96, 92)
    light = {"day": 1.0, "sunset": 0.85, "night": 0.5}[spec.time]
    brush.under((light, light, light)).ellipse(0, 36.2, 22, 3.4, ground)


def _character(brush: Brush, spec: PictureSpec, rng: random.Random) -> None:
    kind = all_kinds()[spec.kind]
    anchors, tone = kind.anchors, TONES[spec.colour]
    neck_x, neck_y = anchors.neck
    head = brush.moved(neck_x, neck_y, scale=_HEAD_SCALE, angle=rng.uniform(-5, 5)).moved(-neck_x, -neck_y)
    lift = rng.uniform(-2, 2)

    kind.behind(brush, tone)
    kind.body(brush, tone)
    (shoulder_x, shoulder_y), (rest_x, rest_y) = anchors.shoulder, anchors.rest
    kind.arm(brush, tone, (-shoulder_x, shoulder_y), (-rest_x, rest_y + lift))
    if spec.holding is None:
        kind.arm(brush, tone, anchors.shoulder, (rest_x, rest_y - lift))
    kind.head(head, tone)
    if kind.cheeks:
        face.draw_cheeks(head, anchors)
    kind.mouth(head, anchors, spec.expression)
    skin, edge = kind.face(tone)
    face.draw_eyes(head, anchors, spec.expression, edge)
    face.draw_lids_and_brows(head, anchors, spec.expression, skin, edge, INK)
    if spec.neckwear:
        draw_neckwear(brush, anchors, spec.neckwear)
    if spec.headwear:
        draw_headwear(head, anchors, spec.headwear)
    if spec.eyewear:
        draw_eyewear(head, anchors, spec.eyewear)
    if spec.holding:
        draw_held(brush, anchors, spec.holding)
        kind.arm(brush, tone, anchors.shoulder, anchors.hand)


def _sticker(spec: PictureSpec, rng: random.Random, large: int) -> Image.Image:
    """The character alone, die-cut: a thick white contour, a thin shadow around it, a plain ground."""
    ground = rng.choice(((206, 218, 232), (212, 222, 234), (200, 214, 230)))
    # Drawn on nothing: what stays exactly transparent is outside the character.
    figure = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    # Smaller than in a setting where a hat or long ears would push the contour out of the picture.
    scale = 0.88 if _is_tall(spec) else 0.94
    _character(_place(Brush.on(figure), spec, rng).moved(0, -1, scale=scale), spec, rng)
    outside = figure.getchannel("A")
    contour = _grown(outside, large * 0.026)
    shadow = _grown(outside, large * 0.037)
    picture = Image.new("RGB", (large, large), ground)
    picture.paste((148, 160, 178), mask=shadow)
    picture.paste((255, 255, 255), mask=contour)
    picture.paste(figure, mask=outside)
    return picture


def _grown(mask: Image.Image, radius: float) -> Image.Image:
    """The mask grown by ``radius`` pixels, with holes between limbs filled as a cutter would leave them."""
    blurred = mask.filter(ImageFilter.GaussianBlur(radius))
    return ImageChops.lighter(mask, blurred.point([255 if value > 6 else 0 for value in range(256)]))
