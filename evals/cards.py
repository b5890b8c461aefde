"""Model cards: the part between two markers is replaced by the latest figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.command import CannotMeasure
from evals.figures import Figure, markdown

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def fill_card(file: Path, figures: Sequence[Figure], note: str) -> None:
    """Put ``note`` and a table of ``figures`` between the markers of ``file``; the rest of the card stays.

    Raises :class:`CannotMeasure` when there is no such file or it does not have both markers once, in order.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotMeasure(f"There is no model card {file}; training writes it.") from error
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise CannotMeasure(f"{file} needs the lines {BEGIN} and {END} once each, where the figures go.")
    file.write_text(f"{before}{BEGIN}\n{note}\n\n{markdown(figures)}\n{END}{after}", encoding="utf-8")
