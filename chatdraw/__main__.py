"""``python -m chatdraw``."""

from __future__ import annotations

from chatdraw.cli import main

main()
