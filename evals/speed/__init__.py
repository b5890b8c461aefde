"""``python -m evals speed``: how much time and memory the program takes, beside what it is compared with."""

from evals.speed.command import COMMAND

__all__ = ["COMMAND"]
