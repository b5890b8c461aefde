"""The contact sheet of a replay: every turn on a card, as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

CELL: Final = 320
"""Pixels of the side of the square that a picture is fitted into."""
GAP: Final = 24
INSET: Final = 16
RADIUS: Final = 14
WORDS_LINES: Final = 4
ANSWER_LINES: Final = 5
"""Longer texts end in an ellipsis; the page has them in full."""

PAPER: Final = "#f4efe6"
CARD: Final = "#fffdf9"
EDGE: Final = "#e2d9c8"
PANEL: Final = "#efe8da"
INK: Final = "#2b2622"
SOFT: Final = "#6f6457"
ACCENT: Final = "#c9622f"

FONTS: Final = (
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansKR-Regular.ttf",
    "NanumGothic.ttf",
    "AppleSDGothicNeo.ttc",
    "malgun.ttf",
    "Arial Unicode.ttf",
)
"""Looked for on the machine, for letters that Pillow's own font lacks."""

ELSEWHERE: Final = "(see the page, contact.html)"
"""Stands for a text in letters that no font here has."""


@dataclass(frozen=True, slots=True)
class Card:
    """What sheet and page show of one turn."""

    number: int
    text: str
    """The person's words."""
    answer: str
    """The reply, the question, or why there is none."""
    outcome: str
    picture: Path | None
    caption: str
    negative: str
    seed: int | None
    model: str
    edits: tuple[str, ...]
    mismatches: tuple[str, ...]


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def write_sheet(file: Path, title: str, cards: Sequence[Card]) -> None:
    """Writes the sheet as a PNG file.

    Emoji that no font here has are left out; a text with such letters is replaced by :data:`ELSEWHERE`.
    """
    draw_sheet(title, cards).save(file, format="PNG", compress_level=2)


def draw_sheet(title: str, cards: Sequence[Card]) -> Image.Image:
    """The sheet: the title, then the cards from left to right and from top to bottom."""
    source = _best_source([title, *(text for card in cards for text in (card.text, card.answer))])
    heading, words, small = (_font(source, size) for size in (32, 19, 16))
    columns = _columns(len(cards))
    rows = [cards[at : at + columns] for at in range(0, len(cards), columns)]
    texts = {card.number: _texts(card, words, small) for card in cards}
    heights = [max(CELL + _text_height(*texts[card.number], words, small) + 3 * INSET for card in row) for row in rows]
    top = GAP + _line_height(heading) + GAP
    width = columns * (CELL + 2 * INSET) + (columns + 1) * GAP
    sheet = Image.new("RGB", (width, top + sum(heights) + len(rows) * GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP), _cut(_legible(title, heading), heading, width - 2 * GAP), fill=INK, font=heading)
    for row, height in zip(rows, heights, strict=True):
        left = GAP
        for card in row:
            _draw_card(sheet, pen, (left, top), height, card, texts[card.number], words, small)
            left += CELL + 2 * INSET + GAP
        top += height + GAP
    return sheet


def _columns(count: int) -> int:
    """How many cards stand side by side, so that the last row is not too empty."""
    if count <= 3:
        return max(count, 1)
    return min((4, 3), key=lambda columns: (-count % columns, -columns)) if count > 4 else 2


def _draw_card(
    sheet: Image.Image,
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    height: int,
    card: Card,
    texts: tuple[list[str], list[str]],
    words: Font,
    small: Font,
) -> None:
    left, top = corner
    right = left + CELL + 2 * INSET
    pen.rounded_rectangle((left, top, right - 1, top + height - 1), RADIUS, fill=CARD, outline=EDGE)
    x, y = left + INSET, top + INSET
    pen.rounded_rectangle((x, y, x + CELL - 1, y + CELL - 1), RADIUS, fill=PANEL)
    if card.picture is not None:
        with Image.open(card.picture) as image:
            _paste(sheet, image, x, y)
    else:
        pen.text((x + CELL / 2, y + CELL / 2), card.outcome, fill=SOFT, font=words, anchor="mm")
    pen.ellipse((x + 8, y + 8, x + 42, y + 42), fill=CARD, outline=EDGE)
    pen.text((x + 25, y + 25), str(card.number), fill=ACCENT, font=small, anchor="mm")
    y += CELL + INSET
    said, answered = texts
    for line in said:
        pen.text((x, y), line, fill=INK, font=words)
        y += _line_height(words)
    y += _space_between(said, answered)
    for line in answered:
        pen.text((x, y), line, fill=ACCENT if card.outcome in ("failed", "refused") else SOFT, font=small)
        y += _line_height(small)


def _paste(sheet: Image.Image, image: Image.Image, x: int, y: int) -> None:
    """Fits a picture into its square, in the middle, with rounded corners."""
    scale = min(CELL / image.width, CELL / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    fitted = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), RADIUS, fill=255)
    sheet.paste(fitted, (x + (CELL - size[0]) // 2, y + (CELL - size[1]) // 2), mask)


# --- text ------------------------------------------------------------------------------------------


def _texts(card: Card, words: Font, small: Font) -> tuple[list[str], list[str]]:
    said = _wrapped(_legible(card.text, words), words, WORDS_LINES)
    return said, _wrapped(_legible(card.answer, small), small, ANSWER_LINES)


def _text_height(said: list[str], answered: list[str], words: Font, small: Font) -> int:
    between = _space_between(said, answered)
    return len(said) * _line_height(words) + between + len(answered) * _line_height(small)


def _space_between(said: list[str], answered: list[str]) -> int:
    return INSET // 2 if said and answered else 0


def _line_height(font: Font) -> int:
    _, top, _, bottom = font.getbbox("Ågjpq")
    return round((bottom - top) * 1.3)


def _wrapped(text: str, font: Font, most: int) -> list[str]:
    """Lines no wider than a picture; a word that is wider by itself is broken where it has to be."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        candidate = f"{line} {word}" if line else word
        if font.getlength(candidate) <= CELL:
            line = candidate
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > CELL:
            fits = next(n for n in range(len(word), 0, -1) if n == 1 or font.getlength(word[:n]) <= CELL)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    if line:
        lines.append(line)
    if len(lines) > most:
        lines[most - 1] = _cut(f"{lines[most - 1]} {lines[most]}", font, CELL)
    return lines[:most]


def _cut(text: str, font: Font, width: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


# --- fonts -----------------------------------------------------------------------------------------


def _best_source(texts: Iterable[str]) -> str | None:
    """The font that has the most of the letters; Pillow's own, ``None``, when nothing is better."""
    letters = "".join(sorted(set("".join(texts))))
    best, lacking = None, len(letters) - len(_writable(letters, _font(None, 16)))
    for name in FONTS if lacking else ():
        try:
            font = _font(name, 16)
        except OSError:
            continue  # not on this machine
        missing = len(letters) - len(_writable(letters, font))
        if missing < lacking:
            best, lacking = name, missing
    return best


@lru_cache(maxsize=32)
def _font(source: str | None, size: int) -> Font:
    return ImageFont.load_default(size) if source is None else ImageFont.truetype(source, size)


def _legible(text: str, font: Font) -> str:
    """The text as the font can write it: without its emoji, but never without some of its letters."""
    kept = _writable(text, font)
    if sum(map(str.isalpha, kept)) < sum(map(str.isalpha, text)):
        return ELSEWHERE
    return kept


def _writable(text: str, font: Font) -> str:
    """The text without the characters that the font lacks."""
    return "".join(c for c in text if c.isspace() or _has(font, c))


@lru_cache(maxsize=4096)
def _has(font: Font, character: str) -> bool:
    """Whether the font draws the character as anything else than the sign for what it lacks."""
    return _drawn(font, character) != _drawn(font, "\U0010ffff")


def _drawn(font: Font, character: str) -> bytes:
    canvas = Image.new("L", (64, 64))
    ImageDraw.Draw(canvas).text((8, 8), character, fill=255, font=font)
    return canvas.tobytes()
