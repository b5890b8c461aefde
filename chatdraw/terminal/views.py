"""What is printed: from events, turns and scenes to rich's texts and tables. No input, no state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from chatdraw.events import Asked, Failed, Planned, Refused, Reverted, Stored, Talked
from chatdraw.records import Caption, Picture, Turn
from chatdraw.scene import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Edit,
    Enter,
    Leave,
    Rename,
    Scene,
    SetScene,
    SetTrait,
)
from chatdraw.terminal.looks import SIGNS, Hanging, Rows, clean, duration, error_view

if TYPE_CHECKING:
    from chatdraw.config import Settings
    from chatdraw.terminal.commands import Command

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
    changes = " · ".join(clean(describe(edit)) for edit in event.plan.edits)
    return Group(line, Hanging("  ", changes, style="soft")) if changes else line


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


def describe(edit: Edit) -> str:
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
        case SetScene(field="absent"):
            return f"without {edit.value}"
        case SetScene():
            return f"{edit.field} {edit.value}"
        case ClearScene():
            return f"no {edit.field}"


def unknown_words(caption: Caption) -> RenderableType | None:
    """Says which words the image model does not know, so that nobody wonders."""
    if not caption.unknown:
        return None
    words = ", ".join(f"“{clean(word)}”" for word in caption.unknown)
    return Hanging("! ", f"This image model has never seen {words}; it will guess.", style="note", head_style="note")


def rewritten(turn: Turn, *, indent: str = "") -> Sequence[RenderableType]:
    """What the safety checks put differently and why, so that nobody is answered for words that are not theirs."""
    messages = dict.fromkeys(verdict.message for verdict in turn.verdicts if verdict.action == "rewrite")
    return [Hanging(f"{indent}! ", clean(words), style="note", head_style="note") for words in messages if words]


def stored(event: Stored) -> RenderableType:
    """Reply, number, size and time, and where each picture is."""
    seconds = sum(event.turn.timings.values())
    parts: list[RenderableType] = [*rewritten(event.turn), *_reply(event.turn.reply)]
    for picture, path in zip(event.turn.pictures, event.paths, strict=True):
        parts.append(_facts(picture, duration(seconds)))
        parts.append(_path(path))
    return Group(*parts)


def reverted(event: Reverted) -> RenderableType:
    """What is current again; and when its file was removed, which one that was."""
    parts: list[RenderableType] = [*rewritten(event.turn), *_reply(event.turn.reply)]
    if event.picture is None:
        return Group(*parts, Text("Back at the beginning: there is no picture.", style="soft"))
    parts.append(_facts(event.picture, "current again"))
    if event.path is None:
        gone = f"  its file is gone: {event.picture.hash}.png"
        parts.append(Text(gone, style="note", no_wrap=True, overflow="ignore"))
    else:
        parts.append(_path(event.path))
    return Group(*parts)


def talked(event: Talked) -> RenderableType:
    """The reply."""
    return Group(*rewritten(event.turn), *_reply(event.reply or "Noted."))


def asked(event: Asked) -> RenderableType:
    """The question."""
    return Group(*rewritten(event.turn), *_reply(event.question))


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


def caption_card(turn: Turn) -> RenderableType:
    """The caption as it was sent, and where its words come from."""
    caption = turn.caption
    if caption is None:
        return Text("This turn has no caption.", style="soft")
    pictures = (f"{p.number}, seed {p.request.seed}, {p.request.model}" for p in turn.pictures)
    rows = (
        ("picture", tuple(pictures)),
        ("caption", (caption.text,)),
        ("not in it", (caption.negative,)),
        ("written by", (_author(caption),)),
        ("put in", caption.added),
        ("left out", caption.dropped),
        ("unknown", caption.unknown),
    )
    return Rows([(name, shown) for name, values in rows if (shown := "; ".join(clean(v) for v in values if v))])


def _author(caption: Caption) -> str:
    if caption.raw:
        return "your own words"
    return "the language model" if caption.draft else "no model: plain sentences from the scene"


def cast_table(scene: Scene) -> RenderableType:
    """Everybody, with their traits, who is on stage first; and where they are."""
    if not scene.cast:
        return Text("Nobody yet. Say whom you would like to see.", style="soft")
    parts: list[RenderableType] = []
    for characters, sign, where in ((scene.visible(), "✦", "on stage"), (scene.waiting(), "·", "waiting")):
        for character in characters:
            kind = f", {clean(character.kind)}" if character.name else ""
            name = clean(scene.handle(character))
            parts.append(Text.assemble((f"{sign} ", "sign"), (name, "name"), (f"{kind}, {where}", "soft")))
            parts += [Hanging("  ", f"{trait.name}: {clean(trait.value)}") for trait in character.traits]
    fields = ("setting", "time", "weather", "style", "framing", "lettering")
    shown = [f"{name}: {clean(value)}" for name in fields if (value := getattr(scene, name))]
    shown += [f"without {clean(value)}" for value in scene.absent]
    if shown:
        parts.append(Hanging("  ", " · ".join(shown), style="soft"))
    return Group(*parts)


def help_table(commands: Iterable[Command]) -> RenderableType:
    """Every command with its use; and that anything else is talk."""
    rows = [(command.usage, command.help) for command in commands]
    rows += [("Ctrl-C", "Stop the drawing; at the prompt, clear the line"), ("Ctrl-D", "Leave")]
    return Group(Text("Say what you would like to see, in your own words. Besides that:"), Rows(rows))


def _reply(text: str) -> Sequence[RenderableType]:
    return [Hanging("  ", clean(text))] if text else []


def _facts(picture: Picture, last: str) -> Text:
    return Text(f"  picture {picture.number} · {picture.width}×{picture.height} · {last}", style="soft")


def _path(path: str) -> Text:
    # On one line of its own, however long: so it can be selected and clicked.
    return Text(f"  {path}", style="soft", no_wrap=True, overflow="ignore")
