"""Eight conversations at once beside the same eight one after another."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from chatdraw.app import App
from chatdraw.conversation import Conversation
from chatdraw.replay import Report, Script, replay
from chatdraw.replay.runner import one_after_another
from chatdraw.resources import shipped
from chatdraw.together import Desk
from evals.command import CannotMeasure
from evals.figures import Figure, proportion
from evals.models import opened
from evals.speed.timing import by_turns

STORIES = (
    ("hedgehog", "Larry", "blue"),
    ("cat", "Mia", "red"),
    ("bear", "Otto", "green"),
    ("rabbit", "Ida", "yellow"),
    ("fox", "Bruno", "purple"),
    ("owl", "Nell", "orange"),
    ("dog", "Pip", "pink"),
    ("mouse", "Wanda", "white"),
)
"""Who takes the place of the hedgehog, of Larry and of the blue scarf."""

TURNS = 4
"""Messages of each story."""

FASTER = 2.0
"""How often more pictures there have to be at once."""


def measure(profile: str, tries: int) -> list[Figure]:
    """Runs the stories ``tries`` times both ways, with models that are loaded already.

    Raises:
        CannotMeasure: a story came to other turns at once than alone.
    """
    with opened(profile) as app, TemporaryDirectory(prefix="chatdraw-speed-") as folder:
        files = write_scripts(Path(folder))
        app.warm_up()
        alone: list[tuple[Report, ...]] = []
        at_once: list[tuple[Report, ...]] = []
        _run(app, files[:2], Path(folder) / "warm", None)
        pairs = by_turns(
            lambda attempt: at_once.append(_run(app, files, Path(folder) / f"once{attempt}", Desk(len(files)))),
            lambda attempt: alone.append(_run(app, files, Path(folder) / f"alone{attempt}", None)),
            tries,
        )
    pictures = sum(len(played.pictures) for report in alone[0] for played in report.turns)
    if not pictures:
        raise CannotMeasure("The stories came to no picture.")
    same = [one == other for one, other in zip(_told(alone[0]), _told(at_once[0]), strict=True)]
    ratio = median(other / own for own, other in pairs)
    name = f"speed/together/{len(files)} conversations"
    return [
        Figure(
            f"{name}/at once, pictures a minute", 60 * pictures / median(own for own, _ in pairs), tries, None, None
        ),
        Figure(f"{name}/alone, pictures a minute", 60 * pictures / median(one for _, one in pairs), tries, None, None),
        Figure(f"{name}/times the throughput", ratio, tries, None, None, FASTER, ratio >= FASTER),
        proportion(f"{name}/same plans and captions", same, 1.0),
    ]


def write_scripts(folder: Path) -> list[Path]:
    """The beginning of the hedgehog story, with another animal in each file."""
    script = tomllib.loads((shipped("examples") / "hedgehog.toml").read_text(encoding="utf-8"))
    said = [turn["say"] for turn in script["turn"] if "say" in turn][:TURNS]
    files = []
    for seed, (kind, name, colour) in enumerate(STORIES, start=1):
        texts = [text.replace("hedgehog", kind).replace("Larry", name).replace("blue", colour) for text in said]
        turns = "".join(f'\n[[turn]]\nsay = "{text}"\n' for text in texts)
        file = folder / f"{kind}.toml"
        file.write_text(f'title = "The {kind} story"\nseed = {seed}\n{turns}', encoding="utf-8")
        files.append(file)
    return files


def _run(app: App, files: list[Path], out: Path, desk: Desk | None) -> tuple[Report, ...]:
    def open_conversation(script: Script, folder: Path) -> Conversation:
        return app.conversation(title=script.title or folder.name, seeds=script.seeds(), desk=desk)

    order = one_after_another if desk is None else desk.run
    return replay(files, out, open_conversation=open_conversation, order=order)


def _told(reports: Iterable[Report]) -> list[object]:
    """What each turn came to."""
    turns = [played.turn for report in reports for played in report.turns]
    return [(turn.outcome, turn.plan, turn.caption, turn.error, turn.scene.model_dump()) for turn in turns]
