"""`python -m assess.cli`: the commands."""

from __future__ import annotations

from . import main

main()
