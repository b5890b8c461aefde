"""What every training program needs: a time budget, checkpoints that survive a crash, a log, seeds and a device.

A part is a module ``training.<part>`` with ``train(settings, run, minutes)``; it loops ``while run.going()``, keeps its
whole state in one dictionary that it hands to :meth:`Run.save`, and takes up again from :meth:`Run.load`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn

from training.settings import General

CHECKPOINT = "checkpoint.pt"
PREVIOUS = "checkpoint.previous.pt"


class CannotTrain(RuntimeError):
    """A training cannot begin or go on as asked; the message says what to do about it."""


class Clock:
    """Seconds of work: of this invocation, and over all invocations that led here."""

    def __init__(self, minutes: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self.limit = minutes * 60.0
        self.earlier = 0.0
        """Seconds of earlier invocations, set when a checkpoint is loaded."""

    def elapsed(self) -> float:
        """Seconds since this invocation began."""
        return self._now() - self._start

    def left(self) -> float:
        """Seconds of this invocation's budget that are left; never negative."""
        return max(0.0, self.limit - self.elapsed())

    def total(self) -> float:
        """Seconds over all invocations."""
        return self.earlier + self.elapsed()


class Run:
    """One invocation of one part's training.

    ``folder`` (``runs/<part>``) holds the checkpoints ``checkpoint.pt`` and ``checkpoint.previous.pt``, ``log.jsonl``
    and whatever else the part puts there. Nothing in it is needed by the program that is trained.
    """

    def __init__(
        self,
        part: str,
        runs: Path,
        minutes: float,
        *,
        device: str = "auto",
        fresh: bool = False,
        general: General | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.part = part
        self.runs = runs
        self.folder = runs / part
        self.folder.mkdir(parents=True, exist_ok=True)
        self.general = general or General()
        self.device = choose_device(device)
        self.clock = Clock(minutes, now)
        self._now = now
        self._stopped = False
        self._last: dict[str, float] = {}
        self._logged: tuple[int, float] | None = None
        if fresh:
            for name in (CHECKPOINT, PREVIOUS, "log.jsonl"):
                (self.folder / name).unlink(missing_ok=True)

    def beside(self, part: str) -> Run:
        """The run of another part under the same ``runs``, to read from: no time of its own."""
        return Run(part, self.runs, 0.0, device=str(self.device), general=self.general)

    # Time

    def passed(self, begun: float = 0.0) -> float:
        """The share of the budget that is over, 0 to 1, of what was left of it ``begun`` seconds after the start."""
        return min(1.0, (self.clock.elapsed() - begun) / max(1e-9, self.clock.limit - begun))

    def going(self) -> bool:
        """Whether to take another step: the budget is not used up and nobody asked to stop."""
        return not self._stopped and self.clock.left() > 0

    def stop(self) -> None:
        """End the loop at the next :meth:`going`; what a signal does."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Whether the run ends because it was told to, not because its time was over."""
        return self._stopped

    def every(self, seconds: float, name: str) -> bool:
        """True about once in ``seconds`` for each ``name``, the first time after ``seconds``."""
        last = self._last.setdefault(name, self._now())
        if self._now() - last < seconds:
            return False
        self._last[name] = self._now()
        return True

    def checkpoint_due(self) -> bool:
        """:meth:`every` at the interval that the configuration gives for checkpoints."""
        return self.every(self.general.checkpoint_seconds, "checkpoint")

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """While inside, SIGTERM and SIGINT end the loop cleanly, so that the part can save; a second one kills."""

        def handle(number: int, frame: FrameType | None) -> None:
            self.stop()
            signal.signal(number, signal.SIG_DFL)

        before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    # Arithmetic

    def autocast(self) -> torch.autocast:
        """bfloat16 where it is fast (CUDA, CPUs with AVX-512 BF16 or AMX), float32 elsewhere; weights stay float32."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=fast_bfloat16(self.device))

    def seed_for(self, step: int) -> int:
        """A seed for everything random in one step; the same in every invocation, different for every part."""
        digest = hashlib.sha256(f"{self.general.seed}/{self.part}/{step}".encode()).digest()
        return int.from_bytes(digest[:7], "big")

    # Checkpoints

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last, on the CPU; ``None`` at a fresh start.

        A damaged file (the machine went down, the disk was full) is passed over for the one before it. Raises
        :class:`CannotTrain` when checkpoints are there and none can be read: starting again from nothing should be
        somebody's decision.
        """
        damaged: list[str] = []
        for name in (CHECKPOINT, PREVIOUS):
            path = self.folder / name
            if not path.exists():
                continue
            try:
                state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)
                self.clock.earlier = float(state["run"]["seconds"])
            except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
                damaged.append(f"{path}: {error}")
                self.say(f"cannot read {path}, trying the one before it")
                continue
            return state
        if damaged:
            raise CannotTrain(
                f"no checkpoint can be read; python -m training {self.part} --fresh starts anew\n" + "\n".join(damaged)
            )
        return None

    def save(self, state: dict[str, Any]) -> None:
        """Write ``state`` as the last checkpoint; the last one becomes the previous one. The key ``run`` is added."""
        path = self.folder / CHECKPOINT
        temporary = self.folder / f"{CHECKPOINT}.{os.getpid()}"
        torch.save({**state, "run": {"seconds": self.clock.total(), "part": self.part}}, temporary)
        if path.exists():
            os.replace(path, self.folder / PREVIOUS)
        os.replace(temporary, path)

    # Words

    def log(self, step: int, samples: int | None = None, **figures: float) -> None:
        """Append a line to ``log.jsonl`` and show it.

        ``samples`` is the number of samples seen so far, over all invocations; from it comes the speed that is shown.
        """
        line: dict[str, float] = {"step": step, "seconds": round(self.clock.total(), 1)}
        if samples is not None:
            line["samples"] = samples
            if self._logged is not None and self._now() > self._logged[1]:
                line["samples_per_second"] = round((samples - self._logged[0]) / (self._now() - self._logged[1]), 1)
            self._logged = (samples, self._now())
        line.update({name: float(value) for name, value in figures.items()})
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        words = [f"step {step:,}"]
        if "samples_per_second" in line:
            words.append(f"{line['samples_per_second']:g}/s")
        words += [f"{name} {value:.4g}" for name, value in figures.items()]
        words.append(f"{self.clock.left() / 60:.1f} min left")
        self.say(" · ".join(words), passing=True)

    def log_due(self) -> bool:
        """:meth:`every` at the interval that the configuration gives for the log."""
        return self.every(self.general.log_seconds, "log")

    def say(self, text: str, passing: bool = False) -> None:
        """One line on standard error; on a terminal a ``passing`` line is overwritten by the next."""
        if passing and sys.stderr.isatty():
            print(f"\r\x1b[2K{self.part}: {text}", end="", file=sys.stderr, flush=True)
        else:
            start = "\n" if sys.stderr.isatty() and not passing else ""
            print(f"{start}{self.part}: {text}", file=sys.stderr, flush=True)


def load_weights(model: nn.Module, weights: Mapping[str, Any], folder: Path) -> None:
    """Load weights of a checkpoint in ``folder``; raises :class:`CannotTrain` where they are of another shape."""
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CannotTrain(
            f"the checkpoint in {folder} was made with other settings or by another edition; give the settings it was "
            "made with, name another folder with --runs, or start anew with --fresh"
        ) from error


def choose_device(name: str) -> torch.device:
    """``auto`` means the first CUDA device where there is one, otherwise the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def fast_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are faster than in float32 on this device."""
    if device.type != "cpu":
        return device.type == "cuda"
    with contextlib.suppress(OSError):
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return "avx512_bf16" in flags or "amx_bf16" in flags
    return False
