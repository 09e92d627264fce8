"""`refuz` on the command line: the same work without a browser."""

from core.cli.main import main

__all__ = ["main"]
