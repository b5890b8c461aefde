"""Where a conversation stands, and how its turns are written down."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import chatdraw
from chatdraw.errors import StoreError
from chatdraw.events import Failed, Reverted, Stored
from chatdraw.machine import software
from chatdraw.records import Caption, Outcome, Picture, RenderRequest, Turn
from chatdraw.scene import Scene
from chatdraw.store.recipe import Recipe, encode_png, pixel_hash
from chatdraw.turns.parts import Parts
from chatdraw.turns.trail import Trail
from chatdraw.turns.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image


_ATTEMPTS: Final = 5
"""How often a turn is written when others are faster."""

_Build = Callable[[int, int], tuple[Turn, list[bytes]]]
"""A turn and its files, from how many turns and pictures the session has had before it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished picture that is not kept yet."""

    request: RenderRequest
    image: Image


class Journal:
    """Writes turns into the store and stands at the latest of them.

    Args:
        parts: of the conversation.
        trail: where it stands.
    """

    def __init__(self, parts: Parts, trail: Trail) -> None:
        self._parts = parts
        self._trail = trail
        self._counts: tuple[int, int] | None = None

    @property
    def counts(self) -> tuple[int, int]:
        """How many turns and pictures the session has had, unless another program added to it since the last turn."""
        if self._counts is None:
            self._counts = self._parts.store.counts(self._parts.session_id)
        return self._counts

    @property
    def trail(self) -> Trail:
        """The way to the turn that the next message starts from."""
        return self._trail

    def keep(self, work: Work, caption: Caption, pictures: list[Drawn], note: str = "") -> Stored:
        """A turn with pictures. ``note`` says what went wrong all the same, such as why there are fewer than were asked
        for."""

        def build(turns: int, drawn: int) -> tuple[Turn, list[bytes]]:
            turn = self._turn(work, turns, "drawn", scene=work.scene, reply=_reply(work), error=note)
            images = [encode_png(each.image, self._recipe(work, turn, caption, each)) for each in pictures]
            records = tuple(
                Picture(
                    hash=hashlib.sha256(png).hexdigest(),
                    kind=work.kind,
                    number=drawn + index,
                    request=each.request,
                    parent=work.origin.hash if work.origin else None,
                    width=each.image.width,
                    height=each.image.height,
                )
                for index, (each, png) in enumerate(zip(pictures, images, strict=True), start=1)
            )
            return turn.model_copy(update={"pictures": records}), images

        turn, paths = self._commit(work, build)
        return Stored(turn, tuple(map(str, paths)), note)

    def record(self, work: Work, outcome: Outcome, reply: str | None = None) -> Turn:
        """A turn without a picture that is part of the story: the scene may have changed (a name was given)."""
        said = _reply(work) if reply is None else reply
        turn, _ = self._commit(work, lambda turns, _: (self._turn(work, turns, outcome, work.scene, said), []))
        return turn

    def record_unchanged(self, work: Work, outcome: Outcome, error: str) -> Turn:
        """A turn that came to nothing. It hangs on the tree as a leaf; the session stays where it was."""
        work.base = work.start
        scene = work.start.scene
        turn, _ = self._commit(
            work, lambda turns, _: (self._turn(work, turns, outcome, scene, error=error), []), self._trail
        )
        return turn

    def fail(self, work: Work, message: str, hint: str | None) -> Failed:
        """A turn that failed, as the event that ends it."""
        return Failed(self.record_unchanged(work, "failed", message), message, hint)

    def revert(self, work: Work, picture: Picture | None) -> Reverted:
        """A turn that goes to an earlier one, whose current picture is ``picture``."""
        turn = self.record(work, "reverted")
        path, note = None, ""
        if picture is not None:
            try:
                path = str(check_file(self._parts.store.picture_path(picture.hash), picture))
            except StoreError as error:
                # The scene is back all the same; what became of the file is for the person to know, not a failure.
                note = f"{error} {error.hint}"
        return Reverted(turn, picture, path, note)

    def _commit(self, work: Work, build: _Build, stand: Trail | None = None) -> tuple[Turn, tuple[Path, ...]]:
        """Keeps a turn. From then on the conversation stands at it, or at the end of ``stand``.

        Another program that takes a turn in the session at the same moment may be faster by a hair. Then the turn is
        built again, with the numbers after the other's: what was drawn may have taken minutes.
        """
        store, session_id = self._parts.store, self._parts.session_id
        for left in reversed(range(_ATTEMPTS)):
            counts = store.counts(session_id)
            turn, images = build(*counts)
            trail = work.base.then(turn) if stand is None else stand
            try:
                paths = store.commit(session_id, turn, images, head=trail.last_id)
                break
            except StoreError:
                if not left or store.counts(session_id) == counts:
                    raise
        self._trail = trail
        self._counts = (turn.number, turn.pictures[-1].number if turn.pictures else counts[1])
        work.ended = True
        return turn, paths

    def _turn(self, work: Work, turns: int, outcome: Outcome, scene: Scene, reply: str = "", error: str = "") -> Turn:
        """The turn as it follows ``turns`` others."""
        return Turn(
            id=uuid.uuid4().hex,
            parent=work.base.last_id,
            number=turns + 1,
            time=self._parts.clock(),
            text=work.text,
            request=work.shown,
            outcome=outcome,
            scene=scene,
            plan=work.plan,
            caption=work.caption,
            verdicts=tuple(work.verdicts),
            reply=reply,
            error=error,
            left=work.left,
            edits=work.edits,
            timings={stage: round(seconds, 4) for stage, seconds in work.timings.items()},
        )

    def _recipe(self, work: Work, turn: Turn, caption: Caption, drawn: Drawn) -> Recipe:
        unasked = caption.raw or caption.edited
        return Recipe(
            request=drawn.request,
            text=work.text,
            turn=turn.id,
            number=turn.number,
            session=self._parts.session_id,
            llm="" if unasked else self._parts.llm.name,
            llm_revision="" if unasked else self._parts.llm.revision,
            version=chatdraw.__version__,
            time=turn.time,
            pixels=pixel_hash(drawn.image),
            device=str(drawn.image.info.get("device", "")),
            software=software(),
        )


def check_file(path: Path, picture: Picture) -> Path:
    """The path of a picture's file, which has been read and compared with the picture.

    Raises:
        StoreError: it cannot be read, or it is damaged.
    """
    hint = "Its recipe is still in the store: /again draws the same scene once more."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"The picture file {path} cannot be read: {error.strerror or error}.", hint=hint) from error
    if hashlib.sha256(content).hexdigest() != picture.hash:
        raise StoreError(f"The picture file {path} is damaged or was changed.", hint=hint)
    return path


def _reply(work: Work) -> str:
    return work.plan.reply if work.plan else ""
