"""One conversation: the order in which things happen, and nothing else.

A message goes one straight way: request check, plan, fold into the scene, caption, caption check, picture, picture
check, store. Whatever goes wrong on the way ends the turn with the scene as it was, and the turn is recorded. The
stages themselves are in :mod:`chatdraw.turns`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatdraw.errors import Cancelled, ChatdrawError, MessageError, StoreError
from chatdraw.events import Asked, Event, Planned, Refused, Talked
from chatdraw.llm.base import LanguageModel
from chatdraw.person_edits import ChoosePicture, LockPhrase, PersonEdit, UnlockPhrase
from chatdraw.plan import Plan
from chatdraw.prompts import Prompts
from chatdraw.records import Caption, Picture, Turn
from chatdraw.render.base import Renderer
from chatdraw.safety import Safety
from chatdraw.scene import Scene
from chatdraw.store import CutOff, Session, Store
from chatdraw.turns import by_hand, choices, correcting
from chatdraw.turns.asking import ask_caption, ask_plan
from chatdraw.turns.choices import Choices
from chatdraw.turns.correcting import Correction
from chatdraw.turns.drawing import draw, own_words
from chatdraw.turns.folding import fold, trail_to_picture
from chatdraw.turns.going_back import branch_at, redone
from chatdraw.turns.journal import Journal, check_file
from chatdraw.turns.messages import MESSAGE_LIMIT, checked_message
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail
from chatdraw.turns.work import Refusal, Work

__all__ = ["MESSAGE_LIMIT", "MOST_VARIATIONS", "RECENT", "Conversation"]

RECENT: Final = 6
"""How many earlier messages the request check sees, so that a request split over turns is still one."""

MOST_VARIATIONS: Final = 8
"""Pictures of one turn, at most."""

Stages = Callable[[Work], Iterator[Event]]


class Conversation:
    """A session that is being talked in.

    Every method that takes a turn returns an iterator of events which ends with exactly one of ``events.FINAL``. A
    turn is under way while it is consumed; closing the iterator early abandons the turn and records nothing. Taking a
    turn costs the same however many turns the session has.

    Args:
        store: where turns and pictures are kept.
        session: the session to go on with.
        llm: writes plans and captions.
        renderer: draws.
        prompts: what the language model is told.
        safety: checks requests, captions and pictures.
        seeds: gives a new seed, 0 <= seed < 2**63.
        clock: gives the time of a turn.
        max_tokens: where the language model is cut off.
    """

    def __init__(
        self,
        *,
        store: Store,
        session: Session,
        llm: LanguageModel,
        renderer: Renderer,
        prompts: Prompts,
        safety: Safety,
        seeds: Callable[[], int],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        max_tokens: int = 700,
    ) -> None:
        self.session = session
        self._cancelled = threading.Event()
        self._parts = Parts(
            store, session.id, llm, renderer, prompts, safety, seeds, clock, max_tokens, self._cancelled.is_set
        )
        self._journal = Journal(self._parts, Trail.to(store, session.head))
        self._choices = Choices()
        self._cut_off = store.cut_off(session.id)
        self._forget_cut_off = bool(self._cut_off)

    # --- how it stands -----------------------------------------------------------------------

    @property
    def head(self) -> Turn | None:
        """The turn that the next message starts from."""
        return self._journal.trail.last

    @property
    def scene(self) -> Scene:
        """The scene as it is now."""
        return self._journal.trail.scene

    @property
    def latest_picture(self) -> Picture | None:
        """The picture that is current: what an edit changes and :meth:`again` varies."""
        return self._journal.trail.picture

    def recent(self, limit: int) -> tuple[Turn, ...]:
        """The turns that lead to the current one, at most ``limit``, oldest first."""
        return self._journal.trail.tail(limit)

    @property
    def path(self) -> tuple[Turn, ...]:
        """All the turns from the first to the current one. Reads the whole way: for tests and replays."""
        head = self.head
        return self._parts.store.path_to(head.id) if head else ()

    @property
    def cut_off(self) -> tuple[CutOff, ...]:
        """Turns that a program which is gone had under way when the session was opened here.

        They are forgotten with the first turn that is taken here.
        """
        return self._cut_off

    @property
    def choices(self) -> Choices:
        """What the person chose for the pictures to come."""
        return self._choices

    def choose(self, **changes: int | float | None) -> Choices:
        """Chooses seed, width, height, steps or guidance for the turns after it; ``None`` is automatic again.

        Raises:
            MessageError: there is no such choice, or the value is none.
            RenderError: the model cannot draw this size; the hint names the nearest that it can.
        """
        renderer = self._parts.renderer
        self._choices = choices.choose(self._choices, renderer.abilities, renderer.name, **changes)
        return self._choices

    def picture_path(self, picture: Picture) -> Path:
        """The file of a picture, which has been compared with it.

        Raises:
            NotFound: it is gone.
            StoreError: it cannot be read, or is damaged.
        """
        return check_file(self._parts.store.picture_path(picture.hash), picture)

    def cancel(self) -> None:
        """Ends the turn that is under way, from any thread.

        It is recorded as failed and the scene stays; of several pictures those that are finished are kept.
        """
        self._cancelled.set()

    def branch(self, number: int | None = None, title: str = "") -> Session:
        """A new session that goes on from a picture of this one, with a copy of the way to it.

        Args:
            number: of the picture; ``None``: from where the conversation stands.
            title: of the new session.

        Raises:
            MessageError: nothing was said yet, or there is no such picture.
        """
        return branch_at(self._parts, self._journal.trail, number, title)

    # --- the ways to take a turn -------------------------------------------------------------

    def say(self, text: str) -> Iterator[Event]:
        """A message in plain words: understood by the language model, then drawn.

        Raises:
            MessageError: it is empty, longer than ``MESSAGE_LIMIT`` characters, or not only text.
        """
        return self._take(self._begin(text), self._say)

    def draw_raw(self, text: str) -> Iterator[Event]:
        """The person's own words as the caption, without any rewriting. The scene stays as it is.

        Raises:
            MessageError: as for :meth:`say`.
        """
        return self._take(self._begin(text), self._draw_raw)

    def redraw(self, caption: str) -> Iterator[Event]:
        """The current picture with another caption, the person's own, and the same seed. The scene stays as it is.

        Raises:
            MessageError: as for :meth:`say`.
        """
        return self._take(self._begin(caption), self._redraw)

    def again(self) -> Iterator[Event]:
        """Another picture of the same scene, with a new seed."""
        return self._take(self._command("/again"), lambda work: self._vary(work, 1))

    def vary(self, count: int = 4) -> Iterator[Event]:
        """So many pictures of the same scene in one turn, each with a new seed; the last one is then the current one.

        Raises:
            MessageError: that is not a number of pictures from 1 to ``MOST_VARIATIONS``.
        """
        if isinstance(count, bool) or not 1 <= count <= MOST_VARIATIONS:
            raise MessageError(
                f"{count} pictures at once cannot be drawn.", hint=f"Ask for 1 to {MOST_VARIATIONS} of them."
            )
        return self._take(self._command(f"/vary {count}"), lambda work: self._vary(work, count))

    def undo(self) -> Iterator[Event]:
        """Back to the scene before the latest picture."""
        return self._take(self._command("/undo"), self._undo, quick=True)

    def redo(self) -> Iterator[Event]:
        """To where the last undo came from, or the last :meth:`goto`."""
        return self._take(self._command("/redo"), self._redo, quick=True)

    def goto(self, number: int) -> Iterator[Event]:
        """Picture ``number`` is the current one again, and the scene is as it was then."""
        return self._take(self._command(f"/goto {number}"), lambda work: self._goto(work, number), quick=True)

    def change(self, edits: tuple[PersonEdit, ...]) -> Iterator[Event]:
        """Edits without the language model understanding anything; the current picture is drawn with them.

        Where nothing is drawn yet they are kept for the first picture.

        Raises:
            MessageError: there are none, or they are longer than a message may be.
        """
        told = by_hand.told(edits)
        return self._take(self._command(f"/change {told}"), lambda work: self._change(work, edits))

    def lock(self, phrase: str) -> Iterator[Event]:
        """From now on the phrase stands in every caption, letter by letter. Nothing is drawn.

        Raises:
            MessageError: as for :meth:`say`, or it is too long for a phrase.
        """
        edit = by_hand.phrase_edit(LockPhrase, phrase)
        return self._take(self._command(f"/lock {edit.phrase}"), lambda work: self._lock(work, edit), quick=True)

    def unlock(self, phrase: str) -> Iterator[Event]:
        """The phrase need not stand in captions any more. Nothing is drawn.

        Raises:
            MessageError: as for :meth:`lock`.
        """
        edit = by_hand.phrase_edit(UnlockPhrase, phrase)
        return self._take(self._command(f"/unlock {edit.phrase}"), lambda work: self._lock(work, edit), quick=True)

    def correct(self, action: Correction, target: int | None = None) -> Iterator[Event]:
        """The latest turn once more from where it started, with the same edits, taken for something else.

        The wrong turn stays in the session, as a branch.

        Args:
            action: what it is taken for.
            target: number of the picture that is meant; ``None``: the one that was current then.

        Raises:
            MessageError: there is no turn that the language model planned, or no such correction.
        """
        turn, plan = correcting.correctable(self._parts)
        plan = correcting.corrected(plan, action, target)
        work = self._work(turn.text, turn.request)
        work.start = work.base = correcting.start_of(self._parts, turn)
        return self._take(work, lambda work: self._correct(work, plan))

    # --- their stages ------------------------------------------------------------------------

    def _say(self, work: Work) -> Iterator[Event]:
        self._check_request(work)
        plan = yield from ask_plan(self._parts, work)
        yield from self._carry_out(work, plan)

    def _correct(self, work: Work, plan: Plan) -> Iterator[Event]:
        # Kept even when it fails, so that it can be corrected once more.
        work.plan, work.shown = plan, work.request
        self._check_request(work)
        fold(self._parts, work, plan)
        yield from self._carry_out(work, plan)

    def _carry_out(self, work: Work, plan: Plan) -> Iterator[Event]:
        yield Planned(plan, plan.action, work.target)
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
        yield from draw(self._parts, self._journal, self._choices, work, caption, count)

    def _draw_raw(self, work: Work) -> Iterator[Event]:
        self._check_request(work)
        work.plan = Plan(action="draw")
        yield from draw(self._parts, self._journal, self._choices, work, Caption(text=work.request, raw=True), 1)

    def _redraw(self, work: Work) -> Iterator[Event]:
        self._check_request(work)
        caption = by_hand.edited_caption(work.start, work.request)
        fold(self._parts, work, Plan(action="edit"))
        yield Planned(Plan(action="edit"), "edit", work.target)
        yield from draw(self._parts, self._journal, self._choices, work, caption, 1)

    def _vary(self, work: Work, count: int) -> Iterator[Event]:
        plan = fold(self._parts, work, Plan(action="vary"))
        yield Planned(plan, plan.action, work.target)
        yield from self._draw(work, count)

    def _undo(self, work: Work) -> Iterator[Event]:
        yield from self._carry_out(work, fold(self._parts, work, Plan(action="undo")))

    def _redo(self, work: Work) -> Iterator[Event]:
        work.base = redone(self._parts, work.start)
        work.scene, work.returning = work.base.scene, True
        yield self._journal.revert(work, work.base.picture)

    def _goto(self, work: Work, number: int) -> Iterator[Event]:
        work.base, picture = trail_to_picture(self._parts, number)
        work.scene, work.edits = work.base.scene, (ChoosePicture(number=number),)
        yield self._journal.revert(work, picture)

    def _change(self, work: Work, edits: tuple[PersonEdit, ...]) -> Iterator[Event]:
        work.edits = by_hand.judged(edits, lambda text: self._judge(work, text))
        plan = Plan(action="edit" if work.start.picture is not None else "talk")
        fold(self._parts, work, plan)
        by_hand.check_locked(work.scene, self._parts.renderer.abilities.word_budget)
        yield Planned(plan, plan.action, work.target)
        if plan.action == "edit":
            yield from self._draw(work)
        else:
            reply = "Noted. It holds from the first picture."
            yield Talked(self._journal.record(work, "talked", reply), reply)

    def _lock(self, work: Work, edit: LockPhrase | UnlockPhrase) -> Iterator[Event]:
        work.edits = by_hand.judged((edit,), lambda text: self._judge(work, text))
        # Without a plan, since nothing had to be understood.
        work.scene = by_hand.locked(work.start.scene, work.edits, work.number)
        by_hand.check_locked(work.scene, self._parts.renderer.abilities.word_budget)
        reply = by_hand.said_of(edit)
        yield Talked(self._journal.record(work, "talked", reply), reply)

    # --- what all turns have in common -------------------------------------------------------

    def _begin(self, text: str) -> Work:
        text = checked_message(text)
        return self._work(text, text)

    def _command(self, text: str) -> Work:
        return self._work(checked_message(text), "")

    def _work(self, text: str, request: str) -> Work:
        trail = self._journal.trail
        return Work(text=text, request=request, start=trail, base=trail, scene=trail.scene)

    def _take(self, work: Work, stages: Stages, *, quick: bool = False) -> Iterator[Event]:
        """Runs the stages and turns every expected error into the event that ends the turn.

        While a turn that is not ``quick`` is under way, the store says so, for the case that the program is killed.
        """
        self._cancelled.clear()
        store, session_id = self._parts.store, self.session.id
        if self._forget_cut_off:
            store.forget_cut_off(session_id)
            self._forget_cut_off = False
        turns, work.drawn = store.counts(session_id)
        work.number = turns + 1
        if not quick:
            store.begin(session_id, work.text)
        try:
            yield from self._explained(work, stages)
        finally:
            if not quick and not work.ended:
                store.abandon(session_id)

    def _explained(self, work: Work, stages: Stages) -> Iterator[Event]:
        try:
            yield from stages(work)
        except Refusal as refusal:
            turn = self._journal.record_unchanged(work, "refused", refusal.verdict.message)
            yield Refused(turn, refusal.verdict)
        except Cancelled:
            yield self._journal.fail(work, "Stopped. Nothing was changed.", None)
        except StoreError:
            # What cannot be stored cannot be recorded as a failure either.
            raise
        except ChatdrawError as error:
            yield self._journal.fail(work, str(error), error.hint)

    def _check_request(self, work: Work) -> None:
        work.request = self._judge(work, work.text)

    def _judge(self, work: Work, text: str) -> str:
        recent = [turn.text for turn in work.start.tail(RECENT)]
        return work.judge(self._parts.safety.check_request(text, recent), text)
