"""What the language model is asked to fill in.

The model is untrusted: its answer is parsed by these schemas and nothing else, and
``chatdraw.conversation`` checks it against the scene before anything happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from chatdraw.edits import Edit
from chatdraw.errors import PlanError
from chatdraw.messages import control_character
from chatdraw.scene import Frozen

Action = Literal["draw", "edit", "vary", "undo", "talk", "ask"]
"""draw: a new picture, new seed. edit: change the target picture, its seed first. vary: another one of the same,
new seed. undo: go back to the picture before the target; with edits, change that one. talk: no picture.
ask: one question, no picture."""

_Schema = TypeVar("_Schema", bound=Frozen)

Reply = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class Plan(Frozen):
    """One message, understood."""

    SAID: ClassVar[tuple[str, ...]] = ("reply", "question")
    """Members that are only said to the person. What is done, and whether something is asked, comes before them."""

    action: Action
    target: int | None = Field(default=None, ge=1, le=1_000_000)
    """Number of the picture that is meant, as the scene shows it; ``None`` is the latest."""
    edits: tuple[Edit, ...] = Field(default=(), max_length=16)
    reply: Reply = ""
    """What the person reads, in the person's language."""
    question: Reply = ""
    """Filled when, and only when, the action is ``ask``."""


class CaptionDraft(Frozen):
    """The caption as the language model writes it, from the scene after the edits."""

    caption: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]


def parse_plan(text: str) -> Plan:
    """The plan in a model's answer.

    Raises:
        PlanError: it is not JSON, not a plan, or contradicts itself; the message is written so that the model
            can mend it when it is asked again.
    """
    plan = _parse(Plan, text)
    if (plan.action == "ask") != bool(plan.question):
        raise PlanError("The action is “ask” when, and only when, there is a question.")
    if plan.action == "ask" and plan.edits:
        raise PlanError("A plan that asks a question changes nothing: leave the edits empty.")
    return plan


def parse_caption(text: str) -> str:
    """The caption in a model's answer, on one line.

    Raises:
        PlanError: it is not JSON or has no caption.
    """
    return " ".join(_parse(CaptionDraft, text).caption.split())


def _parse(schema: type[_Schema], text: str) -> _Schema:
    try:
        parsed = schema.model_validate_json(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise PlanError(f"The answer has a character that is no text, at {error.start}.") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:4])
        raise PlanError(f"The answer is no valid {schema.__name__}: {problems}.") from error
    if found := next(filter(None, map(control_character, _texts(parsed.model_dump()))), None):
        raise PlanError(f"The answer has the control character {found}.")
    return parsed


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def dump_compact(value: Frozen) -> str:
    """JSON without spaces and without empty optional fields: the one form that models read and write."""
    return json.dumps(_without_empty(value.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if key == "edits" or item not in (None, "", {}, [])}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
