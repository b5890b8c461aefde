"""What is worn before the eyes."""

from __future__ import annotations

from training.world.kinds.base import Anchors
from training.world.palette import RGB, TONES, Tone
from training.world.shapes import Brush
from training.world.spec import Item

_LENS: RGB = (38, 34, 50)
_GLEAM: RGB = (150, 156, 186)


def draw_eyewear(brush: Brush, anchors: Anchors, item: Item) -> None:
    """Glasses are thick coloured rings through which the eyes stay visible; sunglasses have dark lenses."""
    tone = TONES[item.colour]
    x, y = anchors.eyes
    radius = anchors.eye_radius + 2.1
    for side in (-1, 1):
        ear_piece = [(side * (x + radius), y - 1), (side * (anchors.head_radius[0] - 0.5), y - 3)]
        brush.line(ear_piece, tone.deep, 3.0)
        brush.line(ear_piece, tone.base, 1.4)
    bridge = [(-(x - radius * 0.8), y - 2.2), (0, y - 3.8), (x - radius * 0.8, y - 2.2)]
    brush.line(bridge, tone.deep, 3.6)
    if item.thing == "sunglasses":
        _lenses(brush, x, y, radius, tone)
    else:
        for side in (-1, 1):
            brush.ring(side * x, y, radius, tone.deep, 3.9)
            brush.ring(side * x, y, radius, tone.base, 2.3)
    brush.line(bridge, tone.base, 1.8)


def _lenses(brush: Brush, x: float, y: float, radius: float, tone: Tone) -> None:
    """Dark lenses, flat above and round below, each with a gleam."""
    shape = [(-1.02, -0.72), (0.0, -0.88), (1.02, -0.72), (0.98, 0.2), (0.55, 0.9), (-0.2, 1.02), (-0.85, 0.55)]
    for side in (-1, 1):
        for grow, colour in ((1.18, tone.deep), (1.08, tone.base), (0.76, _LENS)):
            brush.blob([(side * (x + u * radius * grow), y + v * radius * grow) for u, v in shape], colour)
        gleam = [(side * x - radius * 0.1, y - radius * 0.42), (side * x - radius * 0.42, y + radius * 0.12)]
        brush.line(gleam, _GLEAM, 1.5)
