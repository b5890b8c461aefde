"""The way to a turn, read backwards and only as far as somebody asks.

A session may have thousands of turns; the next one needs the latest few. So a trail knows a stretch that ends with its
turn, and reads more of it from the store, a block at a time, when that does not suffice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from chatdraw.records import Picture, Turn
from chatdraw.scene import Scene
from chatdraw.store import Store

BLOCK: Final = 16
"""Turns that are read at first; each further block is twice as long."""

KEPT: Final = 128
"""Turns that a trail which grows keeps in memory."""


class Trail:
    """The turns from the first of a session to one of them. Whoever follows it sees it as unchanging.

    Args:
        store: where the rest is read.
        known: the stretch that is known already, oldest first; the trail ends where it ends.
    """

    def __init__(self, store: Store, known: tuple[Turn, ...] = ()) -> None:
        self._store = store
        self._known = known
        self._current: tuple[Turn, Picture] | None = None
        self._looked_for_current = False

    @classmethod
    def to(cls, store: Store, turn_id: str | None) -> Trail:
        """The way to this turn; with ``None`` the beginning, which has no turn.

        Raises:
            NotFound: there is no such turn.
        """
        return cls(store, store.ancestors(turn_id, BLOCK) if turn_id is not None else ())

    @property
    def last(self) -> Turn | None:
        """The turn it leads to; ``None`` at the beginning."""
        return self._known[-1] if self._known else None

    @property
    def last_id(self) -> str | None:
        """Id of :attr:`last`."""
        return self._known[-1].id if self._known else None

    @property
    def scene(self) -> Scene:
        """The scene at its end."""
        return self._known[-1].scene if self._known else Scene()

    def backwards(self) -> Iterator[Turn]:
        """The turns from the last to the first, read as they are asked for."""
        index = 1
        while index <= len(self._known) or self._read_more():
            yield self._known[-index]
            index += 1

    def tail(self, limit: int) -> tuple[Turn, ...]:
        """The last turns, at most ``limit``, oldest first."""
        return tuple(reversed(tuple(islice(self.backwards(), limit))))

    def current(self) -> tuple[Turn, Picture] | None:
        """The picture that is current at its end, with the turn that drew it; ``None``: nothing is drawn yet.

        That is the last picture of the last turn that drew any, unless a later turn chose another one of them. It is
        looked for once; how long that takes depends on how many turns ago it was drawn.
        """
        if not self._looked_for_current:
            self._current = self._find_current()
            self._looked_for_current = True
        return self._current

    @property
    def picture(self) -> Picture | None:
        """The picture of :meth:`current`."""
        found = self.current()
        return found[1] if found else None

    @property
    def scene_picture(self) -> Picture | None:
        """The latest picture that shows the scene: raw words are drawn beside it. Looked for anew each time."""
        found = self._find_current(raw=False)
        return found[1] if found else None

    def then(self, turn: Turn) -> Trail:
        """The way to ``turn``, which follows the last one."""
        longer = Trail(self._store, (*self._known[1 - KEPT :], turn))
        if not turn.pictures and turn.chosen is None and self._looked_for_current:
            longer._current, longer._looked_for_current = self._current, True
        return longer

    def before(self, turn: Turn) -> Trail:
        """The way to the turn that ``turn``, one of this trail, followed."""
        index = next((i for i, known in enumerate(self._known) if known.id == turn.id), 0)
        if index > 0 or turn.parent is None:
            return Trail(self._store, self._known[:index])
        return Trail.to(self._store, turn.parent)

    def _find_current(self, *, raw: bool = True) -> tuple[Turn, Picture] | None:
        wanted: int | None = None
        for turn in self.backwards():
            wanted = turn.chosen if wanted is None else wanted
            if not turn.pictures:
                continue
            if raw or not turn.raw:
                chosen = (picture for picture in turn.pictures if picture.number == wanted)
                return turn, next(chosen, turn.pictures[-1])
            wanted = None
        return None

    def _read_more(self) -> bool:
        """Reads the block before what is known; whether there was one."""
        if not self._known or self._known[0].parent is None:
            return False
        earlier = self._store.ancestors(self._known[0].parent, max(BLOCK, len(self._known)))
        self._known = (*earlier, *self._known)
        return bool(earlier)
