"""The commands, one by one."""

from __future__ import annotations

import pytest
from recorded import CAPTION, RecordedApp, RecordedConversation, drawn, picture, screen, seen, turn

from chatdraw.errors import MessageError
from chatdraw.scene import Scene
from chatdraw.terminal.commands import COMMANDS, ChatState, run_command


def state(*conversations: RecordedConversation) -> ChatState:
    first, *others = conversations or (RecordedConversation(),)
    return ChatState(RecordedApp(*others), screen(200), first)  # type: ignore[arg-type]  # doubles


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_does_something(name: str) -> None:
    conversation, other = RecordedConversation(drawn()), RecordedConversation()
    at = state(conversation, other)
    command = COMMANDS[name]
    events = run_command(at, f"/{name} {command.takes.lower()}".strip())
    changed = (seen(at.console) != "", conversation.asked != [], at.leaving, at.conversation is other)
    assert any(changed)
    assert (events is not None) == bool(conversation.asked), "a command that takes a turn returns its events"


@pytest.mark.parametrize(
    ("line", "call"),
    [("/again", ("again", "")), ("/undo", ("undo", "")), ("/raw  a red  cube ", ("raw", "a red  cube"))],
)
def test_turns(line: str, call: tuple[str, str]) -> None:
    conversation = RecordedConversation(drawn())
    assert run_command(state(conversation), line) is not None
    assert conversation.asked == [call]


def test_caption_is_that_of_the_latest_picture() -> None:
    earlier = turn(caption=CAPTION.model_copy(update={"text": "an older caption"}))
    path = (earlier, turn(caption=CAPTION, pictures=(picture(),)), turn("talked"))
    at = state(RecordedConversation(path=path))
    run_command(at, "/caption")
    assert CAPTION.text in seen(at.console)
    assert "an older caption" not in seen(at.console)


def test_caption_before_the_first_picture() -> None:
    at = state()
    run_command(at, "/caption")
    assert "no picture yet" in seen(at.console)


def test_new_keeps_the_old_one() -> None:
    old, new = RecordedConversation(), RecordedConversation(scene=Scene())
    at = state(old, new)
    run_command(at, "/new")
    assert at.conversation is new
    assert not at.leaving


def test_names_are_found_in_any_case() -> None:
    at = state()
    run_command(at, "/QUIT")
    assert at.leaving


@pytest.mark.parametrize(
    ("typed", "meant"), [("/capton", "/caption"), ("/hepl", "/help"), ("/exit", None), ("/", None)]
)
def test_unknown_commands_name_the_nearest(typed: str, meant: str | None) -> None:
    with pytest.raises(MessageError) as caught:
        run_command(state(), typed)
    assert (f"Did you mean {meant}?" in str(caught.value)) == (meant is not None)
    assert "/help" in (caught.value.hint or "")


@pytest.mark.parametrize("line", ["/raw", "/raw   ", "/undo that", "/quit now"])
def test_what_follows_has_to_fit(line: str) -> None:
    at = state()
    with pytest.raises(MessageError) as caught:
        run_command(at, line)
    assert COMMANDS[line.split()[0][1:]].usage in (caught.value.hint or "")
    assert not at.leaving
