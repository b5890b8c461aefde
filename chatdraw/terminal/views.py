"""What is printed: from events, turns and scenes to rich's texts and tables. No input, no state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.edits import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Enter,
    Leave,
    Relate,
    Rename,
    SetScene,
    SetTrait,
    Unrelate,
)
from chatdraw.events import Asked, Failed, Planned, Refused, Reverted, Stored, Talked
from chatdraw.person_edits import ChoosePicture, LockPhrase, PersonEdit, UnlockPhrase
from chatdraw.records import Caption, Picture, Turn
from chatdraw.terminal.looks import SIGNS, Hanging, clean, duration, error_view

if TYPE_CHECKING:
    from chatdraw.config import Settings

EXAMPLES = (
    "My 5 year old keeps talking about a sunflower hedgehog. What does it look like?",
    "Give him a blue scarf.",
    "Now show him at the beach at sunset.",
)


def welcome(settings: Settings) -> RenderableType:
    """The first thing that is seen: what this is, and what to try."""
    return Group(
        Text.assemble(("✦ chatdraw", "warm"), "  talk, and it draws"),
        Text(),
        Text("  Try, one after the other:", style="soft"),
        *(Hanging("    › ", example, head_style="sign") for example in EXAMPLES),
        Text(),
        Hanging("  ", f"{settings.painter_name}: {settings.painter.description}", style="soft"),
        Hanging("  ", "/help shows what else there is, Ctrl-D leaves.", style="soft"),
        Text(),
    )


def action_line(event: Planned) -> RenderableType:
    """Sign, action and target, in one line; and below, what changes."""
    line = Text.assemble((SIGNS[event.action], "sign"), " ", (_action(event), "name"))
    changes = " · ".join(clean(describe(edit)) for edit in (*event.plan.edits, *event.edits))
    return Group(line, Hanging("  ", changes, style="soft")) if changes else line


def own_words_line() -> RenderableType:
    """The action of a turn in which nothing had to be understood."""
    return Text.assemble((SIGNS["draw"], "sign"), " ", ("own words, as they are", "name"))


def what_happened(event: Stored | Reverted | Talked | Asked, planned: Planned | None) -> str:
    """A turn in a few words: sign, action and target, and the number of the picture."""
    words = f"{SIGNS[planned.action]} {_action(planned)}" if planned is not None else f"{SIGNS['draw']} own words"
    numbers = ", ".join(str(picture.number) for picture in event.turn.pictures)
    return f"{words} → picture {numbers}" if numbers else words


def _action(event: Planned) -> str:
    target = f"picture {event.target.number}" if event.target else "the picture"
    match event.action:
        case "draw":
            return "new picture"
        case "edit":
            return f"edit of {target}"
        case "vary":
            return f"another one of {target}"
        case "undo":
            return f"back from {target}" + (", with a change" if event.plan.edits else "")
        case "talk":
            return "answer"
        case "ask":
            return "question"


def describe(edit: PersonEdit) -> str:
    """An edit in a few words."""
    match edit:
        case AddCharacter():
            values = ", ".join(edit.traits.values())
            who = f"{edit.name} the {edit.kind}" if edit.name else edit.kind
            return f"+ {who}" + (f" ({values})" if values else "")
        case Rename():
            return f"{edit.who} is called {edit.name}"
        case SetTrait():
            return f"{edit.who}: {edit.trait} {edit.value}"
        case DropTrait():
            return f"{edit.who}: no {edit.trait}"
        case Enter():
            return f"{edit.who} comes back"
        case Leave():
            return f"{edit.who} leaves"
        case Relate():
            return f"{edit.who} {edit.how} {edit.whom}"
        case Unrelate():
            return f"{edit.who} and {edit.whom}: no longer"
        case SetScene(field="things"):
            return f"with {edit.value}"
        case SetScene(field="absent"):
            return f"without {edit.value}"
        case SetScene():
            return f"{edit.field} {edit.value}"
        case ClearScene(field="absent", value=str(value)):
            return f"{value} may come back"
        case ClearScene():
            return f"no {edit.value or edit.field}"
        case LockPhrase():
            return f"“{edit.phrase}” locked"
        case UnlockPhrase():
            return f"“{edit.phrase}” no longer locked"
        case ChoosePicture():
            return f"picture {edit.number} chosen"


def unknown_words(guessed: Sequence[str], left_out: Sequence[str]) -> RenderableType | None:
    """Says what the image model cannot draw, so that nobody wonders, and what can be done about it.

    Args:
        guessed: words that it has never seen, and gets nevertheless.
        left_out: what is not in the picture for that reason.
    """
    if not guessed and not left_out:
        return None
    said = []
    if left_out:
        said.append(f"This image model cannot draw {_quoted(left_out)}, which is left out.")
    if guessed:
        said.append(
            f"It has never seen {_quoted(guessed)} and will guess."
            if left_out
            else f"This image model has never seen {_quoted(guessed)}; it will guess."
        )
    said.append("“chatdraw models” lists models that can draw anything.")
    return Hanging("! ", " ".join(said), style="note", head_style="note")


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{clean(word)}”" for word in words)


def typed(turn: Turn) -> str:
    """What was said, as it is typed: words that begin with a slash begin with two."""
    return f"/{turn.text}" if turn.request and turn.text.startswith("/") else turn.text


def without_locked(caption: Caption) -> RenderableType | None:
    """Says which locked phrases the person's own wording leaves out."""
    if not caption.without:
        return None
    phrases = ", ".join(f"“{clean(phrase)}”" for phrase in caption.without)
    return Hanging("! ", f"Locked, but not in your own words: {phrases}.", style="note", head_style="note")


def rewritten(turn: Turn, *, indent: str = "") -> Sequence[RenderableType]:
    """What the safety checks put differently and why, so that nobody is answered for words that are not theirs."""
    messages = dict.fromkeys(verdict.message for verdict in turn.verdicts if verdict.action == "rewrite")
    return [Hanging(f"{indent}! ", clean(words), style="note", head_style="note") for words in messages if words]


def stored(event: Stored) -> RenderableType:
    """Reply, number, size and time, and where each picture is; of several, which is the current one."""
    spent = duration(sum(event.turn.timings.values()))
    pictures = event.turn.pictures
    parts: list[RenderableType] = [*rewritten(event.turn), *_reply(event.turn.reply)]
    if event.note:
        parts.append(Hanging("! ", clean(event.note), style="note", head_style="note"))
    for picture, path in zip(pictures, event.paths, strict=True):
        parts.append(_facts(picture, spent if len(pictures) == 1 else f"seed {picture.request.seed}"))
        parts.append(_path(path))
    if len(pictures) > 1:
        last = pictures[-1].number
        words = f"{len(pictures)} pictures in {spent}. Picture {last} is current; /goto N chooses another one."
        parts.append(Hanging("  ", words, style="soft"))
    return Group(*parts)


def reverted(event: Reverted) -> RenderableType:
    """What is current again; and where its file is not as it should be, what is wrong with it."""
    parts: list[RenderableType] = [*rewritten(event.turn), *_reply(event.turn.reply)]
    if event.picture is None:
        return Group(*parts, Text("Back at the beginning: there is no picture.", style="soft"))
    parts.append(_facts(event.picture, "current again"))
    if event.path is not None:
        parts.append(_path(event.path))
    else:
        gone = event.note or f"its file is gone: {event.picture.hash}.png"
        parts.append(Hanging("! ", clean(gone), style="note", head_style="note"))
    return Group(*parts)


def correction(planned: Planned, turn: Turn) -> RenderableType | None:
    """How to say that a message was meant otherwise; ``None`` where nothing was understood that could be."""
    if turn.plan is None or not turn.request:
        return None
    target = planned.target
    # Just these two, however it was understood: most often a new picture is taken for an edit, or the other way round.
    other = [] if planned.action == "draw" else ["/as new (a new picture)"]
    if target is not None and planned.action != "edit":
        other.append(f"/as edit of {target.number}")
    if not other:
        return None
    return Hanging("  ", f"Meant otherwise? {' or '.join(other)}. /help as says more.", style="soft")


def talked(event: Talked) -> RenderableType:
    """The reply."""
    return Group(*rewritten(event.turn), *_reply(event.reply or "Noted."))


def asked(event: Asked) -> RenderableType:
    """The question, with its sign: an answer is waited for."""
    question = Hanging(f"{SIGNS['ask']} ", clean(event.question), style="name", head_style="sign")
    return Group(*rewritten(event.turn), question)


def refused(event: Refused) -> RenderableType:
    """Why not; with the words that decided it, when they are the person's."""
    because = None
    if event.verdict.evidence is not None and event.verdict.layer == "request":
        start, end = event.verdict.evidence
        because = f"Because of “{event.turn.text[start:end]}”."
    return error_view(event.verdict.message or "This is not drawn.", because)


def failed(event: Failed) -> RenderableType:
    """What went wrong, and what to do."""
    return error_view(event.message, event.hint)


def _reply(text: str) -> Sequence[RenderableType]:
    return [Hanging("  ", clean(text))] if text else []


def _facts(picture: Picture, last: str) -> Text:
    return Text(f"  picture {picture.number} · {picture.width}×{picture.height} · {last}", style="soft")


def _path(path: str) -> Text:
    # On one line of its own, however long: so it can be selected and clicked.
    return Text(f"  {path}", style="soft", no_wrap=True, overflow="ignore")
