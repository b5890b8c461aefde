"""Language models in this process, by ``transformers``: the bundled writer as well as large ones.

``torch`` and ``transformers`` are imported when the weights are loaded, not with this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from chatdraw.errors import ChatdrawError, ModelError
from chatdraw.llm.base import Call, Known
from chatdraw.llm.batching import Row, answers, decided
from chatdraw.llm.cache import Slots, croppable
from chatdraw.llm.constrain import Grammars
from chatdraw.llm.decoding import Decoder, Task
from chatdraw.llm.weights import TINY, Source, choose_device, load_model, load_tokenizer, locate
from chatdraw.machine import on_threads
from chatdraw.messages import Message
from chatdraw.scene import Frozen

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call cost."""

    prompt_tokens: int
    reused_tokens: int
    """Those of the prompt that were still in the cache."""
    forward_passes: int
    forced_tokens: int
    """Those of the answer that the schema left no choice about."""
    generated_tokens: int
    """All tokens of the answer, forced and guessed ones among them."""
    guessed_tokens: int
    """Those that were checked in the pass of an earlier one."""
    seconds: float
    """From asking for the first piece to the end, with whatever the caller did between pieces."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Everything that exists once the weights are in memory."""

    tokenizer: PreTrainedTokenizerFast
    decoder: Decoder
    slots: Slots
    context: int | None
    """Tokens of prompt and answer together; ``None`` where the model has no limit."""


class TransformersModel:
    """A chat model that runs here.

    Answers are greedy, or searched for with ``beams``: the same calls in the same order give the same answers. What is
    read in other portions, since more or less of it was in the cache, is rounded differently (logits by about 1e-7 in
    float32, 1e-2 in bfloat16); that can only decide a near tie.

    The cache is reused where it can be cut back exactly. That is so for plain attention; models with sliding
    windows or recurrent layers only reuse it when a prompt goes on where the last answer ended.

    Several answers can be written at the same time, from several threads.

    Args:
        name: name of the ``models.toml`` entry.
        source: a folder, or the id of a hub model.
        revision: branch, tag or commit of a hub model; ``None`` is its main branch.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        dtype: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        threads: CPU threads for all of torch in this process; ``None`` leaves them as they are, but for a model of a
            few million parameters, which gets one.
        context: tokens of prompt and answer together; ``None`` is what the model was made for.
        template_kwargs: more variables for the chat template, such as ``enable_thinking=False``.
        beams: ways to go on with a plan that are kept side by side, to find the most likely plan as a whole that
            can be done; 1 is greedy. It is for models with plain attention: others go on greedily.

    Attributes:
        last: what the latest call cost; ``None`` before the first one ends.
    """

    def __init__(
        self,
        name: str,
        source: str,
        *,
        revision: str | None = None,
        device: str = "auto",
        dtype: str = "auto",
        threads: int | None = None,
        context: int | None = None,
        template_kwargs: Mapping[str, object] | None = None,
        beams: int = 1,
    ) -> None:
        self._name = name
        self._source = source
        self._asked_revision = revision
        self._device = device
        self._dtype = dtype
        self._threads = threads
        self._context = context
        self._template_kwargs = dict(template_kwargs or {})
        self._beams = beams
        self._located: Source | None = None
        self._loaded: _Loaded | None = None
        self._closings = 0
        self._loading = Lock()
        """Held for as long as loading takes, so that it happens once."""
        self._switching = Lock()
        """Held for the moment in which ``_loaded`` or ``_closings`` change."""
        self.last: Usage | None = None

    @property
    def name(self) -> str:
        """Name of the ``models.toml`` entry."""
        return self._name

    @property
    def revision(self) -> str:
        """The commit of a hub model, which is fetched if it is not here yet; the fingerprint of a folder.

        Raises:
            ModelMissing: the model is not there, and cannot be fetched.
        """
        if self._located is None:
            self._located = locate(self._source, self._asked_revision)
        return self._located.revision

    def load(self) -> None:
        """Reads the weights into memory; a second call does nothing.

        Raises:
            ModelMissing: the model is not there, damaged, or cannot be fetched.
            ModelError: it cannot be used here.
            ConfigError: device, dtype or revision make no sense.
        """
        self._ready()

    def complete(
        self,
        messages: tuple[Message, ...],
        schema: type[Frozen],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool] = lambda: False,
        known: Known | None = None,
    ) -> Iterator[str]:
        """Pieces of text that join to one compact JSON document of ``schema``; loads the model if need be.

        The document is cut off, and then is no valid JSON, after ``max_tokens`` tokens or where the
        context is full. Cancelling, and closing the iterator early, leave the cache as good as before.

        Raises:
            Cancelled: ``cancelled()`` became true between two tokens.
            ModelMissing: as for :meth:`load`.
            ModelError: as for :meth:`load`, or the prompt is longer than the context, or the model failed.
        """
        start = time.perf_counter()
        loaded = self._ready()
        prompt, room = self._prompt(loaded, messages, max_tokens)
        matcher = loaded.decoder.grammars.start(schema, known)
        slot = loaded.slots.take(prompt)
        reused, task = len(slot.tokens), Task(prompt, matcher, slot, room, cancelled)
        try:
            searched = self._beams > 1 and matcher.decides and slot.croppable
            yield from loaded.decoder.answer(task, decided(loaded.decoder, task) if searched else ())
        finally:
            loaded.slots.put_back(slot)
            self.last = Usage(
                prompt_tokens=len(prompt),
                reused_tokens=reused,
                forward_passes=task.count.forward_passes,
                forced_tokens=task.count.forced,
                generated_tokens=task.count.generated,
                guessed_tokens=task.count.guessed,
                seconds=time.perf_counter() - start,
            )

    def complete_batch(self, calls: Sequence[Call]) -> list[str | ChatdrawError]:
        """Several answers at once, each as :meth:`complete` gives it in one piece, or the error that ended it.

        Takes hardly longer than one of them. Rounding differs a little from single answers, which can only decide a
        near tie.

        Raises:
            ModelMissing: as for :meth:`load`.
            ModelError: as for :meth:`load`, or the model failed.
        """
        loaded = self._ready()
        results: list[str | ChatdrawError] = []
        rows: dict[int, Row] = {}
        for place, call in enumerate(calls):
            try:
                prompt, room = self._prompt(loaded, call.messages, call.max_tokens)
                matcher = loaded.decoder.grammars.start(call.schema, call.known)
                rows[place] = Row(prompt, matcher, room, call.cancelled)
                results.append("")
            except ChatdrawError as error:
                results.append(error)
        cache = loaded.slots.new()
        if not croppable(cache):
            return [self._single(call) if place in rows else results[place] for place, call in enumerate(calls)]
        if rows:
            for place, answer in zip(rows, answers(loaded.decoder, cache, list(rows.values())), strict=True):
                results[place] = answer
        return results

    def _single(self, call: Call) -> str | ChatdrawError:
        try:
            return "".join(
                self.complete(
                    call.messages,
                    call.schema,
                    max_tokens=call.max_tokens,
                    cancelled=call.cancelled,
                    known=call.known,
                )
            )
        except ChatdrawError as error:
            return error

    def close(self) -> None:
        """Frees the memory; a second call does nothing, and a later answer loads the model again.

        Returns at once: an answer under way ends as it would have, and what is being loaded is not kept.
        """
        with self._switching:
            self._closings += 1
            loaded, self._loaded = self._loaded, None
        if loaded is not None and loaded.decoder.model.device.type == "cuda":
            import torch

            del loaded
            torch.cuda.empty_cache()

    def _ready(self) -> _Loaded:
        with self._loading:
            with self._switching:
                loaded, closings = self._loaded, self._closings
            if loaded is None:
                loaded = self._load()
                with self._switching:
                    # Closed meanwhile: whoever waits for this answer gets it, and nothing stays behind.
                    self._loaded = loaded if closings == self._closings else None
            return loaded

    def _load(self) -> _Loaded:
        import torch
        from transformers import DynamicCache

        self._located = locate(self._source, self._asked_revision)
        device = choose_device(self._device)
        if self._threads is not None:
            torch.set_num_threads(self._threads)
        tokenizer = load_tokenizer(self._located.folder)
        with on_threads(1):
            model = load_model(self._located.folder, device=device, dtype=self._dtype)
        ends = _ends(model, tokenizer)
        return _Loaded(
            tokenizer=tokenizer,
            decoder=Decoder(
                model, Grammars(tokenizer, ends), ends, threads=self._threads_for(model), beams=self._beams
            ),
            slots=Slots(lambda: DynamicCache(config=model.config)),
            context=self._limit(model),
        )

    def _threads_for(self, model: PreTrainedModel) -> int | None:
        if self._threads is not None or model.device.type != "cpu":
            return self._threads
        return 1 if sum(parameter.numel() for parameter in model.parameters()) <= TINY else None

    def _prompt(self, loaded: _Loaded, messages: Sequence[Message], max_tokens: int) -> tuple[list[int], int]:
        """The tokens of the prompt, and how many the answer may have."""
        prompt = self._encode(loaded.tokenizer, messages)
        room = max_tokens if loaded.context is None else min(max_tokens, loaded.context - len(prompt))
        if room < 1:
            raise ModelError(
                f"The prompt has {len(prompt)} tokens, and {self._name} takes {loaded.context} with the answer.",
                hint="Start a new session, say it in fewer words, or choose a model with a larger context.",
            )
        return prompt, room

    def _limit(self, model: PreTrainedModel) -> int | None:
        made_for: int | None = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        if self._context is not None and made_for is not None and self._context > made_for:
            raise ModelError(
                f"{self._name} was made for a context of {made_for} tokens, not {self._context}.",
                hint="Lower the context of the model in models.toml.",
            )
        return made_for if self._context is None else self._context

    def _encode(self, tokenizer: PreTrainedTokenizerFast, messages: Sequence[Message]) -> list[int]:
        from jinja2 import TemplateError

        chat = [{"role": message.role, "content": message.content} for message in messages]
        try:
            tokens: list[int] = tokenizer.apply_chat_template(
                chat, add_generation_prompt=True, tokenize=True, return_dict=False, **self._template_kwargs
            )
        except TemplateError as error:
            raise ModelError(
                f"The chat template of {self._name} does not take these messages: {error}.",
                hint="Some models know no system message, or want user and assistant in turn.",
            ) from error
        return tokens


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> frozenset[int]:
    named = model.generation_config.eos_token_id if model.generation_config else None
    several = named if isinstance(named, list) else [named]
    return frozenset(token for token in (*several, tokenizer.eos_token_id) if token is not None)
