"""Draws a :class:`~training.world.spec.PictureSpec` in its style."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageFilter

from training.world import weather
from training.world.figure import draw_figure, draw_shadow
from training.world.kinds.base import FLOOR
from training.world.layout import Layout, Place, arrange
from training.world.palette import RGB, multiply
from training.world.props import draw_prop, draw_rainbow
from training.world.settings import draw_setting
from training.world.shapes import Brush, Light, Manner
from training.world.spec import INDOORS, PictureSpec, check
from training.world.styles import STYLES, Style

SUPERSAMPLING = 2
"""Pictures are drawn this many times larger and averaged down, which is what makes their edges soft; small ones
twice as much."""

_SMALL = 160
_CHARACTER_LIGHTS: dict[str, Light] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.95, 0.91), "night": (0.91, 0.92, 0.98)}
"""Weaker than the light on the setting, so that a blue cat is blue at night too."""
_SHADOW_LIGHT = {"day": 1.0, "sunset": 0.85, "night": 0.5}
_SHADOWS: dict[str, RGB] = {
    "snow": (196, 206, 226),
    "beach": (206, 176, 122),
    "desert": (196, 150, 94),
    "space": (124, 122, 150),
    "underwater": (176, 152, 108),
    "plain": (206, 198, 196),
    "bedroom": (150, 120, 110),
    "kitchen": (140, 136, 140),
    "city": (88, 90, 102),
}
_ON_GRASS: RGB = (88, 128, 76)


def draw(spec: PictureSpec, rng: random.Random, size: int = 256) -> Image.Image:
    """The picture as RGB, ``size`` x ``size`` pixels.

    ``rng`` decides what the spec leaves open (exact places, the tilt of a head, trees, clouds, the grain of the
    paper); the same spec and the same state of ``rng`` give the same bytes. Raises ``ValueError`` for what
    :func:`~training.world.spec.check` refuses.
    """
    check(spec)
    style = STYLES[spec.style]
    target = style.grid or size
    factor = SUPERSAMPLING if target > _SMALL else 2 * SUPERSAMPLING
    large = target * factor
    layout = arrange(spec, rng)
    if spec.setting is None:
        picture = _sticker(spec, layout, rng, large)
    else:
        picture = Image.new("RGB", (large, large))
        _scene(picture, spec, spec.setting, layout, style, rng)
    picture = picture.reduce(factor)
    if style.finish:
        picture = style.finish(picture, rng)
    return picture if target == size else picture.resize((size, size), Image.Resampling.NEAREST)


def _scene(
    picture: Image.Image, spec: PictureSpec, setting: str, layout: Layout, style: Style, rng: random.Random
) -> None:
    around = Brush.on(picture, manner=style.surroundings)
    draw_setting(around, setting, spec.time, spec.weather, rng)
    for prop in spec.props:
        if prop.thing == "rainbow":
            draw_rainbow(around, rng.uniform(-4, 4), 8 + rng.uniform(-2, 2), rng.uniform(41, 44), spec.time)
    if spec.weather == "fog":
        weather.veil(picture, spec.time, rng, 1.0)
    weather.on_the_ground(around, spec.weather, spec.time, rng)
    lit = Brush.on(picture, _CHARACTER_LIGHTS[spec.time], style.figures)
    dark = _SHADOW_LIGHT[spec.time]
    ground = multiply(_SHADOWS.get(setting, _ON_GRASS), (dark, dark, dark))
    flat = Brush.on(picture, manner=Manner(wash=style.surroundings.wash * 0.6, paper=style.surroundings.paper))
    for prop, place in zip(spec.props, layout.props, strict=True):
        if place is not None:
            standing = _standing_at(flat, place)
            if prop.thing == "boat" and setting not in (*INDOORS, "desert"):
                standing.ellipse(0, 0.4, 19, 3.6, (128, 196, 232), (216, 240, 250), 0.8)
            else:
                standing.ellipse(0, 0.2, 14, 2.0, ground)
            draw_prop(_standing_at(lit, place), prop)
    for character, place in zip(spec.characters, layout.characters, strict=True):
        draw_shadow(_figure_at(flat, place), character, ground)
    _figures(lit, spec, layout, rng)
    if spec.weather == "fog":
        weather.veil(picture, spec.time, rng, 0.2)
    weather.falling(around, spec.weather, spec.time, rng)


def _figures(brush: Brush, spec: PictureSpec, layout: Layout, rng: random.Random) -> None:
    for character, place in zip(spec.characters, layout.characters, strict=True):
        tilt = 0.0 if place.hold_hand else rng.uniform(-2, 2)
        draw_figure(_figure_at(brush, place, tilt), character, rng, hold_hand=place.hold_hand)


def _standing_at(brush: Brush, place: Place) -> Brush:
    return brush.moved(place.x, place.y, scale=place.scale)


def _figure_at(brush: Brush, place: Place, tilt: float = 0.0) -> Brush:
    """A brush in which a figure's feet, which are at :data:`FLOOR`, are at the place."""
    figure = brush.moved(place.x, place.y, scale=place.scale, angle=tilt).moved(0, -FLOOR)
    return figure.stretched(-1.0) if place.mirrored else figure


def _sticker(spec: PictureSpec, layout: Layout, rng: random.Random, large: int) -> Image.Image:
    """The characters alone, die-cut: a thick white contour, a thin shadow around it, a plain ground."""
    ground = rng.choice(((206, 218, 232), (212, 222, 234), (200, 214, 230)))
    # Drawn on nothing: what stays exactly transparent is outside the characters.
    figures = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    _figures(Brush.on(figures).moved(0, -3), spec, layout, rng)
    outside = figures.getchannel("A")
    left, top, right, bottom = outside.getbbox() or (0, 0, large, large)
    middle = (large - left - right) // 2, (large - top - bottom) // 2
    figures = ImageChops.offset(figures, *middle)
    outside = figures.getchannel("A")
    contour = _grown(outside, large * 0.026)
    shadow = _grown(outside, large * 0.037)
    picture = Image.new("RGB", (large, large), ground)
    picture.paste((148, 160, 178), mask=shadow)
    picture.paste((255, 255, 255), mask=contour)
    picture.paste(figures, mask=outside)
    return picture


def _grown(mask: Image.Image, radius: float) -> Image.Image:
    """The mask grown by ``radius`` pixels, with holes between limbs filled as a cutter would leave them."""
    # Worked out at a fourth of the size: the contour is thick and smooth, and blurring is what takes time.
    small = mask.reduce(4)
    blurred = small.filter(ImageFilter.GaussianBlur(radius / 4))
    cut = blurred.point([min(255, max(0, (value - 4) * 48)) for value in range(256)])
    wide = cut.resize(mask.size, Image.Resampling.BILINEAR).point([255 * (value > 127) for value in range(256)])
    return ImageChops.lighter(mask, wide)
