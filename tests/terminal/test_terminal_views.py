"""What is printed for each event, edit, action and scene, in a narrow window and in a wide one."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import get_args

import pytest
from recorded import CAPTION, EDITS, SCENE, drawn, examples, picture, screen, seen, settings, turn
from rich.cells import cell_len

from chatdraw.edits import Leave, apply
from chatdraw.events import Asked, Captioned, Event, Failed, Planned, Reverted, Step, Stored, Talked, Writing
from chatdraw.person_edits import PersonEdit
from chatdraw.plan import Action, Plan
from chatdraw.records import Caption, Verdict
from chatdraw.scene import Scene
from chatdraw.terminal import views
from chatdraw.terminal.caption_view import caption_card
from chatdraw.terminal.cast_view import cast_table
from chatdraw.terminal.commands import COMMANDS, TOPICS
from chatdraw.terminal.help_view import PROMPT_KEYS, whole_help
from chatdraw.terminal.looks import SIGNS, clean, duration, error_view, make_console
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.turns import TurnScreen, show
from chatdraw.terminal.working import Working

WIDTHS = (60, 100)


def plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def printed(renderable: object, width: int = 80) -> str:
    console = screen(width)
    show(console, renderable)  # type: ignore[arg-type]  # the tests pass whatever the views give
    return plain(seen(console))


# --- every one of them -----------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_event_can_be_seen(kind: type, width: int) -> None:
    event = examples()[kind]
    console = screen(width)
    pictures = PictureView(console)
    if kind in (Writing, Step):
        idle, working = Working(console, pictures), Working(console, pictures)
        working.note(event)
        show(console, idle)
        before = seen(console)
        show(console, working)
        assert seen(console)[len(before) :] != before, "progress looks as if nothing had happened"
    else:
        turns = TurnScreen(console, pictures)
        if kind.__name__ == "Rendered":
            # The picture itself comes with the event that says it is kept.
            turns.draw(event)
            assert seen(console) == ""
            turns.draw(drawn()[-1])
            assert "▀" in seen(console)
        else:
            turns.draw(event)
            assert plain(seen(console)).strip()


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_has_a_sign_and_words(action: Action) -> None:
    line = printed(views.action_line(Planned(Plan.model_construct(action=action), action, picture(2))))
    assert line.startswith(SIGNS[action] + " ")
    assert len(line) > len("✎ x")
    assert ("picture 2" in line) == (action in ("edit", "vary", "undo"))


def test_every_action_has_its_own_sign() -> None:
    assert len(set(SIGNS.values())) == len(get_args(Action)) == len(SIGNS)


@pytest.mark.parametrize("kind", get_args(get_args(PersonEdit)[0]), ids=lambda kind: kind.__name__)
def test_every_edit_can_be_described(kind: type) -> None:
    values = {
        "who": "Larry",
        "how": "behind",
        "whom": "Ada",
        "name": "Mia",
        "kind": "owl",
        "trait": "headwear",
        "value": "red hat",
        "field": "setting",
        "phrase": "soft light",
        "number": 3,
    }
    edit = kind(**{name: value for name, value in values.items() if name in kind.model_fields})
    words = views.describe(edit)
    for name in ("who", "name", "kind", "trait", "value", "phrase", "number"):
        if name in kind.model_fields:
            assert str(values[name]) in words


# --- how it looks ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_a_turn_fits_the_window_and_its_path_stays_whole(width: int) -> None:
    path = "/home/somebody/" + "very-long-folder/" * 12 + "picture.png"
    console = screen(width)
    TurnScreen(console, PictureView(console)).show(iter(drawn(path)), cancel=lambda: None)
    lines = [line.split("\r")[-1] for line in plain(seen(console)).splitlines()]
    assert any(line.strip() == path for line in lines)
    assert all(cell_len(line) <= width for line in lines if path not in line)
    text = " ".join(" ".join(lines).split())
    for words in (
        "edit of picture 1",
        "Larry: neckwear blue scarf",
        "Here is Larry with his scarf.",
        "picture 2 · 128×128 · 2.3 s",
    ):
        assert words in text


@pytest.mark.parametrize("width", WIDTHS)
def test_welcome_says_what_to_try(tmp_path: Path, width: int) -> None:
    text = printed(views.welcome(settings(tmp_path)), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    joined = " ".join(text.split())
    assert all(example in joined for example in views.EXAMPLES)
    assert "/help" in joined
    assert "storybook-painter" in joined


@pytest.mark.parametrize("width", WIDTHS)
def test_help_has_every_command(width: int) -> None:
    text = " ".join(printed(whole_help(COMMANDS.values(), PROMPT_KEYS), width).split())
    for command in COMMANDS.values():
        assert command.usage in text
        assert command.help in text
    assert [topic for topic in TOPICS if topic in text] == list(TOPICS)


def test_caption_card_says_where_the_words_come_from() -> None:
    text = printed(caption_card(turn(caption=CAPTION, pictures=(picture(),))), 200)
    unmarked = text.translate(dict.fromkeys(map(ord, "[]{}<>«»")))
    for words in (CAPTION.text, CAPTION.negative, *CAPTION.added, *CAPTION.dropped, *CAPTION.unknown, "seed 77"):
        assert words in unmarked
    assert "language model" in text
    raw = printed(caption_card(turn(caption=Caption(text="my words", raw=True))))
    assert "your own words" in raw
    without = printed(caption_card(turn(caption=Caption(text="A hedgehog."))))
    assert "plain sentences from the scene" in without
    assert "your own words" not in without
    assert "put in" not in raw


def test_cast_shows_who_is_there_and_who_waits() -> None:
    assert "Nobody yet" in printed(cast_table(Scene()))
    text = printed(cast_table(SCENE))
    assert "Larry, hedgehog, on stage" in text
    assert "headwear: sunflower" in text
    assert "setting: beach" in text
    assert "Larry, hedgehog, waiting" in printed(cast_table(apply(SCENE, (Leave(who="Larry"),), turn=2)))


def test_words_that_the_model_does_not_know_are_named() -> None:
    console = screen()
    turns = TurnScreen(console, PictureView(console))
    turns.draw(Captioned(Caption(text="a hedgehog")))
    assert seen(console) == ""
    turns.draw(Captioned(CAPTION))
    assert "“bicycle”" in seen(console)


def test_back_at_the_beginning() -> None:
    assert "no picture" in printed(views.reverted(Reverted(turn("reverted", reply=""), None, None)))


def test_back_at_a_picture_whose_file_is_gone() -> None:
    console = screen(200)
    earlier = picture(1)
    TurnScreen(console, PictureView(console)).draw(Reverted(turn("reverted", reply=""), earlier, None))
    text = plain(seen(console))
    assert "picture 1" in text
    assert f"its file is gone: {earlier.hash}.png" in text
    assert "beginning" not in text


REWRITTEN = tuple(
    Verdict(action="rewrite", layer=layer, message="I used words for the look instead.", replacement="a hedgehog")
    for layer in ("request", "caption")
)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(
    "event",
    [
        Stored(turn(verdicts=REWRITTEN, pictures=(picture(),)), ("/a/b.png",)),
        Reverted(turn("reverted", verdicts=REWRITTEN), None, None),
        Talked(turn("talked", verdicts=REWRITTEN), "You are welcome."),
        Asked(turn("asked", verdicts=REWRITTEN), "Which of the two?"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_was_put_differently_is_said_once(event: Event, terminal: bool) -> None:
    console = screen(terminal=terminal)
    TurnScreen(console, PictureView(console)).draw(event)
    assert plain(seen(console)).count("! I used words for the look instead.\n") == 1


def test_what_was_allowed_needs_no_words() -> None:
    allowed = Verdict(layer="request", message="Nothing to see here.")
    assert "Nothing" not in printed(views.talked(Talked(turn("talked", verdicts=(allowed,)), "Hello.")))


def test_a_refusal_shows_the_words_that_decided_it() -> None:
    refused = next(e for e in examples().values() if type(e).__name__ == "Refused")
    console = screen()
    TurnScreen(console, PictureView(console)).draw(refused)
    assert "✗ That is not drawn here." in plain(seen(console))
    assert "“Larry”" in seen(console)


# --- what must not happen --------------------------------------------------------------------


def test_a_model_cannot_steer_the_terminal() -> None:
    evil = "hello\x1b[2J\x1b]0;title\x07 \x9b31m[bold]:smile:[/bold]"
    for event in (
        Talked(turn("talked"), evil),
        Failed(turn("failed"), evil, evil),
        Captioned(Caption(text="x", unknown=(evil,))),
        Planned(Plan(action="edit", edits=(EDITS[0].model_copy(update={"kind": evil}),)), "edit", None),
    ):
        console = screen(terminal=False)
        TurnScreen(console, PictureView(console)).draw(event)
        assert "\x1b" not in seen(console)
        assert "\x9b" not in seen(console)
        assert "\x07" not in seen(console)
        assert "[bold]:smile:[/bold]" in seen(console)
    for card in (caption_card(turn(caption=Caption(text=evil))), cast_table(_named(evil))):
        assert "\x1b[2J" not in seen_raw(card)


def _named(name: str) -> Scene:
    character = SCENE.cast[0].model_copy(update={"name": name, "kind": name})
    return SCENE.model_copy(update={"cast": (character,), "setting": name})


def seen_raw(renderable: object) -> str:
    console = screen()
    show(console, renderable)  # type: ignore[arg-type]  # as above
    return seen(console)


def test_clean_keeps_what_people_write() -> None:
    words = "안녕 Größe 🦔 “ja”\n\tтак"
    assert clean(words) == words
    assert clean("a\rb\x00c\ud800") == "a�b�c�"


def test_no_color_is_honoured() -> None:
    console = screen(NO_COLOR="1")
    turns = TurnScreen(console, PictureView(console))
    for event in drawn():
        turns.draw(event)
    turns.draw(examples()[Failed])
    assert not re.search(r"\x1b\[[0-9;]*(3[0-8]|4[0-8])[;m]", seen(console))
    assert "▀" not in seen(console), "half blocks without colours are a solid block"


def test_an_encoding_without_our_signs_is_no_error() -> None:
    raw = io.BytesIO()
    console = make_console(io.TextIOWrapper(raw, encoding="ascii"), terminal=False, size=(80, 40), environ={})
    TurnScreen(console, PictureView(console)).draw(drawn()[1])
    console.file.flush()
    assert b"edit of picture 1" in raw.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_errors_have_their_hint_below() -> None:
    assert printed(error_view("It broke.", "Mend it.")) == "✗ It broke.\n  Mend it.\n"
    assert printed(error_view("It broke.")) == "✗ It broke.\n"
