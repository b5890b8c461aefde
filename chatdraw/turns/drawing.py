"""From a caption to pictures that are kept."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Final

from chatdraw.errors import Cancelled, ChatdrawError
from chatdraw.events import Captioned, Event, Rendered
from chatdraw.records import Caption, RenderRequest
from chatdraw.render.attempts import Chosen, best_attempt
from chatdraw.render.base import Verifier
from chatdraw.turns.choices import Choices, size_of
from chatdraw.turns.journal import Drawn, Journal
from chatdraw.turns.memory import enough_memory
from chatdraw.turns.parts import Parts
from chatdraw.turns.work import Refusal, Work

LOYALTY: Final = 2.0
"""Of an edit to the seed of its picture: another one changes the whole composition, and is only worth it when the
picture is seven times as likely to show what the caption says."""


def own_words(work: Work) -> Caption | None:
    """The caption to draw once more as it is, when another one is wanted of a picture with the person's own words."""
    if work.action != "vary" or work.edits or (work.plan is not None and work.plan.edits):
        return None
    current = work.base.current()
    caption = current[0].caption if current else None
    return caption if caption is not None and (caption.raw or caption.edited) else None


def draw(parts: Parts, journal: Journal, choices: Choices, work: Work, caption: Caption, count: int) -> Iterator[Event]:
    """Checks the caption, draws it so many times, checks each picture and keeps them as one turn.

    When a picture cannot be finished, those before it are kept: the turn is then drawn, and says what went wrong.

    Raises:
        Refusal: a check says no to the caption, or to the first picture.
        ChatdrawError: the first picture cannot be drawn, or the person stopped it.
        StoreError: the turn cannot be kept.
    """
    work.caption = caption
    text = work.judge(parts.safety.check_caption(caption.text), caption.text)
    work.caption = caption = caption.model_copy(update={"text": text})
    yield Captioned(caption)
    finished: list[Drawn] = []
    notes: list[str] = []
    for index in range(1, count + 1):
        try:
            request, attempts = _request(parts, choices, work, caption), _attempts(parts, choices, work, caption)
            drawn, note = yield from _render(parts, work, request, attempts, index, count)
        except (ChatdrawError, Refusal) as error:
            if not finished:
                raise
            notes.append(_came_short(error, len(finished), count))
            break
        if note:
            notes.append(note)
        finished.append(drawn)
    yield journal.keep(work, caption, finished, " ".join(dict.fromkeys(notes)))


def _render(
    parts: Parts, work: Work, request: RenderRequest, attempts: int, index: int, count: int
) -> Generator[Event, None, tuple[Drawn, str]]:
    """Draws one picture of several, in so many attempts at most, and checks it; returns it, and what went wrong in
    later attempts."""
    chosen: Chosen | None = None
    before = work.timings.get("render", 0.0)
    with work.timed("render"), enough_memory(parts.renderer.name, "Ask for a smaller picture, or use a smaller model."):
        loyalty = LOYALTY if work.kind == "edit" else 0.0
        attempted = best_attempt(parts.renderer, parts.verifier, request, attempts, parts.cancelled, loyalty=loyalty)
        for item in attempted:
            if isinstance(item, Chosen):
                chosen = item
            else:
                yield replace(item, picture=index, pictures=count)
    if chosen is None:
        raise TypeError("the attempts ended without a picture")
    work.judge(parts.safety.check_picture(chosen.image), "")
    yield Rendered(chosen.image, work.timings["render"] - before, picture=index, pictures=count)
    return Drawn(chosen.request, chosen.image), chosen.note


def _attempts(parts: Parts, choices: Choices, work: Work, caption: Caption) -> int:
    """How often the picture is drawn at most until it shows what its caption says.

    Once, where the person chose the seed, and where the words are the person's own: what they mean is for the person
    to judge.
    """
    chosen = choices.seed is not None and work.kind != "vary"
    return 1 if chosen or caption.raw or caption.edited else parts.renderer.abilities.attempts


def _request(parts: Parts, choices: Choices, work: Work, caption: Caption) -> RenderRequest:
    abilities = parts.renderer.abilities
    origin = work.origin
    same_model = origin is not None and origin.request.model == parts.renderer.name
    width, height = size_of(choices, abilities, origin if same_model else None)
    guide = _guide(parts, caption)
    return RenderRequest(
        caption=caption.text,
        negative=caption.negative,
        seed=_seed(parts, choices, work),
        width=width,
        height=height,
        steps=abilities.steps if choices.steps is None else choices.steps,
        guidance=abilities.guidance if choices.guidance is None else choices.guidance,
        verifier_guidance=0.0 if guide is None else abilities.verifier_guidance,
        verifier_revision="" if guide is None else guide.revision,
        model=parts.renderer.name,
        revision=parts.renderer.revision,
    )


def _guide(parts: Parts, caption: Caption) -> Verifier | None:
    """Who guides the painter. Nobody, where the words are the person's own: a verifier reads things that are not there
    from captions of another kind than it knows."""
    guided = parts.renderer.abilities.verifier_guidance > 0 and not (caption.raw or caption.edited)
    return parts.verifier if guided else None


def _seed(parts: Parts, choices: Choices, work: Work) -> int:
    """The first attempt's: an edit begins with the seed of the picture it changes, so that the composition stays where
    nothing speaks against it; all else gets a new one.

    A variation is another picture by its very meaning, whatever seed was chosen.
    """
    if work.kind == "vary":
        return parts.seeds()
    if choices.seed is not None:
        return choices.seed
    return work.origin.request.seed if work.kind == "edit" and work.origin is not None else parts.seeds()


def _came_short(error: ChatdrawError | Refusal, finished: int, count: int) -> str:
    """Why there are fewer pictures than were asked for."""
    why = "Stopped" if isinstance(error, Cancelled) else str(error).rstrip(".")
    return f"{why} after {finished} of {count} pictures. {'It is' if finished == 1 else 'They are'} kept."
