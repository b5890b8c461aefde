"""Rounded shapes with soft outlines, drawn through a movable brush.

Coordinates are *points*: the picture is 100 points wide and high, (0, 0) is its centre, x grows to the right and y
grows downwards. Angles are degrees and turn clockwise as seen. A :class:`Brush` maps points to pixels, so a
whole character can be shifted, scaled and tilted without knowing of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from training.world.palette import RGB, mix, multiply

Point = tuple[float, float]
Light = tuple[float, float, float]

OUTLINE = 1.25
"""Usual width of an outline in points, of which 100 are the picture."""

_STEPS = 28
_CIRCLE = [(math.cos(2 * math.pi * i / _STEPS), math.sin(2 * math.pi * i / _STEPS)) for i in range(_STEPS)]
_CURVE_STEPS = 5


def _spline_weights() -> list[tuple[float, float, float, float]]:
    # Catmull-Rom basis (Catmull and Rom 1974) at evenly spaced places of one segment.
    weights = []
    for step in range(_CURVE_STEPS):
        t = step / _CURVE_STEPS
        weights.append(
            (
                (-t + 2 * t**2 - t**3) / 2,
                (2 - 5 * t**2 + 3 * t**3) / 2,
                (t + 4 * t**2 - 3 * t**3) / 2,
                (-(t**2) + t**3) / 2,
            )
        )
    return weights


_SPLINE = _spline_weights()


def smooth(points: Sequence[Point], *, closed: bool = True) -> list[Point]:
    """A curve through all ``points`` (at least three when closed, two when open)."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            p, q, r, s = points[i - 1], points[i], points[(i + 1) % count], points[(i + 2) % count]
        else:
            p, q, r, s = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, count - 1)]
        for a, b, c, d in _SPLINE:
            curve.append((a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]))
    if not closed:
        curve.append(points[-1])
    return curve


@dataclass(frozen=True, slots=True)
class Manner:
    """How a hand puts shapes on paper: what becomes of their colours, and whether they throw a shadow."""

    wash: float = 0.0
    """How far surfaces are moved towards ``paper``; 0 leaves them as they are."""
    paper: RGB = (255, 255, 255)
    ink: RGB | None = None
    """The one colour of all outlines; ``None`` leaves each its own."""
    soften: float = 0.0
    """How far outlines are moved towards the surface that they enclose; below 0, away towards white."""
    line: float = 1.0
    """Outlines are this many times as wide."""
    keep_dark: bool = False
    """Whether dark surfaces, such as the pupils of eyes, stay as dark as they are."""
    shadow: float = 0.0
    """Points by which the shadow of an outlined shape is shifted down and to the right; 0 is none."""

    def surface(self, colour: RGB) -> RGB:
        """The colour of a surface."""
        wash = self.wash
        if self.keep_dark:
            # Fully washed from a third of full light on, not at all below a tenth.
            wash *= min(max((sum(colour) / 765 - 0.1) / 0.23, 0.0), 1.0)
        return mix(colour, self.paper, wash) if wash else colour

    def edge(self, outline: RGB, fill: RGB) -> RGB:
        """The colour of an outline around a surface of ``fill``."""
        if self.ink is not None:
            return self.ink
        if self.soften < 0:
            # The cut edge of white paper is seen as a shade.
            return mix(fill, (255, 255, 255) if sum(fill) < 690 else (96, 96, 128), -self.soften)
        return mix(outline, fill, self.soften) if self.soften else outline


PLAINLY = Manner()
"""As given."""

_SHADOW = (30, 24, 40, 84)
"""Needs an image whose brush blends; see :meth:`Brush.on`."""


class Brush:
    """Draws shapes given in points onto an image, under a light and in a manner.

    The brush itself never changes: :meth:`moved` and :meth:`under` give new ones on the same image.
    """

    __slots__ = ("_draw", "_light", "_manner", "_matrix")

    def __init__(
        self,
        draw: ImageDraw.ImageDraw,
        matrix: tuple[float, float, float, float, float, float],
        light: Light,
        manner: Manner = PLAINLY,
    ) -> None:
        self._draw = draw
        self._matrix = matrix
        self._light = light
        self._manner = manner

    @classmethod
    def on(cls, image: Image.Image, light: Light = (1.0, 1.0, 1.0), manner: Manner = PLAINLY) -> Brush:
        """A brush for a square image, its centre at the origin. A manner with shadows needs an RGB image."""
        size = image.size[0]
        scale = size / 100
        # On an RGB image, a brush of mode RGBA blends what is drawn half transparent.
        draw = ImageDraw.Draw(image, "RGBA") if manner.shadow else ImageDraw.Draw(image)
        return cls(draw, (scale, 0.0, size / 2, 0.0, scale, size / 2), light, manner)

    def under(self, light: Light) -> Brush:
        """The same brush under another light, which multiplies every colour."""
        return Brush(self._draw, self._matrix, light, self._manner)

    def moved(self, x: float = 0.0, y: float = 0.0, *, scale: float = 1.0, angle: float = 0.0) -> Brush:
        """A brush whose origin is at (x, y) of this one, scaled and turned by ``angle``."""
        a, b, c, d, e, f = self._matrix
        cosine, sine = math.cos(math.radians(angle)) * scale, math.sin(math.radians(angle)) * scale
        matrix = (
            a * cosine + b * sine,
            b * cosine - a * sine,
            a * x + b * y + c,
            d * cosine + e * sine,
            e * cosine - d * sine,
            d * x + e * y + f,
        )
        return Brush(self._draw, matrix, self._light, self._manner)

    def stretched(self, x: float = 1.0, y: float = 1.0) -> Brush:
        """A brush with its axes scaled by different amounts; x = -1 mirrors left and right."""
        a, b, c, d, e, f = self._matrix
        return Brush(self._draw, (a * x, b * y, c, d * x, e * y, f), self._light, self._manner)

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        a, b, c, d, e, f = self._matrix
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in points]

    def _width(self, points: float) -> int:
        a, b, _, d, e, _ = self._matrix
        return max(1, round(points * math.sqrt(abs(a * e - b * d))))

    def polygon(
        self,
        points: Sequence[Point],
        fill: RGB,
        outline: RGB | None = None,
        width: float = OUTLINE,
        *,
        lit: bool = False,
    ) -> None:
        """A filled polygon; its outline lies on the border with rounded corners. ``lit`` ignores the light."""
        self._fill(points, fill, outline, width, lit, joint="curve")

    def blob(
        self,
        points: Sequence[Point],
        fill: RGB,
        outline: RGB | None = None,
        width: float = OUTLINE,
        *,
        lit: bool = False,
    ) -> None:
        """A smooth closed shape through the points."""
        self._fill(smooth(points), fill, outline, width, lit, joint=None)

    def ellipse(
        self,
        x: float,
        y: float,
        radius_x: float,
        radius_y: float,
        fill: RGB,
        outline: RGB | None = None,
        width: float = OUTLINE,
        *,
        angle: float = 0.0,
        lit: bool = False,
    ) -> None:
        """A filled ellipse around (x, y); the outline lies on its border."""
        if angle:
            self.moved(x, y, angle=angle).ellipse(0, 0, radius_x, radius_y, fill, outline, width, lit=lit)
            return
        if outline is not None:
            # A larger ellipse underneath is smoother and cheaper than a line around it.
            grow = width * self._manner.line / 2
            ring = [(x + cosine * (radius_x + grow), y + sine * (radius_y + grow)) for cosine, sine in _CIRCLE]
            pixels = self._pixels(ring)
            self._shadow(pixels)
            self._draw.polygon(pixels, self._edge(outline, fill, lit))
            radius_x, radius_y = radius_x - grow, radius_y - grow
        points = [(x + cosine * radius_x, y + sine * radius_y) for cosine, sine in _CIRCLE]
        self._fill(points, fill, None, 0, lit, joint=None)

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        fill: RGB,
        outline: RGB | None = None,
        width: float = OUTLINE,
        *,
        lit: bool = False,
    ) -> None:
        """A filled circle around (x, y)."""
        self.ellipse(x, y, radius, radius, fill, outline, width, lit=lit)

    def rectangle(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: RGB,
        outline: RGB | None = None,
        width: float = OUTLINE,
        *,
        lit: bool = False,
    ) -> None:
        """A filled rectangle between two corners."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.polygon(corners, fill, outline, width, lit=lit)

    def line(self, points: Sequence[Point], colour: RGB, width: float = OUTLINE, *, lit: bool = False) -> None:
        """A line with round ends and corners."""
        self._line(self._pixels(points), self._colour(colour, lit), self._width(width), joint="curve", ends=True)

    def curve(self, points: Sequence[Point], colour: RGB, width: float = OUTLINE, *, lit: bool = False) -> None:
        """A smooth open line through the points, with round ends."""
        self.line(smooth(points, closed=False), colour, width, lit=lit)

    def ring(self, x: float, y: float, radius: float, colour: RGB, width: float = OUTLINE) -> None:
        """A circle that is not filled."""
        points = [(x + cosine * radius, y + sine * radius) for cosine, sine in _CIRCLE]
        self._line(
            self._pixels([*points, *points[:2]]),
            self._colour(colour, False),
            self._width(width),
            joint="curve",
            ends=False,
        )

    def limb(self, points: Sequence[Point], fill: RGB, outline: RGB, width: float) -> None:
        """A thick smooth line with an outline: an arm, a tail, the end of a scarf."""
        path = self._pixels(smooth(points, closed=False))
        grow = OUTLINE * self._manner.line
        if self._manner.shadow:
            shift = self._width(self._manner.shadow)
            moved = [(x + shift, y + shift) for x, y in path]
            self._draw.line(moved, _SHADOW, self._width(width), joint="curve")
        edge, surface = self._edge(outline, fill, False), self._colour(fill, False)
        self._line(path, edge, self._width(width + grow), joint="curve", ends=True)
        self._line(path, surface, self._width(width - grow), joint="curve", ends=True)

    def _colour(self, colour: RGB, lit: bool) -> RGB:
        return self._manner.surface(colour if lit else multiply(colour, self._light))

    def _edge(self, outline: RGB, fill: RGB, lit: bool) -> RGB:
        if not lit:
            outline, fill = multiply(outline, self._light), multiply(fill, self._light)
        return self._manner.edge(outline, self._manner.surface(fill))

    def _shadow(self, pixels: Sequence[Point]) -> None:
        if self._manner.shadow:
            shift = self._width(self._manner.shadow)
            self._draw.polygon([(x + shift, y + shift) for x, y in pixels], _SHADOW)

    def _fill(
        self, points: Sequence[Point], fill: RGB, outline: RGB | None, width: float, lit: bool, joint: str | None
    ) -> None:
        pixels = self._pixels(points)
        if outline is not None:
            self._shadow(pixels)
        self._draw.polygon(pixels, self._colour(fill, lit))
        if outline is not None:
            ring = [*pixels, pixels[0], pixels[1]]
            broad = self._width(width * self._manner.line)
            self._line(ring, self._edge(outline, fill, lit), broad, joint=joint, ends=False)

    def _line(self, pixels: Sequence[Point], colour: RGB, width: int, joint: str | None, ends: bool) -> None:
        self._draw.line(pixels, colour, width, joint=joint)
        if ends:
            radius = width / 2 - 0.5
            for x, y in (pixels[0], pixels[-1]):
                self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
