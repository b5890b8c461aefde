"""Runs scripts through a conversation and writes down what happened.

For each script, a folder of its name in the output folder::

    transcript.jsonl      one turn a line, written as soon as the turn has ended
    01-draw-a-hedgehog.png …   the pictures, by the number of the turn, each with its recipe inside
    contact.png           all of it on one sheet
    contact.html          the same as a page that needs no other file

The same script, models and seed give the same pixels. The files differ in what their recipes say about when and in
which session they were drawn; ``pixels`` in the transcript is what to compare.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from PIL import Image

from chatdraw.conversation import Conversation
from chatdraw.errors import MessageError, ReplayError
from chatdraw.events import FINAL, Event, Failed, Reverted, Stored
from chatdraw.plan import dump_compact
from chatdraw.records import Turn
from chatdraw.replay.expectations import Expectation, Mismatch, mismatches
from chatdraw.replay.page import write_page
from chatdraw.replay.script import Script, ScriptTurn, load_script
from chatdraw.replay.sheet import Card, write_sheet
from chatdraw.scene import Scene
from chatdraw.store.recipe import pixel_hash
from chatdraw.stripping import strip_png

TRANSCRIPT: Final = "transcript.jsonl"

OpenConversation = Callable[[Script, Path], Conversation]
"""Opens a conversation for a script, whose output folder is given; its seeds come from ``script.seeds()``."""

Watch = Callable[[Path, int, Event], None]
"""Called with every event: the script's file, the number of its turn from 1, the event."""


Order = Callable[[Sequence[Callable[[], "Report"]]], Iterable["Report"]]
"""Calls each of the functions and returns what they return, in the same order."""


def one_after_another(runs: Sequence[Callable[[], Report]]) -> Iterable[Report]:
    """The usual order."""
    return (run() for run in runs)


@dataclass(frozen=True, slots=True)
class Played:
    """One turn of a script that has been run."""

    number: int
    """1 for the first turn of the script."""
    turn: Turn
    pictures: tuple[Path, ...]
    """The files in the output folder, in the order of ``turn.pictures``."""
    shown: Path | None
    """The picture that stands there after the turn: its own, or the one it went back to."""
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One script that has been run."""

    file: Path
    folder: Path
    turns: tuple[Played, ...]

    @property
    def as_expected(self) -> bool:
        """Whether everything came as the script expects, and no turn failed or was refused unexpectedly."""
        return not any(played.mismatches for played in self.turns)


def replay(
    files: Sequence[Path],
    out: Path,
    *,
    open_conversation: OpenConversation,
    watch: Watch = lambda _file, _number, _event: None,
    strip: bool = False,
    order: Order = one_after_another,
) -> tuple[Report, ...]:
    """Runs scripts, each in a conversation of its own.

    All files are read before the first is run. Expectations are always compared; what follows from a mismatch is
    the caller's matter.

    Args:
        files: TOML scripts; no two of the same name.
        out: the output folder, created as needed. Files of an earlier replay of the same script are replaced.
        open_conversation: see :data:`OpenConversation`.
        watch: see :data:`Watch`; for progress.
        strip: whether the pictures are written without their recipes, the page's too. Those in the store keep theirs.
        order: runs them; if it uses several threads, ``open_conversation`` and ``watch`` are called from all of them.

    Raises:
        ReplayError: a script is wrong, has a message that cannot be one, or the output folder cannot be written.
        StoreError: the store failed.
    """
    scripts = {file: load_script(file) for file in files}
    _check_names(files)
    runs = [
        partial(_replay_one, file, script, out / file.stem, open_conversation, watch, strip)
        for file, script in scripts.items()
    ]
    return tuple(order(runs))


def differences(reports: Iterable[Report]) -> str:
    """What is not as expected, for people; empty when all is."""
    lines: list[str] = []
    for report in reports:
        for played in report.turns:
            if not played.mismatches:
                continue
            lines.append(f"{report.file}, turn {played.number}: “{played.turn.text}”")
            for mismatch in played.mismatches:
                lines.append(f"  {mismatch.what}")
                lines.append(f"    expected  {mismatch.expected}")
                lines.append(f"    got       {mismatch.got}")
    return "\n".join(lines)


def _check_names(files: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for file in files:
        if other := seen.get(file.stem):
            raise ReplayError(
                f"{other} and {file} would both be written to “{file.stem}”.",
                hint="Rename one of them, or replay them into different folders.",
            )
        seen[file.stem] = file


def _replay_one(
    file: Path, script: Script, folder: Path, open_conversation: OpenConversation, watch: Watch, strip: bool
) -> Report:
    transcript = folder / TRANSCRIPT
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _remove_earlier(folder)
        transcript.write_text("", encoding="utf-8")
    conversation = open_conversation(script, folder)
    turns: list[Played] = []
    for played in _play(script, conversation, folder, lambda number, event: watch(file, number, event), strip):
        with _writing(folder), transcript.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(_line(played), ensure_ascii=False) + "\n")
        turns.append(played)
    title, cards = script.title or file.stem, tuple(map(_card, turns))
    with _writing(folder):
        write_sheet(folder / "contact.png", title, cards)
        write_page(folder / "contact.html", title, cards, strip=strip)
    return Report(file, folder, tuple(turns))


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReplayError(
            f"{error.filename or folder} cannot be written: {error.strerror or error}.",
            hint="Choose another folder with --out.",
        ) from error


def _play(
    script: Script, conversation: Conversation, folder: Path, watch: Callable[[int, Event], None], strip: bool
) -> Iterator[Played]:
    for number, step in enumerate(script.turns, start=1):
        before = conversation.scene
        final: Event | None = None
        try:
            events = _take(step, conversation)
        except MessageError as error:
            if step.say is not None:
                raise ReplayError(f"{folder.name}, turn {number}, “{step.text}”: {error}", hint=error.hint) from error
            # A command leads nowhere when the turns before it came out otherwise than the script meant: a failure
            # like theirs, for which the other scripts need not be given up.
            turn = _not_taken(number, step, before, error)
            watch(number, Failed(turn, str(error), error.hint))
            yield Played(number, turn, (), None, mismatches(step.expect or Expectation(), turn, before))
            continue
        try:
            for event in events:
                watch(number, event)
                final = event
        finally:
            # Ended from outside, a turn is abandoned at once, while the store is still open.
            if isinstance(events, Generator):
                events.close()
        if not isinstance(final, FINAL):
            raise TypeError(f"the turn ended with {final!r}, which ends no turn")
        stored = final.paths if isinstance(final, Stored) else ()
        names = _file_names(number, step.text, len(stored))
        pictures = tuple(_copy(Path(source), folder / name, strip) for source, name in zip(stored, names, strict=True))
        shown = pictures[-1] if pictures else None
        if isinstance(final, Reverted) and final.path is not None:
            shown = Path(final.path)
        found = mismatches(step.expect or Expectation(), final.turn, before)
        yield Played(number, final.turn, pictures, shown, found)


def _take(step: ScriptTurn, conversation: Conversation) -> Iterator[Event]:
    if step.say is not None:
        return conversation.say(step.say)
    if step.done is None:
        raise TypeError("a turn of a script has words or a command")
    return step.done.take(conversation)


def _not_taken(number: int, step: ScriptTurn, scene: Scene, error: MessageError) -> Turn:
    """A turn for the transcript only: the session keeps none."""
    return Turn(
        id=uuid.uuid4().hex,
        parent=None,
        number=number,
        time=datetime.now(UTC),
        text=step.text,
        outcome="failed",
        scene=scene,
        error=str(error),
    )


# --- what is written -----------------------------------------------------------------------------


def _line(played: Played) -> dict[str, Any]:
    """A turn as the transcript has it."""
    turn = played.turn
    return {
        "turn": played.number,
        "text": turn.text,
        "action": turn.plan.action if turn.plan else None,
        "outcome": turn.outcome,
        "verdicts": [_compact(verdict) for verdict in turn.verdicts if verdict.action != "allow"],
        "edits": [_compact(edit) for edit in turn.plan.edits] if turn.plan else [],
        "reply": turn.reply,
        "question": turn.plan.question if turn.plan else "",
        "error": turn.error,
        "caption": turn.caption.text if turn.caption else None,
        "negative": turn.caption.negative if turn.caption else None,
        "pictures": [
            {
                "file": file.name,
                "number": picture.number,
                "seed": picture.request.seed,
                "model": picture.request.model,
                "revision": picture.request.revision,
                "pixels": _pixels(file),
            }
            for picture, file in zip(turn.pictures, played.pictures, strict=True)
        ],
        "scene": _compact(turn.scene),
        "timings": turn.timings,
        "mismatches": [{"what": m.what, "expected": m.expected, "got": m.got} for m in played.mismatches],
    }


def _card(played: Played) -> Card:
    turn = played.turn
    request = turn.pictures[-1].request if turn.pictures else None
    return Card(
        number=played.number,
        text=turn.text,
        answer=(turn.plan.question if turn.outcome == "asked" and turn.plan else turn.reply) or turn.error,
        outcome=turn.outcome,
        picture=played.shown,
        caption=turn.caption.text if turn.caption and turn.pictures else "",
        negative=request.negative if request else "",
        seed=request.seed if request else None,
        model=request.model if request else "",
        edits=tuple(dump_compact(edit) for edit in turn.plan.edits) if turn.plan else (),
        mismatches=tuple(f"{m.what}: expected {m.expected}, got {m.got}" for m in played.mismatches),
    )


def _compact(value: Any) -> Any:
    return json.loads(dump_compact(value))


def _pixels(file: Path) -> str:
    """SHA-256 of size and colours of a picture, whatever else its file says."""
    with Image.open(file) as image:
        return pixel_hash(image)


def _file_names(number: int, text: str, count: int) -> list[str]:
    """``01-give-him-a-scarf.png``; with a number at the end where a turn has several pictures."""
    words = re.sub(r"[\W_]+", "-", text.casefold()).strip("-")
    if len(words) > 40:
        words = words[:41].rpartition("-")[0] or words[:40]
    words = words or "picture"
    return [f"{number:02}-{words}{f'-{i}' if count > 1 else ''}.png" for i in range(1, count + 1)]


def _copy(source: Path, target: Path, strip: bool) -> Path:
    with _writing(target.parent):
        if strip:
            target.write_bytes(strip_png(source.read_bytes(), str(source)))
        else:
            shutil.copyfile(source, target)
    return target


def _remove_earlier(folder: Path) -> None:
    """Removes the pictures that the transcript of an earlier replay names, which may have other names than ours."""
    try:
        lines = (folder / TRANSCRIPT).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            names = [str(picture["file"]) for picture in json.loads(line)["pictures"]]
        except (ValueError, KeyError, TypeError):
            continue  # a line that was cut off, or is not ours
        for name in names:
            if re.fullmatch(r"\d+-[^/\\]+\.png", name):
                (folder / name).unlink(missing_ok=True)
