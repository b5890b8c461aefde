"""What the language model is told: Jinja files that people can edit.

A prompt set is a folder with five templates. ``plan`` and ``caption`` are the system messages of the two calls;
``turn`` shows the scene and the person's message, ``describe`` the scene after the edits; ``repair`` asks
again with the error. Missing variables fail. A folder of the same name in the person's own settings wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from chatdraw.errors import ConfigError
from chatdraw.messages import Message
from chatdraw.plan import dump_compact
from chatdraw.records import Turn
from chatdraw.scene import Scene

TEMPLATES = ("plan", "turn", "caption", "describe", "repair")


class Prompts:
    """One prompt set.

    Args:
        name: name of the set, a folder in each of ``folders``.
        folders: where to look, first match wins for each template.
        history: how many earlier turns the model sees at most.

    Raises:
        ConfigError: a template is missing or broken.
    """

    def __init__(self, name: str, folders: Sequence[Path], *, history: int = 0) -> None:
        self.name = name
        self.history = history
        environment = Environment(
            loader=FileSystemLoader([str(folder / name) for folder in folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            autoescape=False,
        )
        try:
            self._templates = {template: environment.get_template(f"{template}.jinja") for template in TEMPLATES}
        except TemplateError as error:
            places = ", ".join(str(folder / name) for folder in folders)
            raise ConfigError(
                f"The prompt set “{name}” has no usable template {error}.",
                hint=f"Each of {', '.join(TEMPLATES)} needs a .jinja file in one of: {places}.",
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            places = ", ".join(str(folder / name) for folder in folders)
            raise ConfigError(
                f"A template of the prompt set “{name}” cannot be read: {error}.",
                hint=f"They have to be text files in UTF-8. They are looked for in: {places}.",
            ) from error

    def plan(self, scene: Scene, text: str, *, pictures: int, past: Sequence[Turn] = ()) -> tuple[Message, ...]:
        """The messages that ask for a plan.

        Args:
            scene: the scene before the message.
            text: the person's message.
            pictures: how many pictures the session has.
            past: the latest turns before this one, oldest first; of those that the model planned, at least one more
                than ``history`` if there are so many. Between half of ``history`` and ``history`` of them are shown:
                they fall away in blocks, so that the prefix which engines keep in their cache stays the same for
                several turns in a row.
        """
        planned = self._shown([turn for turn in past if turn.plan is not None and turn.request])
        messages = [Message("system", self._render("plan"))]
        for turn in planned:
            if turn.plan is not None:
                messages.append(Message("user", turn.request))
                messages.append(Message("assistant", dump_compact(turn.plan)))
        messages.append(Message("user", self._render("turn", scene=scene, text=text, pictures=pictures)))
        return tuple(messages)

    def caption(self, scene: Scene, text: str, *, words: int) -> tuple[Message, ...]:
        """The messages that ask for a caption of ``scene``, which already has the edits in it.

        Args:
            scene: the scene after the edits.
            text: the person's message.
            words: the word budget of the image model.
        """
        return (
            Message("system", self._render("caption", words=words)),
            Message("user", self._render("describe", scene=scene, text=text)),
        )

    def repair(self, messages: Sequence[Message], answer: str, error: str) -> tuple[Message, ...]:
        """The same messages, the answer that was wrong, and what was wrong with it."""
        return (*messages, Message("assistant", answer), Message("user", self._render("repair", error=error)))

    def _shown(self, planned: list[Turn]) -> list[Turn]:
        """The latest of them, from the first that begins a block of turns.

        Blocks are told by the numbers of turns. So what is shown depends on the end of the way only, not on how long it
        is or since when the session is open.
        """
        latest = planned[-self.history :] if self.history else []
        if len(planned) <= self.history:
            return latest
        block = max(1, self.history // 2)
        before = planned[-self.history - 1 :]
        for index in range(self.history - block + 1):
            if (before[index].number - 1) // block != (before[index + 1].number - 1) // block:
                return latest[index:]
        return latest

    def _render(self, template: str, **values: object) -> str:
        try:
            return self._templates[template].render(**values).strip()
        except TemplateError as error:
            raise ConfigError(
                f"The prompt {self.name}/{template}.jinja does not render: {error}.",
                hint="Mend your own copy of it, or take it away: then the shipped one is used.",
            ) from error
