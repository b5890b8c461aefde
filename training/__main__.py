"""``python -m training PART --minutes N``: train one of the bundled models, or all of them one after the other."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import torch

from training.runner import CannotTrain, Run
from training.settings import DEFAULT_FILE, PARTS, Settings, SettingsError, read_settings


def parser() -> argparse.ArgumentParser:
    """The command line."""
    words = argparse.ArgumentParser(
        prog="python -m training",
        description="Train the bundled models. Training takes up where it stopped; Ctrl-C saves and stops.",
    )
    words.add_argument("part", choices=(*PARTS, "all"), help="what to train; 'all' divides the minutes by [shares]")
    words.add_argument("--minutes", type=float, default=10.0, help="time to train in this invocation (default 10)")
    words.add_argument("--config", type=Path, default=DEFAULT_FILE, help="configuration file")
    words.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="override one value")
    words.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
    words.add_argument("--threads", type=int, help="CPU threads for arithmetic (default: torch's choice)")
    words.add_argument("--fresh", action="store_true", help="forget the part's checkpoints and start anew")
    words.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints, logs and samples")
    words.add_argument("--export-only", action="store_true", help="write the model's folder from the last checkpoint")
    return words


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    words = parser().parse_args(arguments)
    try:
        settings = read_settings(words.config, words.set)
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if words.threads:
        torch.set_num_threads(words.threads)
    if words.part == "all":
        budget = {part: minutes for part, minutes in settings.shares.minutes(words.minutes).items() if minutes > 0}
    else:
        budget = {words.part: words.minutes}
    if words.fresh:
        # At once: one part looks at the checkpoint of another.
        for part in budget:
            Run(part, words.runs, 0.0, device=words.device, fresh=True)
    failed = False
    for part, minutes in budget.items():
        try:
            if run_part(part, settings, words, 0.0 if words.export_only else minutes).stopped:
                return 130
        except CannotTrain as error:
            # Of several parts, others may be none the worse for it.
            print(f"error: {part}: {error}" if len(budget) > 1 else f"error: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def run_part(part: str, settings: Settings, words: argparse.Namespace, minutes: float) -> Run:
    """Train one part for ``minutes`` (0: only what follows the training, such as the export)."""
    # Imported by name so that one part's missing requirement does not stop the others.
    module = importlib.import_module(f"training.{part}")
    run = Run(part, words.runs, minutes, device=words.device, general=settings.general)
    with run.signals():
        module.train(settings, run, minutes)
    return run


if __name__ == "__main__":
    sys.exit(main())
