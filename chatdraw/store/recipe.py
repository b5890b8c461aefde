"""The recipe of a picture, inside its PNG file.

Three text chunks:

``chatdraw``
    the :class:`Recipe` as JSON; the only one that is read back.
``parameters``
    caption, negative caption and settings in the lines that the AUTOMATIC1111 web interface began to write
    and most other tools read.
``Software``
    the program and its version, as the PNG specification has it.

Text that is not Latin-1 goes into an international (``iTXt``) chunk. The same picture and recipe always give
the same bytes, as long as the compression library is the same.
"""

from __future__ import annotations

import io
import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile, PngInfo
from pydantic import Field, ValidationError

from chatdraw.errors import NotFound, StoreError
from chatdraw.records import RenderRequest
from chatdraw.scene import Frozen

_CHUNK: Final = "chatdraw"


class Recipe(Frozen):
    """Where a picture comes from, and all it takes to draw it again."""

    request: RenderRequest
    text: str
    """The person's words."""
    turn: str
    """Id of the turn."""
    number: int
    """Number of the turn in its session."""
    session: str
    """Id of the session."""
    llm: str
    """Name of the language model; empty in raw mode, where none was asked."""
    llm_revision: str = ""
    version: str
    """Version of the program."""
    time: datetime
    pixels: str = ""
    """The :func:`pixel_hash` of what was drawn, which tells whether the picture was changed since; empty where it was
    not written down."""
    device: str = ""
    """What it was drawn on and in which numbers, such as ``cpu, float32``; empty where that is not known."""
    software: dict[str, str] = Field(default_factory=dict)
    """What else decides the last bit: versions of libraries and the kind of processor."""


def encode_png(image: Image.Image, recipe: Recipe) -> bytes:
    """The picture as a PNG file that carries its recipe."""
    chunks = PngInfo()
    # Pillow writes tEXt where Latin-1 suffices, and iTXt elsewhere.
    chunks.add_text(_CHUNK, json.dumps(recipe.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")))
    chunks.add_text("parameters", parameters(recipe))
    chunks.add_text("Software", f"chatdraw {recipe.version}")
    buffer = io.BytesIO()
    # A third of the time of the usual 6, which would be most of what a turn takes besides the models, for files that
    # are a sixth larger.
    image.save(buffer, format="PNG", pnginfo=chunks, compress_level=2)
    return buffer.getvalue()


def pixel_hash(image: Image.Image) -> str:
    """SHA-256 of the size and the colours of a picture, whatever else its file says."""
    pixels = image.convert("RGB")
    return sha256(f"{pixels.width}x{pixels.height}:".encode() + pixels.tobytes()).hexdigest()


def read_recipe(source: Path | bytes) -> Recipe | None:
    """The recipe of a PNG file; ``None`` when the picture carries none.

    Raises:
        NotFound: there is no such file.
        StoreError: it is no picture, or its recipe is damaged or of a newer version.
    """
    what = "The picture" if isinstance(source, bytes) else str(source)
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            written = image.text.get(_CHUNK) if isinstance(image, PngImageFile) else None
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {source!s}.", hint="Check the name and the folder.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise StoreError(f"{what} is no picture or is damaged.", hint="Try the file that chatdraw wrote.") from error
    if written is None:
        return None
    try:
        return Recipe.model_validate_json(written)
    except ValidationError as error:
        raise StoreError(
            f"The recipe in {what} cannot be read: {error.errors()[0]['msg']}.",
            hint="It was changed, or written by a newer version of chatdraw.",
        ) from error


def parameters(recipe: Recipe) -> str:
    """The recipe in the form that other tools read: caption, negative caption, settings, a line each."""
    request = recipe.request
    settings: dict[str, object] = {
        "Steps": request.steps,
        "CFG scale": f"{request.guidance:g}",
        "Seed": request.seed,
        "Size": f"{request.width}x{request.height}",
        "Model": request.model,
        "Model hash": request.revision,
    }
    if request.strength is not None:
        settings["Denoising strength"] = f"{request.strength:g}"
    settings["Version"] = f"chatdraw {recipe.version}"
    lines = [_one_line(request.caption)]
    if request.negative:
        lines.append(f"Negative prompt: {_one_line(request.negative)}")
    lines.append(", ".join(f"{name}: {_quoted(str(value))}" for name, value in settings.items()))
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Spaces for line breaks, which end a part of this format, and nothing that cannot be printed."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _quoted(value: str) -> str:
    """Values with a separator in them are written as JSON strings; that is the format's own rule."""
    return json.dumps(value, ensure_ascii=False) if any(c in value for c in ',:"\n') else value
