"""Model cards: the part between two markers is replaced by the latest figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from evals.command import CannotMeasure
from evals.figures import Figure, markdown

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEADING = "## Accuracy"
_PAIR = re.compile(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def require_card(file: Path) -> None:
    """Raises :class:`CannotMeasure` where :func:`fill_card` would: before a long measurement rather than after it."""
    _card(file)


def fill_card(file: Path, figures: Sequence[Figure], note: str) -> None:
    """Put ``note`` and a table of ``figures`` between the markers of ``file``; the rest of the card stays.

    Where there are no markers they replace the text of the section "Accuracy", or follow at the end where there is no
    such section. Raises :class:`CannotMeasure` when there is no card, or when its markers are not one pair.
    """
    block = f"{BEGIN}\n{note}\n\n{markdown(figures)}\n{END}"
    file.write_text(_PAIR.sub(lambda _: block, _card(file)), encoding="utf-8")


def _card(file: Path) -> str:
    """The text of the card, with the markers."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotMeasure(f"There is no model card {file}; training writes it.") from error
    if BEGIN not in text and END not in text:
        section = re.compile(rf"^{HEADING}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
        if not section.search(text):
            text = f"{text.rstrip()}\n\n{HEADING}\n"
        text = section.sub(lambda _: f"{HEADING}\n\n{BEGIN}{END}\n\n", text, count=1).rstrip() + "\n"
    if text.count(BEGIN) != 1 or text.count(END) != 1 or not _PAIR.search(text):
        raise CannotMeasure(f"{file} needs the lines {BEGIN} and {END} once each, in this order.")
    return text
