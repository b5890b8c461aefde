"""What can be taken as a message."""

from __future__ import annotations

from typing import Final

from chatdraw.errors import MessageError
from chatdraw.messages import control_character

MESSAGE_LIMIT: Final = 4000
"""Characters of one message. Longer ones are refused, never cut."""


def checked_message(text: str) -> str:
    """The message without the spaces around it.

    Raises:
        MessageError: it is empty, too long, or has something in it that is no text.
    """
    text = text.strip()
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MessageError(
            f"The message has bytes that are no text: {text[error.start : error.end]!r}.",
            hint="Send it as UTF-8.",
        ) from error
    if found := control_character(text):
        raise MessageError(
            f"The message has a control character ({found}), which cannot be seen.",
            hint="Type it anew, or paste it as plain text.",
        )
    if not text:
        raise MessageError("The message is empty.", hint="Say what you would like to see.")
    if len(text) > MESSAGE_LIMIT:
        raise MessageError(
            f"The message has {len(text):,} characters; {MESSAGE_LIMIT:,} is the most.",
            hint="Say it in fewer words; details can follow in the next message.",
        )
    return text
