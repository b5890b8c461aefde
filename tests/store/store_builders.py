"""Small records for the tests of the store."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from PIL import Image

import chatdraw
from chatdraw.edits import AddCharacter, apply
from chatdraw.plan import Plan
from chatdraw.records import Caption, Picture, RenderRequest, Turn, Verdict
from chatdraw.scene import Scene
from chatdraw.store import Session, Store

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def request(seed: int = 7, **changes: object) -> RenderRequest:
    fields: dict[str, object] = {
        "caption": "a yellow hedgehog on a meadow",
        "negative": "rain",
        "seed": seed,
        "width": 8,
        "height": 8,
        "steps": 12,
        "guidance": 3.0,
        "model": "storybook",
        "revision": "0123456789abcdef",
    }
    return RenderRequest.model_validate({**fields, **changes})


def png(seed: int) -> bytes:
    """A PNG file; another one for another seed."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (seed % 256, seed // 256 % 256, 40)).save(buffer, format="PNG")
    return buffer.getvalue()


def picture(number: int, image: bytes, **changes: object) -> Picture:
    fields: dict[str, object] = {
        "hash": sha256(image).hexdigest(),
        "kind": "draw",
        "number": number,
        "request": request(seed=number),
        "width": 8,
        "height": 8,
    }
    return Picture.model_validate({**fields, **changes})


def hedgehog() -> Scene:
    edit = AddCharacter(kind="hedgehog", name="Larry", traits={"colour": "yellow", "headwear": "a sunflower"})
    return apply(Scene(), (edit,), turn=1)


def turn(number: int, parent: Turn | None = None, images: tuple[bytes, ...] = (), first: int = 1, **changes: object):
    """A turn with these pictures, numbered from ``first``; the scene is the parent's."""
    fields: dict[str, object] = {
        "id": uuid4().hex,
        "parent": parent.id if parent else None,
        "number": number,
        "time": NOON + timedelta(minutes=number),
        "text": f"message {number}",
        "outcome": "drawn" if images else "talked",
        "scene": parent.scene if parent else Scene(),
        "pictures": tuple(picture(first + i, image) for i, image in enumerate(images)),
    }
    return Turn.model_validate({**fields, **changes})


def commit_line(store: Store, session: Session, count: int, *, draw: bool = False) -> list[Turn]:
    """Turns 1 to ``count``, each after the one before, with a picture each if they are drawn."""
    line: list[Turn] = []
    for number in range(1, count + 1):
        images = (png(number),) if draw else ()
        line.append(turn(number, line[-1] if line else None, images=images, first=number))
        store.commit(session.id, line[-1], images, head=line[-1].id)
    return line


def full_turn(image: bytes) -> Turn:
    """A turn in which no field has its default."""
    return turn(
        1,
        images=(image,),
        text="고슴도치를 그려 줘 🦔 “bitte”",
        scene=hedgehog(),
        plan=Plan(
            action="draw", edits=(AddCharacter(kind="hedgehog", traits={"colour": "노란색"}),), reply="자, 여기!"
        ),
        caption=Caption(text="a yellow hedgehog", negative="rain", draft="hedgehog", added=("yellow",), dropped=("x",)),
        verdicts=(Verdict(layer="request", evidence=(0, 3), rule="names"), Verdict(layer="picture")),
        reply="자, 여기!",
        error="none, really",
        timings={"plan": 0.25, "render": 3.125},
    )


def talk(home: Path) -> None:
    """A story of twenty pictures."""
    with Store(home) as store:
        session, last = store.create_session(), None
        for number in range(1, 21):
            last = turn(number, last, images=(png(number),), first=number)
            store.commit(session.id, last, [png(number)], head=last.id)


def with_path() -> dict[str, str]:
    """The environment for a program that needs this folder's helpers and the package under test."""
    folders = (Path(__file__).parent, Path(chatdraw.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
