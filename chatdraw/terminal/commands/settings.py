"""Commands that choose how the pictures to come are drawn, and by what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatdraw.terminal.commands.registry import ChatState, beginning, command, misused, number_after, tell
from chatdraw.terminal.looks import Hanging, error_view
from chatdraw.terminal.models_view import show_models
from chatdraw.terminal.turns import show

TOPIC: Final = "How it is drawn"
AUTO: Final = "auto"
_SIZE: Final = re.compile(r"(\d{1,6})\s*[xX×*]\s*(\d{1,6})")


def _seeds(state: ChatState, typed: str) -> Iterator[str]:
    current = state.conversation.latest_picture
    return beginning(typed, (*([str(current.request.seed)] if current else []), AUTO))


@command(
    "seed",
    TOPIC,
    "Show the seed, or choose that of the pictures to come",
    takes=f"[N|{AUTO}]",
    complete=_seeds,
    examples=(
        ("/seed 7", "every picture but variations is drawn with this seed, once, whatever it lacks"),
        (f"/seed {AUTO}", "an edit begins with the seed of its picture, everything else with a new one"),
    ),
)
def _seed(state: ChatState, argument: str) -> None:
    conversation = state.conversation
    if argument:
        seed = None if argument.casefold() == AUTO else number_after("seed", argument)
        conversation.choose(seed=seed)
    chosen, current = conversation.choices.seed, conversation.latest_picture
    if chosen is not None:
        tell(state, f"The seed of the pictures to come is {chosen}; /seed {AUTO} ends that.")
    else:
        tell(state, "The seed is automatic: an edit begins with that of its picture, everything else with a new one.")
    if current is not None and not argument:
        tell(state, f"The current picture has the seed {current.request.seed}.")


def _sizes(state: ChatState, typed: str) -> Iterator[str]:
    abilities = state.app.renderer.abilities
    sizes = abilities.sizes or ((abilities.width, abilities.height),)
    return beginning(typed, (*(f"{width}x{height}" for width, height in sizes), AUTO))


@command(
    "size",
    TOPIC,
    "Show the size, or choose that of the pictures to come",
    takes=f"[WxH|{AUTO}]",
    complete=_sizes,
    examples=(("/size 768x512", "width and height in pixels"), (f"/size {AUTO}", "as the image model has it")),
)
def _size(state: ChatState, argument: str) -> None:
    conversation, renderer = state.conversation, state.app.renderer
    if argument.casefold() == AUTO:
        conversation.choose(width=None, height=None)
    elif argument:
        found = _SIZE.fullmatch(argument)
        if found is None:
            raise misused("size", f"“{argument}” is no size.")
        conversation.choose(width=int(found[1]), height=int(found[2]))
    choices, abilities = conversation.choices, renderer.abilities
    width, height = choices.width or abilities.width, choices.height or abilities.height
    if choices.width is None and choices.height is None:
        tell(state, f"The size is automatic: new pictures have {width}×{height} pixels, an edit that of its picture.")
    else:
        tell(state, f"The pictures to come have {width}×{height} pixels; /size {AUTO} ends that.")
    if not argument:
        can = ", ".join(f"{w}×{h}" for w, h in abilities.sizes)
        words = f"{can} only" if can else f"any size in steps of {abilities.multiple} pixels"
        tell(state, f"{renderer.name} draws {words}.")


@command(
    "steps",
    TOPIC,
    "Show how many steps a picture takes, or choose it",
    takes=f"[N|{AUTO}]",
    complete=lambda state, typed: beginning(typed, (AUTO,)),
    examples=(("/steps 8", "fewer are quicker, more are finer"), (f"/steps {AUTO}", "as the image model has it")),
)
def _steps(state: ChatState, argument: str) -> None:
    conversation = state.conversation
    if argument:
        steps = None if argument.casefold() == AUTO else number_after("steps", argument)
        conversation.choose(steps=steps)
    chosen = conversation.choices.steps
    if chosen is None:
        tell(state, f"The steps are automatic: {state.app.renderer.abilities.steps} for a picture.")
    else:
        tell(state, f"The pictures to come take {chosen} steps; /steps {AUTO} ends that.")


@command("models", TOPIC, "Show what draws and writes here, and what else there is")
def _models(state: ChatState, argument: str) -> None:
    from chatdraw.model_report import models_report

    settings, session = state.app.settings, state.conversation.session
    report = models_report(settings)
    show(state.console, Hanging("  ", f"In use: {settings.llm_name} writes, {settings.painter_name} draws."))
    if state.warm_up is not None:
        tell(state, f"At the moment: {state.warm_up.status}.")
        if (problem := state.warm_up.problem) is not None:
            show(state.console, error_view(str(problem), getattr(problem, "hint", None)))
    state.console.print()
    show_models(report, state.console)
    others = [profile.name for profile in report.profiles if not profile.chosen]
    if others:
        switch = f"To switch, leave and start again: chatdraw --profile {others[0]} --session {session.id[:8]}"
        show(state.console, Hanging("", switch))
