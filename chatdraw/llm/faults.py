"""What can go wrong with a server, in words that say what to do about it.

What a server says is quoted in short, without line breaks and without the key, should it repeat that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chatdraw.errors import ModelError

_QUOTED: Final = 300
"""Characters of a server's own words, at most."""

_LISTED: Final = 10
"""Names of models, at most."""


class Fault(Exception):
    """An attempt that failed.

    Args:
        error: what the person reads.
        retry: whether another attempt may go better.
        after: how many seconds the server wants to be left alone; ``None``: it did not say.
    """

    def __init__(self, error: ModelError, *, retry: bool = False, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry = retry
        self.after = after


@dataclass(frozen=True, slots=True)
class Faults:
    """Makes the errors of one server."""

    name: str
    """Name of the ``models.toml`` entry."""
    model: str
    """What the server calls the model."""
    base_url: str
    key: str = field(repr=False)
    """Empty where there is none."""
    key_env: str | None
    schema: bool
    """Whether answers are asked for by schema."""

    def unreachable(self, reason: str) -> Fault:
        """No connection came about."""
        return self._fault(
            f"No server answers at {self.base_url}{self._quote(reason)}.",
            f"Start it, or set base_url of {self._entry} to where it is.",
            retry=True,
        )

    def connect_timeout(self, seconds: float) -> Fault:
        """The connection did not come about in time."""
        return self._fault(
            f"{self.base_url} did not take a connection within {seconds:g} seconds.",
            f"See that the server runs, and that base_url of {self._entry} is right.",
        )

    def too_slow(self, seconds: float, *, began: bool) -> Fault:
        """The server went silent."""
        if began:
            return self._fault(
                f"{self.base_url} stopped in the middle of an answer, and sent nothing for {seconds:g} seconds.",
                f"Look at the server's log. If it is only slow, raise token_timeout_s of {self._entry}.",
            )
        return self._fault(
            f"{self.base_url} did not begin to answer within {seconds:g} seconds.",
            f"It may still be loading the model. If it is only slow, raise timeout_s of {self._entry}.",
        )

    def broke_off(self, reason: str = "") -> Fault:
        """The connection ended before the answer did."""
        return self._fault(
            f"{self.base_url} closed the connection before the answer was complete{self._quote(reason)}.",
            "Say it again; if it happens again, look at the server's log.",
            retry=True,
        )

    def nonsense(self, reason: str) -> Fault:
        """Something else than a chat completion came."""
        return self._fault(
            f"{self.base_url} sent something that is no chat completion{self._quote(reason)}.",
            f"See that base_url of “{self.name}” leads to an OpenAI-compatible server; it mostly ends in /v1.",
        )

    def too_long(self, max_tokens: int) -> Fault:
        """It goes on and on."""
        return self._fault(
            f"{self.base_url} sent far more than the {max_tokens} tokens that it was asked for.",
            "It ignores max_tokens; look for a newer version of the server.",
        )

    def nothing(self, finish: str | None, refusal: str, *, thought: bool, max_tokens: int) -> Fault:
        """The answer was empty."""
        if refusal:
            return self._fault(f"{self.model} refuses to answer{self._quote(refusal)}.", "Say it in other words.")
        if finish == "length" and thought:
            return self._fault(
                f"{self.model} was still thinking when the {max_tokens} tokens of its answer were used up.",
                f"Switch thinking off in your models.toml, as extra_body of “{self.name}”: for vLLM and llama-server "
                "{ chat_template_kwargs = { enable_thinking = false } }, for Ollama "
                '{ reasoning_effort = "none" }. Or raise max_tokens.',
            )
        if finish == "content_filter":
            return self._fault(f"A filter of {self.base_url} withheld the answer.", "Say it in other words.")
        return self._fault(f"{self.model} at {self.base_url} gave an empty answer.", "Say it in other words.")

    def reported(self, words: str) -> Fault:
        """The server said in the middle of the stream that it failed."""
        return self._fault(
            f"{self.base_url} failed in the middle of an answer{self._quote(words)}.", "Look at the server's log."
        )

    def status(self, status: int, words: str, *, after: float | None, models: tuple[str, ...] | None) -> Fault:
        """It answered with something else than 200.

        Args:
            status: the HTTP status.
            words: what the server says about it.
            after: its ``Retry-After``, in seconds.
            models: the models that it has; ``None``: unknown.
        """
        said = self._quote(words)
        if status in (401, 403):
            # Such a server likes to repeat the key, or a part of it: it is not quoted at all.
            hint = (
                f"Look at the key in the environment variable {self.key_env}."
                if self.key_env
                else f"Put its key into an environment variable, and name that as api_key_env of {self._entry}."
            )
            return self._fault(f"{self.base_url} does not let us in ({status}).", hint)
        if status == 404:
            return self._missing(said, models)
        if status == 429:
            wait = f" It wants to be left alone for {after:g} seconds." if after else ""
            return self._fault(
                f"{self.base_url} has too much to do (429){said}.{wait}", "Try again later.", retry=True, after=after
            )
        if status == 408 or status >= 500:
            return self._fault(
                f"{self.base_url} failed ({status}){said}.", "Look at the server's log.", retry=True, after=after
            )
        if 300 <= status < 400:
            hint = f"Set base_url of {self._entry} to where the server really is."
            return self._fault(f"{self.base_url} sends us somewhere else ({status}).", hint)
        return self._fault(f"{self.base_url} does not take the request ({status}){said}.", self._refused_hint())

    def clean(self, words: str) -> str:
        """What a server says, fit to be shown and kept: one line, short, without control characters and the key."""
        words = words.replace(self.key, "…") if self.key else words
        line = "".join(character for character in " ".join(words.split()) if character.isprintable())
        return line if len(line) <= _QUOTED else line[:_QUOTED] + "…"

    def _missing(self, said: str, models: tuple[str, ...] | None) -> Fault:
        if models is None:
            return self._fault(
                f"{self.base_url} knows no chat completions, or no model “{self.model}” (404){said}.",
                f"See that base_url of “{self.name}” is right (it mostly ends in /v1), and source is a model it has.",
            )
        listed = ", ".join(self.clean(model) for model in models[:_LISTED]) or "none"
        return self._fault(
            f"{self.base_url} has no model “{self.model}”{said}.",
            f"It has: {listed}. Set source of {self._entry} to one of them.",
        )

    def _refused_hint(self) -> str:
        too_long = "if the conversation is too long for it, start a new session or give the server a larger context"
        if not self.schema:
            return f"{too_long.capitalize()}."
        return (
            f'If it does not know json_schema, set response_format = "json_object" (or "none") for {self._entry}; '
            f"{too_long}."
        )

    def _quote(self, words: str) -> str:
        quoted = self.clean(words).rstrip(".")
        return f": {quoted}" if quoted else ""

    @property
    def _entry(self) -> str:
        return f"“{self.name}” in your models.toml"

    def _fault(self, message: str, hint: str, *, retry: bool = False, after: float | None = None) -> Fault:
        return Fault(ModelError(message, hint=hint), retry=retry, after=after)
