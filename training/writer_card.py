"""The model card of the bundled writer."""

from __future__ import annotations

from training.conversations.korean_speech import korean_bank
from training.conversations.phrases import phrase_bank
from training.writer_model import Shape, WriterModel

UNMEASURED = "Run `python -m evals writer` to measure this model."


def card(shape: Shape, *, examples: int, seconds: float, device: str, accuracy: str = UNMEASURED) -> str:
    """The card as Markdown.

    Args:
        shape: sizes of the network.
        examples: chats seen in training.
        seconds: how long it was trained.
        device: ``cpu`` or ``cuda``.
        accuracy: what was measured; the evaluation programs put their figures there.
    """
    size = sum(parameter.numel() for parameter in WriterModel(shape).parameters()) / 1e6
    banks = {"English": phrase_bank(), "Korean": korean_bank()}
    trained = {
        name: sum(len(family.trained) for family in bank.values() if family.unseen) for name, bank in banks.items()
    }
    kept = sum(len(family.unseen) for bank in banks.values() for family in bank.values())
    families = " and ".join(f"{count:,} {name}" for name, count in trained.items())
    return f"""---
license: apache-2.0
language:
- en
- ko
library_name: transformers
pipeline_tag: text-generation
---

# Storybook writer

The bundled language model of chatdraw. It reads the scene and a message, English or Korean, and writes a plan as JSON;
it reads a scene and writes an English caption for the storybook painter. It knows nothing else.

- **Model:** Llama architecture, {size:.1f} million parameters: width {shape.width}, {shape.depth} layers,
  {shape.heads} heads, {shape.vocabulary} tokens, context {shape.context}. Weights in float16.
- **Tokenizer:** frequent words and Korean syllables are tokens, everything else, names above all, is spelled in
  bytes: what is to be copied looks the same everywhere.
- **Data:** {examples:,} chats made up by `training/conversations` ({families} families of phrasings; {kept:,} more are
  kept for measuring, as are a tenth of all names and rare words). No text of anybody else.
- **Training:** {seconds / 60:.0f} minutes on {"a server CPU" if device == "cpu" else "a GPU"}:
  `python -m training writer`.

## Prompts

Those of `prompts/storybook`: a system message of one word (`plan` or `caption`), the scene, and `say` with the
message. The answer is the compact JSON of `chatdraw.plan`. Constrain it to the schema, and
search for it with a few beams.

## Accuracy

{accuracy}

## Limits

Up to three characters in a picture. It sees the scene and one message, not what was said before. Unknown things are
copied word for word; whether the painter can draw them is another matter. It does not know the world: it cannot answer
questions, and what it says about pictures comes from some hundred sentences.
"""
