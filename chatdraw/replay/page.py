"""The contact sheet as a web page that needs no other file and no network."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from chatdraw.replay.sheet import Card
from chatdraw.stripping import strip_png

TEMPLATE: Final = Path(__file__).with_name("page.html.jinja")


def write_page(file: Path, title: str, cards: Sequence[Card], *, strip: bool = False) -> None:
    """Writes the page. Whatever people and models said is text in it, never markup.

    With ``strip``, the pictures inside it carry no recipes.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    shown = [(card, _data_uri(card.picture, strip) if card.picture else None) for card in cards]
    file.write_text(template.render(title=title, cards=shown), encoding="utf-8")


def _data_uri(picture: Path, strip: bool) -> str:
    content = picture.read_bytes()
    if strip:
        content = strip_png(content, str(picture))
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
