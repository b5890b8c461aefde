"""The composition root: settings become a store, models and conversations. Only this module names engines."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from chatdraw.config import LlmEntry, PainterEntry, Settings, resolve_source
from chatdraw.conversation import Conversation
from chatdraw.errors import ConfigError, ModelMissing
from chatdraw.llm.base import LanguageModel
from chatdraw.llm.openai_engine import OpenAIModel
from chatdraw.llm.transformers_engine import TransformersModel
from chatdraw.prompts import Prompts
from chatdraw.render.base import Abilities, Renderer
from chatdraw.render.diffusers_engine import DiffusersRenderer
from chatdraw.render.pattern import PatternRenderer
from chatdraw.render.verifier import StorybookJudge
from chatdraw.safety import Safety
from chatdraw.store import Store
from chatdraw.together import Desk


def new_seed() -> int:
    """A seed nobody can guess, below 2**32 so that other tools can take it too."""
    return secrets.randbelow(2**32)


class App:
    """What a program run shares: one store, one language model, one image model.

    Args:
        settings: from :func:`chatdraw.config.load_settings`.
        llm: used in place of the one that the settings name (scripted replays).

    Raises:
        StoreError: the data folder cannot be used.
    """

    def __init__(self, settings: Settings, *, llm: LanguageModel | None = None) -> None:
        self.settings = settings
        self._given_llm = llm
        self._closed = False

    @cached_property
    def store(self) -> Store:
        """The sessions and pictures in ``settings.home``."""
        return Store(self.settings.home)

    @cached_property
    def llm(self) -> LanguageModel:
        """The language model; its weights are loaded on first use."""
        if self._given_llm is not None:
            return self._given_llm
        entry = self.settings.llm
        if entry.engine == "openai":
            return model_at_server(self.settings.llm_name, entry)
        return TransformersModel(
            self.settings.llm_name,
            resolve_source(entry.source),
            revision=entry.revision,
            device=entry.device,
            dtype=entry.dtype,
            threads=self.settings.threads,
            context=entry.context,
            template_kwargs=entry.template_kwargs,
            beams=entry.beams,
        )

    @cached_property
    def renderer(self) -> Renderer:
        """The image model; its weights are loaded on first use."""
        entry = self.settings.painter
        source = resolve_source(entry.source)
        abilities = _abilities(entry, source)
        if entry.engine == "pattern":
            return PatternRenderer(abilities, name=self.settings.painter_name)
        return DiffusersRenderer(
            self.settings.painter_name,
            source,
            abilities,
            revision=entry.revision,
            pipeline=entry.pipeline,
            device=entry.device,
            dtype=entry.dtype,
            threads=self.settings.threads,
            guide=self.verifier,
        )

    @cached_property
    def verifier(self) -> StorybookJudge | None:
        """What guides the image model and looks whether its pictures show their captions; its weights are loaded on
        first use. ``None``: the image model has none."""
        entry = self.settings.painter
        if entry.verifier is None:
            return None
        return StorybookJudge(Path(resolve_source(entry.verifier)), Path(resolve_source(entry.source)))

    @cached_property
    def safety(self) -> Safety:
        """The checks with the shipped rules."""
        return Safety.default()

    @cached_property
    def prompts(self) -> Prompts:
        """The prompt set of the language model."""
        entry = self.settings.llm
        return Prompts(entry.prompts, self.settings.prompt_folders, history=entry.history)

    def conversation(
        self,
        session_id: str | None = None,
        *,
        title: str = "",
        seeds: Callable[[], int] = new_seed,
        desk: Desk | None = None,
    ) -> Conversation:
        """A conversation in the session with this id (or unique beginning of one), or in a new session.

        With ``desk`` it is one of several that run side by side there.

        Raises:
            NotFound: there is no such session.
        """
        session = self.store.session(session_id) if session_id else self.store.create_session(title)
        return Conversation(
            store=self.store,
            session=session,
            llm=self.llm if desk is None else desk.language_model(self.llm),
            renderer=self.renderer if desk is None else desk.renderer(self.renderer),
            prompts=self.prompts,
            safety=self.safety,
            verifier=self.verifier,
            seeds=seeds,
            max_tokens=self.settings.llm.max_tokens,
        )

    def warm_up(self) -> None:
        """Loads the models. Meant for a background thread while the person types the first message.

        Once the app is closed, nothing more is begun.

        Raises:
            ModelError: a model cannot be loaded.
        """
        verifier = self.verifier if self.settings.painter.asks_verifier else None
        for model in (self.llm, self.renderer, verifier):
            loads = TransformersModel | OpenAIModel | DiffusersRenderer | StorybookJudge
            if not self._closed and isinstance(model, loads):
                model.load()

    def close(self) -> None:
        """Frees the models and closes the store; what was never used is not created for it."""
        self._closed = True
        for name in ("llm", "renderer", "verifier", "store"):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()


def model_at_server(name: str, entry: LlmEntry) -> OpenAIModel:
    """The language model of an ``openai`` entry. Nothing is asked of its server yet.

    Raises:
        ConfigError: the key is missing or is none.
    """
    return OpenAIModel(
        name,
        entry.source,
        entry.base_url,
        api_key_env=entry.api_key_env,
        response_format=entry.response_format,
        extra_body=entry.extra_body,
        connect_timeout_s=entry.connect_timeout_s,
        timeout_s=entry.timeout_s,
        token_timeout_s=entry.token_timeout_s,
        retries=entry.retries,
    )


def _abilities(entry: PainterEntry, source: str) -> Abilities:
    return Abilities(
        width=entry.width,
        height=entry.height,
        steps=entry.steps,
        guidance=entry.guidance,
        word_budget=entry.word_budget,
        multiple=entry.multiple,
        sizes=entry.sizes,
        max_characters=entry.max_characters,
        attempts=entry.attempts,
        verifier_guidance=entry.verifier_guidance,
        vocabulary=_vocabulary(Path(source) / entry.vocabulary) if entry.vocabulary else None,
    )


def _vocabulary(file: Path) -> frozenset[str]:
    try:
        words = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelMissing(f"The word list {file} is missing.", hint="Install chatdraw again.") from error
    except ValueError as error:
        raise ConfigError(f"The word list {file} is damaged: {error}.", hint="Install chatdraw again.") from error
    return frozenset(map(str, words))
