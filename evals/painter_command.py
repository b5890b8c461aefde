"""``python -m evals painter``: everything that the painter has to reach, of the bundled one or of another folder."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from chatdraw.config import load_settings, resolve_source
from chatdraw.errors import ChatdrawError
from chatdraw.render.base import Abilities
from evals.cards import fill_card, require_card
from evals.ceiling import autoencoder_figures, autoencoder_of
from evals.command import CannotMeasure, Command
from evals.drawing_speed import renderer_of, speed_figures, verifier_of
from evals.drawn import drawn_pictures, recogniser_figures
from evals.figures import Figure, mean
from evals.painting import contact_sheet, measure_everything, with_renderer
from evals.recogniser import FOLDER, Recogniser, WeightsMissing

PARTS = ("pictures", "autoencoder", "speed", "recogniser")
COUNT, SHEET = 1000, 64
PROFILE = "storybook"

DESCRIPTION = """\
pictures: N dense captions of one character, with combinations of kind, colour, headwear and neckwear that were kept
from training, are drawn by the program's own renderer and read back by the recogniser; a third as many of other
combinations, of two characters, and of the short requests that a person would type for the first of them, with the same
seeds. What the recogniser misreads counts against the painter, and targets are about that; "of what is read in true
drawings" is the same without the questions that it answers wrongly about the true drawing of the caption, and "read in
true drawings" how often it is right about those. The Fréchet distance is one in the recogniser's features, with that
between two sets of true drawings, as large, beside it. Every picture is drawn as the program draws: guided by the
verifier, and in several attempts until that misses nothing. Short requests, and the same pictures from dense captions
("the painter alone"), are drawn once and without it.

autoencoder: PSNR of held-out drawings, in each style and inside faces. speed: seconds a picture, and the peak memory of
a process that draws. recogniser: its own accuracy on held-out drawings.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--count", type=int, default=COUNT, metavar="N", help=f"dense captions (default {COUNT})")
    parser.add_argument("--folder", type=Path, metavar="PAINTER", help="a pipeline's folder (default: the bundled one)")
    parser.add_argument(
        "--part", choices=PARTS, action="append", help="what to measure; can be given again (default: all)"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="denoising steps (default: as in models.toml)")
    parser.add_argument("--guidance", type=float, metavar="X", help="guidance scale (default: as in models.toml)")
    parser.add_argument(
        "--attempts", type=int, metavar="N", help="attempts at most (default: as in models.toml, 1 for another folder)"
    )
    parser.add_argument(
        "--verifier-guidance",
        type=float,
        metavar="X",
        help="how far the verifier pulls the pictures (default: as in models.toml, 0 for another folder)",
    )
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="another recogniser's folder")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="also keep the pictures and how they were read")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help=f"also write a contact sheet of {SHEET} of the pictures"
    )
    parser.add_argument(
        "--card", action="store_true", help="also write the figures of all parts into the painter's card"
    )


def measure(arguments: argparse.Namespace) -> list[Figure]:
    """All figures of the parts that are asked for."""
    if arguments.count < 1:
        raise CannotMeasure("--count must be at least 1.")
    if arguments.steps is not None and arguments.steps < 1:
        raise CannotMeasure("--steps must be at least 1.")
    if arguments.card and arguments.part:
        raise CannotMeasure("--card replaces all figures of the card, so it goes without --part.")
    parts = arguments.part or PARTS
    try:
        recogniser = Recogniser.load(arguments.weights)
    except WeightsMissing as error:
        raise CannotMeasure(str(error)) from error
    if arguments.attempts is not None and arguments.attempts < 1:
        raise CannotMeasure("--attempts must be at least 1.")
    if arguments.verifier_guidance is not None and not 0 <= arguments.verifier_guidance <= 100:
        raise CannotMeasure("--verifier-guidance must be between 0 and 100.")
    folder, abilities = painter_of(arguments)
    verifier = verifier_folder() if abilities.attempts > 1 or abilities.verifier_guidance else None
    if arguments.card:
        require_card(folder / "README.md")
    figures: list[Figure] = []
    if "pictures" in parts:
        judge = verifier_of(verifier, folder)
        renderer = renderer_of(folder, abilities, judge)
        attempts: list[int] = []
        maker = with_renderer(renderer, judge, attempts)
        unaided = with_renderer(renderer) if judge is not None else None
        try:
            found, images = measure_everything(
                maker, arguments.count, recogniser, unaided=unaided, keep=arguments.pictures
            )
        except ChatdrawError as error:
            raise CannotMeasure(f"{error} {error.hint}" if error.hint else str(error)) from error
        finally:
            renderer.close()
        figures += found
        dense = [float(taken) for taken in attempts[: arguments.count]]
        figures.append(mean("painter/dense, attempts a picture", dense))
        if arguments.sheet is not None:
            arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
            contact_sheet(images[:SHEET]).save(arguments.sheet)
    if "autoencoder" in parts:
        round_trip = autoencoder_of(folder)
        if round_trip is not None:
            figures += autoencoder_figures(round_trip, max(20, arguments.count // 5))
    if "speed" in parts:
        figures += speed_figures(folder, abilities, min(20, max(5, arguments.count // 20)), verifier)
    if "recogniser" in parts:
        figures += recogniser_figures(recogniser, drawn_pictures(max(50, arguments.count)))
    if arguments.card:
        fill_card(folder / "README.md", figures, card_note(arguments, date.today()))
    return figures


def card_note(arguments: argparse.Namespace, day: date) -> str:
    """When and how the figures of the card were measured, with the options that change them."""
    options = ("steps", "guidance", "attempts", "verifier_guidance")
    values = {name.replace("_", "-"): getattr(arguments, name) for name in options}
    said = [f"--{name} {value:g}" for name, value in values.items() if value is not None]
    if arguments.weights != FOLDER:
        said.append(f"--weights {arguments.weights.name}")
    command = " ".join(("python -m evals painter", *said))
    return f"Measured on {day.isoformat()} by `{command}` on {arguments.count} held-out captions."


def verifier_folder() -> Path | None:
    """Where the verifier of the bundled painter is."""
    source = load_settings(profile=PROFILE).painter.verifier
    return None if source is None else Path(resolve_source(source))


def alone(abilities: Abilities) -> Abilities:
    """The same painter without the verifier's help: one attempt, and no guidance by it."""
    return replace(abilities, attempts=1, verifier_guidance=0.0)


def painter_of(arguments: argparse.Namespace) -> tuple[Path, Abilities]:
    """The folder of the pipeline, and what it draws: pictures of its autoencoder's size, with the steps and guidance
    of the bundled painter unless others are given. The bundled one has the verifier's help, another one has none unless
    that is asked for: the verifier knows the bundled autoencoder. Raises :class:`CannotMeasure` when there is no
    pipeline."""
    entry = load_settings(profile=PROFILE).painter
    bundled = Path(resolve_source(entry.source))
    chosen = bundled if arguments.folder is None else arguments.folder
    config = chosen / "vae" / "config.json"
    try:
        size = int(json.loads(config.read_text(encoding="utf-8"))["sample_size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotMeasure(f"{chosen} holds no painter ({error}); `python -m training painter` writes one.") from error
    usual = Abilities(
        width=size,
        height=size,
        steps=entry.steps,
        guidance=entry.guidance,
        word_budget=entry.word_budget,
        multiple=entry.multiple,
        attempts=entry.attempts,
        verifier_guidance=entry.verifier_guidance,
    )
    asked = {name: getattr(arguments, name) for name in ("steps", "guidance", "attempts", "verifier_guidance")}
    given = {name: value for name, value in asked.items() if value is not None}
    return chosen, replace(usual if arguments.folder is None else alone(usual), **given)


COMMAND = Command("painter", "the painter, in everything that it has to reach", add_arguments, measure, DESCRIPTION)
