"""The places where requests, captions and pictures are checked, behind one small interface.

The shipped rules are a first set (see :mod:`chatdraw.safety.rules` for what they cannot see), and there is no picture
classifier yet. Every answer is a :class:`chatdraw.records.Verdict` that names the rule and the words that decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from chatdraw.records import Verdict
from chatdraw.safety.pictures import PictureChecker, check_blank
from chatdraw.safety.rules import Rules, find_refusal, rename

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PictureChecker", "Rules", "Safety"]


class Safety:
    """Checks everything on its way from the person to the picture and back."""

    def __init__(self, rules: Rules, picture_checkers: Sequence[PictureChecker] = ()) -> None:
        """
        Args:
            rules: for texts.
            picture_checkers: asked in order, after the check for a blank picture.
        """
        self._rules = rules
        self._picture_checkers = tuple(picture_checkers)

    @classmethod
    def default(cls) -> Safety:
        """With the rules that come with the program and no picture classifier."""
        return cls(Rules.shipped())

    def check_request(self, text: str, recent: Sequence[str] = ()) -> Verdict:
        """Judges what a person wrote.

        Args:
            text: the message.
            recent: the messages before it, for a request that is split over several.
        """
        return self._check(text, recent, "request")

    def check_caption(self, text: str) -> Verdict:
        """Judges what goes to the image model; this also meets what the language model made up."""
        return self._check(text, (), "caption")

    def check_picture(self, image: Image) -> Verdict:
        """Judges a finished picture. Without a classifier, says so by the rule ``no-picture-checker``."""
        for check in (check_blank, *self._picture_checkers):
            verdict = check(image)
            if verdict is not None:
                return verdict
        return Verdict(layer="picture", rule="" if self._picture_checkers else "no-picture-checker")

    def _check(self, text: str, recent: Sequence[str], layer: Literal["request", "caption"]) -> Verdict:
        if found := find_refusal(self._rules, text, recent):
            return Verdict(
                action="refuse",
                category=found.rule.category,
                layer=layer,
                rule=found.rule.name,
                evidence=found.span,
                message=found.rule.message,
            )
        renamed = rename(self._rules, text)
        if renamed is None:
            return Verdict(layer=layer)
        # Taking a name away may bring words together that were apart.
        again = self._check(renamed.text, recent, layer)
        if again.action == "refuse":
            return again.model_copy(update={"evidence": renamed.span})
        return Verdict(
            action="rewrite",
            category=renamed.rule.category,
            layer=layer,
            rule=renamed.rule.name,
            evidence=renamed.span,
            message=renamed.rule.message,
            replacement=renamed.text,
        )
