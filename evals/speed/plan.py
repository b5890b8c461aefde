"""A plan by chatdraw beside a plain ``generate`` that reads everything anew, early and late in a conversation."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import torch

from chatdraw.app import App
from chatdraw.config import resolve_source
from chatdraw.edits import AddCharacter, SetScene, SetTrait, apply
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.llm.weights import TINY, choose_device, load_model, load_tokenizer, locate
from chatdraw.machine import on_threads
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.prompts import Prompts
from chatdraw.records import Turn
from chatdraw.scene import Scene
from chatdraw.turns.asking import known_of_plan
from evals.command import CannotMeasure
from evals.figures import Figure
from evals.models import opened
from evals.speed.timing import Pairs, at_least, beside, seconds

TURNS = (1, 10, 50, 200)
"""The turns that are measured; from the second on those that follow, too."""

FASTER = 2.0
"""How often faster a plan has to be at turn 10."""

FLAT = 0.8
"""The least ratio of turn 10 to turn 200: what is left of a growing prompt or cache would show here."""

HISTORIES = (0, 8)
"""Earlier turns that the model is shown: none, as the bundled writer was trained, and eight, for long prompts."""

_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)

_COLOURS = "red blue green yellow white black pink purple orange brown".split()
_PLACES = "forest beach garden meadow castle city kitchen mountains".split()
_FEELINGS = "happy sad angry sleepy surprised".split()
_WORN = (("neckwear", "scarf"), ("headwear", "hat"), ("headwear", "crown"), ("neckwear", "bow"), ("eyewear", "glasses"))


def _said(number: int) -> tuple[str, Plan]:
    """A message and what it means. The kinds of message take turns, so that a late turn is like an early one; what they
    are about differs, so that hardly any answer was given before."""
    dice = random.Random(number)
    colour, place, feeling = dice.choice(_COLOURS), dice.choice(_PLACES), dice.choice(_FEELINGS)
    trait, thing = dice.choice(_WORN)
    dressed = SetTrait(who="Larry", trait=trait, value=f"{colour} {thing}")
    return (
        (f"Draw Larry in the {place}.", Plan(action="draw", edits=(SetScene(field="setting", value=place),))),
        (f"Give him a {colour} {thing}.", Plan(action="edit", edits=(dressed,))),
        (f"He should look {feeling}.", _edit(SetTrait(who="Larry", trait="expression", value=feeling))),
        ("Show me another one.", Plan(action="vary", reply="Here is another one.")),
        (f"Now Larry is at the {place}.", _edit(SetScene(field="setting", value=place))),
        (f"Let him wear a {colour} {thing}, please.", Plan(action="edit", edits=(dressed,))),
        ("Make it night.", _edit(SetScene(field="time", value="night"))),
        (f"I want him to be {colour}.", _edit(SetTrait(who="Larry", trait="colour", value=colour))),
    )[number % 8]


def _edit(edit: SetScene | SetTrait) -> Plan:
    return Plan(action="edit", edits=(edit,))


@dataclass(frozen=True, slots=True)
class Measured:
    """The plans of one turn number."""

    pairs: Pairs
    """Seconds of chatdraw and of the plain call."""
    prompt_tokens: int
    """Of the longest prompt."""


def measure(profile: str, tries: int) -> list[Figure]:
    """Times ``tries`` plans both ways at each of :data:`TURNS`, with each of :data:`HISTORIES`.

    Raises:
        CannotMeasure: the language model of the profile does not run here, or its context is too short for that.
    """
    figures: list[Figure] = []
    with opened(profile) as app:
        model, plain = _ours(app), _generate(app)
        for history in HISTORIES:
            prompts = Prompts(app.settings.llm.prompts, app.settings.prompt_folders, history=history)
            measured = {turn: _at(turn, prompts, app, model, plain, tries) for turn in TURNS}
            figures += _figures(f"speed/plan/{history} earlier turns" if history else "speed/plan/no history", measured)
    return figures


def story(length: int, shift: int = 0) -> list[Turn]:
    """So many turns of a conversation, without pictures.

    Args:
        length: how many.
        shift: where in the story it begins.
    """
    scene = apply(Scene(), (AddCharacter(kind="hedgehog", name="Larry", traits={"colour": "brown"}),), turn=1)
    turns: list[Turn] = []
    for number in range(1, length + 1):
        text, plan = _said(number + shift)
        scene = apply(scene, plan.edits, turn=number)
        turns.append(
            Turn(
                id=f"{number:032x}",
                parent=turns[-1].id if turns else None,
                number=number,
                time=_BEGUN + timedelta(minutes=number),
                text=text,
                request=text,
                outcome="drawn",
                scene=scene,
                plan=plan,
            )
        )
    return turns


def _figures(name: str, measured: dict[int, Measured]) -> list[Figure]:
    figures: list[Figure] = []
    for turn, one in measured.items():
        target = FASTER if turn == 10 else None
        figures += beside(f"{name}/turn {turn}", "plain generate", one.pairs, target, unit="ms")
        figures.append(Figure(f"{name}/turn {turn}/prompt, tokens", one.prompt_tokens, len(one.pairs), None, None))
    early, late = (median([own for own, _ in measured[turn].pairs]) for turn in (10, 200))
    name = f"{name}/turn 10 over turn 200"
    figures.append(at_least(Figure(name, early / late, len(measured[10].pairs), None, None), FLAT))
    return figures


def _at(turn: int, prompts: Prompts, app: App, model: TransformersModel, plain: _Plain, tries: int) -> Measured:
    """Plans at about this turn, each after the turn before it, as in a conversation."""
    pairs: Pairs = []
    longest = 0
    # What it knows of other turns is forgotten: every conversation ends with the same messages.
    model.close()
    model.load()
    for attempt in range(tries):
        # Earlier turns fall out of the prompt in blocks: successive turns meet every state of that.
        number = turn if turn == 1 else turn + attempt
        turns = story(number, shift=2 * attempt - number)
        # At first as many turns as a conversation has had at turn 10; then the next ones of the same conversation.
        for length in range(max(1, number - (2 if attempt else 9)), number):
            _plan(turns[:length], prompts, app, model)
            _caption(turns[length - 1], prompts, app, model)
        own = seconds(lambda turns=turns: _plan(turns, prompts, app, model))
        assert model.last is not None
        messages, tokens = _plan_messages(turns, prompts), model.last.generated_tokens
        pairs.append((own, seconds(lambda messages=messages, tokens=tokens: plain(messages, tokens))))
        longest = max(longest, model.last.prompt_tokens)
    return Measured(pairs, longest)


def _plan(turns: Sequence[Turn], prompts: Prompts, app: App, model: TransformersModel) -> None:
    """Asks for the plan of the last of these turns."""
    most = app.settings.painter.max_characters
    known = known_of_plan(_scene_before(turns), turns[-1].text, pictures=len(turns), most=most)
    messages = _plan_messages(turns, prompts)
    list(model.complete(messages, Plan, max_tokens=app.settings.llm.max_tokens, known=known))


def _scene_before(turns: Sequence[Turn]) -> Scene:
    return turns[-2].scene if len(turns) > 1 else Scene()


def _plan_messages(turns: Sequence[Turn], prompts: Prompts) -> tuple[Message, ...]:
    before = turns[:-1]
    return prompts.plan(_scene_before(turns), turns[-1].text, pictures=len(before), past=before[-prompts.history - 1 :])


def _caption(turn: Turn, prompts: Prompts, app: App, model: TransformersModel) -> None:
    messages = prompts.caption(turn.scene, turn.text, words=app.renderer.abilities.word_budget)
    list(model.complete(messages, CaptionDraft, max_tokens=app.settings.llm.max_tokens))


# --- the two models ------------------------------------------------------------------------------

_Plain = Callable[[Sequence[Message], int], None]


def _ours(app: App) -> TransformersModel:
    if not isinstance(app.llm, TransformersModel):
        raise CannotMeasure("The language model of this profile does not run here; choose another one with --profile.")
    app.llm.load()
    return app.llm


def _generate(app: App) -> _Plain:
    """What one writes with transformers alone: no schema, nothing kept from call to call, as many tokens."""
    entry = app.settings.llm
    folder = locate(resolve_source(entry.source), entry.revision).folder
    tokenizer: Any = load_tokenizer(folder)
    with on_threads(1):
        model: Any = load_model(folder, device=choose_device(entry.device), dtype=entry.dtype)

    small = sum(parameter.numel() for parameter in model.parameters()) <= TINY
    threads = app.settings.threads or (1 if small else None)

    def generate(messages: Sequence[Message], tokens: int) -> None:
        chat = [{"role": message.role, "content": message.content} for message in messages]
        read = tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, return_tensors="pt", return_dict=True, **entry.template_kwargs
        ).to(model.device)
        # As many threads as the program takes: with more a small model is slower yet.
        with on_threads(threads), torch.inference_mode():
            model.generate(**read, do_sample=False, max_new_tokens=tokens, min_new_tokens=tokens)

    generate([Message("user", "Draw.")], 2)
    return generate
