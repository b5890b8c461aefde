"""How a picture is drawn again, and what came of it, as people see it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from chatdraw.terminal.looks import Hanging, clean, make_console

if TYPE_CHECKING:
    from chatdraw.recreating import Recreated


class RecreateScreen:
    """Shows progress where somebody is looking, and the result. Entered for as long as it is drawn.

    Args:
        console: where; ``None``: standard output.
        quiet: whether progress is left out.
    """

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self._console = make_console() if console is None else console
        self._status: Status | None = None
        self._quiet = quiet
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begins to show progress."""
        if self._console.is_terminal and not self._quiet:
            self._status = self._stack.enter_context(self._console.status("loading the model", spinner_style="sign"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Clears it away."""
        self._stack.close()

    def step(self, step: int, total: int) -> None:
        """Takes in a step of the drawing."""
        if self._status is not None:
            self._status.update(f"drawing, step {step} of {total}")

    def result(self, result: Recreated, out: Path | None) -> None:
        """Prints what came of it."""
        request = result.recipe.request
        print_ = self._console.print
        print_(Hanging("  ", clean(request.caption)))
        print_(Hanging("  ", f"{request.model} · seed {request.seed} · {request.width}×{request.height}", style="soft"))
        style = "wrong" if result.verdict == "different" else "name"
        sign = "✗ " if result.verdict == "different" else "✦ "
        print_(Hanging(sign, self._in_words(result), style=style, head_style=style))
        for reason in result.reasons:
            print_(Hanging("  ", clean(reason)))
        if out is not None:
            print_(Text(f"  {out}", style="soft", no_wrap=True, overflow="ignore"))

    @staticmethod
    def _in_words(result: Recreated) -> str:
        if result.difference is None or result.verdict == "identical":
            return result.verdict
        return f"{result.verdict}: off by {result.difference.largest} of 255 at most, {result.difference.rms:.2f} RMS"
