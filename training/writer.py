"""Trains the bundled writer: a small language model that turns messages into plans and scenes into captions.

It is a Llama from scratch, trained on chats that :mod:`training.conversations` makes up as it goes along: no example is
ever seen twice. Weight matrices are trained with Muon, the rest with AdamW; the learning rate stays up for most of the
time and falls to nothing at its end. The result is an ordinary transformers folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training.optimise import load_optimizers, muon_and_adamw, rate, set_rate
from training.runner import Run
from training.settings import Settings
from training.writer_card import card
from training.writer_data import Batch, batches, word_texts
from training.writer_model import Shape, WriterModel
from training.writer_tokenizer import build_tokenizer

FOLDER = Path(__file__).resolve().parents[1] / "chatdraw" / "storybook" / "writer"


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """The ``[writer]`` section."""

    width: int = 192
    depth: int = 8
    heads: int = 4
    hidden: int = 512
    vocabulary: int = 4200
    """Tokens at most; fewer where fewer words are common."""
    context: int = 512
    batch_tokens: int = 9216
    rate_matrices: float = 6e-3
    rate_others: float = 3e-3
    weight_decay: float = 0.02
    warm_up: int = 40
    """Steps in which the learning rate rises, also after each resumption."""
    steady: float = 0.3
    """Share of the time before the learning rate begins to fall."""
    count_words_in: int = 40_000
    """Examples that the tokenizer's words are counted in."""
    compiled: bool = False
    """Compile the layers: a step takes a fifth less after a minute. It needs a C++ compiler, on a GPU Triton."""
    folder: str = ""
    """Where the model goes; empty for its place in the package."""


def train(settings: Settings, run: Run, minutes: float) -> None:
    """Train for ``minutes`` from the last checkpoint or from nothing, then write the model's folder and its card."""
    own = settings.section("writer", WriterSettings)
    training = Training(own, run)
    training.go()
    if training.step == 0:
        run.say("nothing has been trained yet, so nothing is written")
        return
    folder = Path(own.folder) if own.folder else FOLDER
    export(training.model, training.tokenizer, folder)
    text = card(training.model.shape, examples=training.samples, seconds=run.clock.total(), device=run.device.type)
    (folder / "README.md").write_text(text, encoding="utf-8")


class Training:
    """The state of one training, taken up from the run's last checkpoint where there is one."""

    def __init__(self, own: WriterSettings, run: Run) -> None:
        self._own = own
        self._run = run
        state = run.load()
        self.tokenizer = self._tokenizer()
        shape = Shape(len(self.tokenizer), own.width, own.depth, own.heads, own.hidden, own.context)
        torch.manual_seed(run.seed_for(0))
        self.model = WriterModel(shape).to(run.device)
        self._optimizers = muon_and_adamw(self.model, own.rate_matrices, own.rate_others, own.weight_decay)
        self.step = 0
        self.samples = 0
        self._blocks = 0
        if state is not None:
            self._restore(state)
        if own.compiled:
            for layer in self.model.model.layers:
                layer.compile(dynamic=True)

    def go(self) -> None:
        """Train until the time is over, checkpointing and logging on the way."""
        own, run = self._own, self._run
        started = self.step
        smooth: float | None = None
        source = self._batches()
        while run.going():
            passed = 1 - run.clock.left() / run.clock.limit
            set_rate(self._optimizers, rate(self.step - started, own.warm_up, passed, own.steady, last=0.01))
            batch = next(source)
            loss = self._learn(batch)
            self.step += 1
            self.samples += batch.count
            smooth = loss if smooth is None else 0.97 * smooth + 0.03 * loss
            if run.log_due():
                run.log(self.step, self.samples, loss=smooth)
            if run.checkpoint_due():
                self.save()
        if run.clock.limit > 0:
            self.save()

    def _batches(self) -> Iterator[Batch]:
        # Every invocation starts a stream of its own, so that no conversation comes up twice.
        self._blocks += 1
        return batches(self.tokenizer, self._run.seed_for(self._blocks), self._own.batch_tokens, self._own.context)

    def _learn(self, batch: Batch) -> float:
        device = self._run.device
        parts = (part.to(device) for part in (batch.ids, batch.where, batch.wanted, batch.weights))
        with self._run.autocast():
            loss = self.model.loss(*parts)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad()
        return float(loss.detach())

    def _tokenizer(self) -> PreTrainedTokenizerFast:
        folder = self._run.folder / "tokenizer"
        if folder.exists():
            return PreTrainedTokenizerFast.from_pretrained(folder)
        texts = word_texts(self._run.seed_for(0), self._own.count_words_in)
        tokenizer = build_tokenizer(texts, self._own.vocabulary, self._own.context)
        tokenizer.save_pretrained(folder)
        return tokenizer

    def save(self) -> None:
        """Write a checkpoint."""
        self._run.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
                "step": self.step,
                "samples": self.samples,
                "blocks": self._blocks,
            }
        )

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        load_optimizers(self._optimizers, state["optimizers"])
        self.step, self.samples, self._blocks = state["step"], state["samples"], state["blocks"]


def export(model: WriterModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the transformers folder: fp16 weights in files of at most 15 MB, tokenizer, template, configurations."""
    config = model.shape.config(end=tokenizer.eos_token_id, pad=tokenizer.pad_token_id)
    whole = LlamaForCausalLM(config)
    state: dict[str, Tensor] = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    missing, unexpected = whole.load_state_dict(state, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise RuntimeError(f"the network does not fit transformers' Llama: {unexpected} {missing}")
    whole.tie_weights()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("model*.safetensors*"):
        # A larger model that stood here before may have had more files.
        old.unlink()
    whole.generation_config = GenerationConfig(
        do_sample=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        max_new_tokens=256,
    )
    whole.half().eval().save_pretrained(folder, max_shard_size="15MB")
    tokenizer.save_pretrained(folder)
    _with_template_inside(folder, tokenizer)
    for file in folder.iterdir():
        # Weights are written for their owner only, but they are there for everybody.
        file.chmod(0o644)


def _with_template_inside(folder: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    """Put the chat template into ``tokenizer_config.json`` too, where older readers look for it."""
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    config["chat_template"] = tokenizer.chat_template
    file.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
