"""How long a picture takes and how much memory the painter needs, in a process that does nothing else."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatdraw.render.base import Abilities, Guide, Renderer
from evals.command import CannotMeasure
from evals.figures import Figure, at_most, median
from evals.painter import tasks_of
from evals.painting import with_renderer

if TYPE_CHECKING:
    from chatdraw.render.verifier import StorybookJudge

SECONDS, GIGABYTES = 2.5, 1.5
"""What a picture may take on two idle cores."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the process found."""

    seconds: list[float]
    """Of each picture, all its attempts together; the models were loaded before."""
    peak: float
    """Most memory that the process ever had, in 10^9 bytes."""


def speed_figures(folder: Path, abilities: Abilities, count: int, verifier: Path | None = None) -> list[Figure]:
    """``count`` pictures of the pipeline in ``folder``, guided by the verifier in the other folder and in as many
    attempts as it asks for. Raises :class:`CannotMeasure` when they cannot be drawn."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        try:
            found = pool.apply(_measured, (folder, abilities, count, verifier))
        except Exception as error:
            raise CannotMeasure(f"The painter in {folder} does not draw: {error}") from error
    return [
        at_most(median("painter/seconds a picture", found.seconds), SECONDS),
        at_most(Figure("painter/peak memory in GB", found.peak, 1, None, None), GIGABYTES),
    ]


def _measured(folder: Path, abilities: Abilities, count: int, verifier: Path | None) -> Measured:
    judge = verifier_of(verifier, folder)
    make = with_renderer(renderer_of(folder, abilities, judge), judge)
    tasks = tasks_of(count + 1, "dense")
    seconds = []
    before = 0.0
    for _ in make(tasks):
        now = time.perf_counter()
        # The first one also loads the model.
        if before:
            seconds.append(now - before)
        before = now
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)


def renderer_of(folder: Path, abilities: Abilities, guide: Guide | None = None) -> Renderer:
    """The program's own renderer for the pipeline in ``folder``."""
    from chatdraw.render.diffusers_engine import DiffusersRenderer

    return DiffusersRenderer(folder.name, str(folder), abilities, guide=guide)


def verifier_of(folder: Path | None, painter: Path) -> StorybookJudge | None:
    """The program's own verifier in ``folder`` for the pictures of ``painter``; ``None`` where there is none."""
    from chatdraw.render.verifier import StorybookJudge

    return None if folder is None else StorybookJudge(folder, painter)
