"""What a replay script may say, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatdraw.errors import ReplayError
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.replay import load_script
from chatdraw.replay.commands import Command
from chatdraw.replay.expectations import contains

X = "[[turn]]\nsay = 'x'\n"
TALK = 'plan = { action = "talk" }'


def write(folder: Path, text: str) -> Path:
    file = folder / "script.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_script_is_read(tmp_path: Path) -> None:
    script = load_script(
        write(
            tmp_path,
            """
title = "A title"
seed = 41
profile = "laptop"

[[turn]]
say = "hello"
plan = { action = "talk", reply = "Hello!" }
expect = { outcome = "talked" }

[[turn]]
command = "raw  two owls "
""",
        )
    )
    assert (script.title, script.seed, script.profile) == ("A title", 41, "laptop")
    assert script.turns[0].plan == Plan(action="talk", reply="Hello!")
    assert script.turns[0].expect is not None
    assert script.turns[0].expect.outcome == "talked"
    assert script.turns[1].done == Command("raw", "two owls")
    seeds = script.seeds()
    assert [seeds(), seeds()] == [41, 42]
    assert load_script(write(tmp_path, f'[[turn]]\nsay = "x"\n{TALK}')).seed == 7


def test_answers_are_plan_and_caption_by_turn(tmp_path: Path) -> None:
    script = load_script(
        write(
            tmp_path,
            """
[[turn]]
say = "draw"
plan = { action = "draw" }
caption = "A picture."
[[turn]]
command = "again"
[[turn]]
command = "undo"
[[turn]]
say = "undo that"
plan = { action = "undo" }
[[turn]]
say = "undo that and make it night"
plan = { action = "undo", edits = [{ op = "set_scene", field = "time", value = "night" }] }
caption = "Night."
[[turn]]
command = "raw owls"
""",
        )
    )
    answers = script.answers()
    assert [type(answer) for answer in answers] == [Plan, CaptionDraft, str, Plan, Plan, CaptionDraft]
    assert answers[2] == "{}"


def test_a_message_without_plan_has_no_answer(tmp_path: Path) -> None:
    script = load_script(write(tmp_path, '[[turn]]\nsay = "hello"\n'))
    with pytest.raises(ReplayError, match="Turn 1 has no plan: “hello”") as caught:
        script.answers()
    assert "plan =" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel = 1\n[[turn]]\nsay = 'x'", "line 1: there is no key “titel”. Did you mean “title”?"),
        (
            "[[turn]]\nsay = 'x'\n\n[[turn]]\nsay = 'y'\nplans = 1",
            "line 6, turn 2: there is no key “plans”. Did you mean “plan”?",
        ),
        (
            "[[turn]]\nsay = 'x'\n[turn.expect]\ncaption_hsa = []",
            "line 4, turn 1: there is no key “caption_hsa”. Did you mean “caption_has”?",
        ),
        (
            "[[turn]]\nsay = 'x'\nplan = { action = 'talk', repyl = 'x' }",
            "line 3, turn 1: there is no key “repyl”. Did you mean “reply”?",
        ),
        (
            "[[turn]]\nsay = 'x'\n[turn.expect]\naction = 'paint'",
            "line 4, turn 1: expect.action: Input should be 'draw'",
        ),
        (
            "[[turn]]\nsay = 'x'\n[turn.expect]\ntraits.Larry.hat = 'x'",
            "line 4, turn 1: expect.traits.Larry.hat: Input should be",
        ),
        (
            "[[turn]]\nsay = 'x'\n[turn.expect]\nscene.place = 'x'",
            "line 4, turn 1: expect.scene.place: Input should be",
        ),
        (X + "[[turn]]\n", "line 3, turn 2: a turn has either “say” or “command”"),
        (X + "command = 'undo'", "turn 1: a turn has either “say” or “command”"),
        (
            "[[turn]]\ncommand = 'redraw'",
            "line 2, turn 1: command: there is no command “redraw”; there are: undo, redo, goto N, again, vary N, lock",
        ),
        ("[[turn]]\ncommand = 'redo 2'", "there is no command “redo 2”"),
        ("[[turn]]\ncommand = 'goto'", "there is no command “goto”"),
        ("[[turn]]\ncommand = 'goto x'", "“goto x” needs a whole number from 1 to 1,000,000"),
        ("[[turn]]\ncommand = 'goto 0'", "“goto 0” needs a whole number"),
        ("[[turn]]\ncommand = 'vary 9'", "“vary 9” needs a whole number from 1 to 8"),
        ("[[turn]]\ncommand = 'raw '", "there is no command “raw ”"),
        ("[[turn]]\ncommand = 'undo'\nplan = { action = 'talk' }", "only a turn with “say” is planned"),
        (X + "plan = { action = 'talk' }\ncaption = 'x'", "nothing asks for this “caption”"),
        ("[[turn]]\nsay = ''", "line 2, turn 1: say:"),
        ("turn = []", "line 1: turn:"),
        ("title = 'x'", "turn: Field required"),
        ("seed = -1\n[[turn]]\nsay = 'x'", "line 1: seed:"),
        ("[[turn]\n", "valid TOML"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ReplayError) as caught:
        load_script(file)
    message = f"{caught.value} {caught.value.hint or ''}"
    assert message.startswith(str(file))
    assert said in message


def test_an_unknown_key_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ReplayError) as caught:
        load_script(write(tmp_path, "[[turn]]\nsays = 'x'"))
    assert caught.value.hint == "Allowed: say, command, plan, caption, expect."


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="cannot be read"):
        load_script(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("text", "words", "there"),
    [
        ("A Blue Scarf, soft.", "blue scarf", True),
        ("a blue, red scarf", "blue scarf", False),
        ("covered in leaves", "red", False),
        ("super-duper", "super duper", True),
        ("노란 고슴도치", "고슴도치", True),
        ("", "x", False),
    ],
)
def test_words_are_whole_and_side_by_side(text: str, words: str, there: bool) -> None:
    assert contains(text, words) is there
