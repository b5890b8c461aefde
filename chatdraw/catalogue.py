"""``models.toml``: which models there are.

The file has a ``default`` profile and three tables, ``[profiles.NAME]``, ``[llm.NAME]`` and ``[painter.NAME]``.
Several files are merged: an entry with a new name is added; one with a known name replaces just the keys it
has. Unknown keys and names fail, with the file, the line and the nearest name that exists.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chatdraw.errors import ConfigError
from chatdraw.serving import check_base_url, check_extra_body, check_key_name

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DType = Literal["auto", "float32", "bfloat16", "float16"]

ResponseFormat = Literal["json_schema", "json_object", "none"]
"""How a server is asked for JSON: by the schema, by the word JSON alone, or only by the prompt."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

HERE_ONLY: Final = frozenset({"revision", "context", "device", "dtype", "template_kwargs", "beams"})
"""Keys of a language model that are for one in this process: a server decides them itself."""

SERVER_ONLY: Final = frozenset(
    "base_url api_key_env response_format extra_body connect_timeout_s timeout_s token_timeout_s retries".split()
)
"""Keys of a language model that are for one behind a server."""


class Entry(BaseModel):
    """Base of everything here: immutable, and strict about keys it does not know.

    The scene's models have a base of their own: this module stands below them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class LlmEntry(Entry):
    """A language model."""

    engine: Literal["transformers", "openai"]
    """``transformers`` runs the model in this process; ``openai`` asks a server that speaks OpenAI's chat completions:
    vLLM, Ollama, llama-server, LM Studio and others."""
    source: str = Field(min_length=1)
    """``bundled:NAME`` (a folder in ``chatdraw/storybook``), a folder, or a Hugging Face hub id. With ``openai``: what
    the server calls the model, or ``default`` where it has one and takes any name for it."""
    revision: str | None = None
    """Hub revision; ``None`` is the newest."""
    prompts: str = "default"
    """Name of the prompt set."""
    history: int = Field(default=8, ge=0)
    """How many earlier turns the model sees at most. They fall away in blocks of half of it, so that it sees between
    half of it and all of it once there are that many."""
    context: int | None = Field(default=None, ge=64)
    """Tokens that fit; ``None``: what the model itself says."""
    max_tokens: int = Field(default=700, ge=16)
    """Tokens of one answer, at most."""
    device: str = "auto"
    """``auto``, or what torch calls it: ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    dtype: DType = "auto"
    template_kwargs: dict[str, Any] = Field(default_factory=dict)
    """What the chat template gets besides the messages."""
    beams: int = Field(default=1, ge=1, le=16)
    """So many ways to write a plan are kept side by side, and the most likely plan that can be done wins; 1 takes the
    most likely token each time. Each way has keys and values of its own for the whole prompt, and all are read in one
    pass: it is meant for small models."""
    base_url: str = ""
    """Of the server, without ``/chat/completions``: ``http://127.0.0.1:8000/v1``."""
    api_key_env: str | None = None
    """Name of the environment variable with the server's key; ``None``: it wants none. Keys stand nowhere else."""
    response_format: ResponseFormat = "json_schema"
    """``json_schema`` where the server can: nothing else can be written then."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """What a request holds besides, such as ``chat_template_kwargs = { enable_thinking = false }``."""
    connect_timeout_s: Seconds = 5.0
    timeout_s: Seconds = 120.0
    """From the request to the first token: reading a long prompt takes a slow machine a while."""
    token_timeout_s: Seconds = 30.0
    """From one token to the next."""
    retries: int = Field(default=2, ge=0, le=10)
    """How often a request is sent again when the server cannot be reached or is busy."""
    description: str
    licence: str
    memory_gb: float = Field(ge=0)
    """What the weights take in memory, about, in 10^9 bytes."""
    languages: tuple[str, ...]
    """Codes of the languages that it understands well."""

    @model_validator(mode="after")
    def _fits_engine(self) -> LlmEntry:
        foreign = self.model_fields_set & (HERE_ONLY if self.engine == "openai" else SERVER_ONLY)
        if foreign:
            raise ValueError(f"the engine {self.engine} has no {', '.join(sorted(foreign))}")
        if self.engine == "openai":
            check_base_url(self.base_url)
            check_extra_body(self.extra_body)
            check_key_name(self.api_key_env)
        return self


class PainterEntry(Entry):
    """An image model."""

    engine: Literal["diffusers", "pattern"]
    """``pattern`` is the stand-in of the tests: it draws no scene, needs no weights and no ``source``."""
    source: str = ""
    """As for a language model."""
    revision: str | None = None
    """Hub revision; ``None`` is the newest."""
    pipeline: str | None = None
    """Name of a diffusers class, where the automatic choice does not know the model."""
    width: int = Field(ge=8, le=8192)
    """Pixels, when nothing else is asked for."""
    height: int = Field(ge=8, le=8192)
    """Pixels, when nothing else is asked for."""
    steps: int = Field(ge=1, le=1000)
    guidance: float = Field(ge=0, le=100)
    word_budget: int = Field(ge=1)
    """Words of caption that the text encoder reads."""
    multiple: int = Field(default=8, ge=1)
    """Width and height are multiples of this many pixels."""
    sizes: tuple[tuple[int, int], ...] = ()
    """The only sizes (width, height) there are; empty: any within reason."""
    max_characters: int | None = Field(default=None, ge=1)
    """How many characters one picture can hold; ``None``: no fixed limit."""
    vocabulary: str | None = None
    """A file in the source folder, a JSON list of all words the model was trained on; ``None``: open."""
    verifier: str | None = None
    """``bundled:NAME`` or a folder: a model that looks whether a picture shows what its caption says. There is one for
    the storybook painter only; it needs the painter's own autoencoder and words, so the source is a folder too."""
    attempts: int = Field(default=1, ge=1, le=64)
    """How often one picture is drawn at most, each time with another seed, until the verifier misses nothing; of
    pictures that all lack something the best is kept."""
    verifier_guidance: float = Field(default=0.0, ge=0, le=100)
    """How far the verifier pulls a picture towards its caption while it is drawn: the sum of the ways that its latents
    are pushed at most; 0: not at all."""
    device: str = "auto"
    """As for a language model."""
    dtype: DType = "auto"
    description: str
    licence: str
    memory_gb: float = Field(ge=0)
    """What the weights take in memory, about, in 10^9 bytes."""

    @property
    def asks_verifier(self) -> bool:
        """Whether drawing takes the verifier, where there is one."""
        return self.verifier is not None and (self.attempts > 1 or self.verifier_guidance > 0)

    @model_validator(mode="after")
    def _complete(self) -> PainterEntry:
        if self.engine == "diffusers" and not self.source:
            raise ValueError("the engine diffusers needs a source")
        if self.engine != "diffusers" and self.verifier is not None:
            raise ValueError(f"the engine {self.engine} has no verifier")
        if self.attempts > 1 and self.verifier is None:
            raise ValueError("attempts need a verifier that tells which picture is the best")
        if self.verifier_guidance and self.verifier is None:
            raise ValueError("verifier_guidance needs a verifier")
        return self


class Profile(Entry):
    """A language model and an image model that go together."""

    llm: str
    painter: str
    description: str


class Catalogue(Entry):
    """All entries of ``models.toml``, by name."""

    default: str
    profiles: dict[str, Profile]
    llm: dict[str, LlmEntry]
    painter: dict[str, PainterEntry]


# --- reading it -----------------------------------------------------------------------------------

_TABLES: Final[Mapping[str, type[Entry]]] = {"profiles": Profile, "llm": LlmEntry, "painter": PainterEntry}
_TOP: Final = ("default", *_TABLES)
_HINTS: Final[Mapping[str, str]] = {
    "dict_type": "Write a table, such as { name = value }.",
    "float_type": "Write a number, without quotes.",
    "int_type": "Write a whole number, without quotes.",
    "string_type": "Write it in quotes.",
    "tuple_type": 'Write a list, such as ["en", "de"] or [[512, 512]].',
}
"""What to do about a value of the wrong type, by pydantic's names for what is wrong."""
_E = TypeVar("_E", bound=Entry)


class _Files:
    """The files read so far, merged, and which of them said what."""

    def __init__(self) -> None:
        self.default: Any = None
        self.tables: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in _TABLES}
        self._texts: dict[Path, str] = {}

    def read(self, file: Path) -> None:
        """Adds a file; what it says wins over the files before it."""
        try:
            text, content = read_toml(file)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{file}: {error}.", hint="The file has to be valid TOML.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}.", hint="It has to be a text file in UTF-8.") from error
        self._texts[file] = text
        for key, value in content.items():
            if key not in _TOP:
                raise unknown_name("key", key, _TOP, where=self._place((file,), (key,)))
            if key == "default":
                self.default = value
                continue
            for name, entry in self._table(file, (key,), value).items():
                self._add(file, key, name, self._table(file, (key, name), entry))

    def _add(self, file: Path, table: str, name: str, entry: dict[str, Any]) -> None:
        allowed = _TABLES[table].model_fields
        for key in entry:
            if key not in allowed:
                raise unknown_name("key", key, allowed, where=self._place((file,), (table, name, key)))
        for key in ("source", "verifier"):
            if str(entry.get(key, "")).startswith("."):
                # A path is meant from where it is written, not from where the program is started.
                entry = {**entry, key: str((file.parent / entry[key]).resolve())}
        self.tables[table][name] = {**self.tables[table].get(name, {}), **entry}

    def entries(self, table: str, schema: type[_E]) -> dict[str, _E]:
        """The checked entries of a table."""
        found = {}
        for name, entry in self.tables[table].items():
            try:
                # Strict, so that no text is taken for a number. TOML has no tuples; as JSON its lists may be some.
                found[name] = schema.model_validate_json(json.dumps(entry), strict=True)
            except ValidationError as error:
                first = error.errors()[0]
                path = (table, name, *(str(part) for part in first["loc"][:1]))
                raise ConfigError(
                    f"{self.origin(path)}: {'.'.join(path)}: {first['msg'].removeprefix('Value error, ')}.",
                    hint=self._hint(table, name, first),
                ) from error
            except TypeError as error:
                where = self.origin((table, name))
                raise ConfigError(f"{where}: {table}.{name} holds a date.", hint="Write it in quotes.") from error
        return found

    def _hint(self, table: str, name: str, error: ErrorDetails) -> str | None:
        """What to do about a value that does not fit."""
        if expected := error.get("ctx", {}).get("expected"):
            return f"Allowed: {expected}."
        if error["type"] == "missing" and len(error["loc"]) == 1:
            near = nearest(name, (other for other in self.tables[table] if other != name))
            guess = f" To change another one: did you mean “{near}”?" if near else ""
            return f"A new entry needs every key that has no default.{guess}"
        # What is missing deeper inside is missing in a list.
        return _HINTS.get("tuple_type" if error["type"] == "missing" else error["type"])

    def origin(self, path: tuple[str, ...]) -> str:
        """File and line of what ``path`` names, or of the nearest table around it; the last file that has it."""
        return self._place(tuple(reversed(self._texts)), path)

    def _place(self, files: tuple[Path, ...], path: tuple[str, ...]) -> str:
        for length in range(len(path), 0, -1):
            for file in files:
                if line := line_of(self._texts[file], path[:length]):
                    return f"{file}, line {line}"
        return ", ".join(map(str, files))

    def _table(self, file: Path, path: tuple[str, ...], value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ConfigError(
                f"{self._place((file,), path)}: “{'.'.join(path)}” has to be a table.",
                hint=f"Write [{'.'.join(path)}] and the keys below it.",
            )
        return value


def read_toml(file: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, without the byte-order mark that some editors put in front, and what it says.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
        tomllib.TOMLDecodeError: it is no TOML, or nested deeper than the parser can follow.
    """
    text = file.read_text(encoding="utf-8-sig")
    try:
        return text, tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("Nested too deeply") from None


def load_catalogue(paths: Iterable[Path]) -> Catalogue:
    """All entries of the files together; what a later file says wins.

    Raises:
        ConfigError: something is unknown, missing or of the wrong form.
    """
    files = _Files()
    for path in paths:
        files.read(path)
    profiles = files.entries("profiles", Profile)
    models: dict[str, Mapping[str, Entry]] = {
        "llm": files.entries("llm", LlmEntry),
        "painter": files.entries("painter", PainterEntry),
    }
    default = files.default
    if not isinstance(default, str):
        raise ConfigError(f"{files.origin(('default',))}: default has to be the name of a profile, in quotes.")
    if default not in profiles:
        raise unknown_name("profile", default, profiles, where=files.origin(("default",)))
    for name, profile in profiles.items():
        for table, known in models.items():
            wanted = getattr(profile, table)
            if wanted not in known:
                raise unknown_name(f"{table} entry", wanted, known, where=files.origin(("profiles", name, table)))
    return Catalogue.model_validate({"default": default, "profiles": profiles, **models})


def unknown_name(what: str, word: str, known: Iterable[str], *, where: str) -> ConfigError:
    """The error for a name that is not among the ``known`` ones; ``where`` it was said comes first."""
    names = list(known)
    near = nearest(word, names)
    guess = f" Did you mean “{near}”?" if near else ""
    return ConfigError(f"{where}: there is no {what} “{word}”.{guess}", hint=f"Allowed: {', '.join(names) or 'none'}.")


def _key_path(text: str) -> tuple[str, ...]:
    """The path that one header or ``key = 0`` line names; empty when it is no such line."""
    try:
        value: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ()
    path: list[str] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        path.append(key)
        value = value[0] if isinstance(value, list) else value
    return tuple(path)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like ``word``, or ``None`` when nothing is near."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line, from 1, where a TOML document first names ``path``; ``None`` when no line does.

    Headers, dotted and quoted keys are understood. What stands inside a multi-line string is not told apart
    from keys, so the answer serves to show people the place and for nothing else.
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _key_path(stripped) or table
            found = table
        elif "=" in stripped:
            found = table + _key_path(stripped.split("=", 1)[0] + "= 0")
        else:
            continue
        if found[: len(path)] == path:
            return number
    return None
