"""The model card of the verifier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.card import machine
from training.runner import Run


def verifier_card(
    folder: Path, drawings: int, samples: int, run: Run, figures: Mapping[str, tuple[float, float, float, float]]
) -> str:
    """The text of ``README.md`` beside the weights in ``folder``.

    Args:
        folder: with the weights.
        drawings: how many there were to learn from.
        samples: how often one of them was looked at.
        run: of the training.
        figures: the shares of :class:`training.verifier.Accuracy` for each attribute.
    """
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e6
    rows = "\n".join(
        f"| {name} | {seen:.1%} | {half_way:.1%} | {read:.1%} | {invented:.1%} |"
        for name, (seen, half_way, read, invented) in figures.items()
    )
    return f"""\
---
library_name: diffusers
---

# Storybook verifier

Says how likely it is that a picture of the storybook world shows what its caption says, and which way noisy latents
have to go for it to become likelier. The bundled painter has learnt from it, and chatdraw guides that painter with it
after each step. It can also choose among several attempts at a picture; of pictures that it has guided itself, or of a
painter that it taught, it is a poor judge, though.

- **Architecture:** two small networks that meet in the names of things. One looks at the latents of a picture
  (convolutions at two sizes): where the characters are, and the attributes of each of them and of the picture as a
  whole. The other reads a caption (a transformer of two layers): which value of each attribute it states, or none.
  The weights have half precision, {size:.1f} MB. `chatdraw/storybook/verifying.py` holds the code.
- **Training data:** {drawings:,} drawings, the first of which the painter learns from too, and captions that are
  written anew for every step. No painted picture. Most drawings get as much noise as the painter sees on its way, and
  are changed a little against the network first, so that it believes only in changes that a drawing would have.
- **Training:** {run.clock.total() / 60:.0f} minutes on {machine(run)}: {samples:,} samples.
  `python -m training verifier` goes on from the last checkpoint.
- **Limits:** it knows the drawings of `training/world` and their captions, and nothing else. It is not what measures
  the painter: `evals/recogniser.py` is another network, with pictures of its own.

How often attributes are seen rightly in drawings that it has not seen (that there is none counts as well), clear ones
and such as are half noise; how often they are read rightly from captions that state them, and how often they are read
from captions that do not:

| attribute | seen | half noise | read | invented |
|---|---:|---:|---:|---:|
{rows}
"""
