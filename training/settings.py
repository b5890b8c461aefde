"""The one configuration file of all training programs, read strictly into frozen dataclasses.

Every part (autoencoder, verifier, painter, decoder, writer, recogniser) owns the dataclass of its own section and asks
for it with :meth:`Settings.section`; a section or key that is absent keeps the dataclass's default, one that is unknown
fails.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

PARTS = ("autoencoder", "verifier", "painter", "decoder", "writer", "recogniser")
"""The trainable parts in the order in which they depend on one another."""

DEFAULT_FILE = Path(__file__).with_name("training.toml")
REPOSITORY = Path(__file__).resolve().parent.parent

SectionT = TypeVar("SectionT")


class SettingsError(ValueError):
    """A configuration file or an override that cannot be used; the message names the key and the nearest one."""


@dataclass(frozen=True, slots=True)
class General:
    """What all parts share: the ``[general]`` section."""

    seed: int = 1
    checkpoint_seconds: float = 120.0
    """Seconds between two checkpoints."""
    log_seconds: float = 10.0
    """Seconds between two lines of the log."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How ``python -m training all`` divides its minutes: the ``[shares]`` section, relative weights."""

    autoencoder: float = 0.2
    verifier: float = 0.15
    painter: float = 0.4
    decoder: float = 0.1
    writer: float = 0.2
    recogniser: float = 0.1

    def minutes(self, total: float) -> dict[str, float]:
        """Minutes for each part of :data:`PARTS`, in that order, out of ``total`` minutes."""
        weights = {part: float(getattr(self, part)) for part in PARTS}
        whole = sum(weights.values())
        if whole <= 0 or min(weights.values()) < 0:
            raise SettingsError("[shares] must be weights of at least 0 that are not all 0")
        return {part: total * weight / whole for part, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole configuration file."""

    general: General = General()
    shares: Shares = Shares()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The raw tables of the parts; read them with :meth:`section`."""

    def section(self, name: str, kind: type[SectionT]) -> SectionT:
        """The table ``[name]`` as an instance of the dataclass ``kind``.

        Raises :class:`SettingsError` for a key that ``kind`` does not have or a value of the wrong type.
        """
        return build(kind, self.tables.get(name, {}), name)


def read_settings(file: Path = DEFAULT_FILE, overrides: Iterable[str] = ()) -> Settings:
    """Read ``file``, then apply overrides of the form ``section.key=TOML value``."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read {file}: {error}") from error
    for override in overrides:
        _override(document, override)
    known = ("general", "shares", *PARTS)
    for name, table in document.items():
        if name not in known:
            raise SettingsError(f"{file}: unknown section [{name}]{nearest(name, known)}")
        if not isinstance(table, dict):
            raise SettingsError(f"{file}: {name} must be a section, [{name}]")
    return Settings(
        general=build(General, document.get("general", {}), "general"),
        shares=build(Shares, document.get("shares", {}), "shares"),
        tables={name: document[name] for name in PARTS if name in document},
    )


def build(kind: type[SectionT], table: Mapping[str, Any], where: str) -> SectionT:
    """An instance of the dataclass ``kind`` from a TOML table; ``where`` is the table's name for messages."""
    fields = {item.name: item for item in dataclasses.fields(cast(Any, kind))}
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            raise SettingsError(f"[{where}] has no key {key!r}{nearest(key, fields)}")
        values[key] = _convert(hints[key], value, f"{where}.{key}")
    try:
        return kind(**values)
    except TypeError as error:
        raise SettingsError(f"[{where}] is incomplete: {error}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error message that says which known name was perhaps meant."""
    choices = list(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(choices))}"


def _convert(hint: Any, value: Any, where: str) -> Any:
    """``value`` checked against the type ``hint``: int, float, bool, str, tuples, optionals and nested dataclasses."""
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return build(cast(type[Any], hint), value, where)
    origin = typing.get_origin(hint)
    if origin is tuple and isinstance(value, list):
        element = typing.get_args(hint)[0]
        return tuple(_convert(element, item, where) for item in value)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return _convert(options[0], value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    raise SettingsError(f"{where} must be {getattr(hint, '__name__', hint)}, not {value!r}")


def _override(document: dict[str, Any], override: str) -> None:
    path, separator, text = override.partition("=")
    section, dot, key = path.strip().partition(".")
    if not separator or not dot:
        raise SettingsError(f"an override reads section.key=value, not {override!r}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{override!r}: the value must be TOML, such as 3, 0.5, true or 'text': {error}") from error
    document.setdefault(section, {})[key] = value
