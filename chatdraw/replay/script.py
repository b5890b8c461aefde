"""Replay scripts: TOML files with what is said, and what should come of it.

::

    title = "A hedgehog"
    seed = 7                                  # of the first picture; the following ones count up from it
    profile = "storybook"                     # optional

    [[turn]]
    say = "Draw a hedgehog."
    plan = { action = "draw", edits = [{ op = "add_character", kind = "hedgehog" }] }    # for a scripted model
    caption = "A hedgehog in a meadow."                                                  # likewise

    [turn.expect]
    stage = ["hedgehog"]
    traits.hedgehog.colour = true
    caption_lacks = ["rain"]

    [[turn]]
    command = "undo"                          # or "vary 3", or any other of COMMANDS
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from chatdraw.catalogue import line_of, nearest, read_toml
from chatdraw.errors import ReplayError
from chatdraw.plan import CaptionDraft, Plan
from chatdraw.replay.commands import Command, parse_command
from chatdraw.replay.expectations import Expectation
from chatdraw.scene import Frozen, Words


class ScriptTurn(Frozen):
    """One message or command, what a scripted model answers, and what is expected."""

    say: str | None = Field(default=None, min_length=1)
    command: str | None = None
    plan: Plan | None = None
    """The answer of a scripted language model to a message. Left out where ``expect`` says that the message is
    refused, since nothing is asked of the model then; given, it is the caption that is expected to be refused."""
    caption: str | None = Field(default=None, min_length=1)
    """Its second answer, where a picture is drawn; without it the caption is made from the scene alone."""
    expect: Expectation | None = None

    @field_validator("command")
    @classmethod
    def _known(cls, command: str | None) -> str | None:
        if command is not None:
            parse_command(command)
        return command

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.say is None) == (self.command is None):
            raise ValueError("a turn has either “say” or “command”")
        if self.plan is not None and self.say is None:
            raise ValueError("only a turn with “say” is planned, so only there a “plan” is of use")
        if self.caption is not None and not self.draws:
            raise ValueError("nothing asks for this “caption”: the turn has no plan that draws")
        return self

    @property
    def done(self) -> Command | None:
        """The command, read."""
        return parse_command(self.command) if self.command is not None else None

    @property
    def text(self) -> str:
        """What a person would type."""
        return self.say if self.say is not None else f"/{self.command}"

    @property
    def refused_unread(self) -> bool:
        """Whether the message is expected to be refused before the language model sees it."""
        return self.plan is None and self.expect is not None and self.expect.outcome == "refused"

    @property
    def draws(self) -> bool:
        """Whether the language model is asked for a caption, as far as the script tells."""
        if self.plan is None:
            return self.done is not None and self.done.varies
        return self.plan.action in ("draw", "edit", "vary") or (self.plan.action == "undo" and bool(self.plan.edits))


class Script(Frozen):
    """A replay script."""

    title: Words | None = None
    seed: int = Field(default=7, ge=0, lt=2**62)
    profile: str | None = None
    """Which models to use, where the command line names none."""
    turns: tuple[ScriptTurn, ...] = Field(alias="turn", min_length=1)

    def seeds(self) -> Callable[[], int]:
        """A source of seeds for a conversation: the script's own, then the ones after it."""
        return itertools.count(self.seed).__next__

    def answers(self) -> tuple[str | Frozen, ...]:
        """What a scripted language model answers, call by call.

        Raises:
            ReplayError: a message has no plan.
        """
        found: list[str | Frozen] = []
        for number, turn in enumerate(self.turns, start=1):
            if turn.say is not None and not turn.refused_unread:
                if turn.plan is None:
                    raise ReplayError(
                        f"Turn {number} has no plan: “{turn.say}”.",
                        hint="Write “plan = {...}” below it, or use a language model.",
                    )
                found.append(turn.plan)
            if turn.draws and not self._varies_own_words(number - 1):
                # An answer without a caption is one that the conversation can do without.
                found.append(CaptionDraft(caption=turn.caption) if turn.caption else "{}")
        return tuple(found)

    def _varies_own_words(self, index: int) -> bool:
        """Whether the turn varies a picture that was drawn from the person's own words just before it."""
        commands = [turn.done for turn in self.turns[: index + 1]]
        while (command := commands.pop()) is not None and command.varies and commands:
            pass
        return command is not None and command.own_words


def load_script(file: Path) -> Script:
    """The script in a TOML file.

    Raises:
        ReplayError: the file is not there, is no TOML, or something in it is unknown, missing or of the wrong
            form; the message says in which line.
    """
    try:
        text, content = read_toml(file)
        return Script.model_validate(content)
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"{file} cannot be read: {error}.", hint="A replay takes TOML files in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ReplayError(f"{file}: {error}.", hint="The file has to be valid TOML.") from error
    except ValidationError as error:
        raise _explain(error.errors()[0], file, text) from error


def _explain(problem: ErrorDetails, file: Path, text: str) -> ReplayError:
    """The first problem with its place, and with the allowed key that is nearest to an unknown one."""
    path = problem["loc"]
    number, keys = (int(path[1]), path[2:]) if len(path) > 1 and path[0] == "turn" else (None, path)
    words = tuple(str(key) for key in keys if key != "[key]")
    where = f"{file}, line {_line(text, number, words)}"
    if number is not None:
        where += f", turn {number + 1}"
    if problem["type"] == "extra_forbidden":
        allowed = _allowed(words[:-1], Script if number is None else ScriptTurn)
        near = nearest(words[-1], allowed)
        return ReplayError(
            f"{where}: there is no key “{words[-1]}”.{f' Did you mean “{near}”?' if near else ''}",
            hint=f"Allowed: {', '.join(allowed)}." if allowed else None,
        )
    message = problem["msg"].removeprefix("Value error, ")
    return ReplayError(f"{where}: {'.'.join(words)}{': ' if words else ''}{message}.", hint=None)


def _allowed(above: tuple[str, ...], model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of the table that is reached from ``model`` by the keys ``above``."""
    inner: Mapping[str, type[BaseModel]] = {"expect": Expectation, "plan": Plan}
    for key in above:
        if key not in inner or key not in model.model_fields:
            return ()
        model = inner[key]
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _line(text: str, turn: int | None, keys: tuple[str, ...]) -> int:
    """The line where ``keys`` lead, in the turn of this index or in the whole script; failing that, its first line."""
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if line.replace(" ", "").startswith("[[turn]]")]
    first, last, path = 0, len(lines), keys
    if turn is not None and turn < len(starts):
        first, last, path = starts[turn], [*starts, len(lines)][turn + 1], ("turn", *keys)
    part = "\n".join(lines[first:last])
    for length in range(len(path), 0, -1):
        if line := line_of(part, path[:length]):
            return first + line
    return first + 1
