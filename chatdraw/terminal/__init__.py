"""chatdraw in a terminal: the chat, and drawing a single picture.

It shows what happens and takes in what is typed; what a turn does is decided in ``chatdraw.conversation``.
"""

from __future__ import annotations

from chatdraw.terminal.replays import ReplayScreen
from chatdraw.terminal.single import draw
from chatdraw.terminal.start import chat

__all__ = ["ReplayScreen", "chat", "draw"]
