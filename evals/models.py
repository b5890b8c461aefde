"""The models that are measured, opened the way the program opens them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chatdraw.app import App
from chatdraw.config import Settings, load_settings
from chatdraw.errors import ChatdrawError
from evals.command import CannotMeasure


@contextmanager
def opened(profile: str, *, writer: Path | None = None, painter: Path | None = None) -> Iterator[App]:
    """The program with the models of a profile of ``models.toml``, in an empty data folder that is removed afterwards.

    ``writer`` and ``painter``: folders of models that take the place of the profile's, with everything else that
    ``models.toml`` says of those.

    Raises :class:`CannotMeasure` for every error that the program foresees, such as a model that is not there.
    """
    with TemporaryDirectory(prefix="chatdraw-evals-") as home:
        try:
            settings = load_settings(home=Path(home), profile=profile)
            app = App(_with_sources(settings, {"llm": writer, "painter": painter}))
            try:
                yield app
            finally:
                app.close()
        except ChatdrawError as error:
            raise CannotMeasure(f"{error} {error.hint}" if error.hint else str(error)) from error


def _with_sources(settings: Settings, folders: Mapping[str, Path | None]) -> Settings:
    changes = {
        name: getattr(settings, name).model_copy(update={"source": str(folder.absolute())})
        for name, folder in folders.items()
        if folder is not None
    }
    return settings.model_copy(update=changes)
