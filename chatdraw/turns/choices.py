"""What the person chose for the pictures to come, in place of what the image model does by itself."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from chatdraw.errors import MessageError, RenderError
from chatdraw.records import Picture
from chatdraw.render.base import Abilities
from chatdraw.render.checks import nearest_size


@dataclass(frozen=True, slots=True)
class Choices:
    """``None`` everywhere: automatic."""

    seed: int | None = None
    """Of every picture but variations, 0 <= seed < 2**63. By itself an edit begins with the seed of the picture that
    it changes, and everything else takes a new one; other seeds are tried where the picture lacks something."""
    width: int | None = None
    """Pixels. By itself an edit keeps the size of the picture that it changes."""
    height: int | None = None
    """Pixels."""
    steps: int | None = None
    """1 to 1000."""
    guidance: float | None = None
    """0 to 100."""


def choose(choices: Choices, abilities: Abilities, name: str, **changes: int | float | None) -> Choices:
    """The choices after some were changed; ``None`` makes one automatic again.

    A width without a height, or the other way round, leaves the other as it is chosen or as the model has it.

    Args:
        abilities: of the image model.
        name: of the image model, for messages.

    Raises:
        MessageError: there is no such choice, or the value is none.
        RenderError: the model cannot draw this size; the hint names the nearest that it can.
    """
    known = [field.name for field in fields(Choices)]
    for key, value in changes.items():
        if key not in known:
            raise MessageError(f"There is no “{key}” to choose.", hint=f"There is: {', '.join(known)}.")
        if value is not None:
            _check(key, value)
    chosen = replace(choices, **changes)  # type: ignore[arg-type]  # each value was checked for its name just above
    if ("width" in changes or "height" in changes) and (chosen.width, chosen.height) != (None, None):
        width, height = chosen.width or abilities.width, chosen.height or abilities.height
        near = nearest_size(width, height, abilities)
        if near != (width, height):
            raise RenderError(
                f"{name} cannot draw {width}×{height} pixels.", hint=f"The nearest size is {near[0]}×{near[1]}."
            )
    return chosen


def size_of(choices: Choices, abilities: Abilities, origin: Picture | None) -> tuple[int, int]:
    """Width and height of the next picture.

    Args:
        origin: the picture that it changes or varies, if it was drawn by the same model.
    """
    width, height = abilities.width, abilities.height
    if origin is not None:
        own = (origin.request.width, origin.request.height)
        # models.toml may have changed since; then the picture is drawn as the model has it now.
        if nearest_size(*own, abilities) == own:
            width, height = own
    if choices.width is None and choices.height is None:
        return width, height
    return choices.width or abilities.width, choices.height or abilities.height


def _check(key: str, value: int | float) -> None:
    ranges: dict[str, tuple[int, int]] = {
        "seed": (0, 2**63 - 1),
        "width": (8, 8192),
        "height": (8, 8192),
        "steps": (1, 1000),
        "guidance": (0, 100),
    }
    least, most = ranges[key]
    whole = key != "guidance"
    if isinstance(value, bool) or (whole and not isinstance(value, int)) or not least <= value <= most:
        raise MessageError(
            f"The {key} cannot be {value}.",
            hint=f"It is a {'whole ' if whole else ''}number from {least:,} to {most:,}.",
        )
