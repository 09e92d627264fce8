"""Lets `python -m core.cli` be the `refuz` command."""

from core.cli.main import main

main()
