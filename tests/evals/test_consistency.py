"""Whether a character stays who it is, with painters and readers that are known to keep what they are told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from oracle import Oracle
from PIL import Image

from chatdraw.conversation import Conversation
from chatdraw.plan import CaptionDraft, Plan, dump_compact
from chatdraw.prompts import Prompts
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished, Step
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.scene import Character, Trait
from chatdraw.store import Store
from evals.consistency import (
    ASKED,
    PRESENT,
    TURNS,
    Attributes,
    Story,
    Told,
    consistency_figures,
    expected,
    kept,
    main_character,
    stories,
    told,
)
from evals.figures import Figure
from evals.recogniser import figure_lists
from training.world.spec import MOST_CHARACTERS
from training.world.stating import NONE

STORIES = tuple(itertools.islice(stories(5, "en"), 2))
PROMPTS = Prompts("storybook", [shipped("prompts")], history=0)
NOBODY = {f"{name} {place}": NONE for place in range(1, MOST_CHARACTERS + 1) for name in (*figure_lists(), "size")}


def test_stories_are_about_one_who_is_mostly_there() -> None:
    for story in STORIES:
        assert len(story.turns) == TURNS
        assert sum(story.main in turn.after.stage for turn in story.turns) >= PRESENT
        assert story.language == "english"
        elsewhere = [replace(turn, after=turn.after.model_copy(update={"stage": ()})) for turn in story.turns]
        assert main_character(elsewhere) is None
        assert main_character([*elsewhere[:3], *story.turns[3:]][: PRESENT - 1]) is None


def character(**traits: str) -> Character:
    values = tuple(Trait.model_validate({"name": name, "value": value}) for name, value in traits.items())
    return Character(id="c1", kind="owl", traits=values)


def test_only_what_the_world_can_draw_is_asked_for() -> None:
    owl = character(colour="red", headwear="blue beanie", neckwear="gold chain", holding="sunflower", doing="surfing")
    assert expected(owl) == {
        "kind": "owl",
        "colour": "red",
        "headwear": "beanie",
        "headwear colour": "blue",
        "holding": "sunflower",
    }
    assert expected(character(colour="mint", eyewear="glasses")) == {"kind": "owl", "eyewear": "glasses"}
    assert expected(character(pose="sleeping", eyewear="red glasses", holding="cup")) == {"kind": "owl"}


def test_the_one_with_most_of_the_traits_is_taken_for_the_character() -> None:
    traits = {"kind": "owl", "colour": "red", "headwear": "beanie", "headwear colour": "blue", "holding": "cup"}
    seen = {**NOBODY, "kind 1": "owl", "colour 1": "blue", "kind 2": "owl", "colour 2": "red", "headwear 2": "beanie"}
    assert kept(traits, seen) == {
        "kind": [True],
        "colour": [True],
        "worn item": [True],
        "worn colour": [False],
        "held item": [False],
        "held colour": [],
    }
    assert kept({"kind": "owl"}, NOBODY)["kind"] == [False]


CAPTION = dump_compact(CaptionDraft(caption="A picture."))
"""What the stand-in drafts for every scene; the rest is left to the guard."""


class Noting:
    """A painter whose pictures are numbers of the captions that it was given."""

    name, revision = "noting", "1"
    abilities = Abilities(width=8, height=8, steps=1, guidance=1.0, word_budget=200)

    def __init__(self) -> None:
        self.captions: list[str] = []
        self.seeds: list[int] = []

    def render(
        self,
        request: RenderRequest,
        *,
        source: Image.Image | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Step | Finished]:
        self.captions.append(request.caption)
        self.seeds.append(request.seed)
        image = Image.new("RGB", (8, 8), (len(self.captions), 0, 0))
        # A picture of one colour would be refused as blank.
        image.putpixel((7, 7), (0, 255, 0))
        yield Finished(image)

    def close(self) -> None:
        """There is nothing to free."""

    def read(self, images: Sequence[Image.Image], story: Story, traits: Sequence[dict[str, str]]) -> list[Attributes]:
        """Of each picture those of the main character's traits that the caption says; of no pictures, nothing."""
        found = []
        for image, own in zip(images, traits, strict=bool(images)):
            text = self.captions[image.getpixel((0, 0))[0] - 1].casefold()  # type: ignore[index]
            said = {f"{name} 1": value for name, value in own.items() if value in text}
            found.append({**NOBODY, "kind 1": "somebody", **said})
        return found


def tell(story: Story, folder: Path, spoil: Callable[[Plan], Plan] = lambda plan: plan) -> tuple[Told, Noting]:
    """The story told with true plans, or with spoilt ones."""
    answers = {
        PROMPTS.plan(turn.before, turn.message, pictures=turn.pictures): dump_compact(spoil(turn.plan))
        for turn in story.turns
    }
    painter = Noting()
    due = [turn for turn in story.turns if _due(story, turn.plan, turn.after.stage)]
    traits = [expected(turn.after.by_id(story.main)) for turn in due for _ in range(2)]
    with Store(folder) as store:
        conversation = Conversation(
            store=store,
            session=store.create_session(),
            llm=Oracle(answers, other=CAPTION),
            renderer=painter,
            prompts=PROMPTS,
            safety=Safety.default(),
            seeds=itertools.count(100).__next__,
        )
        return told(story, conversation, painter, lambda images: painter.read(images, story, traits)), painter


def _due(story: Story, plan: Plan, stage: Sequence[str]) -> bool:
    drawn = plan.action in ("draw", "edit", "vary") or (plan.action == "undo" and bool(plan.edits))
    return drawn and story.main in stage


def named(found: Sequence[Figure]) -> dict[str, Figure]:
    return {figure.name.removeprefix("c/"): figure for figure in found}


def test_true_plans_keep_everything_and_messages_alone_do_not(tmp_path: Path) -> None:
    together = [tell(story, tmp_path / str(number)) for number, story in enumerate(STORIES)]
    steps: list[None] = []
    found = named(consistency_figures("c", [one for one, _ in together], lambda: steps.append(None)))
    assert len(steps) == len(STORIES)
    assert found["a picture where one is due"].value == 1.0
    for asked in (*ASKED, "all traits", "pictures with every trait"):
        program, directly = found[f"program: {asked}"], found[f"directly: {asked}"]
        assert program.value in (1.0, None)
        assert program.n == directly.n
    assert found["program: kind"].n == found["a picture where one is due"].n
    assert (found["directly: all traits"].value or 0) < 0.8
    assert found["english/program: kind"] == replace(found["program: kind"], name="c/english/program: kind")


def test_messages_are_drawn_with_the_seeds_of_the_programs_pictures(tmp_path: Path) -> None:
    story = STORIES[0]
    one, painter = tell(story, tmp_path)
    messages = {turn.message for turn in story.turns}
    pairs = [
        (painter.seeds[place - 1], painter.seeds[place])
        for place, caption in enumerate(painter.captions)
        if caption in messages
    ]
    assert len(pairs) == len(one.directly) > 2
    assert all(first == second for first, second in pairs)


def test_a_program_that_only_talks_has_no_pictures_to_compare(tmp_path: Path) -> None:
    def silent(plan: Plan) -> Plan:
        return Plan(action="talk", edits=plan.edits if plan.action != "undo" else (), reply="Yes.")

    story = replace(STORIES[0], turns=tuple(turn for turn in STORIES[0].turns[:1]))
    one, _ = tell(story, tmp_path, silent)
    assert one.drawn == [False]
    found = named(consistency_figures("c", [one]))
    assert found["a picture where one is due"].value == 0.0
    assert found["program: kind"].value is None


def test_an_interruption_leaves_the_figures_of_what_was_told() -> None:
    def interrupted() -> Iterator[Told]:
        yield Told("english", [True], [{"kind": [True]} | {name: [] for name in ASKED[1:]}], [kept({}, NOBODY)])
        raise KeyboardInterrupt

    assert named(consistency_figures("c", interrupted()))["program: kind"].n == 1
