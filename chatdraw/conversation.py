"""One conversation: what can be said and done in it, and how every turn begins and ends.

The order in which things happen in a turn is in :mod:`chatdraw.turns.stages`. Whatever goes wrong on the way ends the
turn with the scene as it was, and the turn is recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatdraw.errors import Cancelled, ChatdrawError, MessageError, StoreError
from chatdraw.events import Event, Refused
from chatdraw.llm.base import LanguageModel
from chatdraw.person_edits import LockPhrase, PersonEdit, UnlockPhrase
from chatdraw.prompts import Prompts
from chatdraw.records import Picture, Turn
from chatdraw.render.base import Renderer, Verifier
from chatdraw.safety import Safety
from chatdraw.scene import Scene
from chatdraw.store import CutOff, Session, Store
from chatdraw.turns import by_hand, choices, correcting
from chatdraw.turns.choices import Choices
from chatdraw.turns.correcting import Correction
from chatdraw.turns.going_back import branch_at, check_undo, gone_to, redone
from chatdraw.turns.journal import Journal, check_file
from chatdraw.turns.messages import MESSAGE_LIMIT, checked_message
from chatdraw.turns.parts import Parts
from chatdraw.turns.stages import Stages
from chatdraw.turns.trail import Trail
from chatdraw.turns.work import Refusal, Work

__all__ = ["MESSAGE_LIMIT", "MOST_VARIATIONS", "Conversation"]

MOST_VARIATIONS: Final = 8
"""Pictures of one turn, at most."""

Take = Callable[[Work], Iterator[Event]]


class Conversation:
    """A session that is being talked in.

    Every method that takes a turn returns an iterator of events which ends with exactly one of ``events.FINAL``. A
    turn is under way while it is consumed; closing the iterator early abandons the turn and records nothing. What
    cannot be a turn at all, such as an undo at the beginning, raises at once and is not recorded. Taking a turn costs
    the same however many turns the session has.

    Args:
        store: where turns and pictures are kept.
        session: the session to go on with.
        llm: writes plans and captions.
        renderer: draws.
        prompts: what the language model is told.
        safety: checks requests, captions and pictures.
        seeds: gives a new seed, 0 <= seed < 2**63.
        verifier: says whether a picture shows its caption; without it every picture is drawn once, and unguided. One
            that is to guide the renderer has to be the renderer's own guide.
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
        verifier: Verifier | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        max_tokens: int = 700,
    ) -> None:
        self.session = session
        self._cancelled = threading.Event()
        self._parts = Parts(
            store,
            session.id,
            llm,
            renderer,
            verifier,
            prompts,
            safety,
            seeds,
            clock,
            max_tokens,
            self._cancelled.is_set,
        )
        self._journal = Journal(self._parts, Trail.to(store, session.head))
        self._stages = Stages(self._parts, self._journal)
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

    @property
    def correctable(self) -> Turn:
        """The turn that :meth:`correct` takes again: the latest one, or the latest on the way here that was of words.

        What the person changed directly since then is kept.

        Raises:
            MessageError: there is none, or it was undone.
        """
        return correcting.correctable(self._parts, self._journal.trail).turn

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
        return self._stages.choices

    def choose(self, **changes: int | float | None) -> Choices:
        """Chooses seed, width, height, steps or guidance for the turns after it; ``None`` is automatic again.

        Raises:
            MessageError: there is no such choice, or the value is none.
            RenderError: the model cannot draw this size; the hint names the nearest that it can.
        """
        renderer = self._parts.renderer
        self._stages.choices = choices.choose(self._stages.choices, renderer.abilities, renderer.name, **changes)
        return self._stages.choices

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
        return self._take(checked_message(text), self._stages.say)

    def draw_raw(self, text: str) -> Iterator[Event]:
        """The person's own words as the caption, without any rewriting. The scene stays as it is.

        Raises:
            MessageError: as for :meth:`say`.
        """
        return self._take(checked_message(text), self._stages.draw_raw)

    def redraw(self, caption: str) -> Iterator[Event]:
        """The current picture with another caption, the person's own, and the same seed. The scene stays as it is.

        Raises:
            MessageError: as for :meth:`say`.
        """
        return self._take(checked_message(caption), self._stages.redraw)

    def again(self) -> Iterator[Event]:
        """Another picture of the same scene, with a new seed."""
        return self._take("/again", lambda work: self._stages.vary(work, 1))

    def vary(self, count: int = 4) -> Iterator[Event]:
        """So many pictures of the same scene in one turn, each with a new seed; the last one is then the current one.

        Raises:
            MessageError: that is not a number of pictures from 1 to ``MOST_VARIATIONS``.
        """
        if isinstance(count, bool) or not 1 <= count <= MOST_VARIATIONS:
            raise MessageError(
                f"{count} pictures at once cannot be drawn.", hint=f"Ask for 1 to {MOST_VARIATIONS} of them."
            )
        return self._take(f"/vary {count}", lambda work: self._stages.vary(work, count))

    def undo(self) -> Iterator[Event]:
        """Back to the scene before the latest picture.

        Raises:
            MessageError: there is no picture.
        """
        check_undo(self._journal.trail)
        return self._take("/undo", self._stages.undo, quick=True)

    def redo(self) -> Iterator[Event]:
        """To where the last undo came from, or the last :meth:`goto`.

        Raises:
            MessageError: there is nothing to redo.
        """
        redone(self._parts, self._journal.trail)
        return self._take("/redo", self._stages.redo, quick=True)

    def goto(self, number: int) -> Iterator[Event]:
        """Picture ``number`` is the current one again, and the scene is as it was then.

        Raises:
            MessageError: there is no such picture.
        """
        gone_to(self._parts, number)
        return self._take(f"/goto {number}", lambda work: self._stages.goto(work, number), quick=True)

    def change(self, edits: tuple[PersonEdit, ...], text: str) -> Iterator[Event]:
        """Edits of the person, which the language model need not understand; the current picture is drawn with them.

        Where nothing is drawn yet they are kept for the first picture.

        Args:
            edits: in order.
            text: how the person asked for them, for the record: ``/style sticker``.

        Raises:
            MessageError: there are none, one of them changes nothing that could be drawn, or as for :meth:`say`.
        """
        by_hand.check_edits(edits)
        return self._take(checked_message(text), lambda work: self._stages.change(work, edits))

    def lock(self, phrase: str) -> Iterator[Event]:
        """From now on the phrase stands in every caption, letter by letter. Nothing is drawn.

        Raises:
            MessageError: as for :meth:`say`, or it is too long for a phrase.
        """
        edit = by_hand.phrase_edit(LockPhrase, phrase)
        return self._take(f"/lock {edit.phrase}", lambda work: self._stages.lock(work, edit), quick=True)

    def unlock(self, phrase: str) -> Iterator[Event]:
        """The phrase need not stand in captions any more. Nothing is drawn.

        Raises:
            MessageError: as for :meth:`lock`.
        """
        edit = by_hand.phrase_edit(UnlockPhrase, phrase)
        return self._take(f"/unlock {edit.phrase}", lambda work: self._stages.lock(work, edit), quick=True)

    def correct(self, action: Correction, target: int | None = None) -> Iterator[Event]:
        """:attr:`correctable` once more from where it started, with the same edits, taken for something else.

        The wrong turn stays in the session, as a branch.

        Args:
            action: what it is taken for.
            target: number of the picture that is meant; ``None``: the one that was current then.

        Raises:
            MessageError: there is no turn that the language model planned, or no such correction.
        """
        understood = correcting.correctable(self._parts, self._journal.trail)
        plan = correcting.corrected(understood.plan, action, target)
        return self._take(understood.turn.text, lambda work: self._stages.correct(work, understood, plan))

    # --- what all turns have in common -------------------------------------------------------

    def _take(self, text: str, take: Take, *, quick: bool = False) -> Iterator[Event]:
        """Runs the stages of a turn, from where the conversation stands when the first event is asked for.

        While a turn that is not ``quick`` is under way, the store says so, for the case that the program is killed.
        """
        self._cancelled.clear()
        store, session_id = self._parts.store, self.session.id
        if self._forget_cut_off:
            store.forget_cut_off(session_id)
            self._forget_cut_off = False
        turns, drawn = self._journal.counts
        trail = self._journal.trail
        work = Work(text=text, start=trail, base=trail, scene=trail.scene, number=turns + 1, drawn=drawn)
        if not quick:
            store.begin(session_id, text)
        try:
            yield from self._explained(work, take)
        finally:
            if not quick and not work.ended:
                # Where even that cannot be written the turn counts as cut off, which is what it is.
                with suppress(StoreError):
                    store.abandon(session_id)

    def _explained(self, work: Work, take: Take) -> Iterator[Event]:
        """Turns every expected error into the event that ends the turn."""
        try:
            yield from take(work)
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
