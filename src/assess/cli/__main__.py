"""`python -m assess.cli`: the commands."""

from . import main

main()
