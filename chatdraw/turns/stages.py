"""The order in which things happen in a turn.

A message goes one straight way: request check, plan, fold into the scene, caption, caption check, picture, picture
check, store. Commands leave out what they do not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatdraw.events import Asked, Event, Planned, Talked
from chatdraw.person_edits import ChoosePicture, LockPhrase, PersonEdit, UnlockPhrase, apply_by_hand
from chatdraw.plan import Plan
from chatdraw.turns import by_hand
from chatdraw.turns.asking import ask_caption, ask_plan
from chatdraw.turns.choices import Choices
from chatdraw.turns.correcting import Understood, start_of
from chatdraw.turns.drawing import draw, own_words
from chatdraw.turns.folding import fold
from chatdraw.turns.going_back import gone_to, redone
from chatdraw.turns.journal import Journal
from chatdraw.turns.parts import Parts
from chatdraw.turns.work import Work

RECENT: Final = 6
"""How many earlier messages the request check sees, so that a request split over turns is still one."""


class Stages:
    """One method for each way to take a turn. Each takes the turn as it begins and ends with its last event.

    All of them raise what their stages raise: :class:`~chatdraw.turns.work.Refusal` when a check says no, and
    :class:`~chatdraw.errors.ChatdrawError` for everything that is expected to go wrong.

    Args:
        parts: of the conversation.
        journal: where its turns are written down.

    Attributes:
        choices: what the person chose for the pictures to come.
    """

    def __init__(self, parts: Parts, journal: Journal) -> None:
        self.choices = Choices()
        self._parts = parts
        self._journal = journal

    def say(self, work: Work) -> Iterator[Event]:
        """Words that the language model has to understand."""
        self._check_request(work)
        plan = yield from ask_plan(self._parts, work)
        yield from self._carry_out(work, plan)

    def correct(self, work: Work, understood: Understood, plan: Plan) -> Iterator[Event]:
        """Another meaning of the words of an earlier turn."""
        turn, work.edits = understood.turn, understood.edits
        work.start = work.base = start_of(self._parts, turn)
        work.scene = work.start.scene
        # Kept even when it fails, so that it can be corrected once more.
        work.plan, work.shown = plan, turn.request
        self._check_request(work)
        fold(self._parts, work, plan)
        yield from self._carry_out(work, plan)

    def _carry_out(self, work: Work, plan: Plan) -> Iterator[Event]:
        yield _planned(work, plan)
        if plan.action == "ask":
            yield Asked(self._journal.record(work, "asked"), plan.question)
        elif plan.action == "talk":
            yield Talked(self._journal.record(work, "talked"), plan.reply)
        elif plan.action == "undo" and not plan.edits:
            yield self._journal.revert(work, work.base.picture)
        else:
            yield from self._draw(work)

    def _draw(self, work: Work, count: int = 1) -> Iterator[Event]:
        own = own_words(work)
        caption = own if own is not None else (yield from ask_caption(self._parts, work))
        yield from draw(self._parts, self._journal, self.choices, work, caption, count)

    def draw_raw(self, work: Work) -> Iterator[Event]:
        """The person's words as the caption."""
        self._check_request(work)
        work.plan = Plan(action="draw")
        caption = by_hand.raw_caption(work.start, work.request)
        yield from draw(self._parts, self._journal, self.choices, work, caption, 1)

    def redraw(self, work: Work) -> Iterator[Event]:
        """The person's wording in place of the caption of the current picture."""
        self._check_request(work)
        caption = by_hand.edited_caption(work.start, work.request)
        # Not folded: the scene of a picture that was drawn from raw words may be empty.
        work.plan, work.target = Plan(action="edit"), work.start.picture
        yield Planned(work.plan, "edit", work.target)
        yield from draw(self._parts, self._journal, self.choices, work, caption, 1)

    def vary(self, work: Work, count: int) -> Iterator[Event]:
        """So many other pictures of the same scene."""
        plan = fold(self._parts, work, Plan(action="vary"))
        yield _planned(work, plan)
        yield from self._draw(work, count)

    def undo(self, work: Work) -> Iterator[Event]:
        """To before the current picture."""
        yield from self._carry_out(work, fold(self._parts, work, Plan(action="undo")))

    def redo(self, work: Work) -> Iterator[Event]:
        """To what the last going back left."""
        work.base = redone(self._parts, work.start)
        work.scene, work.returning = work.base.scene, True
        yield self._journal.revert(work, work.base.picture)

    def goto(self, work: Work, number: int) -> Iterator[Event]:
        """To an earlier picture, or to one on another branch."""
        work.base, picture = gone_to(self._parts, number)
        work.scene, work.edits = work.base.scene, (ChoosePicture(number=number),)
        yield self._journal.revert(work, picture)

    def change(self, work: Work, edits: tuple[PersonEdit, ...]) -> Iterator[Event]:
        """Edits of the person, drawn if there is a picture to draw them in."""
        work.edits = by_hand.judged(edits, lambda text: self._judge(work, text))
        plan = Plan(action="edit" if work.start.picture is not None else "talk")
        fold(self._parts, work, plan)
        by_hand.check_locked(work.scene, self._parts.renderer.abilities.word_budget)
        yield _planned(work, plan)
        if plan.action == "edit":
            yield from self._draw(work)
        else:
            reply = "Noted. It holds from the first picture."
            yield Talked(self._journal.record(work, "talked", reply), reply)

    def lock(self, work: Work, edit: LockPhrase | UnlockPhrase) -> Iterator[Event]:
        """A phrase for the captions to come."""
        (edit,) = by_hand.judged((edit,), lambda text: self._judge(work, text))
        work.edits = (edit,)
        # Without a plan, since nothing had to be understood.
        work.scene = apply_by_hand(work.start.scene, work.edits, turn=work.number)
        by_hand.check_locked(work.scene, self._parts.renderer.abilities.word_budget)
        reply = by_hand.said_of(edit)
        yield Talked(self._journal.record(work, "talked", reply), reply)

    def _check_request(self, work: Work) -> None:
        work.request = self._judge(work, work.text)

    def _judge(self, work: Work, text: str) -> str:
        recent = [turn.text for turn in work.start.tail(RECENT)]
        return work.judge(self._parts.safety.check_request(text, recent), text)


def _planned(work: Work, plan: Plan) -> Planned:
    """What is about to happen: an edit, where there is no picture to change, is a new one."""
    action = "draw" if plan.action == "edit" and work.target is None else plan.action
    return Planned(plan, action, work.target, work.edits)
