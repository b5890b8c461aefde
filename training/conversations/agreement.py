"""What English bends to fit the word that fills a slot: "an orange one", "the glasses are too big".

Lines are written for words that begin with a consonant and stand in the singular.
"""

from __future__ import annotations

import re
from typing import Final

from training.conversations.vocabulary import OPEN, takes_an, unshield

_PLURAL_FORMS: Final = {
    "is": "are",
    "was": "were",
    "has": "have",
    "isn't": "aren't",
    "wasn't": "weren't",
    "hasn't": "haven't",
    "doesn't": "don't",
    "does": "do",
    "suits": "suit",
    "looks": "look",
    "goes": "go",
    "fits": "fit",
    "belongs": "belong",
    "bothers": "bother",
    "annoys": "annoy",
    "spoils": "spoil",
    "ruins": "ruin",
}
_FORMS: Final = "|".join(_PLURAL_FORMS)
_ASKED: Final = r"(?:^|(?<=why )|(?<=, ))(is|was|isn't|wasn't|does|doesn't)"
_ARTICLE: Final = re.compile(rf"(?<![\w'-])([Aa]) (?={OPEN}?([aeiou]\w*))")


def with_articles(text: str) -> str:
    """The text with "an" for "a" where the next word needs it."""
    return _ARTICLE.sub(lambda found: f"{found[1]}n " if takes_an(found[2]) else found[0], text)


def is_plural(noun: str) -> bool:
    """Whether a thing without its article is several: "blue specs", but no "bunch of flowers"."""
    head = re.split(r" (?:of|on|in) ", unshield(noun))[0].casefold()
    return head.endswith("s") and not head.endswith(("ss", "us", "'s"))


def with_verbs(text: str, noun: str) -> str:
    """The text with its verbs in the plural where their subject is ``noun`` and that is plural."""
    if not noun or not is_plural(noun):
        return text
    text = re.sub(rf"(?<={re.escape(noun)} )({_FORMS})\b", _plural, text)
    subject = rf"(?:[\w']+ |\x04\d+\.his\x05 )?{re.escape(noun)}"
    return re.sub(rf"{_ASKED} (?={subject})", lambda found: f"{_plural(found)} ", text, flags=re.IGNORECASE)


def _plural(found: re.Match[str]) -> str:
    return _PLURAL_FORMS[found[1].casefold()]
