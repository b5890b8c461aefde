"""The models that are measured, opened the way the program opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chatdraw.app import App
from chatdraw.config import load_settings
from chatdraw.errors import ChatdrawError
from evals.command import CannotMeasure


@contextmanager
def opened(profile: str) -> Iterator[App]:
    """The program with the models of a profile of ``models.toml``, in an empty data folder that is removed afterwards.

    Raises :class:`CannotMeasure` for every error that the program foresees, such as a model that is not there.
    """
    with TemporaryDirectory(prefix="chatdraw-evals-") as home:
        try:
            app = App(load_settings(home=Path(home), profile=profile))
            try:
                yield app
            finally:
                app.close()
        except ChatdrawError as error:
            raise CannotMeasure(f"{error} {error.hint}" if error.hint else str(error)) from error
