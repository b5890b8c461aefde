"""Which models run which replay script: where :mod:`chatdraw.app` and :mod:`chatdraw.replay` are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Final

from chatdraw.app import App
from chatdraw.config import Settings
from chatdraw.conversation import Conversation
from chatdraw.errors import ScriptError
from chatdraw.events import Event
from chatdraw.llm.base import LanguageModel
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.replay import Report, Script, replay
from chatdraw.replay.runner import Watch, one_after_another
from chatdraw.together import Desk

SHEET: Final = "contact.png"
"""The file in a script's folder that shows all of it."""

SettingsFor = Callable[[str | None], Settings]
"""The settings for a script that wishes for this profile, or for none."""


def run_scripts(
    files: Sequence[Path],
    out: Path,
    *,
    settings_for: SettingsFor,
    scripted: bool,
    watch: Watch,
    strip: bool = False,
    together: int = 1,
) -> tuple[Report, ...]:
    """Runs scripts with the models that the settings name. Scripts of one profile share the loaded models.

    Args:
        files: replay scripts.
        out: the output folder.
        settings_for: decides between the script's profile and the command line's.
        scripted: whether the language model's answers come from the scripts; each then has a model of its own.
        watch: called with every event.
        strip: whether the pictures in the output folder are written without their recipes.
        together: how many scripts run at a time; what they ask of the models is then done in batches.

    Raises:
        ReplayError: a script is wrong, or the output folder cannot be written.
        ScriptError: a script has answers that nothing asked for, although all of its turns went as expected.
        ChatdrawError: models or store cannot be used.
    """
    shared: dict[str, App] = {}
    as_planned = False
    desk = Desk(together) if together > 1 else None
    opening, watching = Lock(), Lock()

    def close(app: App) -> None:
        try:
            app.close()
        except ScriptError:
            app.close()  # what the first call did not come to
            if as_planned:
                raise  # otherwise the left-over answers follow from what the reports say

    with ExitStack() as apps:

        def open_app(settings: Settings, llm: LanguageModel | None = None) -> App:
            app = App(settings, llm=llm)
            apps.callback(close, app)
            return app

        def open_conversation(script: Script, folder: Path) -> Conversation:
            with opening:
                settings = settings_for(script.profile)
                if scripted:
                    app = open_app(settings, ScriptedModel(script.answers()))
                else:
                    app = shared.get(settings.profile) or shared.setdefault(settings.profile, open_app(settings))
                return app.conversation(title=script.title or folder.name, seeds=script.seeds(), desk=desk)

        def watch_in_turn(file: Path, number: int, event: Event) -> None:
            with watching:
                watch(file, number, event)

        reports = replay(
            files,
            out,
            open_conversation=open_conversation,
            watch=watch_in_turn,
            strip=strip,
            order=desk.run if desk is not None else one_after_another,
        )
        as_planned = all(report.as_expected for report in reports)
    return reports


def exit_code(reports: Iterable[Report], *, check: bool) -> int:
    """1 when a turn failed or was refused and was not meant to be; with ``check``, when anything is not as expected."""
    for report in reports:
        if check and not report.as_expected:
            return 1
        if any(played.mismatches and played.turn.outcome in ("failed", "refused") for played in report.turns):
            return 1
    return 0
