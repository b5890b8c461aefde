"""Requests for the renderers under test, and the smallest pipelines that are real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatdraw.records import RenderRequest

SIDE = 32
"""Pixels of what the tiny pipelines draw."""


@pytest.fixture
def make_request() -> Callable[..., RenderRequest]:
    """A small request with some of its fields replaced."""

    def make(**changed: Any) -> RenderRequest:
        fields: dict[str, Any] = {
            "caption": "a small yellow hedgehog with a blue scarf",
            "seed": 7,
            "width": 64,
            "height": 64,
            "steps": 4,
            "guidance": 3.0,
            "model": "test",
            "revision": "1",
        }
        return RenderRequest(**(fields | changed))

    return make


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A StableDiffusionPipeline of random weights that draws 32 x 32 pixels. Copy it before changing a file."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    folder = tmp_path_factory.mktemp("tiny")
    scheduler = DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    _assemble(StableDiffusionPipeline, scheduler, time_condition=None).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_lcm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a LatentConsistencyModelPipeline, which takes no negative prompt."""
    from diffusers import LatentConsistencyModelPipeline, LCMScheduler

    folder = tmp_path_factory.mktemp("tiny-lcm")
    _assemble(LatentConsistencyModelPipeline, LCMScheduler(), time_condition=8).save_pretrained(folder)
    return folder


def _assemble(kind: Any, scheduler: Any, time_condition: int | None) -> Any:
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    with torch.random.fork_rng():
        torch.manual_seed(0)
        unet = UNet2DConditionModel(
            sample_size=SIDE // 2,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            in_channels=4,
            out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=16,
            attention_head_dim=8,
            time_cond_proj_dim=time_condition,
        )
        vae = AutoencoderKL(
            block_out_channels=(8, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            norm_num_groups=4,
            latent_channels=4,
            sample_size=SIDE,
        )
        tokenizer = _tokenizer()
        text = CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=16,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        encoder = CLIPTextModel(text)
    return kind(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _tokenizer() -> Any:
    """A CLIP tokenizer whose vocabulary is learned from one sentence."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator(["a small yellow hedgehog with a blue scarf, a red fox in the snow at night"], trainer)
    return CLIPTokenizer(vocab=learner.get_vocab(), merges=[], model_max_length=16)
