"""One conversation: the order in which things happen, and nothing else.

A message goes one straight way: request check, plan, fold into the scene, caption, caption check, picture, picture
check, store. Whatever goes wrong on the way ends the turn with the scene as it was, and the turn is recorded.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import chatdraw
from chatdraw.caption import compose, needs, unknown_words
from chatdraw.errors import (
    Cancelled,
    ChatdrawError,
    MessageError,
    NotFound,
    PlanError,
    RenderError,
    SceneError,
    StoreError,
)
from chatdraw.events import (
    Asked,
    Captioned,
    Event,
    Failed,
    Planned,
    Refused,
    Rendered,
    Reverted,
    Stored,
    Talked,
    Writing,
)
from chatdraw.llm.base import LanguageModel
from chatdraw.messages import Message
from chatdraw.plan import CaptionDraft, Plan, parse_caption, parse_plan
from chatdraw.prompts import Prompts
from chatdraw.records import Caption, Outcome, Picture, RenderRequest, Turn
from chatdraw.render.base import Finished, Renderer
from chatdraw.safety import Safety
from chatdraw.scene import Frozen, Scene, apply
from chatdraw.store import Session, Store
from chatdraw.store.recipe import Recipe, encode_png
from chatdraw.work import Refusal, Work, latest_picture, raw_caption

if TYPE_CHECKING:
    from PIL.Image import Image

MESSAGE_LIMIT: Final = 4000
"""Characters of one message. Longer ones are refused, never cut."""

RECENT: Final = 6
"""How many earlier messages the request check sees, so that a request split over turns is still one."""


class Conversation:
    """A session that is being talked in.

    Every method that draws returns an iterator of events which ends with exactly one of ``events.FINAL``. A turn
    is under way while it is consumed; closing the iterator early abandons the turn and records nothing.

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
        self._store = store
        self._llm = llm
        self._renderer = renderer
        self._prompts = prompts
        self._safety = safety
        self._seeds = seeds
        self._clock = clock
        self._max_tokens = max_tokens
        self._cancelled = threading.Event()
        self._path: tuple[Turn, ...] = store.path_to(session.head) if session.head else ()

    @property
    def head(self) -> Turn | None:
        """The turn that the next message starts from."""
        return self._path[-1] if self._path else None

    @property
    def scene(self) -> Scene:
        """The scene as it is now."""
        return self._path[-1].scene if self._path else Scene()

    @property
    def path(self) -> tuple[Turn, ...]:
        """The turns from the first to the current one."""
        return self._path

    def picture_path(self, picture: Picture) -> Path:
        """The file of a picture.

        Raises:
            NotFound: it is gone.
        """
        return self._store.picture_path(picture.hash)

    def cancel(self) -> None:
        """Ends the turn that is under way, from any thread; it is recorded as failed, the scene stays."""
        self._cancelled.set()

    # --- the ways to take a turn -------------------------------------------------------------

    def say(self, text: str) -> Iterator[Event]:
        """A message in plain words: understood by the language model, then drawn.

        Raises:
            MessageError: it is empty or longer than ``MESSAGE_LIMIT`` characters.
        """
        return self._take(self._begin(text), self._say)

    def draw_raw(self, text: str) -> Iterator[Event]:
        """The person's own words as the caption, without any rewriting. The scene stays as it is.

        Raises:
            MessageError: as for :meth:`say`.
        """
        return self._take(self._begin(text), self._draw_raw)

    def again(self) -> Iterator[Event]:
        """Another picture of the same scene, with a new seed."""
        return self._take(self._begin("/again", request=""), self._again)

    def undo(self) -> Iterator[Event]:
        """Back to the scene before the latest picture."""
        return self._take(self._begin("/undo", request=""), self._undo)

    def _say(self, work: Work) -> Iterator[Event]:
        self._check_request(work)
        plan = yield from self._plan(work)
        yield Planned(plan, plan.action, work.target)
        if plan.action == "ask":
            yield Asked(self._record(work, "asked"), plan.question)
        elif plan.action == "talk":
            yield Talked(self._record(work, "talked"), plan.reply)
        elif plan.action == "undo" and not plan.edits:
            yield self._revert(work)
        else:
            yield from self._draw(work)

    def _again(self, work: Work) -> Iterator[Event]:
        plan = Plan(action="vary")
        self._fold(work, plan)
        yield Planned(plan, plan.action, work.target)
        yield from self._draw(work)

    def _undo(self, work: Work) -> Iterator[Event]:
        plan = Plan(action="undo")
        self._fold(work, plan)
        yield Planned(plan, plan.action, work.target)
        yield self._revert(work)

    def _draw(self, work: Work) -> Iterator[Event]:
        raw = raw_caption(work)
        caption = raw if raw is not None else (yield from self._caption(work))
        yield from self._render(work, caption)

    def _draw_raw(self, work: Work) -> Iterator[Event]:
        self._check_request(work)
        work.plan = Plan(action="draw")
        yield from self._render(work, Caption(text=work.request, raw=True))

    # --- the stages --------------------------------------------------------------------------

    def _begin(self, text: str, request: str | None = None) -> Work:
        text = text.strip()
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise MessageError(
                f"The message has bytes that are no text: {text[error.start : error.end]!r}.",
                hint="Send it as UTF-8.",
            ) from error
        if not text:
            raise MessageError("The message is empty.", hint="Say what you would like to see.")
        if len(text) > MESSAGE_LIMIT:
            raise MessageError(
                f"The message has {len(text):,} characters; {MESSAGE_LIMIT:,} is the most.",
                hint="Say it in fewer words; details can follow in the next message.",
            )
        return Work(text=text, request=text if request is None else request, base=self._path, scene=self.scene)

    def _take(self, work: Work, stages: Callable[[Work], Iterator[Event]]) -> Iterator[Event]:
        """Runs the stages and turns every expected error into the event that ends the turn."""
        self._cancelled.clear()
        try:
            yield from stages(work)
        except Refusal as refusal:
            turn = self._record_unchanged(work, "refused", refusal.verdict.message)
            yield Refused(turn, refusal.verdict)
        except Cancelled:
            yield self._fail(work, "Stopped. Nothing was changed.", None)
        except StoreError:
            # What cannot be stored cannot be recorded as a failure either.
            raise
        except ChatdrawError as error:
            yield self._fail(work, str(error), error.hint)

    def _check_request(self, work: Work) -> None:
        recent = [turn.text for turn in self._path[-RECENT:]]
        work.request = work.judge(self._safety.check_request(work.text, recent), work.text)

    def _plan(self, work: Work) -> Generator[Event, None, Plan]:
        """Asks for a plan, and once more with the error when it does not parse or does not fit the scene."""
        messages = self._prompts.plan(self.scene, work.request, pictures=self._pictures_so_far(), past=self._path)
        work.shown = work.request
        with work.timed("plan"):
            answer = yield from self._write(messages, Plan, "plan")
            try:
                return self._fold(work, parse_plan(answer))
            except (PlanError, SceneError) as error:
                messages = self._prompts.repair(messages, answer, _explained(error))
            answer = yield from self._write(messages, Plan, "plan")
            return self._fold(work, parse_plan(answer))

    def _fold(self, work: Work, plan: Plan) -> Plan:
        """Finds what the plan starts from and applies its edits; ``work`` changes only when all of it fits."""
        base, target = self._base(plan)
        before = base[-1].scene if base else Scene()
        scene = apply(before, plan.edits, turn=self._next_number())
        if plan.action not in ("talk", "ask") and (plan.action != "undo" or plan.edits):
            self._check_drawable(scene, plan, target)
        work.plan, work.base, work.target, work.scene = plan, base, target, scene
        return plan

    def _check_drawable(self, scene: Scene, plan: Plan, target: Picture | None) -> None:
        if plan.action == "vary" and target is None:
            raise SceneError("There is no picture to draw again.", hint="Say what you would like to see.")
        if plan.action != "vary" and not needs(scene):
            raise SceneError("There is nothing to draw yet.", hint="Say who or what should be in the picture.")
        most = self._renderer.abilities.max_characters
        if most is not None and len(scene.stage) > most:
            raise SceneError(
                f"{self._renderer.name} draws at most {most} character{'s' if most > 1 else ''} in a picture, and "
                f"this would have {len(scene.stage)}.",
                hint="Ask for one of them to leave, or choose a larger image model with --profile.",
            )

    def _base(self, plan: Plan) -> tuple[tuple[Turn, ...], Picture | None]:
        """The path that the turn starts from, and the picture that it is about."""
        if plan.target is not None:
            try:
                owner, _ = self._store.picture_by_number(self.session.id, plan.target)
            except NotFound as error:
                raise SceneError(f"There is no picture {plan.target}.", hint=error.hint) from error
            path = self._store.path_to(owner.id)
        else:
            path = self._path
        picture = latest_picture(path)
        if plan.action in ("talk", "ask"):
            # Words about an older picture do not take the story back to it.
            return self._path, picture
        if plan.action != "undo":
            return path, picture
        while path and not path[-1].pictures:
            path = path[:-1]
        if not path:
            raise SceneError("There is no picture to go back from.", hint="Say what you would like to see.")
        return path[:-1], picture

    def _caption(self, work: Work) -> Generator[Event, None, Caption]:
        abilities = self._renderer.abilities
        messages = self._prompts.caption(work.scene, work.request, words=abilities.word_budget)
        with work.timed("caption"):
            answer = yield from self._write(messages, CaptionDraft, "caption")
        try:
            draft = parse_caption(answer)
        except PlanError:
            # The scene is known in full, so plain sentences still draw the right picture.
            draft = ""
        caption = compose(work.scene, draft, budget=abilities.word_budget)
        return caption.model_copy(update={"unknown": unknown_words(work.scene, abilities.vocabulary)})

    def _render(self, work: Work, caption: Caption) -> Iterator[Event]:
        """Checks the caption, draws it, checks the picture and keeps it."""
        work.caption = caption
        text = work.judge(self._safety.check_caption(caption.text), caption.text)
        work.caption = caption = caption.model_copy(update={"text": text})
        yield Captioned(caption)
        request = self._request(work, caption)
        image: Image | None = None
        with work.timed("render"):
            for item in self._renderer.render(request, cancelled=self._cancelled.is_set):
                if isinstance(item, Finished):
                    image = item.image
                else:
                    yield item
        if image is None:
            raise RenderError(f"{self._renderer.name} ended without a picture.")
        work.judge(self._safety.check_picture(image), "")
        yield Rendered(image, work.timings["render"])
        yield self._keep(work, caption, request, image)

    def _request(self, work: Work, caption: Caption) -> RenderRequest:
        abilities = self._renderer.abilities
        return RenderRequest(
            caption=caption.text,
            negative=caption.negative,
            seed=self._seed(work),
            width=abilities.width,
            height=abilities.height,
            steps=abilities.steps,
            guidance=abilities.guidance,
            model=self._renderer.name,
            revision=self._renderer.revision,
        )

    def _seed(self, work: Work) -> int:
        """An edit keeps the seed of the picture it changes, so that the composition stays; all else gets a new one."""
        if work.kind == "edit" and work.origin is not None:
            return work.origin.request.seed
        return self._seeds()

    # --- recording ---------------------------------------------------------------------------

    def _keep(self, work: Work, caption: Caption, request: RenderRequest, image: Image) -> Stored:
        turn = self._turn(work, "drawn", scene=work.scene, reply=work.plan.reply if work.plan else "")
        png = encode_png(
            image,
            Recipe(
                request=request,
                text=work.text,
                turn=turn.id,
                number=turn.number,
                session=self.session.id,
                llm="" if caption.raw else self._llm.name,
                llm_revision="" if caption.raw else self._llm.revision,
                version=chatdraw.__version__,
                time=turn.time,
            ),
        )
        picture = Picture(
            hash=hashlib.sha256(png).hexdigest(),
            kind=work.kind,
            number=self._store.counts(self.session.id)[1] + 1,
            request=request,
            parent=work.origin.hash if work.origin else None,
            width=image.width,
            height=image.height,
        )
        turn = turn.model_copy(update={"pictures": (picture,)})
        paths = self._store.commit(self.session.id, turn, [png], head=turn.id)
        self._path = (*work.base, turn)
        return Stored(turn, tuple(map(str, paths)))

    def _revert(self, work: Work) -> Reverted:
        picture = latest_picture(work.base)
        turn = self._record(work, "reverted")
        try:
            path = str(self._store.picture_path(picture.hash)) if picture else None
        except NotFound:
            # The scene is back all the same; that the file is gone is for the person to know, not a failure.
            path = None
        return Reverted(turn, picture, path)

    def _record(self, work: Work, outcome: Outcome) -> Turn:
        """A turn without a picture that is part of the story: the scene may have changed (a name was given)."""
        turn = self._turn(work, outcome, scene=work.scene, reply=work.plan.reply if work.plan else "")
        self._store.commit(self.session.id, turn, [], head=turn.id)
        self._path = (*work.base, turn)
        return turn

    def _record_unchanged(self, work: Work, outcome: Outcome, error: str) -> Turn:
        """A turn that came to nothing. It hangs on the tree as a leaf; the head stays where it was."""
        work.base = self._path
        turn = self._turn(work, outcome, scene=self.scene, error=error)
        self._store.commit(self.session.id, turn, [], head=self.head.id if self.head else None)
        return turn

    def _fail(self, work: Work, message: str, hint: str | None) -> Failed:
        return Failed(self._record_unchanged(work, "failed", message), message, hint)

    def _turn(self, work: Work, outcome: Outcome, *, scene: Scene, reply: str = "", error: str = "") -> Turn:
        return Turn(
            id=uuid.uuid4().hex,
            parent=work.base[-1].id if work.base else None,
            number=self._next_number(),
            time=self._clock(),
            text=work.text,
            request=work.shown,
            outcome=outcome,
            scene=scene,
            plan=work.plan,
            caption=work.caption,
            verdicts=tuple(work.verdicts),
            reply=reply,
            error=error,
            timings={stage: round(seconds, 4) for stage, seconds in work.timings.items()},
        )

    # --- small things ------------------------------------------------------------------------

    def _write(self, messages: tuple[Message, ...], schema: type[Frozen], purpose: str) -> Generator[Event, None, str]:
        pieces: list[str] = []
        for piece in self._llm.complete(
            messages, schema, max_tokens=self._max_tokens, cancelled=self._cancelled.is_set
        ):
            pieces.append(piece)
            yield Writing(piece, purpose)
        return "".join(pieces)

    def _next_number(self) -> int:
        return self._store.counts(self.session.id)[0] + 1

    def _pictures_so_far(self) -> int:
        return self._store.counts(self.session.id)[1]


def _explained(error: ChatdrawError) -> str:
    return f"{error} {error.hint}" if error.hint else str(error)
