"""How long plans take over a long conversation, with language models whose slowness and faults are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from chatdraw.conversation import Conversation
from chatdraw.llm.base import Known, Message
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.scene import Frozen
from chatdraw.store import Store
from evals.figures import Figure
from evals.long_story import ENDS, Listening, long_story, speed_figures

MESSAGES = tuple(f"hello {number}" for number in range(2 * ENDS))
TALK = '{"action":"talk","reply":"Hello."}'


class Timed:
    """A language model whose answers take as many seconds as ``takes`` says for the message with that number."""

    name, revision = "timed", "1"

    def __init__(self, takes: Callable[[int], float], answer: Callable[[int], str] = lambda number: TALK) -> None:
        self.takes, self.answer, self.now = takes, answer, 0.0

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        number = next(n for n in reversed(range(len(MESSAGES))) if any(MESSAGES[n] in m.content for m in messages))
        self.now += self.takes(number)
        yield self.answer(number)

    def close(self) -> None:
        """There is nothing to free."""


def measured(folder: Path, model: Timed, times: int = 2) -> dict[str, Figure]:
    renderer = PatternRenderer(Abilities(width=16, height=16, steps=1, guidance=1.0, word_budget=50))
    heard = Listening(model)
    prompts = Prompts("storybook", [shipped("prompts")], history=0)
    with Store(folder) as store:

        def open_conversation() -> Conversation:
            return Conversation(
                store=store,
                session=store.create_session(),
                llm=heard,
                renderer=renderer,
                prompts=prompts,
                safety=Safety.default(),
                seeds=lambda: 1,
            )

        found = speed_figures("s", open_conversation, heard, MESSAGES, times, clock=lambda: model.now)
    return {figure.name.removeprefix("s/"): figure for figure in found}


RATIO = "last ten plans to first ten (median of the ratios)"


def test_plans_that_take_the_same_are_flat(tmp_path: Path) -> None:
    found = measured(tmp_path, Timed(lambda number: 0.5))
    assert found["seconds a plan (median)"].value == 0.5
    assert found["seconds a plan (median)"].n == 2 * len(MESSAGES)
    assert (found[RATIO].value, found[RATIO].n, found[RATIO].holds) == (1.0, 2, True)
    assert (found["answers that are no plan"].value, found["answers that are no plan"].n) == (0.0, 2 * len(MESSAGES))
    assert found["turns that do not fail"].value == 1.0


def test_plans_that_take_longer_and_longer_are_not(tmp_path: Path) -> None:
    found = measured(tmp_path, Timed(lambda number: 1.0 + number))
    assert found[RATIO].value == (15.5 / 5.5)
    assert found[RATIO].holds is False
    assert found["seconds a plan (median)"].holds is False


def test_answers_that_are_no_plan_are_counted_each_time(tmp_path: Path) -> None:
    found = measured(tmp_path, Timed(lambda number: 0.1, lambda number: "{" if number in (3, 4) else TALK), times=1)
    # Each of the two is asked for once more, and is wrong again.
    assert (found["answers that are no plan"].value, found["answers that are no plan"].holds) == (4.0, False)
    assert found["answers that are no plan"].n == len(MESSAGES) + 2
    assert found["turns that do not fail"].value == 1 - 2 / len(MESSAGES)


def test_a_long_story_is_as_long_as_it_is_wanted_and_always_the_same() -> None:
    messages = long_story(12)
    assert len(messages) == 12
    assert messages == long_story(12)
