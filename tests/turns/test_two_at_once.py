"""Two conversations in one session at the same time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from conversing import DRAFT, HEDGEHOG, converse, drawn, final

from chatdraw.errors import StoreError
from chatdraw.records import Turn
from chatdraw.store import Store


def test_whoever_is_overtaken_while_writing_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = converse(store, HEDGEHOG, DRAFT)
    rival = converse(store, HEDGEHOG, DRAFT, session=mine.session, seeds=itertools.count(900).__next__)
    commit = store.commit

    def overtaken(session: str, turn: Turn, images: Sequence[bytes], *, head: str | None) -> tuple[Path, ...]:
        monkeypatch.setattr(store, "commit", commit)
        drawn(rival.say("Draw another hedgehog."))
        return commit(session, turn, images, head=head)

    monkeypatch.setattr(store, "commit", overtaken)
    (picture,) = drawn(mine.say("Draw a hedgehog."))
    assert (picture.number, picture.request.seed) == (2, 100)
    assert mine.head is not None
    assert (mine.head.number, mine.head.parent) == (2, None)
    assert store.session(mine.session.id).head == mine.head.id
    assert [turn.number for turn in store.children(mine.session.id, None)] == [1, 2]
    assert mine.picture_path(picture).is_file()


def test_what_cannot_be_written_is_not_tried_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = converse(store)
    tried: list[int] = []

    def full(session: str, turn: Turn, images: Sequence[bytes], *, head: str | None) -> tuple[Path, ...]:
        tried.append(turn.number)
        raise StoreError("The disk is full.")

    monkeypatch.setattr(store, "commit", full)
    with pytest.raises(StoreError, match="disk is full"):
        final(mine.draw_raw("a cube"))
    assert tried == [1]
