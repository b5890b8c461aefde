"""Commands that draw, correct, go back and forth, and save."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from studio import Studio

from chatdraw.errors import ChatdrawError, ConfigError, MessageError, NotFound, StoreError


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "home", story=True)


@pytest.fixture
def fresh(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "fresh")


# --- drawing ---------------------------------------------------------------------------------


def test_vary_lists_the_pictures_by_number(studio: Studio) -> None:
    text = studio.type("/vary 3")
    assert text.startswith("↻ another one of picture 3\n")
    for number in (4, 5, 6):
        assert f"  picture {number} · 32×32 · seed " in text
        assert str(studio.store.picture_path(_picture(studio, number).hash)) in text
    assert "3 pictures in " in text
    assert "Picture 6 is current; /goto N chooses another one." in text
    assert "5 pictures" not in studio.type("/vary 1")
    assert studio.current == 7


def test_vary_draws_four_unless_it_is_told(studio: Studio) -> None:
    assert "4 pictures in " in studio.type("/vary")


@pytest.mark.parametrize(
    ("line", "words"), [("/vary many", "no whole number"), ("/vary 9", "9 pictures"), ("/vary 0", "0 ")]
)
def test_vary_takes_a_number_of_pictures(line: str, words: str, studio: Studio) -> None:
    with pytest.raises(MessageError, match=words):
        studio.type(line)


def test_raw_says_that_nothing_was_rewritten(studio: Studio) -> None:
    text = studio.type("/raw a  red cube")
    assert text.startswith("✦ own words, as they are\n")
    assert _picture(studio, 4).request.caption == "a  red cube"


# --- corrections -----------------------------------------------------------------------------


def test_a_message_taken_as_a_new_picture_is_taken_as_an_edit(studio: Studio) -> None:
    text = studio.type("/as edit of 1")
    assert text.startswith("✎ edit of picture 1\n")
    assert _picture(studio, 4).request.seed == _picture(studio, 1).request.seed


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("/as new", "✦ new picture"),
        ("/as  Edit", "✎ edit of picture 2"),
        ("/as another", "↻ another one of picture 2"),
        ("/as another of 1", "↻ another one of picture 1"),
        ("/as talk", "◦ answer"),
    ],
)
def test_corrections(line: str, seen: str, studio: Studio) -> None:
    assert studio.type(line).startswith(seen)


def test_a_message_of_some_commands_ago_is_quoted_when_it_is_corrected(studio: Studio) -> None:
    studio.type("/vary 2")
    studio.type("/goto 2")
    assert studio.type("/as new").startswith("  Taken again: “give him a blue scarf”\n✦ new picture\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/as picture", "cannot be taken as “picture”"),
        ("/as edit 2", "cannot be taken as"),
        ("/as edit of two", "cannot be taken as"),
        ("/as new of 2", "“new” is of no picture"),
        ("/as talk of 2", "“talk” is of no picture"),
    ],
)
def test_corrections_that_are_none(line: str, words: str, studio: Studio) -> None:
    with pytest.raises(MessageError, match=words) as caught:
        studio.type(line)
    assert "/as new|edit|another|talk [of N]" in (caught.value.hint or "")
    assert studio.store.counts(studio.state.conversation.session.id) == (3, 3)


# --- back and forth --------------------------------------------------------------------------


def test_goto_undo_and_redo(studio: Studio) -> None:
    assert "picture 1 · 32×32 · current again" in studio.type("/goto 1")
    assert studio.current == 1
    studio.type("/redo")
    assert studio.current == 3
    studio.type("/undo")
    assert studio.current == 2
    with pytest.raises(MessageError, match="There is no picture 9"):
        studio.type("/goto 9")
    with pytest.raises(MessageError, match="no whole number"):
        studio.type("/goto two")


def test_the_tree_shows_what_came_from_which_and_where_one_is(studio: Studio) -> None:
    studio.type("/goto 2")
    studio.type("/vary 2")
    studio.type("/goto 1")
    studio.type("/raw a red cube")
    lines = studio.type("/tree").splitlines()
    assert [line for line in lines if "“" not in line] == [
        "✦   1  new picture",
        "✎   2  edit of picture 1",
        "  ↻   4  another one of picture 2",
        "  ↻   5  another one of picture 2",
        "✦   3  new picture",
        "✦   6  own words · current",
    ]
    assert "“give him a blue scarf”" in lines[3]


def test_a_tree_of_many_pictures_begins_late_unless_all_are_asked_for(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatdraw.terminal.commands.going.TREE", 2)
    text = studio.type("/tree")
    assert "1 earlier picture: /tree all" in text
    assert "new picture · current" in text
    assert "edit of an earlier picture" in text
    assert "hedgehog called Larry" not in text
    assert "hedgehog called Larry" in studio.type("/tree all")
    with pytest.raises(MessageError, match="does not know “some”"):
        studio.type("/tree some")


def test_the_tree_before_the_first_picture(fresh: Studio) -> None:
    assert "no picture yet" in fresh.type("/tree")


# --- saving ----------------------------------------------------------------------------------


def test_save_copies_the_picture_and_strip_leaves_the_recipe_out(studio: Studio, tmp_path: Path) -> None:
    whole, bare = tmp_path / "a b.png", tmp_path / "bare.PNG"
    kept = studio.store.picture_bytes(_picture(studio, 3).hash)
    assert str(whole) in studio.type(f"/save {whole}")
    assert whole.read_bytes() == kept
    text = studio.type(f"/save --strip '{bare}'")
    assert "without its recipe" in text
    with Image.open(whole) as one, Image.open(bare) as other:
        assert one.tobytes() == other.tobytes()
        assert "chatdraw" in one.info
        assert not {key for key in other.info if key in one.info}


def test_save_says_where_the_file_is(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"  {tmp_path}/larry.png\n" in studio.type("/save larry.png")


def test_save_overwrites_only_when_told_to(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "larry.png"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already") as caught:
        studio.type(f"/save {file}")
    assert "--force" in (caught.value.hint or "")
    assert file.read_text() == "mine"
    studio.type(f"/save {file} --force")
    assert file.read_bytes() == studio.store.picture_bytes(_picture(studio, 3).hash)
    assert sorted(os.listdir(tmp_path)) == ["home", "larry.png"]


def test_save_into_a_folder_gives_a_name_and_makes_no_folder(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    studio.type(f"/save {tmp_path}/album")
    assert os.listdir(tmp_path / "album") == [f"{studio.state.conversation.session.id[:8]}-3.png"]
    with pytest.raises(ConfigError, match="There is no folder"):
        studio.type(f"/save {tmp_path}/none/x.png")
    assert not (tmp_path / "none").exists()


def test_save_never_writes_over_the_picture_itself(studio: Studio, tmp_path: Path) -> None:
    picture = _picture(studio, 3)
    path = studio.store.picture_path(picture.hash)
    linked = tmp_path / "linked.png"
    os.link(path, linked)
    for name in (path, linked):
        with pytest.raises(ConfigError, match="the picture itself"):
            studio.type(f"/save {name} --force --strip")
    assert studio.store.picture_bytes(picture.hash)


@pytest.mark.parametrize(
    ("argument", "kind", "words"),
    [
        ("larry", ConfigError, "pictures are PNG files"),
        ("larry.jpg", ConfigError, "pictures are PNG files"),
        ("--fore x.png", MessageError, "no option --fore"),
        ("--strip", MessageError, "needs a name"),
        ("~nobody-of-this-name/x.png", ConfigError, "no such home folder"),
    ],
)
def test_save_says_what_is_wrong(argument: str, kind: type[ChatdrawError], words: str, studio: Studio) -> None:
    with pytest.raises(kind, match=words):
        studio.type(f"/save {argument}")


def test_save_without_a_picture_or_its_file(studio: Studio, fresh: Studio, tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="no picture to save"):
        fresh.type(f"/save {tmp_path}/x.png")
    studio.store.picture_path(_picture(studio, 3).hash).unlink()
    with pytest.raises(NotFound, match="is gone"):
        studio.type(f"/save {tmp_path}/x.png")


def test_save_where_nothing_can_be_written(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left"):
        studio.type(f"/save {tmp_path}/x.png --force")


def _picture(studio: Studio, number: int):  # type: ignore[no-untyped-def]  # a Picture
    return studio.store.picture_by_number(studio.state.conversation.session.id, number)[1]
