"""The rules of ``rules.toml``: what they look like, and how they are matched.

A first set, and incomplete on purpose: it names what can be named with few false refusals. It does not understand
a scene that is described in harmless words, a person who is described without a name, or any language but English.
A language-model guard belongs beside it, not in its place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from chatdraw.errors import ConfigError
from chatdraw.safety.normalise import Word, readings
from chatdraw.safety.phrases import Hit, Phrases
from chatdraw.scene import Frozen

NEGATION_REACH = 3
"""Words that a negation reaches forward: "without a single wound"."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]


class Refusal(Frozen):
    """What is not drawn: a phrase, or words of several sets close together."""

    name: Name
    category: str
    message: str
    """What the person is told."""
    phrases: tuple[str, ...] = ()
    """Any of these is enough."""
    together: tuple[tuple[str, ...], ...] = ()
    """Or one word of each set of any of these lists of sets, ``within`` words of each other."""
    within: int = Field(default=10, ge=2)
    exceptions: tuple[str, ...] = ()
    """Phrases that mean something else; a hit that shares a word with one does not count."""
    contexts: tuple[str, ...] = ()
    """Phrases that make the whole text harmless as far as this rule goes, wherever they stand in it."""
    negatable: bool = False
    """Whether "no" and "without" before it make it harmless."""
    across_turns: bool = False
    """Whether the parts of ``together`` may be spread over recent messages."""
    bystanders: tuple[str, ...] = ()
    """Phrases that say who a picture is for; in earlier messages, a hit that shares a word with one does not count."""


class Entry(Frozen):
    """One name."""

    names: tuple[str, ...] = Field(min_length=1)
    words: str = Field(min_length=1)
    """What is said instead."""


class Renaming(Frozen):
    """Names that are put in other words instead of being refused."""

    name: Name
    category: str
    message: str
    frames: dict[str, str] = Field(min_length=1)
    """What makes a ``{name}`` a request for this, and what stands there afterwards: "by {name}" = "in a {words}"."""
    exceptions: tuple[str, ...] = ()
    """Phrases, with ``{name}`` or without, that mean something else."""
    entries: tuple[Entry, ...] = Field(min_length=1)


class Rules(Frozen):
    """All rules, in the order in which they are tried."""

    negations: tuple[str, ...] = ()
    sets: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    renamings: tuple[Renaming, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Rules:
        """Reads a file.

        Raises:
            ConfigError: it is missing, is not TOML, or not rules.
        """
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="is the path right?") from error

    @classmethod
    def shipped(cls) -> Rules:
        """The rules that come with the program."""
        return cls.parse((files(__package__) / "rules.toml").read_text(encoding="utf-8"), "rules.toml")

    @classmethod
    def parse(cls, text: str, origin: str) -> Rules:
        """Reads TOML; ``origin`` is where it came from, for the error.

        Raises:
            ConfigError: it is not TOML, or not rules.
        """
        try:
            rules = cls.model_validate(tomllib.loads(text))
            rules._compile()
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"{origin}: {place}: {first['msg']}", hint="see the rules that are there") from error
        except ValueError as error:
            raise ConfigError(f"{origin}: {error}", hint="see the rules that are there") from error
        return rules

    def _compile(self) -> None:
        """Builds the tree of phrases, which finds the mistakes in them."""
        known = set(self.sets)
        for rule in self.refusals:
            if not rule.phrases and not rule.together:
                raise ValueError(f"the rule {rule.name} has neither phrases nor sets")
            for sets in rule.together:
                if missing := sorted(set(sets) - known):
                    raise ValueError(f"the rule {rule.name} names the unknown set {missing[0]}")
        for renaming in self.renamings:
            for frame, put in renaming.frames.items():
                if frame.count("{name}") != 1 or put.count("{words}") != 1:
                    raise ValueError(
                        f"the frame {frame!r} of {renaming.name} needs {{name}} once, its answer {{words}}"
                    )
            for entry in renaming.entries:
                # Otherwise replacing would never come to an end.
                if any(hit.group.startswith("name ") for word in readings(entry.words) for hit in self.tree.find(word)):
                    raise ValueError(f"the words {entry.words!r} of {renaming.name} hold a name themselves")
        # Also without renamings, for the mistakes in the phrases.
        _ = self.tree

    @cached_property
    def tree(self) -> Phrases:
        """Every phrase of every rule, in groups."""
        return Phrases(self._groups())

    def _groups(self) -> Iterator[tuple[str, Sequence[str]]]:
        yield "negations", self.negations
        for name, phrases in self.sets.items():
            yield f"set {name}", phrases
        for rule in self.refusals:
            yield f"rule {rule.name}", rule.phrases
            yield f"not {rule.name}", rule.exceptions
            yield f"context {rule.name}", rule.contexts
            yield f"bystander {rule.name}", rule.bystanders
        for renaming in self.renamings:
            names = [name for entry in renaming.entries for name in entry.names]
            for phrase in renaming.exceptions:
                yield f"not {renaming.name}", _named(phrase, names)
            for which, entry in enumerate(renaming.entries):
                for frame in renaming.frames:
                    yield _name_group(renaming, which, frame), _named(frame, entry.names)


def _named(phrase: str, names: Sequence[str]) -> list[str]:
    """The phrase with each of the names in it, or just itself when it has no place for one."""
    return [phrase.replace("{name}", name) for name in names] if "{name}" in phrase else [phrase]


def _name_group(renaming: Renaming, entry: int, frame: str) -> str:
    return f"name {renaming.name} {entry} {frame}"


@dataclass(frozen=True, slots=True)
class Found:
    """A refusal and the place in the original text that decided it."""

    rule: Refusal
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A text with names put in other words, the first rule that did it, and where in the original text."""

    rule: Renaming
    span: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class _Matches:
    words: tuple[Word, ...]
    hits: tuple[Hit, ...]

    def group(self, name: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.group == name]

    def span(self, hits: Sequence[Hit]) -> tuple[int, int]:
        """In the original text, from the first word of the hits to the last."""
        first, last = min(hit.first for hit in hits), max(hit.last for hit in hits)
        return self.words[first].start, self.words[last].end


def find_refusal(rules: Rules, text: str, recent: Sequence[str] = ()) -> Found | None:
    """The first rule that a text breaks in any of its readings, alone or together with recent messages."""
    texts = [matches for reading in readings(text) if (matches := _matches(rules, reading)).hits]
    if not texts:
        return None
    before = [_matches(rules, reading) for message in recent for reading in readings(message)]
    for rule in rules.refusals:
        if any(matches.group(f"context {rule.name}") for matches in texts):
            continue
        for matches in texts:
            hits = _broken(rule, matches)
            if not hits and rule.across_turns and before:
                hits = _spread(rule, matches, before)
            if hits:
                return Found(rule, matches.span(hits))
    return None


def rename(rules: Rules, text: str) -> Renamed | None:
    """The text with every name in a frame replaced, or ``None`` when there is none.

    Names are found in every reading; the longest frame at the earliest place wins.
    """
    first: Renamed | None = None
    while found := _first_name(rules, text):
        rule, span, replacement = found
        text = text[: span[0]] + replacement + text[span[1] :]
        # The earliest is found first, so its span still counts characters of the original.
        first = Renamed(rule, span, text) if first is None else replace(first, text=text)
    return first


def _first_name(rules: Rules, text: str) -> tuple[Renaming, tuple[int, int], str] | None:
    best: tuple[Renaming, tuple[int, int], str] | None = None
    for reading in readings(text):
        matches = _matches(rules, reading)
        for renaming in rules.renamings if matches.hits else ():
            excepted = matches.group(f"not {renaming.name}")
            frames = [(which, frame) for which in range(len(renaming.entries)) for frame in renaming.frames]
            for which, frame in frames:
                for hit in matches.group(_name_group(renaming, which, frame)):
                    span = matches.span([hit])
                    earlier = best is None or (span[0], -span[1]) < (best[1][0], -best[1][1])
                    if earlier and not any(hit.overlaps(other) for other in excepted):
                        best = renaming, span, renaming.frames[frame].replace("{words}", renaming.entries[which].words)
    return best


def _matches(rules: Rules, reading: tuple[Word, ...]) -> _Matches:
    return _Matches(reading, tuple(rules.tree.find(reading)))


def _counted(rule: Refusal, matches: _Matches, group: str) -> list[Hit]:
    """The hits of a group that neither an exception nor a negation takes away."""
    hits = matches.group(group)
    if not hits:
        return []
    away = matches.group(f"not {rule.name}")
    negations = matches.group("negations") if rule.negatable else []
    return [
        hit
        for hit in hits
        if not any(hit.overlaps(other) for other in away)
        and not any(0 < hit.first - negation.last <= NEGATION_REACH for negation in negations)
    ]


def _broken(rule: Refusal, matches: _Matches) -> list[Hit]:
    """The hits by which a text breaks a rule on its own."""
    if phrases := _counted(rule, matches, f"rule {rule.name}"):
        return phrases[:1]
    for sets in rule.together:
        groups = [_counted(rule, matches, f"set {name}") for name in sets]
        if not all(groups):
            continue
        for start in groups[0]:
            chosen = [start]
            for group in groups[1:]:
                apart = [hit for hit in group if not any(hit.overlaps(other) for other in chosen)]
                nearest = min(apart, key=lambda hit: _gap(start, hit), default=None)
                if nearest is None or _gap(start, nearest) > rule.within:
                    break
                chosen.append(nearest)
            else:
                return chosen
    return []


def _spread(rule: Refusal, matches: _Matches, before: Sequence[_Matches]) -> list[Hit]:
    """The hits in a text that break a rule together with what recent messages hold of the other sets."""
    for sets in rule.together:
        here = [_counted(rule, matches, f"set {name}") for name in sets]
        there = [any(_drawn(rule, earlier, f"set {name}") for earlier in before) for name in sets]
        if any(here) and all(hits or earlier for hits, earlier in zip(here, there, strict=True)):
            return [hits[0] for hits in here if hits]
    return []


def _drawn(rule: Refusal, matches: _Matches, group: str) -> list[Hit]:
    """The counted hits of a group that are not about somebody beside the picture."""
    bystanders = matches.group(f"bystander {rule.name}")
    return [hit for hit in _counted(rule, matches, group) if not any(hit.overlaps(other) for other in bystanders)]


def _gap(one: Hit, other: Hit) -> int:
    """Words from the one to the other; 1 for neighbours."""
    return max(one.first, other.first) - min(one.last, other.last)
