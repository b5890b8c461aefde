"""The composition root: settings become working parts, and nothing is made that is not used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatdraw.app import App
from chatdraw.config import Settings, load_settings
from chatdraw.edits import AddCharacter
from chatdraw.errors import ConfigError, ModelMissing, NotFound
from chatdraw.events import Stored
from chatdraw.llm.batching import decided
from chatdraw.llm.decoding import Decoder, Task
from chatdraw.llm.openai_engine import OpenAIModel
from chatdraw.llm.scripted import ScriptedModel
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.render.base import Judgement, Steer
from chatdraw.render.diffusers_engine import DiffusersRenderer
from chatdraw.render.pattern import PatternRenderer


def settings(home: Path, profile: str = "pattern") -> Settings:
    return load_settings(home=home, profile=profile, environ={}, config_folder=home / "config")


def test_nothing_is_created_before_it_is_used(tmp_path: Path) -> None:
    app = App(settings(tmp_path / "home"))
    app.close()
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", load_settings(environ={}, config_folder=Path("none")).catalogue.profiles)
def test_every_profile_has_engines(tmp_path: Path, name: str) -> None:
    app = App(settings(tmp_path, name))
    engines = {"transformers": TransformersModel, "openai": OpenAIModel}
    assert isinstance(app.llm, engines[app.settings.llm.engine])
    assert isinstance(app.renderer, DiffusersRenderer | PatternRenderer)
    assert app.renderer.name == app.settings.painter_name
    assert app.prompts.name == app.settings.llm.prompts


def test_the_bundled_writer_searches_for_its_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[Task] = []

    def remembering(decoder: Decoder, task: Task) -> Sequence[int]:
        searches.append(task)
        return decided(decoder, task)

    monkeypatch.setattr("chatdraw.llm.transformers_engine.decided", remembering)
    searched = settings(tmp_path)
    greedy = searched.model_copy(update={"llm": searched.llm.model_copy(update={"beams": 1})})
    for chosen, expected in ((searched, 1), (greedy, 0)):
        app = App(chosen)
        *_, last = app.conversation().say("a blue hedgehog")
        app.close()
        assert isinstance(last, Stored)
        # A caption decides nothing.
        assert len(searches) == expected
        searches.clear()


def test_a_conversation_is_kept_and_found_again(tmp_path: Path) -> None:
    plan = Plan(action="draw", edits=(AddCharacter(kind="cat"),), reply="Here.")
    app = App(settings(tmp_path), llm=ScriptedModel([plan, CaptionDraft(caption="A cat.")]))
    conversation = app.conversation()
    *_, last = conversation.say("a cat")
    assert isinstance(last, Stored)
    app.close()

    later = App(settings(tmp_path), llm=ScriptedModel([]))
    assert later.conversation(conversation.session.id[:8]).scene == conversation.scene
    with pytest.raises(NotFound):
        later.conversation("no-such-session")
    later.close()


@pytest.mark.parametrize(("content", "error"), [(None, ModelMissing), ("[not json", ConfigError)])
def test_a_broken_word_list_is_named(tmp_path: Path, content: str | None, error: type[Exception]) -> None:
    folder = tmp_path / "painter"
    folder.mkdir()
    if content is not None:
        (folder / "words.json").write_text(content, encoding="utf-8")
    chosen = settings(tmp_path)
    painter = chosen.painter.model_copy(update={"source": str(folder), "vocabulary": "words.json"})
    with pytest.raises(error, match=r"words\.json"):
        _ = App(chosen.model_copy(update={"painter": painter})).renderer


def test_a_word_list_closes_the_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text(json.dumps(["cat", "red"]), encoding="utf-8")
    chosen = settings(tmp_path)
    painter = chosen.painter.model_copy(update={"source": str(tmp_path), "vocabulary": "words.json"})
    app = App(chosen.model_copy(update={"painter": painter}))
    assert app.renderer.abilities.vocabulary == {"cat", "red"}


def test_what_loads_in_the_background_stops_when_the_app_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(settings(tmp_path, "storybook"))
    loaded: list[str] = []

    def load_llm(model: TransformersModel) -> None:
        loaded.append(model.name)
        app.close()  # as the main thread does while the first model loads

    monkeypatch.setattr(TransformersModel, "load", load_llm)
    monkeypatch.setattr(DiffusersRenderer, "load", lambda model: loaded.append(model.name))
    app.warm_up()
    assert loaded == ["storybook-writer"]


def test_the_bundled_painter_has_a_verifier_and_others_have_none(tmp_path: Path) -> None:
    app = App(settings(tmp_path, "storybook"))
    assert app.verifier is not None
    assert app.renderer.abilities.verifier_guidance > 0
    # Closed twice, and closed without ever having been loaded.
    app.close()
    app.close()
    other = App(settings(tmp_path, "laptop"))
    assert other.verifier is None
    assert other.renderer.abilities.attempts == 1
    # Nobody asks it when there is nothing to choose from and nothing to guide; it is there for what it guided before.
    chosen = settings(tmp_path, "storybook")
    alone = {"attempts": 1, "verifier_guidance": 0.0}
    once = App(chosen.model_copy(update={"painter": chosen.painter.model_copy(update=alone)}))
    assert once.verifier is not None
    assert not once.settings.painter.asks_verifier
    assert chosen.painter.asks_verifier


class VerifierThatCounts:
    """A stand-in that misses nothing and leads nowhere."""

    revision = "stand-in"

    def __init__(self) -> None:
        self.judged = 0
        self.loaded = 0
        self.guided: list[str] = []

    def load(self) -> None:
        self.loaded += 1

    def judge(self, image: object, caption: str) -> Judgement:
        self.judged += 1
        return Judgement(0.0)

    def steering(self, captions: Sequence[str], strength: float) -> Steer:
        self.guided += captions
        return lambda latents, noise, left: latents

    def close(self) -> None:
        pass


def test_conversations_ask_the_verifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = VerifierThatCounts()
    monkeypatch.setattr("chatdraw.app.StorybookJudge", lambda folder, painter: verifier)
    plan = Plan(action="draw", edits=(AddCharacter(kind="cat"),), reply="Here.")
    chosen = settings(tmp_path, "storybook")
    chosen = chosen.model_copy(update={"painter": chosen.painter.model_copy(update={"attempts": 2})})
    app = App(chosen, llm=ScriptedModel([plan, CaptionDraft(caption="A cat.")]))
    *_, last = app.conversation().say("a cat")
    app.close()
    assert isinstance(last, Stored)
    assert verifier.judged == 1
    request = last.turn.pictures[0].request
    assert verifier.guided == [request.caption]
    assert (request.verifier_guidance, request.verifier_revision) == (18.0, "stand-in")


def test_a_verifier_is_warmed_up_with_the_models(tmp_path: Path) -> None:
    app = App(settings(tmp_path, "storybook"), llm=ScriptedModel([]))
    app.renderer.load = lambda: None  # type: ignore[attr-defined,method-assign]  # what it loads is tested elsewhere
    app.warm_up()
    assert app.verifier is not None
    assert app.verifier.ready
    app.close()


def test_a_verifier_that_is_not_there_is_named(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "storybook")
    painter = chosen.painter.model_copy(update={"verifier": str(tmp_path / "nothing here")})
    app = App(chosen.model_copy(update={"painter": painter}))
    assert app.verifier is not None
    with pytest.raises(ModelMissing, match="nothing here"):
        app.verifier.load()
    app.close()
