"""Runs the sandbox: `python -m core.sandbox --dir DIR --port PORT [--world FILE]`."""

import argparse
from pathlib import Path

from core import logs
from core.sandbox.server import serve


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="core.sandbox")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--world", type=Path)
    parser.add_argument("--parent-pid", type=int)
    chosen = parser.parse_args()
    logs.configure()
    serve(chosen.dir, chosen.port, chosen.world, parent_pid=chosen.parent_pid)


main()
