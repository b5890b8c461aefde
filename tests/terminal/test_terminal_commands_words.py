"""Commands about captions, characters and settings."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from recorded import seen
from studio import LARRY, SCARF, Studio

from chatdraw.edits import SetTrait
from chatdraw.errors import ConfigError, MessageError, ModelMissing, RenderError, UnknownCharacter
from chatdraw.events import Captioned
from chatdraw.records import Caption
from chatdraw.terminal.editor import edited
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.screens import TextScreen
from chatdraw.terminal.warmup import WarmUp
from chatdraw.terminal.working import Working


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "home", story=True)


@pytest.fixture
def fresh(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "fresh")


# --- the caption -----------------------------------------------------------------------------


def test_the_caption_marks_whose_words_they_are_without_colour(fresh: Studio) -> None:
    fresh.say("a hedgehog called Larry", *LARRY, caption="A brown hedgehog called Larry on a tiny stool.")
    fresh.say("with a blue scarf", *SCARF, action="edit", caption="A brown hedgehog called Larry, smiling.")
    fresh.type("/lock soft light")
    fresh.type("/again")
    lines = fresh.type("/caption").splitlines()
    text = " ".join(line.strip() for line in lines)
    assert "[hedgehog called Larry,]" in text
    assert "brown" in text
    assert "[brown" not in text
    assert "{smiling.}" in text
    assert "«" in text
    assert "soft light" in text.partition("«")[2].partition("»")[0].lower()
    for words in ("[ ] your words", "no sign: from the card", "« » locked by you", "{ } added by the language model"):
        assert words in text
    assert "put in" in text


def test_the_legend_names_only_what_is_there(fresh: Studio) -> None:
    fresh.type("/raw a red cube")
    text = fresh.type("/caption")
    assert "[a red cube]" in text
    assert "{ }" not in text
    assert "« »" not in text
    assert "your own words" in text


def test_the_caption_is_that_of_the_current_picture_or_of_any(studio: Studio) -> None:
    assert "picture  3," in studio.type("/caption")
    studio.type("/goto 1")
    studio.type("/lock soft light")
    assert "picture  1," in studio.type("/caption")
    assert "picture  2," in studio.type("/caption 2")
    with pytest.raises(MessageError, match="number"):
        studio.type("/caption two")


@pytest.mark.parametrize("line", ["/caption", "/edit"])
def test_captions_before_the_first_picture(line: str, fresh: Studio) -> None:
    with pytest.raises(MessageError, match="no picture yet"):
        fresh.type(line)


def test_edit_takes_the_text_as_it_is(studio: Studio) -> None:
    text = studio.type("/edit A red fox in the rain.")
    assert text.startswith("✎ edit of picture 3\n")
    turn, picture = studio.store.picture_by_number(studio.state.conversation.session.id, 4)
    assert picture.request.caption == "A red fox in the rain."
    assert turn.caption is not None
    assert turn.caption.edited
    assert "you, from the caption before" in studio.type("/caption")


def editor(tmp_path: Path, code: str) -> str:
    """An editor that does this to the file: ``f`` is its path."""
    script = tmp_path / "editor.py"
    script.write_text(f"import sys, pathlib\nf = pathlib.Path(sys.argv[1])\n{code}\n")
    return f"'{sys.executable}' '{script}'"


@contextmanager
def lent(log: list[str]) -> Iterator[None]:
    log.append("lent")
    yield
    log.append("back")


def test_edit_opens_the_editor_with_the_terminal_to_itself(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    studio.state.whole_terminal = lambda: lent(log)
    monkeypatch.setenv("VISUAL", editor(tmp_path, "f.write_text('a red\\n  fox. ' + f.read_text().split()[0])"))
    monkeypatch.setenv("EDITOR", "false")
    assert "edit of picture 3" in studio.type("/edit")
    assert log == ["lent", "back"]
    session = studio.state.conversation.session.id
    first = studio.store.picture_by_number(session, 3)[1].request.caption.split()[0]
    assert studio.store.picture_by_number(session, 4)[1].request.caption == f"a red fox. {first}"


@pytest.mark.parametrize("code", ["pass", "f.write_text('  \\n')"], ids=["unchanged", "emptied"])
def test_edit_without_a_change_does_nothing(
    code: str, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.state.whole_terminal = lambda: lent([])
    monkeypatch.setenv("VISUAL", editor(tmp_path, code))
    assert "Nothing was changed" in studio.type("/edit")
    assert studio.current == 3
    assert studio.store.counts(studio.state.conversation.session.id) == (3, 3)


def test_edit_in_a_pipe_says_how_else(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")
    with pytest.raises(MessageError, match="no terminal here") as caught:
        studio.type("/edit")
    assert "/edit TEXT" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("", "No editor is set"),
        ("no-such-editor-anywhere", "cannot be used: No such file"),
        ("'unclosed", "cannot be understood"),
    ],
)
def test_editors_that_are_none(named: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        edited("a fox", {"VISUAL": " ", "EDITOR": named})
    assert "/edit TEXT" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("f.write_text('half'); sys.exit(3)", "ended with code 3; nothing was changed"),
        ("f.write_text('half'); import os; os.kill(os.getpid(), 9)", "was stopped; nothing was changed"),
        ("f.write_bytes(b'\\xff\\xfe\\xff')", "no UTF-8 text"),
        ("f.unlink()", "cannot be used"),
    ],
)
def test_editors_that_fail(code: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words):
        edited("a fox", {"EDITOR": editor(tmp_path, code)})


# --- words that stay, and style --------------------------------------------------------------


def test_lock_and_unlock(studio: Studio) -> None:
    assert "“soft light” stands in every caption" in studio.type("/lock soft light")
    assert "locked: “soft light”" in studio.type("/cast")
    studio.type("/again")
    assert "soft light" in _caption(studio)
    assert "✗ “hard light” is not locked." in studio.type("/unlock hard light")
    studio.type("/unlock Soft Light")
    studio.type("/again")
    assert "soft light" not in _caption(studio)


def test_style_changes_the_scene_and_draws(studio: Studio) -> None:
    assert "no style of its own" in studio.type("/style")
    # As every edit: what changes stands below, and it is remembered as it was typed.
    assert studio.type("/style watercolour").startswith("✎ edit of picture 3\n  style watercolour\n")
    assert "“/style watercolour”" in studio.type("/tree")
    assert "“watercolour”" in studio.type("/style")
    assert "watercolour" in _caption(studio)
    studio.type("/style NONE")
    assert "watercolour" not in _caption(studio)
    assert "nothing to take away" in studio.type("/style none")
    with pytest.raises(MessageError, match="too long"):
        studio.type(f"/style {'x' * 81}")
    assert studio.current == 5


def _caption(studio: Studio) -> str:
    picture = studio.state.conversation.latest_picture
    assert picture is not None
    return picture.request.caption


# --- characters ------------------------------------------------------------------------------


def test_a_card_tells_the_words_of_the_person_from_those_of_the_model(fresh: Studio) -> None:
    fresh.say("a hedgehog called Larry, brown all over", *LARRY)
    assert "    turn 1: “a hedgehog called Larry, brown all over”\n" in fresh.type("/card Larry")
    fresh.say("something warm around his neck", *SCARF, action="edit")
    assert "turn 2, worded by the language model, from “something warm" in fresh.type("/card Larry")


@pytest.mark.parametrize("width", [60, 100])
def test_a_card_says_where_everything_came_from(width: int, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "wide", width, story=True, terminal=True)
    red = SetTrait(who="Larry", trait="neckwear", value="red scarf")
    studio.say("make the scarf red, and of thick wool with very long fringes please", red, action="edit")
    studio.say("call him Bob", _rename("Bob"), action="talk")
    text = studio.type("/card larry")
    assert all(len(line) <= width for line in text.splitlines())
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:2] == ["✦ Bob, hedgehog, on stage", "also called: Larry"]
    assert lines[lines.index("colour: brown") + 1] == "turn 1: “a brown hedgehog called Larry”"
    assert lines[lines.index("neckwear: red scarf") + 1].startswith("turn 4: “make the scarf red")
    assert "before    neckwear blue scarf, turn 2" in lines
    assert "pictures  1 to 4" in lines


def test_a_card_of_nobody_names_who_is_there(studio: Studio) -> None:
    with pytest.raises(UnknownCharacter) as caught:
        studio.type("/card Mia")
    assert "Larry" in (caught.value.hint or "")


def test_a_card_counts_no_pictures_of_own_words_and_says_how_far_it_looked(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.type("/raw a red cube")
    assert "pictures  1 to 3\n" in studio.type("/card Larry")
    monkeypatch.setattr("chatdraw.terminal.commands.characters.LOOKED_THROUGH", 2)
    assert "pictures  3 (of the latest 2 turns)" in studio.type("/card Larry")


def _rename(name: str):  # type: ignore[no-untyped-def]  # an edit
    from chatdraw.edits import Rename

    return Rename(who="Larry", name=name)


# --- settings --------------------------------------------------------------------------------


def test_a_seed_is_chosen_and_let_go(studio: Studio) -> None:
    assert "automatic" in studio.type("/seed")
    assert "7" in studio.type("/seed 7")
    studio.say("once more", action="draw")
    assert "has the seed 7" in studio.type("/seed")
    assert "automatic" in studio.type("/seed AUTO")
    assert studio.state.conversation.choices.seed is None
    for wrong in ("x", "-1", "1.5", "9" * 30, "²"):
        with pytest.raises(MessageError, match="number"):
            studio.type(f"/seed {wrong}")
    with pytest.raises(MessageError, match="cannot be"):
        studio.type(f"/seed {2**63}")


def test_a_size_that_cannot_be_names_the_nearest(studio: Studio) -> None:
    assert "32×32, 48×32 only" in studio.type("/size")
    with pytest.raises(RenderError) as caught:
        studio.type("/size 500x300")
    assert "48×32" in (caught.value.hint or "")
    for typed in ("48x32", "48 × 32", "48X32"):
        assert "48×32" in studio.type(f"/size {typed}")
        assert (studio.state.conversation.choices.width, studio.state.conversation.choices.height) == (48, 32)
        assert "automatic" in studio.type("/size auto")
    for wrong in ("48", "x", "48x", "-4x4", "big"):
        with pytest.raises(MessageError, match="is no size"):
            studio.type(f"/size {wrong}")


def test_steps_are_chosen_and_let_go(studio: Studio) -> None:
    assert "3 for a picture" in studio.type("/steps")
    assert "take 5 steps" in studio.type("/steps 5")
    studio.type("/again")
    picture = studio.state.conversation.latest_picture
    assert picture is not None
    assert picture.request.steps == 5
    assert "automatic" in studio.type("/steps auto")
    with pytest.raises(MessageError, match="cannot be 0"):
        studio.type("/steps 0")


def test_models_says_what_is_in_use_and_how_to_switch(studio: Studio) -> None:
    text = studio.type("/models")
    assert text.startswith("  In use: storybook-writer writes, storybook-painter draws.")
    session = studio.state.conversation.session.id[:8]
    assert f"chatdraw --profile laptop --session {session}" in text


def test_models_says_whether_the_weights_are_loaded(studio: Studio) -> None:
    def load() -> None:
        go_on.wait(20)
        raise ModelMissing("No weights.", hint="Get some.")

    go_on = threading.Event()
    studio.state.warm_up = warm_up = WarmUp(load, clock=lambda: 0.0)
    warm_up.start()
    assert "At the moment: loading the models, 0.0 s." in studio.type("/models")
    go_on.set()
    list(warm_up.wait(tick=0.001))
    text = studio.type("/models")
    for words in ("At the moment: the models could not be loaded.", "No weights.", "Get some."):
        assert words in text
    studio.state.warm_up = warm_up = WarmUp(lambda: None, clock=lambda: 0.0)
    warm_up.start()
    list(warm_up.wait(tick=0.001))
    assert "At the moment: ready, loaded in 0.0 s." in studio.type("/models")


def test_own_words_without_a_locked_phrase_are_drawn_with_a_note(studio: Studio) -> None:
    studio.type("/lock soft light")
    assert "! Locked, but not in your own words: “soft light”.\n" in studio.type("/raw a red cube")
    assert "Locked" not in studio.type("/raw a red cube in soft light")


def test_words_that_are_unknown_are_told_once_as_long_as_they_stay(studio: Studio) -> None:
    def told(*unknown: str) -> str:
        before = len(seen(studio.console))
        studio.turns.draw(Captioned(Caption(text="A fox.", unknown=unknown)))
        return seen(studio.console)[before:]

    assert "“bicycle”" in told("bicycle")
    assert told("bicycle") == ""
    later = told("bicycle", "kite")
    assert "“kite”" in later
    assert "bicycle" not in later
    assert told() == ""
    assert "“kite”" in told("kite")


def test_going_on_shows_what_was_said_or_drawn_and_not_the_way_back(studio: Studio) -> None:
    studio.say("/hello", action="talk")
    for command in ("/lock soft light", "/unlock soft light", "/undo", "/redo", "/undo", "/redo"):
        studio.type(command)
    screen = TextScreen(
        studio.console,
        PictureView(studio.console),
        display=lambda words: Working(studio.console, PictureView(studio.console)),
    )
    before = len(seen(studio.console))
    screen.opened(studio.state.conversation)
    shown = re.findall(r"^› (.*?)\s*$", seen(studio.console)[before:], re.MULTILINE)
    assert shown == ["give him a blue scarf", "now at the beach", "//hello"]
    assert "picture 3, as you left it" in seen(studio.console)[before:]
    for _ in range(3):
        studio.type("/undo")
    before = len(seen(studio.console))
    screen.opened(studio.state.conversation)
    assert "There is no picture where you left it." in seen(studio.console)[before:]
