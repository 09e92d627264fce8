"""What a machine lacks: a reason to skip a test; CI has all that `make test` needs, and fails."""

import os
from typing import NoReturn

import pytest


def absent(what: str) -> NoReturn:
    """Skip the test that needs it, and say so; where `CI` is set it fails instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} In CI nothing that `make test` brings is left out.")
    pytest.skip(what)
