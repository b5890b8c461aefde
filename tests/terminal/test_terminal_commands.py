"""How commands are found, explained and completed, and that every one does something."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path
from typing import get_args

import pytest
from recorded import screen, seen
from rich.cells import cell_len
from studio import Studio

from chatdraw import reference
from chatdraw.errors import ChatdrawError, MessageError
from chatdraw.terminal.commands import COMMANDS, TOPICS, pictures, read_command
from chatdraw.terminal.plain import make_plain_console
from chatdraw.terminal.turns import show
from chatdraw.turns.correcting import Correction

ARGUMENTS = {
    "as": "new",
    "raw": "a red cube",
    "save": "{folder}",
    "goto": "1",
    "lock": "soft light",
    "unlock": "warm light",
    "card": "Larry",
    "find": "Larry",
    "open": "1",
    "export": "{folder}/story.zip",
}
"""What stands after the commands that need something."""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "home")


def error_of(studio: Studio, line: str) -> ChatdrawError:
    with pytest.raises(ChatdrawError) as caught:
        studio.type(line)
    return caught.value


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_does_something(name: str, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "home", story=True)
    if name == "unlock":
        studio.type("/lock warm light")
    if name == "redo":
        studio.type("/undo")
    before = studio.state.conversation
    typed = ARGUMENTS.get(name, "TEXT" if name == "edit" else "").format(folder=tmp_path)
    printed = studio.type(f"/{name} {typed}")
    assert printed or studio.state.leaving or studio.state.conversation is not before
    assert "✗" not in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_needs_what_it_says(name: str, studio: Studio) -> None:
    takes = COMMANDS[name].takes
    if takes and not takes.startswith("["):
        error = error_of(studio, f"/{name}")
        assert f"needs {takes}" in str(error)
        assert COMMANDS[name].usage in (error.hint or "")
    elif not takes:
        error = error_of(studio, f"/{name} and more")
        assert "stands alone" in str(error)
        assert COMMANDS[name].usage in (error.hint or "")
    else:
        assert read_command(f"/{name}")[1] == ""


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", [60, 100])
def test_help_about_every_command(name: str, width: int, tmp_path: Path) -> None:
    studio, command = Studio(tmp_path / "home", width, terminal=True), COMMANDS[name]
    text = studio.type(f"/help {name}")
    assert studio.type(f"/help /{name.upper()}") == text
    assert all(cell_len(line) <= width for line in text.splitlines())
    joined = " ".join(text.split())
    assert joined.startswith(f"{command.usage} {command.help}.")
    for typed, words in command.examples:
        assert read_command(typed)[0] is command, "an example that cannot be typed"
        assert f"{typed} {words}" in joined


def test_help_and_the_reference_have_every_command_by_topic(studio: Studio) -> None:
    text, document = studio.type("/help all"), reference.reference()
    for command in COMMANDS.values():
        assert f"  {command.usage}" in text
        assert f"`{command.usage}`".replace("|", "\\|") in document
    assert [command.topic for command in COMMANDS.values()] == [
        topic for topic in TOPICS for command in COMMANDS.values() if command.topic == topic
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/capton", "/caption"),
        ("/hepl", "/help"),
        ("/ses", "/sessions"),
        ("/s", "/save or /style or /seed"),
        ("/xyzzy", None),
        ("/", None),
        ("/ undo", None),
    ],
)
def test_unknown_commands_name_the_nearest(typed: str, meant: str | None, studio: Studio) -> None:
    error = error_of(studio, typed)
    assert isinstance(error, MessageError)
    assert (f"Did you mean {meant}?" in str(error)) == (meant is not None)
    assert ("Did you mean" in str(error)) == (meant is not None)
    assert "/help" in (error.hint or "")
    assert "//" in (error.hint or "")


@pytest.mark.parametrize("line", ["/QUIT", "/exit", "/q", "/quit  "])
def test_leaving_by_any_name(line: str, studio: Studio) -> None:
    studio.type(line)
    assert studio.state.leaving


def test_help_about_what_is_no_command(studio: Studio) -> None:
    assert "Did you mean /caption?" in str(error_of(studio, "/help capton"))
    assert "more than the name" in str(error_of(studio, "/help undo it"))


@pytest.mark.parametrize("width", [60, 100])
def test_help_names_everything_at_a_glance(width: int, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "home", width, terminal=True)
    lines = studio.type("/help").splitlines()
    assert len(lines) <= 18, "it does not fit into a small window"
    assert all(cell_len(line) <= width for line in lines)
    words = " ".join(lines).split()
    assert all(f"/{name}" in words for name in COMMANDS)
    assert [topic for topic in TOPICS if topic in " ".join(words)] == list(TOPICS)


@pytest.mark.parametrize("asked", ["pictures", "Back and forth", "how", "/the chat"])
def test_help_about_a_heading(asked: str, studio: Studio) -> None:
    text = studio.type(f"/help {asked}")
    topic = next(topic for topic in TOPICS if topic.casefold().startswith(asked.removeprefix("/").casefold()))
    for command in COMMANDS.values():
        assert (f"  {command.usage} " in text.replace("\n", " ")) == (command.topic == topic)


def test_a_command_with_the_name_of_its_heading_leads_to_the_others(studio: Studio) -> None:
    text = studio.type("/help sessions")
    assert text.startswith("/sessions [WORDS]\n")
    assert "See also /new, /find, /open" in text


def test_help_about_the_keys_is_about_those_that_there_are(studio: Studio) -> None:
    assert "Ctrl-R" not in studio.type("/help keys")
    studio.state.whole_terminal = nullcontext
    for asked in ("keys", "all"):
        text = studio.type(f"/help {asked}")
        assert all(key in text for key in ("Alt-Enter", "Ctrl-R", "Ctrl-C", "Ctrl-D", "Tab"))


def test_what_follows_may_have_several_lines() -> None:
    assert read_command("/raw\na red  cube\n on blue ")[1] == "a red  cube\n on blue"


def test_corrections_are_all_that_a_conversation_knows() -> None:
    assert sorted(pictures._MEANINGS.values()) == sorted(get_args(Correction))


# --- completion ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "offered"),
    [
        ("help", "ca", ["caption", "cast", "card"]),
        ("help", "k", ["keys"]),
        ("help", "ba", ["back and forth"]),
        ("help", "/un", ["undo", "unlock"]),
        ("goto", "", ["3", "2", "1"]),
        ("caption", "2", ["2"]),
        ("tree", "a", ["all"]),
        ("vary", "", ["2", "3", "4", "5", "6", "7", "8"]),
        ("as", "e", ["edit", "edit of 3"]),
        ("card", "la", ["Larry"]),
        ("unlock", "W", ["warm light"]),
        ("style", "", ["pencil", "none"]),
        ("seed", "", ["101", "auto"]),
        ("size", "", ["32x32", "48x32", "auto"]),
        ("steps", "", ["auto"]),
        ("open", "Lar", ["Larry’s story"]),
        ("title", "", ["Larry’s story"]),
    ],
)
def test_completions(name: str, typed: str, offered: list[str], tmp_path: Path) -> None:
    studio = Studio(tmp_path / "home", story=True)
    studio.type("/lock warm light")
    studio.type("/title Larry’s story")
    studio.say("in pencil", *_style(), action="talk")
    complete = COMMANDS[name].complete
    assert complete is not None
    assert list(complete(studio.state, typed)) == offered


def _style() -> tuple[object, ...]:
    from chatdraw.edits import SetScene

    return (SetScene(field="style", value="pencil"),)


@pytest.mark.parametrize("name", ["save", "export"])
def test_paths_are_completed(name: str, studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    complete = COMMANDS[name].complete
    assert complete is not None
    assert list(complete(studio.state, f"{tmp_path}/fo")) == [f"{tmp_path}/folder/"]


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.complete])
def test_completion_before_anything_was_said_changes_nothing(name: str, studio: Studio) -> None:
    complete = COMMANDS[name].complete
    assert complete is not None
    list(complete(studio.state, ""))
    assert studio.store.summaries() == ()
    assert seen(studio.console) == ""


# --- read aloud ------------------------------------------------------------------------------


def test_plain_text_has_no_signs_that_are_not_words(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "home", story=True)
    file = io.StringIO()
    studio.state.console = make_plain_console(file)
    for line in ("/cast", "/card Larry", "/tree", "/caption", "/sessions", "/find Larry", "/help"):
        studio.type(line)
    text = file.getvalue()
    assert not set("✦✎↻↶◦·›✗") & set(text)
    assert not set("[]{}«»") & set(text.partition("Say what you would like")[0])
    for words in ("Larry, hedgehog, on stage", "new picture, current", "(open now)", "your words", "put in so that"):
        assert words in text


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    console = screen()
    evil = "a\x1b[2Jb"
    with pytest.raises(MessageError) as caught:
        read_command(f"/{evil}")
    show(console, str(caught.value))
    assert "\x1b[2J" not in seen(console)
