"""A tiny chat model with random weights: everything about it is real but what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

SENTENCES = (
    '{"action":"draw","edits":[{"op":"add_character","kind":"hedgehog","name":"Larry"}],"reply":"Here he is!"}',
    '{"action":"edit","edits":[{"op":"set_trait","who":"Larry","trait":"neckwear","value":"blue scarf"}]}',
    "Draw a hedgehog at the beach. Give him a blue scarf. What makes Larry so super-duper?",
    "고슴도치 래리를 그려 주세요. 파란 목도리를 둘러 주세요.",
)
TEMPLATE = (
    "{% if mood is defined %}<|system|>Be {{ mood }}.<|end|>{% endif %}"
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONTEXT = 1500


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Torch with one thread, whatever it had before; tiny models are slower with more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(SENTENCES * 4, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>", chat_template=TEMPLATE)


MakeModel = Callable[..., Path]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> MakeModel:
    """Saves a model of its own kind or seed and returns its folder; the same arguments give the same folder."""
    made: dict[tuple[object, int], Path] = {}

    def make(build: Callable[[int], PreTrainedModel] = llama, seed: int = 0) -> Path:
        if (build, seed) not in made:
            folder = made[build, seed] = tmp_path_factory.mktemp("model")
            torch.manual_seed(seed)
            model = build(len(tokenizer))
            model.generation_config.eos_token_id = tokenizer.eos_token_id
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
        return made[build, seed]

    return make


def llama(vocabulary: int) -> PreTrainedModel:
    # Weights larger than usual give random answers some variety.
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary + 5,  # like many large models, it has more logits than tokens
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=CONTEXT,
            initializer_range=0.4,
        )
    )


@pytest.fixture(scope="session")
def folder(make_model: MakeModel) -> Path:
    return make_model()
