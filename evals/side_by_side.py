"""Messages that try the program's patience, in several processes: the models of the bundled size keep one core busy."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator

from chatdraw.app import App
from chatdraw.config import Settings
from evals import rollout
from evals.robust import Batch, Outcome, outcomes

_processes_own: list[App] = []
"""In a worker: the program that it has opened."""


def outcomes_in_processes(settings: Settings, found: Iterable[Batch], jobs: int) -> Iterator[Outcome]:
    """The outcomes of all messages, conversation by conversation in whatever order they are done.

    Each process has its own program with one thread and its data in a folder of its own below ``settings.home``, so
    that an outcome is the same with any number of ``jobs``.
    """
    with multiprocessing.get_context("spawn").Pool(jobs, _open, (settings,)) as pool:
        for several in pool.imap_unordered(_outcomes, found):
            yield from several


def _open(settings: Settings) -> None:
    # An interruption from the keyboard is for the process that counts; it ends these.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    home = settings.home / f"process-{os.getpid()}"
    _processes_own.append(App(settings.model_copy(update={"home": home, "threads": 1})))


def _outcomes(batch: Batch) -> list[Outcome]:
    (app,) = _processes_own
    return list(outcomes(rollout.opener(app), batch))
