"""The bundled models: a small painter and a small writer of a children's picture book, made by ``training/``.

The folders beside this file hold weights in the formats of the large models (diffusers, transformers) and are loaded by
the same engines. The two modules are the classes that the painter's pipeline is put together from; importing this
package imports neither, so that it stays light.
"""

from __future__ import annotations

from pathlib import Path

PAINTER = Path(__file__).with_name("painter")
"""The painter: a Stable Diffusion pipeline in diffusers format."""

WRITER = Path(__file__).with_name("writer")
"""The writer: a causal language model in transformers format."""
