"""Replays: scripts of messages, run through the same conversation that people talk to.

A script is a TOML file (:mod:`chatdraw.replay.script`) with what is said and, if wanted, what is expected to come
of it. A replay writes a transcript, the pictures and a contact sheet, as a picture and as a web page of its own.
"""

from __future__ import annotations

from chatdraw.replay.expectations import Expectation, Mismatch
from chatdraw.replay.runner import Played, Report, differences, replay
from chatdraw.replay.script import Script, ScriptTurn, load_script

__all__ = [
    "Expectation",
    "Mismatch",
    "Played",
    "Report",
    "Script",
    "ScriptTurn",
    "differences",
    "load_script",
    "replay",
]
