"""Replays of the scripts of this repository and of scripts made up here, without any model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from chatdraw.conversation import Conversation
from chatdraw.errors import ReplayError, ScriptError
from chatdraw.events import FINAL, Event
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities
from chatdraw.render.pattern import PatternRenderer
from chatdraw.replay import Report, Script, differences, replay, sheet
from chatdraw.resources import shipped
from chatdraw.safety import Safety
from chatdraw.store import Store
from chatdraw.store.recipe import read_recipe

ROOT = Path(__file__).parent.parent
STORY = ROOT / "examples" / "hedgehog.toml"
SCRIPTS = [STORY, *sorted((ROOT / "tests" / "replays").glob("*.toml"))]

HEDGEHOG = """
[[turn]]
say = "draw a hedgehog"
plan = { action = "draw", edits = [{ op = "add_character", kind = "hedgehog", traits = { colour = "brown" } }] }
caption = "A brown hedgehog covered in leaves."
"""

Open = Callable[[Script, Path], Conversation]


class Workshop:
    """Opens conversations with scripted models and patterns, in one store; the models must be used up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.models: list[ScriptedModel] = []

    def __call__(self, script: Script, folder: Path) -> Conversation:
        assert folder.is_dir()
        self.models.append(ScriptedModel(script.answers()))
        return Conversation(
            store=self.store,
            session=self.store.create_session(script.title or ""),
            llm=self.models[-1],
            renderer=PatternRenderer(Abilities(width=48, height=32, steps=2, guidance=1.0, word_budget=55)),
            prompts=Prompts("default", [shipped("prompts")]),
            safety=Safety.default(),
            seeds=script.seeds(),
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    with Store(tmp_path / "home") as store:
        made = Workshop(store)
        yield made
        for model in made.models:
            model.close()  # raises when answers are left over


@pytest.fixture
def play(workshop: Workshop, tmp_path: Path) -> Callable[[str], Report]:
    """Replays a script given as text."""

    def played(text: str) -> Report:
        file = tmp_path / "made-up.toml"
        file.write_text(text, encoding="utf-8")
        (report,) = replay([file], tmp_path / "out", open_conversation=workshop)
        return report

    return played


def transcript(report: Report) -> list[dict[str, object]]:
    lines = (report.folder / "transcript.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


# --- the scripts of this repository --------------------------------------------------------------


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
def test_it_comes_as_expected(file: Path, workshop: Workshop, tmp_path: Path) -> None:
    (report,) = replay([file], tmp_path, open_conversation=workshop)
    assert differences([report]) == ""
    assert report.as_expected


def test_the_story_in_files(workshop: Workshop, tmp_path: Path) -> None:
    (report,) = replay([STORY], tmp_path, open_conversation=workshop)
    assert report.folder == tmp_path / "hedgehog"
    names = sorted(path.name for path in report.folder.iterdir())
    # Cut between two words.
    assert names[:3] == [
        "01-my-5-year-old-keeps-talking-about-a.png",
        "02-my-daughter-says-his-name-is-larry-can-i.png",
        "03-what-makes-larry-so-super-duper.png",
    ]
    assert names[7:] == ["contact.html", "contact.png", "transcript.jsonl"]
    lines = transcript(report)
    assert [line["turn"] for line in lines] == list(range(1, 8))
    assert [line["action"] for line in lines] == ["draw", "vary", "edit", "edit", "draw", "edit", "undo"]
    assert lines[3]["edits"] == [{"op": "set_trait", "who": "Larry", "trait": "neckwear", "value": "blue scarf"}]
    assert lines[3]["reply"] == "Larry has a blue scarf now."
    assert "blue scarf" in str(lines[3]["caption"])
    assert lines[6]["scene"]["time"] == "night"
    assert set(lines[0]["timings"]) >= {"plan", "caption", "render"}
    seeds = [line["pictures"][0]["seed"] for line in lines]
    assert seeds == [7, 8, 8, 8, 9, 9, 9]  # an edit keeps the seed of the picture it changes
    for line in lines:
        recipe = read_recipe(report.folder / line["pictures"][0]["file"])
        assert recipe is not None
        assert recipe.text == line["text"]
        assert recipe.request.caption == line["caption"]


def test_the_same_script_and_seed_give_the_same_pictures(workshop: Workshop, tmp_path: Path) -> None:
    runs = [transcript(replay([STORY], tmp_path / name, open_conversation=workshop)[0]) for name in ("a", "b")]
    pixels = [[line["pictures"][0]["pixels"] for line in lines] for lines in runs]
    assert pixels[0] == pixels[1]
    assert len(set(pixels[0])) == 7
    other = tmp_path / "hedgehog.toml"
    other.write_text(STORY.read_text(encoding="utf-8").replace("seed = 7", "seed = 8"), encoding="utf-8")
    changed = transcript(replay([other], tmp_path / "c", open_conversation=workshop)[0])
    assert all(a != line["pictures"][0]["pixels"] for a, line in zip(pixels[0], changed, strict=True))


def test_several_scripts_each_have_a_folder_and_a_session(workshop: Workshop, tmp_path: Path) -> None:
    seen: list[tuple[str, int, Event]] = []
    reports = replay(
        SCRIPTS,
        tmp_path,
        open_conversation=workshop,
        watch=lambda file, turn, event: seen.append((file.stem, turn, event)),
    )
    assert [report.folder.name for report in reports] == [file.stem for file in SCRIPTS]
    assert len(workshop.store.sessions()) == len(SCRIPTS)
    finals = [(stem, turn) for stem, turn, event in seen if isinstance(event, FINAL)]
    assert finals == [(r.file.stem, played.number) for r in reports for played in r.turns]


# --- what differs --------------------------------------------------------------------------------


def test_every_kind_of_difference_is_told(play: Callable[[str], Report]) -> None:
    report = play(
        HEDGEHOG
        + """
[turn.expect]
action = "edit"
outcome = "talked"
pictures = 2
stage = ["hedgehog", "Larry"]
traits.hedgehog = { colour = "red", headwear = true, kind = "owl", name = "Larry", neckwear = false }
traits.Larry.colour = "brown"
keeps.hedgehog = ["colour"]
keeps.Mia = ["colour"]
scene = { setting = "beach", time = true, absent = "rain", style = false }
caption_has = ["brown hedgehog", "red"]
caption_lacks = ["leaves", "red"]
"""
    )
    assert not report.as_expected
    (played,) = report.turns
    told = {(m.what, m.expected): m.got for m in played.mismatches}
    caption = "A brown hedgehog covered in leaves."
    assert told == {
        ("action", "edit"): "draw",
        ("outcome", "talked"): "drawn",
        ("pictures", "2"): "1",
        ("stage", "hedgehog, Larry"): "hedgehog",
        ("traits.hedgehog.colour", "red"): "brown",
        ("traits.hedgehog.headwear", "anything"): "nothing",
        ("traits.hedgehog.kind", "owl"): "hedgehog",
        ("traits.hedgehog.name", "Larry"): "nothing",
        ("traits.Larry", "a character “Larry”"): "There is no character “Larry” here. The story has: hedgehog.",
        ("keeps.hedgehog.colour", "a colour before the turn"): "brown",
        ("keeps.Mia", "a character “Mia”"): "There is no character “Mia” here. The story has: hedgehog.",
        ("scene.setting", "beach"): "nothing",
        ("scene.time", "anything"): "nothing",
        ("scene.absent", "rain"): "nothing",
        ("caption_has", "red"): caption,
        ("caption_lacks", "no “leaves”"): caption,
    }
    text = differences([report])
    assert "made-up.toml, turn 1: “draw a hedgehog”" in text
    assert "  traits.hedgehog.colour\n    expected  red\n    got       brown" in text
    assert [m["what"] for m in transcript(report)[0]["mismatches"]] == [m.what for m in played.mismatches]


def test_what_was_kept_must_be_the_same_as_before(play: Callable[[str], Report]) -> None:
    report = play(
        HEDGEHOG
        + """
[[turn]]
say = "he is Larry, and blue now"

[turn.plan]
action = "edit"

[[turn.plan.edits]]
op = "rename"
who = "hedgehog"
name = "Larry"

[[turn.plan.edits]]
op = "set_trait"
who = "Larry"
trait = "colour"
value = "blue"

[turn.expect]
keeps.Larry = ["kind", "colour", "name"]
"""
    )
    assert [(m.what, m.expected, m.got) for m in report.turns[1].mismatches] == [
        ("keeps.Larry.colour", "brown", "blue"),
        ("keeps.Larry.name", "a name before the turn", "Larry"),
    ]


def test_a_turn_that_fails_is_never_as_expected_unless_that_is_expected(play: Callable[[str], Report]) -> None:
    not_locked = '[[turn]]\ncommand = "unlock soft light"\n'
    report = play(not_locked + not_locked + 'expect = { outcome = "failed" }\n')
    assert [played.turn.outcome for played in report.turns] == ["failed", "failed"]
    assert not report.as_expected
    assert [m.what for m in report.turns[0].mismatches] == ["outcome"]
    assert report.turns[1].mismatches == ()
    assert "failed: “soft light” is not locked." in differences([report])


@pytest.mark.parametrize("command", ["undo", "redo", "goto 9"])
def test_a_command_that_leads_nowhere_is_a_failed_turn_and_ends_no_replay(
    play: Callable[[str], Report], command: str
) -> None:
    report = play(f'[[turn]]\ncommand = "{command}"\n[[turn]]\ncommand = "lock soft light"\n')
    assert [played.turn.outcome for played in report.turns] == ["failed", "talked"]
    assert f"“/{command}”\n  outcome\n" in differences([report])
    assert "failed: There is no" in differences([report])
    assert [line["outcome"] for line in transcript(report)] == ["failed", "talked"]


def test_a_message_that_cannot_be_one_is_named_with_its_turn(play: Callable[[str], Report]) -> None:
    refused = '[turn.expect]\noutcome = "refused"\n'  # so that no plan is needed
    with pytest.raises(ReplayError, match="made-up, turn 2, “  ”: The message is empty"):
        play(f'[[turn]]\ncommand = "lock soft light"\n[[turn]]\nsay = "  "\n{refused}')


def test_a_refused_message_needs_no_plan_and_takes_no_answer_from_others(play: Callable[[str], Report]) -> None:
    report = play(
        """
[[turn]]
say = "an erotic drawing"
expect = { outcome = "refused" }
"""
        + HEDGEHOG
        + 'expect = { stage = ["hedgehog"], caption_has = ["leaves"] }\n'
    )
    assert [played.turn.outcome for played in report.turns] == ["refused", "drawn"]
    assert differences([report]) == ""


def test_what_was_put_differently_is_in_the_transcript(play: Callable[[str], Report]) -> None:
    report = play(HEDGEHOG.replace("draw a hedgehog", "a hedgehog by Banksy") + HEDGEHOG)
    rewritten, plain = transcript(report)
    (verdict,) = rewritten["verdicts"]
    assert (verdict["action"], verdict["layer"]) == ("rewrite", "request")
    assert verdict["message"]
    assert plain["verdicts"] == []


def test_answers_left_over_are_noticed(tmp_path: Path) -> None:
    with Store(tmp_path / "home") as store:
        workshop = Workshop(store)
        file = tmp_path / "left.toml"
        refused = HEDGEHOG.replace("draw a hedgehog", "an erotic drawing")
        file.write_text(refused, encoding="utf-8")
        (report,) = replay([file], tmp_path / "out", open_conversation=workshop)
        assert report.turns[0].turn.outcome == "refused"
        assert not report.as_expected
        with pytest.raises(ScriptError, match="left over"):
            workshop.models[0].close()


# --- what is written -----------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags, sources and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_needs_nothing_else_and_escapes_what_was_said(play: Callable[[str], Report]) -> None:
    report = play(HEDGEHOG.replace("draw a hedgehog", "<script>alert(1)</script> & <b>owls</b>"))
    text = (report.folder / "contact.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script>alert(1)</script> & <b>owls</b>" in page.words
    assert page.tags.count("img") == 1
    assert "details" in page.tags
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert "url(" not in text


def test_the_sheet_shows_every_picture(workshop: Workshop, tmp_path: Path) -> None:
    (report,) = replay([STORY], tmp_path, open_conversation=workshop)
    with Image.open(report.folder / "contact.png") as image:
        image.load()
    # Four columns of pictures 320 wide, two rows; the patterns have pure colours that paper and ink lack.
    assert 4 * 320 < image.width < 4 * 400
    assert 2 * 320 < image.height < 2 * 600
    colours = {colour for _, colour in image.getcolors(2**24) or []}
    for played in report.turns:
        with Image.open(played.pictures[0]) as picture:
            assert picture.convert("RGB").getpixel((24, 16)) in colours


def test_long_words_korean_and_emoji_fit_on_the_sheet(play: Callable[[str], Report]) -> None:
    words = "안녕 🦔 " + "w" * 200 + " and so on" * 40
    report = play(HEDGEHOG.replace("draw a hedgehog", words))
    with Image.open(report.folder / "contact.png") as image:
        assert image.width < 500
        assert image.height < 800
    assert words in Page((report.folder / "contact.html").read_text(encoding="utf-8")).words


def test_a_turn_without_picture_has_a_card(play: Callable[[str], Report]) -> None:
    report = play('[[turn]]\nsay = "hello"\nplan = { action = "talk", reply = "Hello!" }\n')
    page = Page((report.folder / "contact.html").read_text(encoding="utf-8"))
    assert "img" not in page.tags
    assert "talked" in page.words
    assert "Hello!" in page.words
    assert (report.folder / "contact.png").is_file()
    assert transcript(report)[0]["pictures"] == []


def test_a_second_replay_replaces_the_first(play: Callable[[str], Report]) -> None:
    first = play(HEDGEHOG + HEDGEHOG.replace("draw a", "another"))
    (first.folder / "notes.png").write_bytes(b"mine")
    second = play(HEDGEHOG.replace("draw a", "one more"))
    names = sorted(path.name for path in second.folder.iterdir())
    assert names == ["01-one-more-hedgehog.png", "contact.html", "contact.png", "notes.png", "transcript.jsonl"]


def test_two_scripts_of_one_name_are_refused(workshop: Workshop, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "story.toml").write_text(HEDGEHOG, encoding="utf-8")
    with pytest.raises(ReplayError, match="both be written"):
        replay(sorted(tmp_path.glob("*/story.toml")), tmp_path / "out", open_conversation=workshop)
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_cannot_be_is_refused(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReplayError, match="cannot be written") as caught:
        replay([STORY], tmp_path / "out", open_conversation=workshop)
    assert "--out" in str(caught.value.hint)
    assert workshop.models == []


def test_letters_that_no_font_has_are_not_left_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "FONTS", ())  # as on a machine without fonts of its own
    card = sheet.Card(1, "비 is rain", "ok", "talked", None, "", "", None, "", (), ())
    hidden = sheet.draw_sheet("A", [card])
    said_so = sheet.draw_sheet("A", [replace(card, text=sheet.ELSEWHERE)])
    assert hidden.tobytes() == said_so.tobytes()
    with_emoji, without = (sheet.draw_sheet("A", [replace(card, text=text)]) for text in ("rain 🦔", "rain"))
    assert with_emoji.tobytes() == without.tobytes()
