"""The bundled models: a small painter of a children's picture book, a verifier of its pictures and a small writer, made
by ``training/``.

The folders beside this file hold weights in the formats of the large models (diffusers, transformers) and are loaded by
the same engines. The modules are the classes of the verifier and of the painter's pipeline; importing this package
imports none of them, so that it stays light.
"""

from __future__ import annotations

from pathlib import Path

PAINTER = Path(__file__).with_name("painter")
"""The painter: a Stable Diffusion pipeline in diffusers format."""

VERIFIER = Path(__file__).with_name("verifier")
"""The verifier of the painter's pictures: a model in diffusers format."""

WRITER = Path(__file__).with_name("writer")
"""The writer: a causal language model in transformers format."""
