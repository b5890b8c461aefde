"""chatdraw: talk, and it draws. A local conversational image assistant."""

from __future__ import annotations

__version__ = "0.1.0"
