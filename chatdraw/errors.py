"""Everything that chatdraw raises on purpose.

::

    ChatdrawError
    ├── ConfigError          a settings file or an option is wrong
    ├── MessageError         the person's message cannot be taken
    ├── SceneError           an edit does not fit the scene
    │   ├── UnknownCharacter
    │   └── AmbiguousCharacter
    ├── PlanError            the language model's answer is no valid plan
    ├── ModelError           a model cannot be loaded or run
    │   ├── ModelMissing     its files are not there or damaged
    │   └── ScriptError      a scripted stand-in ran out of answers, or had some left
    ├── RenderError          the request does not suit the image model
    ├── StoreError           the session store cannot do what was asked
    │   └── NotFound
    ├── ReplayError          a replay script is wrong
    └── Cancelled            the person stopped it; nothing was changed

Every error has a ``hint``: one sentence that says what the person can do about it, or ``None``.
"""

from __future__ import annotations


class ChatdrawError(Exception):
    """Base of all of them. ``str(error)`` is one sentence for the person."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(ChatdrawError):
    """A settings file, environment variable or option is wrong."""


class MessageError(ChatdrawError):
    """The person's message cannot be taken: it is empty, or too long. It is not recorded as a turn."""


class SceneError(ChatdrawError):
    """An edit does not fit the scene it was meant for."""


class UnknownCharacter(SceneError):
    """An edit names a character that is not in the scene."""


class AmbiguousCharacter(SceneError):
    """An edit's handle fits more than one character."""


class PlanError(ChatdrawError):
    """The language model's answer does not parse, or does not fit the scene."""


class ModelError(ChatdrawError):
    """A model cannot be loaded or run."""


class ModelMissing(ModelError):
    """A model's files are not there, or are damaged."""


class ScriptError(ModelError):
    """A scripted stand-in has no answer left, or answers were left over."""


class RenderError(ChatdrawError):
    """A render request does not suit the image model."""


class StoreError(ChatdrawError):
    """The session store cannot do what was asked."""


class NotFound(StoreError):
    """No such session, turn or picture."""


class ReplayError(ChatdrawError):
    """A replay script is wrong."""


class Cancelled(ChatdrawError):
    """The person stopped the work. Nothing was changed."""
