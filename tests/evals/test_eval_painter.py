"""Scoring of painters, with stand-ins that draw perfectly, in wrong colours, or always the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from chatdraw.events import Step
from chatdraw.records import RenderRequest
from chatdraw.render.base import Abilities, Finished, Judgement
from chatdraw.render.pattern import PatternRenderer
from evals.figures import Figure
from evals.painter import (
    READABLE,
    TARGETS,
    Task,
    baseline_figures,
    company_figures,
    nothing_added,
    painter_figures,
    shares,
    tasks_of,
)
from evals.painting import contact_sheet, measure_everything, measure_painter, with_renderer
from evals.recogniser import Recogniser
from training.world.captions import facts
from training.world.draw import draw
from training.world.spec import (
    COLOURS,
    CharacterSpec,
    Item,
    PictureSpec,
    Prop,
    attribute_values,
    held_out,
)
from training.world.stating import Attributes, stated

MAIN = CharacterSpec("frog", "pink", expression="sad", headwear=Item("crown", "yellow"), neckwear=Item("scarf", "blue"))
FROG = PictureSpec((MAIN,), None, (), "snow", "night", "clear", "picture book")
OWL = CharacterSpec("owl", "red")


class Seer:
    """Stands in for the recogniser: knows what stand-ins have drawn, by the very pixels."""

    def __init__(self) -> None:
        self.known: dict[bytes, Attributes] = {}

    def draw(self, spec: PictureSpec, seed: int) -> Image.Image:
        image = draw(spec, random.Random(seed), 32)
        self.known[image.tobytes()] = attribute_values(spec)
        return image

    def read(self, images: Sequence[Image.Image]) -> list[Attributes]:
        return [self.known[image.tobytes()] for image in images]

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        return torch.tensor([[sum(image.tobytes()[place::3]) / 1e5 for place in range(3)] for image in images])

    def perfect(self, tasks: Sequence[Task]) -> Iterator[Image.Image]:
        """Draws exactly what the caption was made from."""
        return (self.draw(task.spec, task.seed) for task in tasks)

    def off_colour(self, tasks: Sequence[Task]) -> Iterator[Image.Image]:
        """Draws everything right but the colour of the first character."""
        for task in tasks:
            main, *others = task.spec.characters
            wrong = COLOURS[(COLOURS.index(main.colour) + 4) % len(COLOURS)]
            yield self.draw(replace(task.spec, characters=(replace(main, colour=wrong), *others)), task.seed)

    def forgetful(self, tasks: Sequence[Task]) -> Iterator[Image.Image]:
        """Draws in the meadow by day what says no more than a short request."""
        for task in tasks:
            whole = len(task.caption.split()) > 14 or task.spec.setting is None
            spec = task.spec if whole else replace(task.spec, setting="meadow", time="day", weather="clear", props=())
            yield self.draw(spec, task.seed)


@pytest.fixture
def seer(monkeypatch: pytest.MonkeyPatch) -> Seer:
    one = Seer()
    monkeypatch.setattr("evals.painter.true_drawings", lambda tasks: list(one.perfect(tasks)))
    return one


def by_name(figures: Sequence[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def task_for(spec: PictureSpec) -> Task:
    return Task(spec, facts(spec), 1, stated(spec, facts(spec), complete=True))


def test_tasks_are_repeatable_held_out_or_not_and_the_same_at_every_level() -> None:
    dense, short = tasks_of(12, "dense"), tasks_of(12, "short")
    assert all(held_out(task.spec) and len(task.spec.characters) == 1 for task in dense)
    assert [(task.spec, task.seed) for task in dense] == [(task.spec, task.seed) for task in short]
    assert dense == tasks_of(12, "dense")
    assert len({task.seed for task in dense}) == 12
    seen = tasks_of(5, "dense", unseen=False, characters=2)
    assert not any(held_out(task.spec) for task in seen)
    assert all(len(task.spec.characters) == 2 for task in seen)


def test_true_readings_score_everything() -> None:
    tasks = tasks_of(40, "dense")
    truths = [attribute_values(task.spec) for task in tasks]
    figures = painter_figures("p", tasks, truths, TARGETS)
    assert {figure.value for figure in figures if figure.n} == {1.0}
    assert {figure.name: figure.holds for figure in figures if figure.target} == {f"p/{name}": True for name in TARGETS}
    assert nothing_added("p", tasks, truths).value == 1.0


def test_worn_items_are_counted_slot_by_slot() -> None:
    reading = {**attribute_values(FROG), "neckwear 1": "bow tie", "holding 1": "book"}
    figures = by_name(painter_figures("p", [task_for(FROG)], [reading], {}))
    assert (figures["p/worn item"].value, figures["p/worn item"].n) == (0.5, 2)
    # A crown has one colour only, which no caption says; the scarf's colour was asked for, and read.
    assert (figures["p/worn colour"].value, figures["p/worn colour"].n) == (1.0, 1)
    assert "p/held item" not in figures
    assert figures["p/all at once"].value == 0.0
    assert nothing_added("p", [task_for(FROG)], [reading]).value == 0.0


def test_a_prop_that_nobody_asked_for_is_added() -> None:
    reading = {**attribute_values(FROG), "prop tree": "yes"}
    assert nothing_added("p", [task_for(FROG)], [reading]).value == 0.0
    tree = replace(FROG, props=(Prop("tree"),))
    assert nothing_added("p", [task_for(tree)], [reading]).value == 1.0
    assert painter_figures("p", [task_for(FROG)], [reading], {})[-1].value == 1.0


def test_what_goes_without_saying_is_added_when_it_is_otherwise() -> None:
    truth = attribute_values(FROG)
    others = {"weather": "rain", "pattern 1": "striped", "pose 1": "waving", "size 1": "big", "kind 2": "owl"}
    for name, value in others.items():
        assert nothing_added("p", [task_for(FROG)], [{**truth, name: value}]).value == 0.0, name
    asked_for = replace(
        FROG, characters=(replace(MAIN, pattern="spotted", pose="sitting", size="small"),), weather="fog"
    )
    wrong = {
        **attribute_values(asked_for),
        "pattern 1": "plain",
        "pose 1": "standing",
        "size 1": "big",
        "weather": "rain",
    }
    assert nothing_added("p", [task_for(asked_for)], [wrong]).value == 1.0
    sticker = replace(FROG, setting=None, time="day", style="sticker")
    assert nothing_added("p", [task_for(sticker)], [{**attribute_values(sticker), "setting": "meadow"}]).value == 0.0
    asleep = replace(FROG, characters=(replace(MAIN, expression=None, pose="sleeping"),))
    awake = {**attribute_values(asleep), "expression 1": "happy", "pose 1": "standing"}
    assert nothing_added("p", [task_for(asleep)], [awake]).value == 1.0


def test_targets_are_about_everything_and_what_can_be_read_stands_beside() -> None:
    other = replace(FROG, characters=(replace(MAIN, expression="happy"),))
    tasks = [task_for(FROG), task_for(other)]
    truths = [attribute_values(task.spec) for task in tasks]
    blind = [{**truths[0], "expression 1": "angry"}, truths[1]]
    painted = [{**truths[0], "expression 1": "sleepy"}, {**truths[1], "kind 1": "cat"}]
    figures = by_name(painter_figures("p", tasks, painted, {"expression": 0.4, "all at once": 0.5}, blind))
    whole, readable = figures["p/expression"], figures[f"p/expression{READABLE}"]
    assert (whole.value, whole.n, whole.holds) == (0.5, 2, True)
    assert (readable.value, readable.n, readable.target) == (1.0, 1, None)
    assert (figures["p/kind"].value, figures[f"p/kind{READABLE}"].value) == (0.5, 0.5)
    whole, readable = figures["p/all at once"], figures[f"p/all at once{READABLE}"]
    assert (whole.value, whole.n, whole.holds) == (0.0, 2, False)
    assert (readable.value, readable.n) == (0.0, 1)
    assert not [name for name in by_name(painter_figures("p", tasks, painted, {})) if name.endswith(READABLE)]
    asked = len(tasks[0].stated)
    assert shares(tasks, painted, blind) == [1.0, (asked - 1) / asked]
    assert shares(tasks, painted) == [(asked - 1) / asked] * 2


def test_two_characters_need_their_own_kinds_and_colours_in_any_order() -> None:
    pair = replace(FROG, characters=(MAIN, OWL), relation="behind")
    swapped = replace(pair, characters=(OWL, MAIN))
    mixed = replace(pair, characters=(replace(MAIN, colour="red"), replace(OWL, colour="pink")))
    tasks = [task_for(pair)] * 4
    readings = [attribute_values(spec) for spec in (pair, swapped, mixed, replace(pair, characters=(MAIN,)))]
    figures = by_name(company_figures("t", tasks, readings))
    assert (figures["t/each its own kind and colour"].value, figures["t/each its own kind and colour"].n) == (0.5, 4)
    assert figures["t/and in their places"].value == 0.25
    assert figures["t/two are there"].value == 0.75
    misread = [attribute_values(mixed), *[attribute_values(pair)] * 3]
    figures = by_name(company_figures("t", tasks, readings, misread, target=0.5))
    own, readable = (figures[f"t/each its own kind and colour{end}"] for end in ("", READABLE))
    assert (own.n, own.holds) == (4, True)
    assert (readable.n, readable.target) == (3, None)
    # Colours were misread there, not the relation.
    assert figures[f"t/relation{READABLE}"].n == figures["t/relation"].n == 4


def test_stickers_are_not_asked_for_setting_and_time_nor_space_for_time() -> None:
    sticker = replace(FROG, setting=None, time="day", style="sticker")
    assert {"setting", "time"}.isdisjoint(task_for(sticker).stated)
    assert "time" not in task_for(replace(FROG, setting="space", time="day")).stated


def test_a_short_caption_states_only_what_it_says() -> None:
    text = "A smiling pink frog with a blue scarf in the snow"
    assert stated(FROG, text, complete=False) == {
        "kind 1": "frog",
        "colour 1": "pink",
        "neckwear 1": "scarf",
        "neckwear colour 1": "blue",
        "setting": "snow",
    }

    def with_main(**changes: str | Item | None) -> PictureSpec:
        return replace(FROG, characters=(replace(MAIN, **changes),))

    assert "time" in stated(FROG, "a frog at night", complete=False)
    assert "time" not in stated(replace(FROG, time="day"), "a frog in daylight", complete=False)
    assert "expression 1" not in stated(with_main(expression="happy"), "an unhappy frog", complete=False)
    assert stated(with_main(pose="waving"), "a waving frog", complete=False)["pose 1"] == "waving"
    assert stated(FROG, "a picture-book illustration of a frog", complete=False)["style"] == "picture book"
    ball = replace(FROG, props=(Prop("ball", "red"),))
    assert stated(ball, "a frog with a red ball", complete=False)["prop ball colour"] == "red"
    flowers = with_main(headwear=Item("sunflower", "yellow"))
    assert "headwear 1" not in stated(flowers, "a frog with a sunflower", complete=False)
    assert task_for(flowers).stated["headwear 1"] == "sunflower"


def test_complete_captions_state_every_value_but_what_is_understood() -> None:
    understood = {"plain", "medium", "standing", "clear", "none", "yellow", "day"}
    words = {"striped": "stripes", "spotted": "spots"}
    for task in tasks_of(60, "facts"):
        for name, value in attribute_values(task.spec).items():
            if name not in task.stated:
                assert value in understood, name
            elif name != "count" and not name.startswith("prop "):
                assert words.get(value, value) in task.caption.lower()


def test_what_a_shortened_caption_leaves_out_is_not_asked() -> None:
    def laden(kind: str, colour: str) -> CharacterSpec:
        things = Item("party hat", "green"), Item("glasses", "pink"), Item("bow tie", "orange"), Item("kite", "red")
        return CharacterSpec(kind, colour, "plain", "medium", "angry", "jumping", *things)

    pair = PictureSpec(
        (laden("owl", "red"), laden("dragon", "pink")), "behind", (Prop("tree"),), "city", "night", "fog", "crayon"
    )
    everything = attribute_values(pair)
    asked = task_for(pair).stated
    left_out = {name for name, value in everything.items() if value not in ("none", "plain", "medium")} - set(asked)
    assert {"weather", "pose 1", "pose 2", "relation"} <= left_out
    assert {"kind 1", "colour 2", "headwear 2", "headwear colour 1", "count", "style"} <= set(asked)
    text = facts(pair)
    assert ("holding 1" in asked) == ("holding colour 2" in asked) == ("kite" in text)
    assert ("setting" in asked) == ("prop tree" in asked) == ("city" in text)
    assert ("expression 2" in asked) == ("angry" in text)
    assert ("eyewear 1" in asked) == ("glasses" in text)
    figures = by_name(company_figures("t", [task_for(pair)], [everything]))
    assert figures["t/relation"].n == 0
    assert figures["t/each its own kind and colour"].value == 1.0
    short = replace(pair, characters=(MAIN, OWL), props=())
    assert company_figures("t", [task_for(short)], [attribute_values(short)])[-1].n == 1


def test_the_baseline_is_the_share_of_the_most_frequent_value() -> None:
    owls = [replace(FROG, characters=(replace(MAIN, kind="owl", colour=colour),)) for colour in ("red", "red", "blue")]
    figures = by_name(baseline_figures("b", [task_for(spec) for spec in (FROG, *owls)]))
    assert figures["b/kind"].value == 0.75
    assert figures["b/colour"].value == 0.5
    assert figures["b/worn item"].value == 1.0
    assert "b/held item" not in figures


def test_a_perfect_painter_scores_everything(seer: Seer) -> None:
    found, images = measure_everything(seer.perfect, 30, seer)  # type: ignore[arg-type]  # all that is used of it
    figures = by_name(found)
    for name in TARGETS:
        assert figures[f"painter/dense/{name}"].value == 1.0, name
        assert figures[f"painter/dense/{name}"].holds is True
    assert figures["painter/seen combinations/kind"].n == 10
    difference = figures["painter/held out less seen, share of what is stated"]
    assert (difference.value, difference.holds) == (0.0, True)
    assert figures["painter/two/each its own kind and colour"].value == 1.0
    assert figures["painter/short request, all of the scene"].value == 1.0
    painted, drawn = (figures[f"painter/Fréchet distance, {pair} to drawn"].value for pair in ("painted", "drawn"))
    assert painted == pytest.approx(drawn)
    assert figures["painter/dense (most frequent value)/kind"].value < 0.4
    assert len(images) == 30


def test_what_the_verifier_gains_is_measured_beside_the_painter_alone(seer: Seer) -> None:
    found, _ = measure_everything(seer.perfect, 9, seer, unaided=seer.off_colour)  # type: ignore[arg-type]  # as above
    figures = by_name(found)
    assert figures["painter/dense/colour"].value == 1.0
    assert figures["painter/alone/colour"].value == 0.0
    assert figures["painter/alone/kind"].n == 9


class VerifierThatWantsTheThird:
    """A stand-in: content with every third picture that it is shown."""

    revision = "stand-in"

    def __init__(self) -> None:
        self.shown = 0

    def judge(self, image: Image.Image, caption: str) -> Judgement:
        self.shown += 1
        return Judgement(-1.0, () if self.shown % 3 == 0 else ("kind 1",))

    def close(self) -> None:
        pass


def test_the_programs_way_of_drawing_makes_as_many_attempts_as_the_verifier_wants() -> None:
    tasks = tasks_of(2, "facts")
    taken: list[int] = []
    renderer = PatternRenderer(Abilities(32, 32, steps=2, guidance=1.0, word_budget=55, attempts=5))
    images = list(with_renderer(renderer, VerifierThatWantsTheThird(), taken)(tasks))
    assert taken == [3, 3]
    once: list[int] = []
    first = list(with_renderer(renderer, None, once)(tasks))
    assert once == [1, 1]
    assert [image.tobytes() for image in first] != [image.tobytes() for image in images]


def test_the_verifier_guides_where_it_judges_and_the_painter_alone_is_not_guided() -> None:
    seen: list[RenderRequest] = []

    class Remembering(PatternRenderer):
        def render(self, request: RenderRequest, **options: Any) -> Iterator[Step | Finished]:
            seen.append(request)
            return super().render(request, **options)

    renderer = Remembering(Abilities(32, 32, steps=2, guidance=1.0, word_budget=55, verifier_guidance=8.0))
    tasks = tasks_of(1, "facts")
    list(with_renderer(renderer, VerifierThatWantsTheThird())(tasks))
    list(with_renderer(renderer)(tasks))
    assert [(one.verifier_guidance, one.verifier_revision) for one in seen] == [(8.0, "stand-in"), (0.0, "")]


def test_a_painter_of_wrong_colours_is_caught_and_its_pictures_kept(seer: Seer, tmp_path: Path) -> None:
    found, _ = measure_everything(seer.off_colour, 9, seer, keep=tmp_path)  # type: ignore[arg-type]  # as above
    figures = by_name(found)
    assert (figures["painter/dense/colour"].value, figures["painter/dense/colour"].holds) == (0.0, False)
    assert figures["painter/dense/all at once"].value == 0.0
    assert figures["painter/dense/kind"].value == 1.0
    own = figures["painter/two/each its own kind and colour"]
    assert (own.value, own.target, own.holds) == (0.0, 0.75, False)
    lines = (tmp_path / "painter-dense.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 9
    first = json.loads(lines[0])
    assert set(first["wrong"]) == {"colour 1"}
    assert first["unread"] == []
    assert (tmp_path / first["picture"]).is_file()


def test_a_short_request_is_compared_with_the_caption_that_says_it_all(seer: Seer) -> None:
    found, _ = measure_everything(seer.forgetful, 30, seer)  # type: ignore[arg-type]  # as above
    figures = by_name(found)
    short, expanded = (
        figures[f"painter/{name}, all of the scene"].value for name in ("short request", "expanded caption")
    )
    assert short is not None
    assert short < 0.95
    assert expanded == 1.0
    assert figures["painter/short request/setting"].value < figures["painter/expanded caption/setting"].value
    assert figures["painter/expanded caption/setting"].n == figures["painter/short request/setting"].n


def test_the_committed_recogniser_passes_a_perfect_painter() -> None:
    def perfect(tasks: Sequence[Task]) -> list[Image.Image]:
        return [draw(task.spec, random.Random(task.seed)) for task in tasks]

    figures = by_name(measure_painter(perfect, 40, 10, Recogniser.load()))
    # Nothing is left out of these, so that they are low where the recogniser cannot read the drawings.
    for name, least in {"kind": 0.9, "colour": 0.9, "setting": 0.9, "worn item": 0.9, "style": 0.75}.items():
        painted, drawn = (figures[f"painter/dense{end}/{name}"] for end in ("", ", read in true drawings"))
        assert painted.value == drawn.value
        assert painted.value is not None
        assert painted.value >= least, name
        # What it reads in the drawings it reads again, for the drawings are what it is shown.
        assert figures[f"painter/dense/{name}{READABLE}"].value == 1.0
    assert figures["painter/facts/kind"].n == 14
    assert figures["recogniser/count"].n == 10


def test_a_recogniser_that_cannot_read_shows_in_the_figures() -> None:
    class Blind(Seer):
        def read(self, images: Sequence[Image.Image]) -> list[Attributes]:
            return [attribute_values(FROG) for _ in images]

    blind = Blind()
    figures = by_name(measure_painter(blind.perfect, 6, 2, blind))  # type: ignore[arg-type]  # all that is used of it
    assert figures["painter/dense/kind"].holds is False
    assert figures["painter/dense/all at once"].value == 0.0
    assert figures["painter/dense, read in true drawings/kind"].value == figures["painter/dense/kind"].value
    assert figures[f"painter/dense/all at once{READABLE}"].n == 0


def test_a_contact_sheet_has_every_picture() -> None:
    images = [Image.new("RGB", (4, 4), (number, 0, 0)) for number in range(10)]
    sheet = contact_sheet(images)
    assert sheet.size == (32, 8)
    assert sheet.getpixel((5, 5)) == (9, 0, 0)
    with pytest.raises(ValueError, match="needs pictures"):
        contact_sheet([])
