"""Programs that are ended without warning (SIGKILL) while they draw, write or migrate, and what their store has then.

The programs are real processes, see :mod:`evals.killed`. They draw with the pattern renderer and say in a pipe what
they have begun, drawn and kept, the moment that it is so. POSIX only.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from chatdraw.errors import ChatdrawError
from chatdraw.records import Caption, Turn
from chatdraw.scene import Scene
from chatdraw.store import Store
from chatdraw.store.database import FILE_NAME
from chatdraw.store.tables import Instant

REPORTS = 6
"""A program is ended after 0 to this many reports, so that each stage of a turn is as likely as any other …"""

DELAY = 0.03
"""… and up to so many seconds later, about as long as a stage takes."""

PATIENCE = 60.0
"""Seconds that a report may take on a busy machine."""


@dataclass(slots=True)
class Outcome:
    """What came of ending programs."""

    kills: int = 0
    kept: int = 0
    """Turns that the programs had reported as kept."""
    noted: int = 0
    """Times that a turn was cut off and said to be."""
    during: Counter[str] = field(default_factory=Counter)
    """What the programs were doing: opening, between turns, drawing, writing; or migrating."""
    problems: list[str] = field(default_factory=list)
    """Whatever should not be. Empty when nothing was lost."""


def kill_writers(home: Path, count: int, *, seed: int = 0, step: Callable[[], None] = lambda: None) -> Outcome:
    """Ends ``count`` programs at random moments, all in one session, and looks each time at what is there."""
    from evals.killed import draw_until_killed  # takes a moment, which only those who kill should wait for

    dice, outcome = random.Random(seed), Outcome()
    with Store(home) as store:
        session = store.create_session("a story with many interruptions")
    for number in range(count):
        arguments = (str(home), session.id, dice.randrange(2**32))
        said = _ended(draw_until_killed, arguments, dice.uniform(0, DELAY), reports=dice.randint(0, REPORTS))
        outcome.kills += 1
        phase = {"open": "between turns", "kept": "between turns", "begun": "drawing", "drawn": "writing"}
        outcome.during[phase[said[-1][0]] if said else "opening"] += 1
        try:
            _look(home, session.id, said, outcome)
        except (ChatdrawError, sqlite3.Error) as error:
            outcome.problems.append(f"after kill {number + 1}: {error!r}")
        step()
    _look_at_all(home, outcome)
    return outcome


def kill_migrations(home: Path, count: int, *, turns: int = 300, seed: int = 0) -> Outcome:
    """Ends ``count`` programs that bring a database of the first schema to the newest, at random moments."""
    from evals.killed import migrate

    dice, outcome = random.Random(seed), Outcome()
    home.mkdir(parents=True, exist_ok=True)
    template = home / "first.db"
    first_schema(template, turns)
    # How long it takes here, so that the moments are spread over all of it.
    begun = time.monotonic()
    _ended(migrate, (str(_copy(template, home / "timed")),), 0, reports=1)
    life = (time.monotonic() - begun) * 1.2
    for number in range(count):
        folder = _copy(template, home / f"kill-{number}")
        said = _ended(migrate, (str(folder),), dice.uniform(0, life))
        outcome.kills += 1
        outcome.during["migrated" if said else "migrating"] += 1
        try:
            _look_at_migrated(folder, turns, outcome)
        except (ChatdrawError, sqlite3.Error) as error:
            outcome.problems.append(f"after kill {number + 1} of a migration: {error!r}")
    return outcome


def first_schema(file: Path, turns: int) -> None:
    """A database of the first schema with one session of so many turns, as the first version of the program left it."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import MetaData, create_engine, insert

    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", "chatdraw.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = MetaData()
        old.reflect(connection)
        for table in old.tables.values():
            for name in {"created", "time"} & set(table.c.keys()):
                table.c[name].type = Instant()
        session_id, last, rows = uuid4().hex, None, []
        for number in range(1, turns + 1):
            turn = _turn(f"a hedgehog, number {number}", number, last)
            rows.append({**turn.model_dump(mode="json", exclude={"pictures", "left", "edits"}), "time": turn.time})
            rows[-1]["session"], last = session_id, turn.id
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            insert(old.tables["session"]), {"id": session_id, "title": "", "created": rows[0]["time"], "head": last}
        )
        connection.execute(insert(old.tables["turn"]), rows)
    engine.dispose()


# --- one program ---------------------------------------------------------------------------------


def _ended(
    program: Callable[..., None], arguments: tuple[object, ...], delay: float, *, reports: int = 0
) -> list[tuple[str, str]]:
    """Runs a program, ends it so many seconds after so many reports, and returns all its reports."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["evals.killed", "alembic.command", "alembic.config", "alembic.script"])
    here, there = server.Pipe(duplex=False)
    process = server.Process(target=program, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    said: list[tuple[str, str]] = []
    with closing(here):
        try:
            while len(said) < reports and here.poll(PATIENCE):
                said.append(here.recv())
            until = time.monotonic() + delay
            while here.poll(max(0.0, until - time.monotonic())):
                said.append(here.recv())
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            while here.poll():
                said.append(here.recv())
        except EOFError:
            process.join()
    process.close()
    return said


def _turn(text: str, number: int, parent: str | None) -> Turn:
    return Turn(
        id=uuid4().hex,
        parent=parent,
        number=number,
        time=datetime.now(UTC),
        text=text,
        outcome="talked",
        scene=Scene(),
        caption=Caption(text=text),
    )


# --- what is left --------------------------------------------------------------------------------


def _look(home: Path, session_id: str, said: list[tuple[str, str]], outcome: Outcome) -> None:
    """Every turn that was reported is there, and what was under way is there or said to be cut off."""
    kept = [what for event, what in said if event == "kept"]
    begun = [what for event, what in said if event == "begun"]
    outcome.kept += len(kept)
    with Store(home) as store:
        head = store.session(session_id).head
        for turn_id in kept:
            turn = store.turn(turn_id)
            if turn.text not in begun or not turn.pictures:
                outcome.problems.append(f"turn {turn_id} is not what was said")
            for picture in turn.pictures:
                store.picture_bytes(picture.hash)
        told = [one.text for one in store.cut_off(session_id)]
        last = store.last_turn(session_id)
        if last is not None and (head != last.id or not store.find(last.text)):
            outcome.problems.append(f"the session does not stand at turn {last.number}, or its words are not found")
        if len(begun) > len(kept):
            # The very last one may be kept without having been reported.
            whole = last is not None and last.text == begun[-1]
            if told != ([] if whole else begun[-1:]):
                outcome.problems.append(
                    f"“{begun[-1]}” is {'kept' if whole else 'lost'}, and {told} is said to be cut off"
                )
        elif len(told) > 1:
            # One may be noted and not yet reported.
            outcome.problems.append(f"{told} is said to be cut off")
        outcome.noted += bool(told)
        store.forget_cut_off(session_id)
        if store.cut_off(session_id):
            outcome.problems.append("what was cut off is not forgotten")


def _look_at_all(home: Path, outcome: Outcome) -> None:
    """The whole database is sound, and every picture has its file."""
    _check_sound(home / FILE_NAME, outcome)
    with Store(home) as store:
        for listed in store.summaries():
            path = store.path_to(str(listed.session.head))
            if [turn.number for turn in path] != list(range(1, listed.turns + 1)):
                outcome.problems.append(f"the way of session {listed.session.id} has gaps")
            for turn in path:
                for picture in turn.pictures:
                    store.picture_bytes(picture.hash)


def _look_at_migrated(folder: Path, turns: int, outcome: Outcome) -> None:
    """The database is sound; opened again, it is of the newest schema, has everything, and a copy beside it."""
    file = folder / FILE_NAME
    _check_sound(file, outcome)
    with Store(folder) as store:
        (listed,) = store.summaries()
        if listed.turns != turns or len(store.path_to(str(listed.session.head))) != turns:
            outcome.problems.append(f"{listed.turns} turns of {turns} are left in {folder.name}")
        if [hit.turn_number for hit in store.find(f"hedgehog {turns}")] != [turns]:
            outcome.problems.append(f"the words of the last turn are not found in {folder.name}")
    copies = sorted(path.name for path in folder.glob(f"{FILE_NAME}.backup*"))
    if copies != [f"{FILE_NAME}.backup-0001"]:
        outcome.problems.append(f"the copies in {folder.name} are {copies}")
    for name in copies:
        _check_sound(folder / name, outcome)
        with closing(sqlite3.connect(folder / name)) as connection:
            if connection.execute(
                "SELECT version_num, (SELECT count(*) FROM turn) FROM alembic_version"
            ).fetchall() != [("0001", turns)]:
                outcome.problems.append(f"the copy in {folder.name} is not of what was there before")


def _check_sound(file: Path, outcome: Outcome) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for check, sound in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if (found := connection.execute(f"PRAGMA {check}").fetchall()) != sound:
                outcome.problems.append(f"{file.name} is not sound: {found[:3]}")


def _copy(template: Path, folder: Path) -> Path:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(template.read_bytes())
    return folder
