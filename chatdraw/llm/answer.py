"""From what a server streams to the JSON document that was asked for, piece by piece.

Both filters take text as it comes, cut anywhere. Text that is no JSON goes through as it is, late at worst: judging
it is for whoever parses the answer.
"""

from __future__ import annotations

import re
from typing import Final, Literal

_OPENS: Final = "<think>"
_CLOSES: Final = "</think>"


class Thoughts:
    """Keeps back what a reasoning model thinks aloud before its answer.

    An answer is a JSON object and begins with ``{``. Whatever comes before is held until ``</think>`` shows that it was
    a thought (many chat templates open it themselves, so ``<think>`` may be missing) or until the end shows that it
    was not.
    """

    def __init__(self) -> None:
        self._held = ""
        self._answering = False

    def feed(self, text: str) -> str:
        """What of the answer has become certain."""
        if self._answering:
            return text
        self._held += text
        while not self._held.lstrip().startswith("{"):
            _, closed, rest = self._held.partition(_CLOSES)
            if not closed:
                return ""
            self._held = rest
        self._answering = True
        return self._held.lstrip()

    def end(self) -> str:
        """What was held and is no thought. A thought that never ended is one all the same."""
        if self._answering or self._held.lstrip().startswith(_OPENS):
            return ""
        return self._held


_CHARACTERS: Final = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})'

_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[ \t\n\r]+)
    | (?P<string>"{_CHARACTERS}*")
    | (?P<mark>[{{}}\[\],:])
    | (?P<word>[^ \t\n\r"{{}}\[\],:]+)
    """,
    re.VERBOSE,
)
"""A token of JSON; a word is a number, ``true``, ``false`` or ``null``, or else no JSON."""

_VALUE_TOKEN: Final = re.compile(rf'(?P<quote>")|{_TOKEN.pattern}', re.VERBOSE)
"""The same where a value is expected: a string is not waited for until it is complete."""

_STRING_TOKEN: Final = re.compile(rf'(?P<part>{_CHARACTERS}+)|(?P<quote>")')
"""The same within such a string."""

_Place = Literal["name", "colon", "value", "string", "null", "after"]
"""What comes next: the name of a member; its colon; a value; the rest of a string that is a value; what follows a
``null`` that may be left out; what follows any other value."""


class Nulls:
    """Leaves out the members of objects that are ``null``: a strict schema demands them where nothing is to be said.

    The answer comes out token by token, long strings in parts. A member is dropped only where what stands around it
    shows that the document is JSON up to there, so that what was no JSON does not become any.
    """

    def __init__(self) -> None:
        self._text = ""
        """What may go on: the token that the text so far ends with."""
        self._raw = False
        """It turned out to be no JSON, or the document is complete: the rest goes through."""
        self._place: _Place = "value"
        self._open: list[str] = []
        """The brackets that are open, from the outermost."""
        self._bare: list[bool] = []
        """For each of them: whether nothing within was passed on yet."""
        self._dropped = ""
        """First members that are left out for good if another member follows the last comma."""
        self._member = ""
        """The member under way with the comma before it, until its value shows whether it stays."""

    def feed(self, text: str) -> str:
        """What of the document has become certain."""
        self._text += text
        certain: list[str] = []
        while token := self._token():
            certain.append(self._next(*token))
        return "".join(certain) + (self.end() if self._raw else "")

    def end(self) -> str:
        """What is left of a document that broke off, or is none."""
        left = self._dropped + self._member + self._text
        self._dropped = self._member = self._text = ""
        return left

    def _token(self) -> tuple[str, str] | None:
        """Takes the next token, and its kind, off the text; ``None`` if that is not certain yet."""
        if self._raw:
            return None
        pattern = {"value": _VALUE_TOKEN, "string": _STRING_TOKEN}.get(self._place, _TOKEN)
        found = pattern.match(self._text)
        if found is None or (found.end() == len(self._text) and found.lastgroup in ("space", "word")):
            # What is there may go on in the next piece.
            return None
        self._text = self._text[found.end() :]
        return found[0], found.lastgroup or ""

    def _next(self, token: str, kind: str) -> str:
        """What a token makes certain; it is itself part of that, or held."""
        inside = self._open[-1] if self._open else ""
        if kind == "space":
            return self._hold(token) if inside == "{" and self._place != "after" else token
        match self._place:
            case "name" if kind == "string":
                self._dropped, self._place = "", "colon"
                return self._hold(token)
            case "colon" if token == ":":
                self._place = "value"
                return self._hold(token)
            case "value" if token == "null" and inside == "{":
                self._place = "null"
                return self._hold(token)
            case "value" if token in ("{", "["):
                kept = self._keep(token)
                self._open.append(token)
                self._bare.append(True)
                self._place = "name" if token == "{" else "value"
                return kept
            case "value" if kind == "quote":
                self._place = "string"
                return self._keep(token)
            case "string" if kind == "part":
                return token
            case "string":
                self._place = "after"
                self._raw = not self._open
                return token
            case "value" if kind == "word":
                self._place = "after"
                self._raw = not self._open
                return self._keep(token)
            case "null" if token == ",":
                if self._bare[-1]:
                    self._dropped, self._member = self._dropped + self._member + ",", ""
                else:
                    self._member = ","
                self._place = "name"
                return ""
            case "after" if token == "," and inside:
                self._place = "name" if inside == "{" else "value"
                return self._hold(token) if inside == "{" else token
            case "null" | "after" if token == "}" and inside == "{":
                return self._close(token)
            case "after" | "value" if token == "]" and inside == "[":
                return self._close(token)
            case "name" if token == "}" and not (self._dropped or self._member.strip()):
                return self._close(token)
            case _:
                self._raw = True
                held, self._dropped, self._member = self._dropped + self._member, "", ""
                return held + token

    def _hold(self, token: str) -> str:
        self._member += token
        return ""

    def _keep(self, token: str) -> str:
        """The member under way as far as its value, which begins with ``token``: it stays."""
        kept, self._member = self._member + token, ""
        if self._bare:
            self._bare[-1] = False
        return kept

    def _close(self, token: str) -> str:
        """The end of what is innermost, without the member that was held if there is one."""
        self._member = ""
        self._open.pop()
        self._bare.pop()
        self._place = "after"
        self._raw = not self._open
        return token
