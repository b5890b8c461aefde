"""Turns that do not come to their end, messages that cannot be taken, and what a turn costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conversing import DRAFT, HEDGEHOG, NIGHT, converse, drawn, edit, final
from sqlalchemy import Engine, event

from chatdraw.conversation import MESSAGE_LIMIT, Conversation
from chatdraw.edits import SetTrait
from chatdraw.errors import MessageError, StoreError
from chatdraw.events import Step, Stored
from chatdraw.store import Store

Open = Callable[..., Conversation]


def test_a_turn_that_is_closed_half_way_leaves_nothing(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    events = conversation.say("a hedgehog")
    while not isinstance(next(events), Step):
        pass
    events.close()
    assert store.counts(conversation.session.id) == (0, 0)
    assert conversation.head is None
    store.close()
    with Store(store.home) as later:
        assert later.cut_off(conversation.session.id) == ()


def test_after_a_turn_that_was_closed_the_next_one_is_taken(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, HEDGEHOG, DRAFT)
    events = conversation.say("a hedgehog")
    while not isinstance(next(events), Step):
        pass
    events.close()
    assert drawn(conversation.say("a hedgehog"))[0].number == 1


def test_a_turn_that_was_cut_off_is_named_until_the_next_one(tmp_path: Path, store: Store) -> None:
    conversation = converse(store, HEDGEHOG, DRAFT)
    session_id = conversation.session.id
    events = conversation.say("a hedgehog with a very long name")
    while not isinstance(next(events), Step):
        pass
    store.close()  # as the end of the program does; the turn is never told
    with Store(store.home) as later:
        again = converse(later, HEDGEHOG, DRAFT, session=later.session(session_id))
        (cut_off,) = again.cut_off
        assert cut_off.text == "a hedgehog with a very long name"
        drawn(again.say(cut_off.text))
        assert converse(later, session=later.session(session_id)).cut_off == ()


def test_commands_that_take_no_time_are_not_noted(talk: Open, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    monkeypatch.setattr(store, "begin", lambda session_id, text: noted.append(text))
    conversation = talk(HEDGEHOG, DRAFT)
    drawn(conversation.say("a hedgehog"))
    final(conversation.undo())
    final(conversation.redo())
    final(conversation.goto(1))
    final(conversation.lock("soft light"))
    assert noted == ["a hedgehog"]


def test_a_full_disk_ends_the_turn_with_the_reason_and_keeps_the_conversation(
    talk: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = talk(HEDGEHOG, DRAFT, HEDGEHOG, DRAFT)

    def fails(message: str) -> Callable[..., None]:
        def method(*_: object, **__: object) -> None:
            raise StoreError(message, hint="Make room.")

        return method

    with monkeypatch.context() as broken:
        broken.setattr(store, "commit", fails("The disk is full."))
        broken.setattr(store, "abandon", fails("It cannot be written that nothing was written."))
        with pytest.raises(StoreError, match="disk is full"):
            final(conversation.say("a hedgehog"))
    assert conversation.head is None
    drawn(conversation.say("a hedgehog"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n ",
        "x" * 20_000,
        "x" * (MESSAGE_LIMIT + 1),
        "a \x1b[31mred\x1b[0m hedgehog",
        "a hedgehog\x00",
        "\x9b2J a hedgehog",
        "Ein B\udce4r",
    ],
)
def test_no_way_to_take_a_turn_takes_what_is_no_message(talk: Open, store: Store, text: str) -> None:
    conversation = talk()
    for take in (conversation.say, conversation.draw_raw, conversation.redraw, conversation.lock, conversation.unlock):
        with pytest.raises(MessageError) as caught:
            take(text)
        assert caught.value.hint
        assert "\x1b" not in str(caught.value)
    assert store.counts(conversation.session.id) == (0, 0)


def test_lines_tabs_and_joined_emoji_are_text(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT)
    stored = final(conversation.say("a hedgehog\r\n\tfor my family 👩‍👩‍👧"))
    assert isinstance(stored, Stored)
    assert stored.turn.text == "a hedgehog\r\n\tfor my family 👩‍👩‍👧"


def test_a_message_starts_where_the_conversation_stands_when_it_is_taken(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, NIGHT, DRAFT)
    first, second = conversation.say("a hedgehog"), conversation.say("at night")
    drawn(first)
    drawn(second)
    assert [turn.text for turn in conversation.path] == ["a hedgehog", "at night"]


@pytest.fixture
def statements() -> object:
    """All that is asked of any database, in order."""
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def test_a_turn_asks_the_database_no_more_when_the_session_is_long(talk: Open, statements: list[str]) -> None:
    count = 60
    plans = [edit(SetTrait(who="hedgehog", trait="holding", value=f"flower {n}")) for n in range(count)]
    conversation = talk(HEDGEHOG, DRAFT, *[answer for plan in plans for answer in (plan, DRAFT)])
    drawn(conversation.say("a hedgehog"))
    asked = []
    for n in range(count):
        statements.clear()
        drawn(conversation.say(f"give him flower {n}"))
        asked.append(len(statements))
    assert set(asked) == {asked[0]}
    read = [s for s in statements if s.lstrip().upper().startswith("SELECT") and "turn.scene" in s]
    assert read == [], "a turn that goes on needs to read no turn"


def test_opening_a_session_reads_no_more_of_a_long_one(talk: Open, store: Store, statements: list[str]) -> None:
    conversation = talk(HEDGEHOG, DRAFT, *[edit(action="talk")] * 40)
    drawn(conversation.say("a hedgehog"))
    asked = []
    for n in range(40):
        final(conversation.say(f"word {n}"))
        statements.clear()
        opened = converse(store, session=store.session(conversation.session.id))
        assert opened.scene == conversation.scene
        asked.append(len(statements))
    assert len(set(asked[20:])) == 1
