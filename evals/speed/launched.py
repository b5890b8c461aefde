"""Runs the program and, when it has ended, writes the most memory it had into a file: ``launched FILE OPTION...``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from chatdraw.cli import main


def peak_mib() -> float:
    """The most memory that this program has had, in MiB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Linux gives a program that is started what its starter had as its highest, except here.
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return int(found[1]) / 2**10
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


if __name__ == "__main__":
    file, sys.argv[1:] = sys.argv[1], sys.argv[2:]
    try:
        main()
    finally:
        Path(file).write_text(str(peak_mib()), encoding="ascii")
