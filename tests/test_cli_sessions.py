"""``chatdraw sessions``: what each part prints and does, in this process; asking, in a real terminal."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from chatdraw.cli import program
from chatdraw.errors import ChatdrawError, MessageError, NotFound, StoreError
from chatdraw.person_edits import ChoosePicture
from chatdraw.plan import Plan
from chatdraw.records import Caption, Picture, RenderRequest, Turn
from chatdraw.scene import Scene
from chatdraw.store import Session, Store

Chatdraw = Callable[..., Result]


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (seed, 0, 40)).save(buffer, format="PNG")
    return buffer.getvalue()


def picture(number: int, parent: Picture | None = None) -> Picture:
    request = RenderRequest(
        caption="x", seed=number, width=8, height=8, steps=1, guidance=1, model="storybook", revision="0"
    )
    return Picture(
        hash=sha256(png(number)).hexdigest(),
        kind="edit" if parent else "draw",
        number=number,
        request=request,
        parent=parent.hash if parent else None,
        width=8,
        height=8,
    )


def turn(number: int, text: str, parent: Turn | None = None, pictures: Sequence[Picture] = (), **more: Any) -> Turn:
    fields: dict[str, Any] = {"outcome": "drawn" if pictures else "talked"}
    return Turn(
        id=f"{number:032x}"[::-1],
        parent=parent.id if parent else None,
        number=number,
        time=datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=number),
        text=text,
        scene=Scene(),
        pictures=tuple(pictures),
        **{**fields, **more},
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def chatdraw(home: Path, monkeypatch: pytest.MonkeyPatch) -> Chatdraw:
    def run(*arguments: str, columns: int = 100, fails: type[ChatdrawError] | None = None) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        result = CliRunner().invoke(program, ["--home", str(home), *arguments])
        if fails is None:
            assert result.exit_code == 0, result.output
        else:
            assert isinstance(result.exception, fails), result.exception
            assert result.exception.hint
        return result

    return run


@pytest.fixture
def session(home: Path) -> Session:
    """A picture, an edit of it, a way back, and a turn that was cut off."""
    with Store(home) as store:
        session = store.create_session()
        first = turn(
            1,
            "draw Larry the [blue] hedgehog",
            pictures=[picture(1)],
            reply="Here he is!",
            caption=Caption(text="a blue hedgehog"),
            plan=Plan(action="draw"),
        )
        second = turn(2, "make him green", first, [picture(2, first.pictures[0])], caption=Caption(text="green"))
        back = turn(3, "/undo", first, outcome="reverted", left=second.id)
        failed = turn(4, "draw \x1b[31mtrouble", back, outcome="failed", error="No memory.")
        for each, head in ((first, first), (second, second), (back, back), (failed, back)):
            store.commit(session.id, each, [png(p.number) for p in each.pictures], head=head.id)
        store.begin(session.id, "something that was cut off")
    return session


# --- looking ---------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["sessions"], ["sessions", "list"]])
def test_nothing_yet_makes_nothing(arguments: list[str], chatdraw: Chatdraw, home: Path) -> None:
    assert f"Nothing has been said yet in {home}." in " ".join(chatdraw(*arguments).output.split())
    assert json.loads(chatdraw(*arguments, "--json").output) == []
    assert not home.exists()


@pytest.mark.parametrize(
    "arguments",
    [["show", "a"], ["find", "a"], ["rename", "a", "b"], ["export", "a", "b"], ["delete", "a", "--yes"]],
)
def test_without_a_store_there_is_nothing_to_do(arguments: list[str], chatdraw: Chatdraw, home: Path) -> None:
    chatdraw("sessions", *arguments, fails=NotFound)
    assert not home.exists()


def test_the_list(chatdraw: Chatdraw, session: Session) -> None:
    head, line = chatdraw("sessions").output.splitlines()
    assert head.split()[:5] == ["session", "last", "used", "turns", "pictures"]
    used = f"{datetime(2026, 3, 1, 12, 4, tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"
    assert line.split() == [session.id[:8], *used.split(), "4", "2", *"draw Larry the [blue] hedgehog".split()]


def test_the_list_in_a_narrow_window(chatdraw: Chatdraw, session: Session) -> None:
    lines = chatdraw("sessions", columns=60).output.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[2].split()[0] == session.id[:8]
    assert lines[3].strip() == "draw Larry the [blue] hedgehog"


def test_the_list_says_that_there_are_more(chatdraw: Chatdraw, home: Path) -> None:
    with Store(home) as store:
        for number in range(3):
            one = store.create_session(f"session {number}")
            store.commit(one.id, turn(1, "hello").model_copy(update={"id": one.id}), [], head=None)
    assert "more" not in chatdraw("sessions", "--limit", "3").output
    two = chatdraw("sessions", "--limit", "2").output
    assert "These are the latest 2; --limit shows more." in two
    assert len(json.loads(chatdraw("sessions", "--json", "--limit", "2").output)) == 2


def test_the_list_as_json(chatdraw: Chatdraw, session: Session) -> None:
    assert json.loads(chatdraw("sessions", "list", "--json").output) == [
        {
            "id": session.id,
            "title": "",
            "created": session.created.isoformat(),
            "first_words": "draw Larry the [blue] hedgehog",
            "turns": 4,
            "pictures": 2,
            "last_used": "2026-03-01T12:04:00+00:00",
        }
    ]


def test_a_session_turn_by_turn(chatdraw: Chatdraw, session: Session, home: Path) -> None:
    text = chatdraw("sessions", "show", session.id[:6]).output
    for words in (
        "1 ✦ new picture\n    › draw Larry the [blue] hedgehog\n      Here he is!\n      a blue hedgehog\n",
        "2 ✎ edit of picture 1\n",
        "3 ↶ back to picture 1 · the session stands here\n",
        "4 ✗ failed\n",
        "✗ No memory.",
        "! Cut off on ",
        "something that was cut off",
    ):
        assert words in text
    for number in (1, 2):
        name = sha256(png(number)).hexdigest()
        assert f"\n      {home}/pictures/{name[:2]}/{name}.png\n" in text
    assert "\x1b" not in text


def test_going_to_one_of_several_pictures_names_that_one(chatdraw: Chatdraw, home: Path) -> None:
    with Store(home) as store:
        session = store.create_session()
        three = turn(1, "/vary 3", pictures=[picture(1), picture(2), picture(3)])
        chosen = turn(2, "/goto 2", three, outcome="reverted", edits=(ChoosePicture(number=2),))
        locked = turn(3, "/lock a", chosen)
        undone = turn(4, "/undo", locked, outcome="reverted")
        for each in (three, chosen, locked, undone):
            store.commit(session.id, each, [png(p.number) for p in each.pictures], head=each.id)
    text = chatdraw("sessions", "show", session.id).output
    assert "2 ↶ back to picture 2\n" in text
    assert "4 ↶ back to picture 2 · the session stands here\n" in text


def test_a_picture_whose_file_is_gone(chatdraw: Chatdraw, session: Session, home: Path) -> None:
    name = sha256(png(2)).hexdigest()
    (home / "pictures" / name[:2] / f"{name}.png").unlink()
    assert f"Its file is gone: {name}.png" in chatdraw("sessions", "show", session.id).output
    turns = json.loads(chatdraw("sessions", "show", session.id, "--json").output)["turns"]
    assert [turn["pictures"][0]["path"] is None for turn in turns[:2]] == [False, True]


def test_a_session_as_json(chatdraw: Chatdraw, session: Session) -> None:
    value = json.loads(chatdraw("sessions", "show", session.id, "--json").output)
    assert value["id"] == session.id
    assert [one["action"] for one in value["turns"]] == [
        "new picture",
        "edit of picture 1",
        "back to picture 1",
        "failed",
    ]
    assert [one["follows"] for one in value["turns"]] == [None, 1, 1, 3]
    assert [one["current"] for one in value["turns"]] == [False, False, True, False]
    assert value["turns"][1]["pictures"][0]["from"] == 1
    assert value["cut_off"][0]["text"] == "something that was cut off"


def test_an_unknown_session(chatdraw: Chatdraw, session: Session) -> None:
    result = chatdraw("sessions", "show", "zzzz", fails=NotFound)
    assert "chatdraw sessions lists" in str(result.exception.hint)  # type: ignore[union-attr]  # an exception: fails saw to it


def test_finding_words(chatdraw: Chatdraw, session: Session) -> None:
    text = chatdraw("sessions", "find", "green").output
    assert text.splitlines()[0].split() == [session.id[:8], "turn", "2", "·", "picture", "2", "·", "message"]
    assert "make him green" in text
    assert "Nothing was found for “green zebra”." in chatdraw("sessions", "find", "green", "zebra").output
    (hit,) = json.loads(chatdraw("sessions", "find", "--json", "larr", "blue").output)
    assert (hit["session"], hit["turn"], hit["pictures"]) == (session.id, 1, [1])
    chatdraw("sessions", "find", "…", fails=StoreError)


# --- changing --------------------------------------------------------------------------------


def test_renaming(chatdraw: Chatdraw, session: Session) -> None:
    assert "is called “Larry's day” now" in chatdraw("sessions", "rename", session.id[:5], " Larry's\n day ").output
    assert chatdraw("sessions").output.splitlines()[1].endswith("Larry's day")
    assert "has no title now" in chatdraw("sessions", "rename", session.id, "").output
    assert chatdraw("sessions").output.splitlines()[1].endswith("hedgehog")


@pytest.mark.parametrize("name", ["larry", "larry.zip"])
def test_export_and_import(name: str, chatdraw: Chatdraw, session: Session, home: Path, tmp_path: Path) -> None:
    target = tmp_path / name
    assert chatdraw("sessions", "export", session.id[:6], str(target)).output == f"{target}\n"
    chatdraw("sessions", "export", session.id, str(target), fails=StoreError)
    chatdraw("sessions", "import", str(target), fails=StoreError)
    copy = chatdraw("sessions", "import", str(target), "--as-new").output.strip()
    assert copy != session.id
    assert len(json.loads(chatdraw("sessions", "--json").output)) == 2
    chatdraw("sessions", "delete", "--yes", session.id, copy)
    assert chatdraw("sessions", "import", str(target)).output == f"{session.id}\n"


def test_importing_nothing_makes_no_store(chatdraw: Chatdraw, home: Path, tmp_path: Path) -> None:
    chatdraw("sessions", "import", str(tmp_path / "nothing.zip"), fails=NotFound)
    assert not home.exists()


def test_exporting_what_is_left(chatdraw: Chatdraw, session: Session, home: Path, tmp_path: Path) -> None:
    name = sha256(png(2)).hexdigest()
    (home / "pictures" / name[:2] / f"{name}.png").unlink()
    chatdraw("sessions", "export", session.id, str(tmp_path / "all"), fails=StoreError)
    chatdraw("sessions", "export", session.id, str(tmp_path / "rest"), "--with-losses")
    assert [path.name for path in (tmp_path / "rest" / "pictures").iterdir()] == ["0001.png"]


def test_deleting_asks_first(chatdraw: Chatdraw, session: Session) -> None:
    result = chatdraw("sessions", "delete", session.id, fails=MessageError)
    assert "draw Larry the [blue] hedgehog (4 turns, 2 pictures)" in result.output
    assert "--yes" in str(result.exception.hint)  # type: ignore[union-attr]  # as above
    assert len(json.loads(chatdraw("sessions", "--json").output)) == 1


def test_deleting(chatdraw: Chatdraw, session: Session, home: Path) -> None:
    # One that does not exist keeps all from being deleted; one that is named twice is deleted once.
    chatdraw("sessions", "delete", "--yes", session.id, "zzzz", fails=NotFound)
    assert len(json.loads(chatdraw("sessions", "--json").output)) == 1
    text = chatdraw("sessions", "delete", "--yes", session.id, session.id[:9]).output
    assert "Deleted 1 session and 2 picture files." in text
    assert not list((home / "pictures").rglob("*.png"))


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a POSIX terminal")
@pytest.mark.parametrize(("answer", "left"), [("y\r", 0), ("\r", 1), ("never\r", 1), ("\x04", 1)])
def test_what_is_answered_decides(answer: str, left: int, chatdraw: Chatdraw, session: Session, home: Path) -> None:
    arguments = ["-m", "chatdraw", "--home", str(home), "sessions", "delete", session.id]
    child = pexpect.spawn(sys.executable, arguments, timeout=60, encoding="utf-8")
    child.expect_exact("Delete 1 session for good? [y/N] ")
    child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert len(json.loads(chatdraw("sessions", "--json").output)) == left


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a POSIX terminal")
def test_ctrl_c_is_no_yes(chatdraw: Chatdraw, session: Session, home: Path) -> None:
    arguments = ["-m", "chatdraw", "--home", str(home), "sessions", "delete", session.id]
    child = pexpect.spawn(sys.executable, arguments, timeout=60, encoding="utf-8")
    child.expect_exact("[y/N] ")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert len(json.loads(chatdraw("sessions", "--json").output)) == 1
