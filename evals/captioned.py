"""Whether what the painter is told has every detail of the scene: the writer's captions as they come, and as they are
after the program's guard.

The scenes are the true ones of simulated conversations in unseen phrasings, so that a plan that was wrong does not
count here. Each is put to the writer as the program does, and what it drafts is mended or replaced as the program does
(:mod:`chatdraw.caption`). What is read in the captions is in :mod:`evals.details`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chatdraw.caption import compose
from chatdraw.plan import Plan
from evals.details import Detail, Group, details
from evals.figures import Figure, clustered
from evals.languages import LANGUAGES, Language, language_of
from evals.writer import DRAWING, Writer
from training.conversations.simulator import Conversation

TARGETS: Final[dict[Group, tuple[str, float]]] = {
    "colour": ("colours", 1.0),
    "count": ("counts", 1.0),
    "word": ("other words", 0.95),
}
"""What of the details has to be in the caption that goes to the painter."""
SHOWN: Final = 10
"""Captions of the program that lack something and are told one by one."""


@dataclass(frozen=True, slots=True)
class Captions:
    """What the draft and the caption of one scene say."""

    language: Language
    """Of the message that led to the scene."""
    draft: tuple[Detail, ...]
    final: tuple[Detail, ...]
    text: str
    """What goes to the painter."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the text does not say."""
        return tuple(detail.what for detail in self.final if not detail.said)


def detail_figures(
    prefix: str, writer: Writer, conversations: Sequence[Conversation], step: Callable[[], None]
) -> list[Figure]:
    """The share of details in drafts and in captions, of all messages and of those in each language.

    Captions of the program that lack a detail are told on standard error, the first few of them.
    """
    told = [_captions(writer, conversation, step) for conversation in conversations]
    lacking = [captions for group in told for captions in group if captions.lacking]
    for captions in lacking[:SHOWN]:
        print(f"lacks {', '.join(captions.lacking)}: {captions.text}", file=sys.stderr)
    figures = _shares(prefix, told)
    for language in LANGUAGES:
        own = [[captions for captions in group if captions.language == language] for group in told]
        if any(own):
            figures += _shares(f"{prefix}/{language}", own)
    return figures


def draws(plan: Plan) -> bool:
    """Whether a picture is drawn."""
    return plan.action in DRAWING or (plan.action == "undo" and bool(plan.edits))


def scenes_drawn(conversations: Sequence[Conversation]) -> int:
    """How many captions :func:`detail_figures` asks for."""
    return sum(draws(turn.plan) and bool(turn.after.stage) for turns in conversations for turn in turns)


def _captions(writer: Writer, conversation: Conversation, step: Callable[[], None]) -> list[Captions]:
    found = []
    for turn in conversation:
        if not (draws(turn.plan) and turn.after.stage):
            continue
        draft = writer.caption(turn.after, turn.message)
        final = compose(turn.after, draft, budget=writer.words).text
        said = details(turn.after, draft), details(turn.after, final)
        found.append(Captions(language_of(turn.message), *said, final))
        step()
    return found


def _shares(prefix: str, told: Sequence[Sequence[Captions]]) -> list[Figure]:
    figures = []
    for part in ("draft", "caption"):
        read = [[c.draft if part == "draft" else c.final for c in group] for group in told]
        for group, (name, target) in TARGETS.items():
            outcomes = [[d.said for found in captions for d in found if d.group == group] for captions in read]
            figures.append(clustered(f"{prefix}/{part}: {name}", outcomes, target if part == "caption" else None))
        whole = [[all(d.said for d in found) for found in captions] for captions in read]
        figures.append(clustered(f"{prefix}/{part}: everything", whole))
    return figures
