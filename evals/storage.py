"""``python -m evals storage``: whether a large store is as quick as a small one, and what killed programs lose."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

from chatdraw.records import Turn
from chatdraw.scene import Scene
from chatdraw.store import Store
from evals.command import CannotMeasure, Command, Progress
from evals.figures import Figure, proportion
from evals.figures import median as median_figure
from evals.killing import Outcome, kill_migrations, kill_writers
from evals.stores import COMMON, fill

SMALL = (10, 100)
"""Sessions and turns of the small store."""

INSTANT = 0.1
"""Seconds below which an answer feels immediate (J. Nielsen, "Usability Engineering", 1993, section 5.5)."""

TARGET = 0.95
"""The share of tries that must be within :data:`INSTANT`."""

RECENT = 20
"""Turns that are read when a session is opened."""

_DESCRIPTION = f"""\
Builds a large store beside a small one ({SMALL[0]} sessions, {SMALL[1]} turns) and does the same to both by turns. One
session of the large store has a fifth of all its turns. Then real programs are ended with SIGKILL at random moments
while they draw and write, and a tenth as many while they migrate a database of the first schema; each time the store is
opened and compared with what they had said. "times slower" is the ratio of the medians.
"""

Times = dict[str, tuple[list[float], list[float]]]
"""Seconds for each thing that is done, in the small store and in the large one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--sessions", type=int, default=10_000, metavar="N", help="of the large store (default 10000)")
    parser.add_argument("--turns", type=int, default=100_000, metavar="N", help="of the large store (default 100000)")
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="programs to end (default 200; 0: none)")
    parser.add_argument("--tries", type=int, default=30, metavar="N", help="how often each thing is timed (default 30)")


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Times in both stores, memory, and what killed programs left."""
    if arguments.sessions < 2 or arguments.turns < 2 * arguments.sessions:
        raise CannotMeasure("--sessions must be at least 2, and --turns at least twice as many.")
    if arguments.tries < 1 or arguments.kills < 0:
        raise CannotMeasure("--tries must be at least 1, and --kills at least 0.")
    if os.name != "posix":
        raise CannotMeasure("Programs can be ended in this way on POSIX systems only.")
    with TemporaryDirectory(prefix="chatdraw-storage-") as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        print("Filling the stores …", file=sys.stderr)
        fill(small, *SMALL, longest=SMALL[1] // SMALL[0])
        longest = fill(large, arguments.sessions, arguments.turns, longest=arguments.turns // 5)
        figures = _of_times(timed(small, large, longest, arguments.tries))
        figures += [_memory("small", small), _memory("large", large)]
        if arguments.kills:
            migrations = max(1, arguments.kills // 10)
            progress = Progress("programs ended", arguments.kills)
            writing = kill_writers(Path(folder) / "killed", arguments.kills, step=progress.step)
            migrating = kill_migrations(Path(folder) / "migrated", migrations)
            figures += _of_kills("storage/killed while drawing and writing", writing)
            figures += _of_kills("storage/killed while migrating", migrating)
        return figures


# --- times ---------------------------------------------------------------------------------------


def timed(small: Path, large: Path, longest: str, tries: int) -> Times:
    """How long each thing takes, in the small and the large store by turns."""
    with Store(small) as little, Store(large) as big:
        to_do = (_things(little, None), _things(big, longest))
        times: Times = {name: ([], []) for name in to_do[1]}
        for attempt in range(tries + 1):
            for name in to_do[1]:
                for of_store, things in zip(times[name], to_do, strict=True):
                    begun = time.perf_counter()
                    things[name]()
                    # The first time everything is read from the disk and every query is prepared.
                    if attempt:
                        of_store.append(time.perf_counter() - begun)
    return times


def _things(store: Store, longest: str | None) -> dict[str, Callable[[], object]]:
    dice = random.Random(1)
    listed = store.summaries(limit=500)
    ids = [one.session.id for one in listed]
    chosen = longest or max(listed, key=lambda one: one.turns).session.id

    def opened(session_id: str) -> object:
        session = store.session(session_id[:12])
        return (
            store.ancestors(str(session.head), RECENT),
            store.counts(session_id),
            store.last_turn(session_id),
            store.cut_off(session_id),
            store.summary(session_id),
        )

    def commit() -> None:
        session_id = dice.choice(ids)
        last = store.last_turn(session_id)
        assert last is not None
        text = f"a few words {dice.random()}"
        turn = Turn(
            id=uuid4().hex,
            parent=last.id,
            number=last.number + 1,
            time=last.time,
            text=text,
            outcome="talked",
            scene=Scene(),
        )
        store.begin(session_id, text)
        store.commit(session_id, turn, [], head=turn.id)

    return {
        "open the store": lambda: Store(store.home).close(),
        "list 20 sessions": lambda: store.summaries(20),
        "list 20 sessions further down": lambda: store.summaries(20, len(listed) // 2),
        "open a session": lambda: opened(dice.choice(ids)),
        "open the longest session": lambda: opened(chosen),
        "picture by number": lambda: store.picture_by_number(chosen, 1),
        "search a number": lambda: store.find(f"{dice.randrange(10**6):06d}"),
        "search a common word": lambda: store.find(COMMON),
        "search three words": lambda: store.find(f"{COMMON} scarf night"),
        "search a beginning": lambda: store.find("s"),
        "keep a turn": commit,
    }


def _of_times(times: Times) -> list[Figure]:
    figures = []
    for name, (small, large) in times.items():
        figures.append(median_figure(f"storage/{name}/small, ms", [1000 * one for one in small]))
        figures.append(median_figure(f"storage/{name}/large, ms", [1000 * one for one in large]))
        ratio = median(large) / median(small)
        figures.append(Figure(f"storage/{name}/times slower", ratio, len(large), None, None))
        within = [one <= INSTANT for one in large]
        figures.append(proportion(f"storage/{name}/within {INSTANT * 1000:.0f} ms", within, TARGET))
    return figures


# --- memory and kills ----------------------------------------------------------------------------


def _memory(name: str, home: Path) -> Figure:
    """The most memory that a program of its own has while it opens, lists and searches, in MiB."""
    # Forked, since Linux counts for a program that was begun with exec what the one that began it had.
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    with server.Pool(1) as pool:
        return Figure(f"storage/peak memory/{name}, MiB", pool.apply(_used, (str(home),)), 1, None, None)


def _used(home: str) -> float:
    with Store(Path(home)) as store:
        for thing in list(_things(store, None).values())[:-1]:
            thing()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10


def _of_kills(name: str, outcome: Outcome) -> list[Figure]:
    for problem in outcome.problems:
        print(problem, file=sys.stderr)
    lost = min(len(outcome.problems), outcome.kills)
    figures = [proportion(f"{name}/nothing lost", [place >= lost for place in range(outcome.kills)], 1.0)]
    figures += [
        proportion(f"{name}/ended while {what}", [place < count for place in range(outcome.kills)])
        for what, count in sorted(outcome.during.items())
    ]
    return figures


COMMAND = Command(
    "storage", "a large store beside a small one, and programs that are killed", add_arguments, measure, _DESCRIPTION
)
