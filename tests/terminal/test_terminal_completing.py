"""What the prompt offers to complete."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from recorded import RecordedApp, RecordedConversation, screen

from chatdraw.edits import AddCharacter, apply
from chatdraw.errors import NotFound
from chatdraw.scene import Scene
from chatdraw.terminal.commands import COMMANDS, ChatState, Command
from chatdraw.terminal.completing import MOST, ChatCompleter, complete_path

CAST = apply(
    Scene(),
    (
        AddCharacter(kind="hedgehog", name="Larry", traits={}),
        AddCharacter(kind="owl", name="Mr Lark", traits={}),
        AddCharacter(kind="fox", traits={}),
    ),
    turn=1,
)


def state() -> ChatState:
    return ChatState(RecordedApp(), screen(), RecordedConversation(scene=CAST))  # type: ignore[arg-type]  # double


def offered(typed: str, commands: Iterable[Command] = COMMANDS.values(), *, opened: bool = True) -> list[str]:
    """The whole line that each completion would make of what is typed."""
    completer = ChatCompleter(list(commands), state if opened else lambda: None)
    found = completer.get_completions(Document(typed), CompleteEvent())
    return [typed[: len(typed) + one.start_position] + one.text for one in found]


@pytest.mark.parametrize("opened", [True, False])
def test_commands(opened: bool) -> None:
    assert [line.rstrip() for line in offered("/", opened=opened)] == [f"/{name}" for name in COMMANDS]
    assert offered("/go", opened=opened) == ["/goto "], "what follows can be completed at once"
    assert offered("/QUI", opened=opened) == ["/quit"]
    assert "/cast" in offered("/c", opened=opened)
    assert offered("c", opened=opened) == []
    assert offered("a /c", opened=opened) == []


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("Give La", ["Give Larry"]),
        ("give LARR", ["give Larry"]),
        ("/raw la", ["/raw Larry"]),
        ("where is mr", ["where is Mr Lark"]),
        ("where is mr la", ["where is mr Larry", "where is Mr Lark"]),
        ("Give L", []),
        ("Larry", []),
        ("a cellar", []),
        ("Give La ", []),
    ],
)
def test_names_of_the_cast_after_two_letters(typed: str, whole: list[str]) -> None:
    assert offered(typed) == whole
    assert offered(typed, opened=False) == []


def test_arguments_by_the_hook_of_the_command() -> None:
    def numbers(state: ChatState, argument: str) -> Iterable[str]:
        assert state.conversation.scene is CAST
        return (f"{argument}{number}" for number in range(10**6))

    def broken(state: ChatState, argument: str) -> Iterable[str]:
        raise NotFound("gone")

    commands = [
        Command("goto", "NUMBER", "Go", lambda state, argument: None, complete=numbers),
        Command("open", "ID", "Open", lambda state, argument: None, complete=broken),
    ]
    assert offered("/goto 1", commands)[:2] == ["/goto 10", "/goto 11"]
    assert offered("/GOTO  1", commands)[:2] == ["/GOTO  10", "/GOTO  11"]
    assert len(offered("/goto ", commands)) == MOST
    assert offered("/open la", commands) == ["/open Larry"], "an error of the hook is more than no completion"


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pig.png").write_text("")
    (tmp_path / ".hidden").write_text("")

    def found(argument: str) -> list[str]:
        return list(complete_path(state(), argument))

    assert found(f"{tmp_path}/pi") == [f"{tmp_path}/pictures/", f"{tmp_path}/pig.png"]
    assert found(f"{tmp_path}/") == [f"{tmp_path}/pictures/", f"{tmp_path}/pig.png"]
    assert found(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert found("pig") == ["pig.png"]
    assert found("~/pig") == ["~/pig.png"]
    assert found("missing/x") == []
    assert found("~nobody-of-this-name/x") == []
    assert found("\0/x") == []
