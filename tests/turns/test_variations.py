"""Several pictures of one turn, the person's own captions, and what the person chose for the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conversing import ABILITIES, DRAFT, HEDGEHOG, NIGHT, converse, drawn, edit, final
from PIL import Image

from chatdraw.conversation import MOST_VARIATIONS, Conversation
from chatdraw.edits import SetScene
from chatdraw.errors import MessageError, RenderError
from chatdraw.events import Failed, Planned, Refused, Rendered, Step, Stored
from chatdraw.records import RenderRequest, Verdict
from chatdraw.render.base import Abilities, Finished
from chatdraw.render.pattern import PatternRenderer
from chatdraw.store import Store
from chatdraw.store.recipe import read_recipe
from chatdraw.turns.choices import Choices

Open = Callable[..., Conversation]


def test_variations_are_one_turn_with_new_seeds(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    events = [e for e in conversation.vary(3) if type(e).__name__ != "Writing"]
    assert isinstance(events[0], Planned)
    assert (events[0].action, events[0].target) == ("vary", first)
    assert [(e.picture, e.pictures) for e in events if isinstance(e, Rendered)] == [(1, 3), (2, 3), (3, 3)]
    assert [(e.picture, e.step) for e in events if isinstance(e, Step)] == [
        (p, s) for p in (1, 2, 3) for s in (1, 2, 3)
    ]
    stored = events[-1]
    assert isinstance(stored, Stored)
    assert stored.note == ""
    pictures = stored.turn.pictures
    assert [p.number for p in pictures] == [2, 3, 4]
    assert len({p.request.seed for p in (first, *pictures)}) == 4
    assert {p.parent for p in pictures} == {first.hash}
    assert store.turn(stored.turn.id) == stored.turn
    for path, picture in zip(stored.paths, pictures, strict=True):
        recipe = read_recipe(Path(path))
        assert recipe is not None
        assert recipe.request == picture.request


@pytest.mark.parametrize("count", [0, -1, MOST_VARIATIONS + 1, True])
def test_so_many_variations_cannot_be_drawn(talk: Open, store: Store, count: int) -> None:
    conversation = talk()
    with pytest.raises(MessageError) as caught:
        conversation.vary(count)
    assert str(MOST_VARIATIONS) in (caught.value.hint or "")
    assert store.counts(conversation.session.id) == (0, 0)


def test_the_finished_ones_are_kept_when_the_person_stops_between_them(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    events = []
    for event in conversation.vary(4):
        events.append(event)
        if isinstance(event, Step) and event.picture == 3:
            conversation.cancel()
    stored = events[-1]
    assert isinstance(stored, Stored)
    assert [p.number for p in stored.turn.pictures] == [2, 3]
    assert all(Path(path).is_file() for path in stored.paths)
    assert "Stopped after 2 of 4" in stored.note
    assert store.turn(stored.turn.id).error == stored.note
    assert store.counts(conversation.session.id) == (2, 3)


def test_stopping_the_first_of_several_changes_nothing(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    drawn(conversation.say("a hedgehog"))
    events = []
    for event in conversation.vary(4):
        events.append(event)
        if isinstance(event, Step):
            conversation.cancel()
    assert isinstance(events[-1], Failed)
    assert store.counts(conversation.session.id)[1] == 1


class RendererThatTires(PatternRenderer):
    """Draws one picture, and then fails as it is told."""

    def __init__(self, error: BaseException, good: int = 2) -> None:
        super().__init__(ABILITIES)
        self._error, self._left = error, good

    def render(self, request: RenderRequest, **more: object) -> Iterator[Step | Finished]:
        self._left -= 1
        if self._left < 0:
            raise self._error
        return super().render(request)


def test_what_goes_wrong_later_does_not_take_the_finished_ones(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT, renderer=RendererThatTires(RenderError("No paint left.")))
    drawn(conversation.say("a hedgehog"))
    stored = final(conversation.vary(3))
    assert isinstance(stored, Stored)
    assert len(stored.turn.pictures) == 1
    assert stored.note == "No paint left after 1 of 3 pictures. It is kept."


def test_a_picture_that_is_refused_is_not_among_them(talk: Open) -> None:
    class SafetyThatCounts:
        seen = 0

        def check_request(self, text: str, recent: object = ()) -> Verdict:
            return Verdict(layer="request")

        def check_caption(self, text: str) -> Verdict:
            return Verdict(layer="caption")

        def check_picture(self, image: Image.Image) -> Verdict:
            self.seen += 1
            return Verdict(layer="picture", action="allow" if self.seen < 3 else "refuse", message="Not this.")

    conversation = talk(HEDGEHOG, DRAFT, DRAFT, DRAFT, safety=SafetyThatCounts())
    drawn(conversation.say("a hedgehog"))
    stored = final(conversation.vary(3))
    assert isinstance(stored, Stored)
    assert len(stored.turn.pictures) == 1
    assert stored.turn.verdicts[-1].action == "refuse"
    assert isinstance(final(conversation.again()), Refused)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "OutOfMemoryError"]
)
def test_no_memory_for_the_image_model_is_a_failed_turn(talk: Open, error: BaseException | str) -> None:
    if isinstance(error, str):
        torch = pytest.importorskip("torch")
        error = torch.OutOfMemoryError("HIP out of memory.")
    assert isinstance(error, BaseException)
    failed = final(talk(HEDGEHOG, DRAFT, renderer=RendererThatTires(error, good=0)).say("a hedgehog"))
    assert isinstance(failed, Failed)
    assert "not enough memory" in failed.message
    assert "smaller" in (failed.hint or "")


def test_no_memory_for_the_language_model_is_a_failed_turn(talk: Open) -> None:
    class ModelThatIsTooLarge:
        name = revision = "large"

        def complete(self, *_: object, **__: object) -> Iterator[str]:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes")
            yield

    failed = final(talk(llm=ModelThatIsTooLarge()).say("a hedgehog"))
    assert isinstance(failed, Failed)
    assert failed.message == "There is not enough memory for large."
    assert failed.hint


def test_other_mistakes_of_an_engine_are_not_called_memory(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, renderer=RendererThatTires(RuntimeError("shapes differ"), good=0))
    with pytest.raises(RuntimeError, match="shapes differ"):
        final(conversation.say("a hedgehog"))


# --- the person's own caption -------------------------------------------------------------------


def test_a_caption_in_the_persons_words_is_drawn_as_it_is_with_the_same_seed(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    (first,) = drawn(conversation.say("a hedgehog"))
    scene = conversation.scene
    stored = final(conversation.redraw("A hedgehog in a moonlit meadow."))
    assert isinstance(stored, Stored)
    (second,) = stored.turn.pictures
    assert second.request.caption == "A hedgehog in a moonlit meadow."
    assert (second.kind, second.parent, second.request.seed) == ("edit", first.hash, first.request.seed)
    assert stored.turn.caption is not None
    assert (stored.turn.caption.edited, stored.turn.caption.draft) == (True, DRAFT.caption)
    assert conversation.scene == scene
    # Another one of it has the same words, since the person chose them.
    assert drawn(conversation.again())[0].request.caption == second.request.caption


def test_the_words_of_a_raw_picture_can_be_changed(talk: Open) -> None:
    conversation = talk()
    (first,) = drawn(conversation.draw_raw("a red dragon"))
    (second,) = drawn(conversation.redraw("a green dragon"))
    assert second.request.seed == first.request.seed


def test_without_a_picture_there_is_no_caption_to_change(talk: Open) -> None:
    failed = final(talk().redraw("a green dragon"))
    assert isinstance(failed, Failed)
    assert failed.hint


def test_a_changed_caption_is_checked_like_any_request(talk: Open) -> None:
    class SafetyThatSaysNo:
        def check_request(self, text: str, recent: object = ()) -> Verdict:
            return Verdict(layer="request", action="refuse" if "bad" in text else "allow", message="Not this.")

        def check_caption(self, text: str) -> Verdict:
            return Verdict(layer="caption")

        def check_picture(self, image: Image.Image) -> Verdict:
            return Verdict(layer="picture")

    conversation = talk(HEDGEHOG, DRAFT, safety=SafetyThatSaysNo())
    drawn(conversation.say("a hedgehog"))
    assert isinstance(final(conversation.redraw("a bad hedgehog")), Refused)
    assert isinstance(final(conversation.lock("bad words")), Refused)
    assert conversation.scene.locked == ()
    assert isinstance(
        final(conversation.change((SetScene(field="style", value="bad style"),), "/style bad style")), Refused
    )
    assert conversation.scene.style is None


# --- choices ------------------------------------------------------------------------------------

OPEN = Abilities(width=32, height=32, steps=3, guidance=2.0, word_budget=55)
"""Any size that is a multiple of eight."""


def test_choices_hold_for_the_pictures_after_them_until_they_are_automatic_again(talk: Open) -> None:
    conversation = talk(*(HEDGEHOG, DRAFT, NIGHT, DRAFT, edit(action="draw"), DRAFT), renderer=PatternRenderer(OPEN))
    assert conversation.choices == Choices()
    conversation.choose(seed=5, width=48, height=24, steps=2, guidance=1.5)
    (first,) = drawn(conversation.say("a hedgehog"))
    request = first.request
    assert (request.seed, request.width, request.height, request.steps, request.guidance) == (5, 48, 24, 2, 1.5)
    assert (first.width, first.height) == (48, 24)
    assert conversation.choose(seed=None, width=None, height=None, steps=None, guidance=None) == Choices()
    (second,) = drawn(conversation.say("at night"))
    # An edit keeps seed and size of what it changes, or it would be another picture.
    assert (second.request.seed, second.request.width, second.request.height) == (5, 48, 24)
    assert (second.request.steps, second.request.guidance) == (3, 2.0)
    (third,) = drawn(conversation.say("a new picture"))
    assert (third.request.seed, third.request.width, third.request.height) == (100, 32, 32)


def test_a_chosen_seed_is_not_for_variations(talk: Open) -> None:
    conversation = talk(HEDGEHOG, DRAFT, DRAFT)
    conversation.choose(seed=5)
    (first,) = drawn(conversation.say("a hedgehog"))
    assert {first.request.seed, *(p.request.seed for p in drawn(conversation.vary(2)))} == {5, 100, 101}


def test_a_size_that_the_model_cannot_do_names_the_nearest(talk: Open) -> None:
    fixed = Abilities(width=32, height=32, steps=3, guidance=2.0, word_budget=55, sizes=((32, 32), (64, 32)))
    conversation = talk(renderer=PatternRenderer(fixed))
    with pytest.raises(RenderError) as caught:
        conversation.choose(width=60)
    assert "60×32" in str(caught.value)
    assert "64×32" in (caught.value.hint or "")
    assert conversation.choices == Choices()
    assert conversation.choose(width=64).width == 64


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"seed": 2**63},
        {"seed": 1.5},
        {"width": 0},
        {"steps": 0},
        {"guidance": float("nan")},
        {"guidance": -1.0},
        {"seed": True},
        {"colour": 1},
    ],
)
def test_a_choice_that_is_none(talk: Open, wrong: dict[str, float]) -> None:
    conversation = talk()
    with pytest.raises(MessageError) as caught:
        conversation.choose(**wrong)
    assert caught.value.hint
    assert conversation.choices == Choices()


def test_a_size_that_the_model_no_longer_has_is_not_kept(talk: Open, store: Store) -> None:
    conversation = talk(HEDGEHOG, DRAFT, renderer=PatternRenderer(OPEN))
    conversation.choose(width=64, height=64)
    drawn(conversation.say("a hedgehog"))
    smaller = Abilities(width=32, height=32, steps=3, guidance=2.0, word_budget=55, sizes=((32, 32),))
    session = store.session(conversation.session.id)
    later = converse(store, NIGHT, DRAFT, session=session, renderer=PatternRenderer(smaller))
    (picture,) = drawn(later.say("at night"))
    assert (picture.width, picture.height) == (32, 32)
