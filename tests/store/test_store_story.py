"""Scene and store together, as a machine that tells random stories."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from store_builders import NOON, picture, png

from chatdraw.edits import (
    AddCharacter,
    ClearScene,
    DropTrait,
    Edit,
    Enter,
    Leave,
    Relate,
    Rename,
    SetScene,
    SetTrait,
    Unrelate,
    apply,
)
from chatdraw.errors import SceneError
from chatdraw.plan import Plan
from chatdraw.records import Turn
from chatdraw.scene import Scene
from chatdraw.store import Session, Store
from chatdraw.store.database import FILE_NAME

pytestmark = pytest.mark.timeout(600)  # every step waits for the disk

# Few words, so that names clash, kinds repeat and traits are replaced.
NAMES = st.sampled_from(["Larry", "larry ", "Mia", "래리"])
KINDS = st.sampled_from(["hedgehog", "dog", "Dog"])
TRAITS = st.sampled_from(["colour", "neckwear", "pose"])
VALUES = st.sampled_from(["yellow", "brown", "blue scarf"])
FIELDS = st.sampled_from(["setting", "time", "things", "absent"])


@cache
def empty_database() -> bytes:
    """A database as the migrations leave it; made once, because that is slow compared to all else here."""
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder)).close()
        return (Path(folder) / FILE_NAME).read_bytes()


def edits(scene: Scene) -> st.SearchStrategy[Edit]:
    """An edit that may or may not fit the scene."""
    who = st.sampled_from([*(scene.handle(c) for c in scene.cast), "the dog", "Nobody"])
    return st.one_of(
        st.builds(AddCharacter, kind=KINDS, name=st.none() | NAMES, traits=st.dictionaries(TRAITS, VALUES, max_size=2)),
        st.builds(Rename, who=who, name=NAMES),
        st.builds(SetTrait, who=who, trait=TRAITS, value=VALUES),
        st.builds(DropTrait, who=who, trait=TRAITS),
        st.builds(Enter, who=who),
        st.builds(Leave, who=who),
        st.builds(Relate, who=who, how=VALUES, whom=who),
        st.builds(Unrelate, who=who, whom=who),
        st.builds(SetScene, field=FIELDS, value=VALUES),
        st.builds(ClearScene, field=FIELDS),
    )


def check_only_the_named_one_changes(before: Scene, edit: Edit, after: Scene) -> None:
    """Everybody whom the edit does not name is exactly who they were."""
    touched = before.find(edit.who).id if hasattr(edit, "who") else None
    for character in before.cast:
        if character.id != touched:
            assert after.by_id(character.id) == character
    if isinstance(edit, SetTrait) and touched is not None:
        old, new = before.by_id(touched), after.by_id(touched)
        assert new.trait(edit.trait) == edit.value
        for trait in old.traits:
            assert trait in new.traits or (trait.name == edit.trait and trait in new.history)


class Story(RuleBasedStateMachine):
    """What the store has is compared with what is remembered here."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="chatdraw-story-"))
        (self.home / FILE_NAME).write_bytes(empty_database())
        self.store = Store(self.home)
        self.session: Session
        self.turns: dict[str, Turn] = {}
        self.images: dict[str, bytes] = {}
        self.head: str | None = None
        self.changed = False

    @initialize()
    def begin(self) -> None:
        self.session = self.store.create_session("a story")

    @property
    def scene(self) -> Scene:
        return self.turns[self.head].scene if self.head else Scene()

    def path(self, turn_id: str | None) -> tuple[Turn, ...]:
        steps: list[Turn] = []
        while turn_id is not None:
            steps.append(self.turns[turn_id])
            turn_id = steps[-1].parent
        return tuple(reversed(steps))

    def keep(self, scene: Scene, plan: Plan, drawn: bool) -> None:
        number, first = (n + 1 for n in self.store.counts(self.session.id))
        assert number == len(self.turns) + 1
        assert first == len(self.images) + 1
        image = png(first)
        added = Turn(
            id=uuid4().hex,
            parent=self.head,
            number=number,
            time=NOON,
            text=f"message {number}",
            outcome="drawn" if drawn else "failed",
            scene=scene,
            plan=plan,
            pictures=(picture(first, image),) if drawn else (),
        )
        self.changed = True
        head = added.id if drawn else self.head
        paths = self.store.commit(self.session.id, added, [image] if drawn else [], head=head)
        self.turns[added.id] = added
        self.head = head
        if drawn:
            self.images[added.pictures[0].hash] = image
            assert paths == (self.store.picture_path(added.pictures[0].hash),)

    @rule(data=st.data())
    def say(self, data: st.DataObject) -> None:
        """A few edits, all of which fit, or none of which is kept."""
        before = after = self.scene
        planned: list[Edit] = []
        number = len(self.turns) + 1
        try:
            for _ in range(data.draw(st.integers(1, 3))):
                edit = data.draw(edits(after))
                planned.append(edit)
                changed = apply(after, (edit,), turn=number)
                check_only_the_named_one_changes(after, edit, changed)
                after = changed
        except SceneError:
            assert self.scene == before
            self.keep(before, Plan(action="edit", edits=tuple(planned)), drawn=False)
        else:
            assert apply(before, tuple(planned), turn=number) == after
            self.keep(after, Plan(action="edit", edits=tuple(planned)), drawn=True)

    @precondition(lambda self: self.head is not None)
    @rule()
    def undo(self) -> None:
        assert self.head is not None
        parent = self.turns[self.head].parent
        self.store.move_head(self.session.id, parent)
        self.head = parent

    @precondition(lambda self: self.turns)
    @rule(data=st.data())
    def go_to_another_turn(self, data: st.DataObject) -> None:
        drawn = [t.id for t in self.turns.values() if t.outcome == "drawn"]
        self.head = data.draw(st.sampled_from([None, *drawn]))
        self.store.move_head(self.session.id, self.head)

    @precondition(lambda self: self.head is not None)
    @rule()
    def copy_and_delete_the_copy(self) -> None:
        """The copy tells the same; its end takes nothing from anybody."""
        assert self.head is not None
        copy = self.store.fork(self.session.id, self.head)
        same = {"exclude": {"id", "parent"}}
        told = [turn.model_dump(**same) for turn in self.store.path_to(str(copy.head))]
        assert told == [turn.model_dump(**same) for turn in self.path(self.head)]
        assert self.store.delete(copy.id) == 0
        assert [listed.session for listed in self.store.summaries()] == [self.store.session(self.session.id)]

    @rule()
    def begin_and_think_better_of_it(self) -> None:
        self.store.begin(self.session.id, "no, nothing")
        self.store.abandon(self.session.id)

    @precondition(lambda self: self.changed)
    @rule()
    def reopen(self) -> None:
        self.changed = False
        self.store.close()
        self.store = Store(self.home)
        self.check_that_nothing_was_deleted()

    @invariant()
    def reload_equals_memory(self) -> None:
        assert self.store.session(self.session.id).head == self.head
        if self.head is None:
            return
        path = self.store.path_to(self.head)
        assert path == self.path(self.head)
        folded = Scene()
        for step in path:
            assert step.plan is not None
            folded = apply(folded, step.plan.edits, turn=step.number)
            assert step.scene == folded

    @invariant()
    def every_way_of_looking_shows_the_same(self) -> None:
        last = max(self.turns.values(), key=lambda turn: turn.number, default=None)
        assert self.store.last_turn(self.session.id) == last
        parents = {turn.parent for turn in self.turns.values()}
        leaves = sorted((turn for turn in self.turns.values() if turn.id not in parents), key=lambda turn: -turn.number)
        assert self.store.leaves(self.session.id) == tuple(leaves)
        assert self.store.cut_off() == ()
        if self.head is not None:
            assert self.store.ancestors(self.head, 3) == self.path(self.head)[-3:]
        if last is not None:
            assert self.store.turn_by_number(self.session.id, last.number) == last
            found = {hit.turn_number for hit in self.store.find(last.text) if hit.session.id == self.session.id}
            assert last.number in found
            (listed,) = self.store.summaries()
            assert (listed.turns, listed.pictures) == (len(self.turns), len(self.images))

    @invariant()
    def names_are_unique(self) -> None:
        for turn in self.turns.values():
            names = [n.strip().casefold() for c in turn.scene.cast for n in {c.name, *c.aliases} if n]
            assert len(names) == len(set(names))
            handles = [turn.scene.handle(c).casefold() for c in turn.scene.cast]
            assert len(handles) == len(set(handles))

    @invariant()
    def everybody_is_found_by_their_handle(self) -> None:
        for character in self.scene.cast:
            assert self.scene.find(self.scene.handle(character)).id == character.id

    def check_that_nothing_was_deleted(self) -> None:
        found: dict[str, Turn] = {}
        waiting: list[str | None] = [None]
        while waiting:
            for child in self.store.children(self.session.id, waiting.pop()):
                found[child.id] = child
                waiting.append(child.id)
        assert found == self.turns

    def teardown(self) -> None:
        self.check_that_nothing_was_deleted()
        for picture_hash, image in self.images.items():
            assert self.store.picture_path(picture_hash).read_bytes() == image
        for turn in self.turns.values():
            for drawn in turn.pictures:
                assert self.store.picture_by_number(self.session.id, drawn.number) == (turn, drawn)
        self.store.close()
        shutil.rmtree(self.home)


TestStory = Story.TestCase
TestStory.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
