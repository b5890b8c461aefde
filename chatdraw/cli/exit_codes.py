"""What the program's exit codes mean: the one place for all commands, the help and the documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
DIFFERENT: Final = 3
CLOSED: Final = 129
STOPPED: Final = 130
TERMINATED: Final = 143
"""These three as shells count a signal: 128 and its number."""

MEANINGS: Final[Mapping[int, str]] = {
    OK: "all went well",
    FAILED: "something went wrong, or a turn failed where nobody was typing",
    USAGE: "the command line is wrong",
    DIFFERENT: "a picture was drawn again and came out different",
    CLOSED: "the terminal was closed (SIGHUP)",
    STOPPED: "stopped with Ctrl-C",
    TERMINATED: "stopped by another program (SIGTERM)",
}
"""By code, in order."""


def epilog(*codes: int) -> str:
    """What stands below a help text: the meanings of ``codes``."""
    # \b keeps the lines of a paragraph as they are.
    return "\n".join(["\b", "Exit codes:", *(f"  {code:<4} {MEANINGS[code]}" for code in codes)])


EPILOG: Final = epilog(OK, FAILED, USAGE, STOPPED)
"""For the usual command."""
