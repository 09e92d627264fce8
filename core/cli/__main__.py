"""Lets `python -m core.cli` be the `storno` command."""

from core.cli.main import main

main()
