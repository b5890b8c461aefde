"""Commands about sessions."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from rich.cells import cell_len
from studio import LARRY, Studio

from chatdraw.errors import ChatdrawError, MessageError, NotFound, StoreError


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "home", story=True)


@pytest.fixture
def fresh(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "fresh")


def another(studio: Studio, title: str = "", words: str = "an owl") -> str:
    """Another session, which is then the open one; its id."""
    studio.type(f"/new {title}")
    studio.say(words, *LARRY)
    return here(studio)


def here(studio: Studio) -> str:
    return studio.state.conversation.session.id


# --- lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 100])
def test_sessions_are_listed_with_the_open_one_marked_in_words(width: int, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "home", width, story=True, terminal=True)
    first, second = here(studio), another(studio, "Owls of the night")
    text = studio.type("/sessions")
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert text.index(f" 1  {second[:8]}") < text.index(f" 2  {first[:8]}")
    joined = " ".join(text.split())
    assert "1 picture Owls of the night (open now)" in joined
    assert "3 pictures a brown hedgehog called Larry" in joined
    assert studio.state.listed == (second, first)


def test_a_long_list_says_that_there_are_others(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Older ones" not in studio.type("/sessions")
    another(studio)
    monkeypatch.setattr("chatdraw.terminal.commands.stories.LISTED", 1)
    assert "Older ones" in studio.type("/sessions")
    assert len(studio.state.listed) == 1


def test_sessions_with_words_and_find(studio: Studio) -> None:
    first = here(studio)
    another(studio, words="an owl at night")
    assert "nothing" not in studio.type("/sessions scarf").casefold()
    assert studio.state.listed == (first,)
    assert "stands in no session" in studio.type("/sessions zebra")
    assert studio.state.listed == (first,), "a list that was empty took the place of one that can be seen"
    text = studio.type("/find scarf")
    assert f"{first[:8]}  a brown hedgehog called Larry\n" in text, "without a title it is called by its first words"
    assert "turn 2, picture 2, message: give him a blue scarf" in text
    assert text.count(first[:8]) == 1, "a session is named once, whatever was found in it"
    assert "an owl" not in text
    assert "Nothing was found for “zebra”" in studio.type("/find zebra")
    studio.type("/open 1")
    assert here(studio) == first


def test_nothing_was_said_yet(fresh: Studio) -> None:
    assert "Nothing was said yet" in fresh.type("/sessions")


def test_no_word_to_look_for(studio: Studio) -> None:
    with pytest.raises(StoreError, match="no word"):
        studio.type("/find !!!")


# --- opening ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["number", "id", "beginning", "title", "case", "words"])
def test_a_session_is_opened_by(by: str, studio: Studio) -> None:
    first = here(studio)
    studio.type("/title Larry  at the beach")
    another(studio, "Owls")
    how = {
        "number": "2",
        "id": first,
        "beginning": first[:8].upper(),
        "title": "Larry at the beach",
        "case": "LARRY AT THE BEACH",
        "words": "larry at",
    }
    studio.type(f"/open {how[by]}")
    assert here(studio) == first
    assert studio.state.conversation.latest_picture is not None


def test_an_untitled_session_is_opened_by_its_first_words(studio: Studio) -> None:
    first = here(studio)
    another(studio)
    studio.type("/open a brown hedge")
    assert here(studio) == first


def test_a_title_that_looks_like_an_id(studio: Studio) -> None:
    owls = another(studio, "cafe")
    studio.type("/new")
    studio.type("/open cafe")
    assert here(studio) == owls
    with pytest.raises(NotFound):
        studio.type("/open beef")


def test_a_whole_title_is_opened_although_another_begins_so(studio: Studio) -> None:
    owls = another(studio, "Owls")
    another(studio, "Owls at night")
    studio.type("/open owls")
    assert here(studio) == owls
    studio.type("/new")
    with pytest.raises(MessageError, match="fits 2 sessions") as caught:
        studio.type("/open ow")
    assert "Owls at night" in (caught.value.hint or "")
    assert owls[:8] in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("typed", "words"), [("0", "no number 0"), ("7", "no number 7"), ("nonsense", "no session “nonsense”")]
)
def test_what_cannot_be_opened_changes_nothing(typed: str, words: str, studio: Studio) -> None:
    before = studio.state.conversation
    with pytest.raises(ChatdrawError, match=words):
        studio.type(f"/open {typed}")
    assert studio.state.conversation is before


def test_what_is_open_stays_open(studio: Studio) -> None:
    before = studio.state.conversation
    assert "open already" in studio.type("/open 1")
    assert studio.state.conversation is before


# --- titles, branches and copies -------------------------------------------------------------


def test_a_title_is_given_and_shown(studio: Studio) -> None:
    assert "has no title yet" in studio.type("/title")
    studio.type("/title Larry’s \t day")
    assert "is called “Larry’s day”" in studio.type("/title")
    assert studio.store.session(here(studio)).title == "Larry’s day"


def test_a_branch_goes_on_from_a_picture_and_leaves_the_session_alone(studio: Studio) -> None:
    first = here(studio)
    assert first[:8] in studio.type("/branch 2 Larry at night")
    assert here(studio) != first
    assert studio.current == 2
    assert studio.state.conversation.session.title == "Larry at night"
    studio.type("/again")
    assert studio.store.counts(first) == (3, 3)


@pytest.mark.parametrize(
    ("typed", "title", "picture"),
    [
        ("/branch", "a brown hedgehog called Larry (from picture 3)", 3),
        ("/branch 1", "a brown hedgehog called Larry (from picture 1)", 1),
        ("/branch At night", "At night", 3),
        ("/branch 2nd try", "2nd try", 3),
    ],
)
def test_a_branch_has_a_title_to_tell_it_by(typed: str, title: str, picture: int, studio: Studio) -> None:
    studio.type(typed)
    assert studio.state.conversation.session.title == title
    assert studio.current == picture


def test_nothing_to_branch_from(studio: Studio, fresh: Studio) -> None:
    before = studio.state.conversation
    with pytest.raises(MessageError, match="no picture 9"):
        studio.type("/branch 9")
    assert studio.state.conversation is before
    with pytest.raises(MessageError, match="nothing to branch from"):
        fresh.type("/branch")


def test_export_as_a_folder_and_as_a_zip_file(studio: Studio, tmp_path: Path) -> None:
    assert f"{tmp_path}/story" in studio.type(f"/export {tmp_path}/story")
    assert len(list((tmp_path / "story" / "pictures").iterdir())) == 3
    studio.type(f"/export {tmp_path}/story.zip")
    assert "transcript.md" in zipfile.ZipFile(tmp_path / "story.zip").namelist()
    with pytest.raises(StoreError, match="is there already"):
        studio.type(f"/export {tmp_path}/story")


def test_export_with_a_picture_that_is_gone(studio: Studio, tmp_path: Path) -> None:
    picture = studio.store.picture_by_number(here(studio), 2)[1]
    studio.store.picture_path(picture.hash).unlink()
    with pytest.raises(StoreError, match="gone or damaged: 2") as caught:
        studio.type(f"/export {tmp_path}/story")
    assert "--with-losses" in (caught.value.hint or "")
    studio.type(f"/export {tmp_path}/story --with-losses")
    assert len(list((tmp_path / "story" / "pictures").iterdir())) == 2


def test_nothing_to_export(fresh: Studio, tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="Nothing was said"):
        fresh.type(f"/export {tmp_path}/story")
    assert not (tmp_path / "story").exists()


def test_after_a_branch_the_numbers_are_those_of_all_sessions(studio: Studio) -> None:
    first = here(studio)
    studio.type("/sessions")
    studio.type("/branch")
    branch = here(studio)
    studio.type("/open 2")
    assert here(studio) == first
    assert branch != first


def test_several_pictures_of_a_turn_are_found_with_all_their_numbers(studio: Studio) -> None:
    studio.type("/lock soft light")
    studio.type("/vary 3")
    assert "pictures 4, 5 and 6, caption" in studio.type("/find soft light")
