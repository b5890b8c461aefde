"""What stands above the prompt: no wider than the window, and what it says."""

from __future__ import annotations

import pytest
from prompt_toolkit.formatted_text import StyleAndTextTuples
from recorded import IMAGE, drawn, screen
from rich.cells import cell_len

from chatdraw.events import Step, Writing
from chatdraw.terminal.board import Board, BoardDisplay
from chatdraw.terminal.picture import PictureView
from chatdraw.terminal.progress import Progress


def text_of(fragments: StyleAndTextTuples) -> str:
    return "".join(fragment[1] for fragment in fragments)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("columns", [5, 10, 20, 40, 60, 100])
@pytest.mark.parametrize("waiting", [(), ("한국어로 아주 긴 문장을 씁니다 " * 5,), ("a\nscarf\x1b[2J", "b", "c" * 200)])
def test_no_line_is_wider_than_the_window(columns: int, waiting: tuple[str, ...]) -> None:
    for words, total in (("listening", None), ("drawing picture 3 of 8", 1000), ("thinking of the picture", 5)):
        progress = Progress(words)
        progress._stage = progress._stage.__class__(words, 0.0, step=3, total=total, first=0.0, latest=4000.0)
        board = Board(PictureView(screen(columns)))
        board.put_up(progress)
        lines = text_of(board.fragments(columns, 40, waiting)).split("\n")
        assert lines.pop() == "", "the prompt would stand behind it"
        assert len(lines) == 1 + bool(waiting)
        assert max(map(cell_len, lines)) <= columns
        assert not any("\x1b" in line for line in lines)


def test_what_waits_and_how_to_take_it_back() -> None:
    text = text_of(Board(PictureView(screen())).fragments(60, 24, ("give him a scarf",)))
    assert text == "1 waiting: “give him a scarf”  ↑ takes it back\n"
    assert text_of(Board(PictureView(screen())).fragments(60, 24, ())) == ""


def test_steps_bar_and_time_left() -> None:
    clock, board = Clock(), Board(PictureView(screen()))
    progress = Progress(clock=clock)
    board.put_up(progress)
    assert "listening" in text_of(board.fragments(60, 24, ()))
    for step in (1, 2, 3):
        clock.now += 2
        progress.note(Step(step, 12))
    text = text_of(board.fragments(60, 24, ()))
    assert "drawing ━━━━━───────────────" in text
    assert "3/12" in text
    assert "18 s left" in text


def test_the_preview_needs_room_and_colours() -> None:
    def shown(rows: int, **environ: str) -> int:
        board = Board(PictureView(screen(60, height=rows, **environ)))
        progress = Progress()
        board.put_up(progress)
        progress.note(Step(1, 12, IMAGE))
        return text_of(board.fragments(60, rows, ())).count("\n")

    assert shown(24) == 11
    assert shown(14) == 1
    assert shown(24, NO_COLOR="1") == 1


def test_a_display_is_there_for_its_turn_only() -> None:
    redrawn: list[str] = []
    board = Board(PictureView(screen()))
    display = BoardDisplay(board, lambda: redrawn.append(text_of(board.fragments(60, 24, ()))))

    def fail() -> None:
        with display.shown():
            for event in drawn():
                display.note(event)
            display.say("stopping")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert "listening" in redrawn[0]
    assert "stopping" in redrawn[-2]
    assert redrawn[-1] == ""


def test_progress_says_which_of_several_pictures_is_drawn() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for picture in (1, 2):
        for step in (1, 2, 3):
            clock.now += picture
            progress.note(Step(step, 3, picture=picture, pictures=2))
            if step == 1:
                assert progress.left is None, "the pace of the picture before counts"
        assert progress.stage.words == f"drawing picture {picture} of 2"
        assert progress.left == 0
    progress.note(Step(1, 3, picture=2, pictures=2, attempt=2, attempts=8))
    assert (progress.stage.words, progress.count) == ("drawing picture 2 of 2, attempt 2 of 8", "1/3")
    progress.note(Step(1, 3, attempt=3, attempts=8))
    assert progress.stage.words == "drawing, attempt 3 of 8"
    progress.note(drawn()[-2])
    assert (progress.stage.words, progress.count) == ("looking it over", "")
    progress.note(Writing("{", "plan"))
    assert progress.stage.words == "listening"
    progress.note(Step(1, 3))
    assert progress.stage.words == "drawing"
