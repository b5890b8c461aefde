"""What is asked of the language model: a plan, and a caption."""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice

from chatdraw.caption import compose
from chatdraw.errors import ChatdrawError, PlanError, SceneError, UnknownCharacter
from chatdraw.events import Event, Writing
from chatdraw.llm.base import Known
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan, parse_caption, parse_plan
from chatdraw.records import Caption, Turn
from chatdraw.scene import Frozen, Scene
from chatdraw.turns.folding import could_be_done, fold
from chatdraw.turns.memory import enough_memory
from chatdraw.turns.parts import Parts
from chatdraw.turns.work import Work

LOOKED_THROUGH = 4
"""So many times the length of the history is searched for turns that the model planned, and no further."""


def ask_plan(parts: Parts, work: Work) -> Generator[Event, None, Plan]:
    """Asks for a plan, and once more with the error when it does not parse or does not fit the scene.

    Raises:
        PlanError: the second answer is no plan either, or is about somebody who is not there: the message was not
            understood.
        SceneError: the second plan does not fit either, for a reason that the person can do something about.
    """
    scene, most = work.start.scene, parts.renderer.abilities.max_characters
    known = known_of_plan(scene, work.request, pictures=work.drawn, most=most)
    messages = parts.prompts.plan(scene, work.request, pictures=work.drawn, past=_past(parts, work))
    work.shown = work.request
    with work.timed("plan"):
        answer = yield from _write(parts, messages, Plan, "plan", known)
        try:
            return fold(parts, work, parse_plan(answer))
        except (PlanError, SceneError) as error:
            messages = parts.prompts.repair(messages, answer, _explained(error))
        # Whatever the model was kept from writing, the error has told it who is there.
        answer = yield from _write(parts, messages, Plan, "plan")
        try:
            return fold(parts, work, parse_plan(answer))
        except (PlanError, UnknownCharacter) as error:
            raise _not_understood(scene, error) from error


def known_of_plan(scene: Scene, request: str, *, pictures: int, most: int | None) -> Known:
    """What is known of a plan before it is written.

    Args:
        scene: the latest one.
        request: the words that the language model sees.
        pictures: drawn so far.
        most: characters that can be drawn in a picture; ``None``: any number.
    """

    def fits(plan: Frozen) -> bool:
        return isinstance(plan, Plan) and could_be_done(plan, scene, pictures=pictures, most=most)

    return Known(scene.callable_by(), request, fits)


def ask_caption(parts: Parts, work: Work) -> Generator[Event, None, Caption]:
    """Asks for a caption of the scene after the edits, and makes sure that it says all of it."""
    abilities = parts.renderer.abilities
    messages = parts.prompts.caption(work.scene, work.request, words=abilities.word_budget)
    with work.timed("caption"):
        answer = yield from _write(parts, messages, CaptionDraft, "caption")
    try:
        draft = parse_caption(answer)
    except PlanError:
        # The scene is known in full, so plain sentences still draw the right picture.
        draft = ""
    return compose(work.scene, draft, budget=abilities.word_budget, vocabulary=abilities.vocabulary)


def _past(parts: Parts, work: Work) -> tuple[Turn, ...]:
    """As many turns as the prompt can show, and one more, by which it sees that there are more."""
    most = parts.prompts.history
    if not most:
        return ()
    latest = islice(work.start.backwards(), LOOKED_THROUGH * (most + 1))
    planned = (turn for turn in latest if turn.plan is not None and turn.request)
    return tuple(reversed(tuple(islice(planned, most + 1))))


def _write(
    parts: Parts, messages: tuple[Message, ...], schema: type[Frozen], purpose: str, known: Known | None = None
) -> Generator[Event, None, str]:
    pieces: list[str] = []
    with enough_memory(parts.llm.name, "Close other programs, or choose a smaller model with --profile."):
        for piece in parts.llm.complete(
            messages, schema, max_tokens=parts.max_tokens, cancelled=parts.cancelled, known=known
        ):
            pieces.append(piece)
            yield Writing(piece, purpose)
    return "".join(pieces)


def _not_understood(scene: Scene, error: ChatdrawError) -> PlanError:
    """The error in words for the person, who neither wrote the plan nor need have named whom it names."""
    known = ", ".join(scene.handles())
    there = f"The story has: {known}." if known else "There is nobody in the story yet."
    return PlanError(
        f"Sorry, that was not understood. The language model’s answer could not be used: {error}",
        hint=f"{there} Say in other words who or what should be in the picture.",
    )


def _explained(error: ChatdrawError) -> str:
    return f"{error} {error.hint}" if error.hint else str(error)
