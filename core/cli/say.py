"""How the command line speaks: lines for people, or one JSON object a line with --json."""

import getpass
import json
from typing import Any, NoReturn

import click

from core.i18n.reasons import sentence
from core.reasons import Reason, ReasonCode


def line(text: str) -> None:
    """A sentence for a person, on standard error so that --json output stays clean."""
    click.echo(text, err=True)


def record(values: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str))


def words(reason: Reason | ReasonCode | None) -> str:
    """A reason in English, "" for none."""
    return sentence(reason.of() if isinstance(reason, ReasonCode) else reason)


def give_up(text: str, status: int = 1) -> NoReturn:
    """End with a sentence that says what to do."""
    click.echo(f"refuz: {text}", err=True)
    raise SystemExit(status)


def person() -> str:
    """Who is typing, for the audit trail."""
    return f"{getpass.getuser()} (command line)"
