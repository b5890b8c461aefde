"""Pictures are drawn again until they show what their caption says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image

from chatdraw.errors import Cancelled, RenderError
from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.attempts import Chosen, best_attempt, seed_of_attempt
from chatdraw.render.base import Finished, Judgement
from chatdraw.render.pattern import PatternRenderer

REQUEST = RenderRequest(
    caption="A fox with a red hat.", seed=5, width=64, height=64, steps=2, guidance=1.0, model="pattern", revision="1"
)


class VerifierThat:
    """A stand-in: says what it is told to, one judgement for each picture."""

    def __init__(self, *judgements: Judgement) -> None:
        self.judgements = iter(judgements)
        self.seen: list[tuple[Image.Image, str]] = []

    def judge(self, image: Image.Image, caption: str) -> Judgement:
        self.seen.append((image, caption))
        return next(self.judgements)

    def close(self) -> None:
        pass


def attempted(verifier: VerifierThat | None, attempts: int) -> tuple[list[Step], Chosen]:
    *steps, chosen = best_attempt(PatternRenderer(), verifier, REQUEST, attempts)
    assert isinstance(chosen, Chosen)
    assert all(isinstance(step, Step) for step in steps)
    return steps, chosen


def alone(request: RenderRequest) -> Image.Image:
    *_, finished = PatternRenderer().render(request)
    assert isinstance(finished, Finished)
    return finished.image


def test_a_picture_that_is_right_at_once_is_drawn_once() -> None:
    verifier = VerifierThat(Judgement(-0.3))
    steps, chosen = attempted(verifier, 8)
    assert chosen.request == REQUEST
    assert [(step.attempt, step.step) for step in steps] == [(1, 1), (1, 2)]
    assert [caption for _, caption in verifier.seen] == [REQUEST.caption]


def test_it_ends_with_the_first_in_which_nothing_is_missing() -> None:
    verifier = VerifierThat(Judgement(-1.0, ("headwear 1",)), Judgement(-0.2, ("colour 1",)), Judgement(-0.4))
    steps, chosen = attempted(verifier, 8)
    assert chosen.request.seed == seed_of_attempt(5, 3)
    assert [step.attempt for step in steps] == [1, 1, 2, 2, 3, 3]
    assert {step.attempts for step in steps} == {8}


def test_where_all_lack_something_the_most_likely_is_kept_and_the_earlier_of_equals() -> None:
    lacking = ("headwear 1",)
    verifier = VerifierThat(*(Judgement(likelihood, lacking) for likelihood in (-3.0, -1.0, -1.0, -2.0)))
    _, chosen = attempted(verifier, 4)
    assert chosen.request.seed == seed_of_attempt(5, 2)


@pytest.mark.parametrize(
    ("judgements", "kept"),
    [
        # Another one is better, but not by enough; then by enough; then right, but not by enough.
        ((Judgement(-3.0, ("kind 1",)), Judgement(-1.5, ("kind 1",))), 1),
        ((Judgement(-3.0, ("kind 1",)), Judgement(-0.5, ("kind 1",))), 2),
        ((Judgement(-2.0, ("kind 1",)), Judgement(-0.2)), 1),
        ((Judgement(-3.0, ("kind 1",)), Judgement(-0.2)), 2),
    ],
)
def test_loyalty_keeps_the_first_unless_another_is_much_better(judgements: tuple[Judgement, ...], kept: int) -> None:
    *_, chosen = best_attempt(PatternRenderer(), VerifierThat(*judgements), REQUEST, 2, loyalty=2.0)
    assert isinstance(chosen, Chosen)
    assert chosen.request.seed == seed_of_attempt(5, kept)


def test_the_request_that_is_kept_gives_the_same_picture_alone() -> None:
    verifier = VerifierThat(Judgement(-3.0, ("kind 1",)), Judgement(-0.1))
    _, chosen = attempted(verifier, 2)
    assert chosen.request.seed != REQUEST.seed
    assert chosen.image.tobytes() == alone(chosen.request).tobytes() == verifier.seen[1][0].tobytes()


@pytest.mark.parametrize("attempts", [1, 5])
def test_without_a_verifier_or_a_choice_the_first_picture_is_kept(attempts: int) -> None:
    verifier = VerifierThat() if attempts == 1 else None
    steps, chosen = attempted(verifier, attempts)
    assert chosen.request == REQUEST
    assert len(steps) == 2


def test_seeds_of_attempts_are_seeds_and_all_different() -> None:
    seeds = {seed_of_attempt(seed, attempt) for seed in (5, 6, 2**63 - 1) for attempt in range(1, 9)}
    assert len(seeds) == 24
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert all(0 <= seed_of_attempt(2**63 - 1, attempt) < 2**32 for attempt in range(2, 9))
    assert seed_of_attempt(6, 1) == 6


def test_stopping_ends_the_attempts() -> None:
    seen: list[Step | Chosen] = []
    verifier = VerifierThat(Judgement(-1.0, ("kind 1",)))

    def cancelled() -> bool:
        return bool(seen) and isinstance(seen[-1], Step) and seen[-1].attempt == 2

    with pytest.raises(Cancelled):
        seen.extend(best_attempt(PatternRenderer(), verifier, REQUEST, 4, cancelled))
    assert [step.attempt for step in seen] == [1, 1, 2]


class RendererThatTires(PatternRenderer):
    """Draws one picture, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1

    def render(self, request: RenderRequest, **more: object) -> Iterator[Step | Finished]:
        self.left -= 1
        if self.left < 0:
            raise RenderError("No paint left.")
        return super().render(request)


def test_a_picture_is_not_lost_when_a_later_attempt_fails() -> None:
    verifier = VerifierThat(Judgement(-3.0, ("kind 1",)))
    *_, chosen = best_attempt(RendererThatTires(), verifier, REQUEST, 4)
    assert isinstance(chosen, Chosen)
    assert chosen.request == REQUEST
    assert chosen.note == "Attempt 2 at the picture failed: No paint left."
    tired = RendererThatTires()
    tired.left = 0
    with pytest.raises(RenderError, match="No paint"):
        list(best_attempt(tired, verifier, REQUEST, 4))


def test_no_attempt_at_all_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="0 attempts"):
        list(best_attempt(PatternRenderer(), None, REQUEST, 0))
