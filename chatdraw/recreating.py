"""Drawing a picture again from its recipe, and saying whether it came out the same, and if not, why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

import chatdraw
from chatdraw.app import App
from chatdraw.catalogue import unknown_name
from chatdraw.config import Settings, resolve_source
from chatdraw.errors import ModelMissing, NotFound, StoreError
from chatdraw.events import Step
from chatdraw.machine import software
from chatdraw.render.base import Finished
from chatdraw.store import Store
from chatdraw.store.database import FILE_NAME
from chatdraw.store.recipe import Recipe, encode_png, pixel_hash, read_recipe

if TYPE_CHECKING:
    from chatdraw.render.base import Renderer

Verdict = Literal["identical", "within tolerance", "different"]

MOST: Final = 8
"""How far one value of one colour of one pixel may be off, of 255, where nobody can see it."""
MOST_RMS: Final = 1.0
"""How far all values may be off on average (root of the mean square), of 255."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two pictures of the same size are apart, in steps of 255."""

    largest: int
    """The largest difference of any value."""
    rms: float
    """The root of the mean square over all values."""

    @property
    def verdict(self) -> Verdict:
        """What that means."""
        if self.largest == 0:
            return "identical"
        return "within tolerance" if self.largest <= MOST and self.rms <= MOST_RMS else "different"


@dataclass(frozen=True, slots=True)
class Recreated:
    """A picture that was drawn again."""

    recipe: Recipe
    """Of the old picture."""
    image: Image.Image
    """The new picture."""
    verdict: Verdict
    difference: Difference | None
    """``None`` when the sizes differ."""
    reasons: tuple[str, ...]
    """What could have made it different, a sentence each; empty when it is identical."""
    png: bytes
    """The new picture as a file, with a recipe that says on what it was drawn this time."""


def recreate(
    picture: Path,
    settings: Settings,
    *,
    anyway: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Step | Recreated]:
    """Draws a picture again.

    Args:
        picture: a PNG file of chatdraw, or a copy of one.
        settings: with the catalogue that has the model, and the home in which a picture that it started from is kept.
        anyway: draw also when the models here have another revision than those that drew the picture.
        cancelled: asked between two steps.

    Yields:
        Steps, and then the result.

    Raises:
        NotFound: there is no such picture, or the one that it started from is gone.
        StoreError: it has no recipe, or one that cannot be read.
        ConfigError: there is no model of that name.
        ModelMissing: the model or the verifier that guided it has another revision, or files are not there.
        ChatdrawError: the model cannot be loaded, or cannot draw this.
    """
    recipe = recipe_of(picture)
    old = _pixels(picture)
    app = App(with_painter(settings, recipe))
    try:
        here = _revision(app.renderer, recipe, anyway)
        verifier = _verifier_revision(app, recipe, anyway)
        source = _parent(recipe, settings)
        new: Image.Image | None = None
        for event in app.renderer.render(recipe.request, source=source, cancelled=cancelled):
            if isinstance(event, Finished):
                new = event.image
            else:
                yield event
    finally:
        app.close()
    if new is None:
        raise TypeError("the renderer ended without a picture")
    device = str(new.info.get("device", ""))
    request = recipe.request.model_copy(update={"revision": here, "verifier_revision": verifier})
    made = recipe.model_copy(
        update={
            "request": request,
            "version": chatdraw.__version__,
            "pixels": pixel_hash(new),
            "device": device,
            "software": software(),
        }
    )
    difference = compare(old, new)
    verdict: Verdict = "different" if difference is None else difference.verdict
    reasons = () if verdict == "identical" else tuple(_reasons(recipe, made, old, new))
    yield Recreated(recipe, new, verdict, difference, reasons, encode_png(new, made))


def recipe_of(picture: Path) -> Recipe:
    """The recipe of a picture that has to have one.

    Raises:
        NotFound: there is no such file.
        StoreError: it has none, or one of a newer program, or a damaged one.
    """
    try:
        recipe = read_recipe(picture)
    except NotFound:
        raise
    except StoreError as error:
        newer = _newer(picture)
        if newer is None:
            raise
        raise StoreError(
            f"The recipe in {picture} was written by chatdraw {newer}; this is {chatdraw.__version__}.",
            hint=f"Install chatdraw {newer} or a later one.",
        ) from error
    if recipe is None:
        raise StoreError(
            f"{picture} carries no recipe.",
            hint="chatdraw did not draw it, or the recipe was taken out since; many programs do that when they save.",
        )
    return recipe


def with_painter(settings: Settings, recipe: Recipe) -> Settings:
    """The settings with the image model that a recipe names.

    A hub model is taken in the revision that drew the picture, so that a newer one does not matter.

    Raises:
        ConfigError: there is no such entry.
    """
    name = recipe.request.model
    painters = settings.catalogue.painter
    if name not in painters:
        raise unknown_name("painter entry", name, painters, where="The recipe")
    entry = painters[name]
    if entry.engine == "diffusers" and not Path(resolve_source(entry.source)).is_dir() and "/" in entry.source:
        entry = entry.model_copy(update={"revision": recipe.request.revision})
    return settings.model_copy(update={"painter_name": name, "painter": entry})


def compare(old: Image.Image, new: Image.Image) -> Difference | None:
    """How far two pictures are apart; ``None`` when they have different sizes."""
    if old.size != new.size:
        return None
    one, other = (np.asarray(image.convert("RGB"), dtype=np.int16) for image in (old, new))
    apart = np.abs(one - other)
    return Difference(int(apart.max()), float(np.sqrt(np.mean(np.square(apart, dtype=np.float64)))))


def _revision(renderer: Renderer, recipe: Recipe, anyway: bool) -> str:
    """The revision that is here."""
    here, then = renderer.revision, recipe.request.revision
    if here != then and not anyway:
        raise ModelMissing(
            f"The picture was drawn by {recipe.request.model} in revision {then}; here is {here}.",
            hint="Put that revision in place, or draw with this one: --anyway.",
        )
    return here


def _verifier_revision(app: App, recipe: Recipe, anyway: bool) -> str:
    """The revision of the verifier that is here, for a picture that one guided."""
    if not recipe.request.verifier_guidance:
        return ""
    if app.verifier is None:
        raise ModelMissing(
            f"The picture was guided by a verifier, and {recipe.request.model} has none here.",
            hint="Give it one in models.toml: verifier.",
        )
    here, then = app.verifier.revision, recipe.request.verifier_revision
    if here != then and not anyway:
        raise ModelMissing(
            f"The picture was guided by the verifier of {recipe.request.model} in revision {then}; here is {here}.",
            hint="Put that revision in place, or draw with this one: --anyway.",
        )
    return here


def _parent(recipe: Recipe, settings: Settings) -> Image.Image | None:
    """The picture that this one started from, out of the store."""
    parent = recipe.request.parent
    if parent is None:
        return None
    hint = "Name the folder of the session that it belongs to, with --home."
    # Opening a store would make one.
    if not (settings.home / FILE_NAME).is_file():
        raise NotFound(f"The picture started from another, and {settings.home} holds no sessions.", hint=hint)
    with Store(settings.home) as store:
        try:
            path = store.picture_path(parent)
        except NotFound as error:
            raise NotFound(f"The picture started from another, which is not in {settings.home}.", hint=hint) from error
    return _pixels(path)


def _pixels(file: Path) -> Image.Image:
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    # Pillow says with SyntaxError that a chunk of the file is broken.
    except (OSError, SyntaxError, ValueError) as error:
        raise StoreError(f"{file} is damaged: {error}.", hint="Copy it again from where it came.") from error


def _reasons(old: Recipe, new: Recipe, old_image: Image.Image, new_image: Image.Image) -> Iterator[str]:
    """What is known to be different, the surest first."""
    if old_image.size != new_image.size:
        was, now = (f"{image.width} × {image.height}" for image in (old_image, new_image))
        yield f"The file has {was} pixels, the recipe asks for {now}: it was scaled or cut."
    elif old.pixels and pixel_hash(old_image) != old.pixels:
        if new.pixels == old.pixels:
            # Then nothing else has made a difference, whatever else is different.
            yield "The file was changed after it was drawn; the new picture is exactly the one that was drawn then."
            return
        yield "The file was changed after it was drawn: it no longer has the pixels that its recipe names."
    elif not old.pixels:
        yield "Whether the file was changed since is not known: its recipe does not name its pixels."
    if old.request.verifier_revision != new.request.verifier_revision:
        then, now = old.request.verifier_revision, new.request.verifier_revision
        yield f"Another revision of the verifier of {new.request.model}: {then} then, {now} now."
    if old.request.revision != new.request.revision:
        yield f"Another revision of {new.request.model}: {old.request.revision} then, {new.request.revision} now."
    if old.device and new.device and old.device != new.device:
        yield f"Drawn on something else: {old.device} then, {new.device} now."
    for name, then in old.software.items():
        now = new.software.get(name, "none")
        if now != then:
            yield f"Another {name}: {then} then, {now} now."
    if not old.software and old.pixels != new.pixels:
        yield "On which machine and with which libraries it was drawn is not known."


def _newer(picture: Path) -> str | None:
    """The version of the program that wrote a recipe, when it is newer than this one."""
    try:
        with Image.open(picture) as image:
            content: Any = json.loads(image.text["chatdraw"]) if isinstance(image, PngImageFile) else None
        version = str(content["version"])
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return None
    return version if _number(version) > _number(chatdraw.__version__) else None


def _number(version: str) -> tuple[int, ...]:
    """``(0, 2, 0)`` for ``0.2.0.dev1``: what comes first decides."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()
