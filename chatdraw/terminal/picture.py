"""Pictures in the terminal: real ones where it can show them, coloured half blocks elsewhere."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from chatdraw.terminal.tty import device_attributes

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS: Final = 48
"""How wide a picture is shown at most, in columns."""
PREVIEW_COLUMNS: Final = 20
SMALLEST_COLUMNS: Final = 22
"""How wide each of several pictures is at least, with the space between them."""
GAP: Final = 1 / 16
"""The space between pictures side by side, in widths of the widest."""
ROWS_LEFT: Final = 6
"""Rows of the window that a picture leaves free, so that the words around it stay in view."""

SIXEL: Final = "4"
"""The device attribute of terminals that show sixel pictures."""
PLACEHOLDER_TERMINALS: Final = ("xterm-kitty", "xterm-ghostty")
"""``TERM`` of terminals that show kitty's pictures in place of characters."""
ANSWER_SECONDS: Final = 0.3
"""A terminal that takes longer is far away or does not answer at all; the prompt does not wait for it."""
PATIENCE_SECONDS: Final = 0.05

Colour = tuple[int, int, int] | None
"""Red, green and blue, 0 to 255; ``None``: the terminal's background shows."""

Graphics = Callable[["Image", int], RenderableType]
"""Makes something to print from a picture and its width in columns."""


class HalfBlocks:
    """A picture as half blocks: each character shows two pixels, one above the other.

    Args:
        image: any size and mode; transparent parts are shown as the terminal's background.
        columns: width in columns, at least 1.
        indent: empty columns to the left of it.
    """

    def __init__(self, image: Image, columns: int, *, indent: int = 2) -> None:
        self._indent = indent
        self._pixels = image.convert("RGBA").resize((columns, _rows(image, columns) * 2))

    def lines(self) -> Iterator[list[tuple[str, Colour, Colour]]]:
        """For each line its runs of equal characters, with the colours of the upper and the lower pixel."""
        width, height = self._pixels.size
        data = self._pixels.tobytes()
        for top in range(0, height, 2):
            runs: list[tuple[str, Colour, Colour]] = [(" " * self._indent, None, None)]
            for x in range(width):
                upper, lower = (_colour(data, (y * width + x) * 4) for y in (top, top + 1))
                character = "▀"
                if upper is None:
                    # A character has no background of its own above; the other half block has it below.
                    character, upper, lower = ("▄", lower, None) if lower is not None else (" ", None, None)
                text, front, back = runs[-1]
                if text[:1] == character and (front, back) == (upper, lower):
                    runs[-1] = (text + character, upper, lower)
                else:
                    runs.append((character, upper, lower))
            yield runs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One segment for each run of equal characters."""
        for line in self.lines():
            for text, front, back in line:
                yield Segment(text, Style(color=_rich(front), bgcolor=_rich(back)))
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """As many columns as pixels, and the indent."""
        return Measurement(self._indent + self._pixels.width, self._indent + self._pixels.width)


class PictureView:
    """Decides how pictures are shown on a console.

    Args:
        console: where they are printed.
        graphics: shows real pictures, on terminals that can; ``None``: half blocks, or nothing where the
            terminal has no colours.
    """

    def __init__(self, console: Console, graphics: Graphics | None = None) -> None:
        self._console = console
        self._graphics = graphics
        self._colours = console.is_terminal and console.color_system is not None and not console.no_color

    def full(self, image: Image) -> RenderableType | None:
        """The finished picture, or ``None`` where it cannot be shown."""
        columns = self._columns(image, COLUMNS)
        if self._graphics is not None:
            return self._graphics(image, columns)
        return HalfBlocks(image, columns) if self._colours else None

    def several(self, images: Sequence[Image]) -> RenderableType | None:
        """The finished pictures of one turn, side by side, and in several rows where the window is narrow."""
        if len(images) <= 1:
            return self.full(images[0]) if images else None
        most = max(1, (self._console.width - 4) // SMALLEST_COLUMNS)
        # Rows of about the same length look better than a full one and a rest.
        rows = -(-len(images) // most)
        sheet = side_by_side(images, -(-len(images) // rows))
        columns = self._columns(sheet, self._console.width - 4)
        if self._graphics is not None:
            return self._graphics(sheet, columns)
        return HalfBlocks(sheet, columns) if self._colours else None

    def preview(self, image: Image) -> HalfBlocks | None:
        """A small picture for the progress display; always in half blocks, which can be drawn over."""
        return HalfBlocks(image, self._columns(image, PREVIEW_COLUMNS)) if self._colours else None

    def _columns(self, image: Image, most: int) -> int:
        rows = max(4, self._console.height - ROWS_LEFT)
        columns = min(most, self._console.width - 4)
        if _rows(image, columns) > rows:
            columns = rows * 2 * image.width // image.height
        return max(1, columns)


def find_graphics(environ: Mapping[str, str] = os.environ) -> Graphics | None:
    """Finds out whether the terminal shows real pictures (sixel, or kitty's protocol); ``None``: it does not.

    The question goes through standard input and output, so it is asked once, before the first prompt, and only
    when both are a terminal.
    """
    attributes = device_attributes(ANSWER_SECONDS)
    if attributes is None:
        return None
    abilities, seconds = attributes
    if SIXEL not in abilities and environ.get("TERM") not in PLACEHOLDER_TERMINALS:
        return None
    if seconds > PATIENCE_SECONDS:
        # textual-image asks again by itself when it is imported, and gives up after a tenth of a second; an answer
        # that comes later would appear in the prompt as if it had been typed.
        return None
    # Terminals that do not tell the size of a character are common and no reason for a warning.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    from textual_image.renderable import Image as Chosen
    from textual_image.renderable import SixelImage, TGPImage

    if Chosen not in (SixelImage, TGPImage):
        return None
    return lambda image, columns: Chosen(image, width=columns, height="auto")


def _rows(image: Image, columns: int) -> int:
    """Rows of characters; one character is about twice as high as it is wide."""
    return max(1, round(columns * image.height / image.width / 2))


def side_by_side(images: Sequence[Image], per_row: int) -> Image:
    """One picture of several, in rows of at most ``per_row``, with transparent space between them.

    Args:
        images: at least one, of any sizes.
        per_row: from 1.
    """
    from PIL import Image

    width, height = max(image.width for image in images), max(image.height for image in images)
    gap = max(1, round(width * GAP))
    across, down = min(per_row, len(images)), -(-len(images) // per_row)
    sheet = Image.new("RGBA", (across * (width + gap) - gap, down * (height + gap) - gap))
    for index, image in enumerate(images):
        row, column = divmod(index, per_row)
        sheet.paste(image.convert("RGBA"), (column * (width + gap), row * (height + gap)))
    return sheet


def _colour(data: bytes, at: int) -> Colour:
    red, green, blue, alpha = data[at : at + 4]
    return (red, green, blue) if alpha >= 128 else None


def _rich(colour: Colour) -> Color | None:
    return None if colour is None else Color.from_rgb(*colour)
