"""The commands of whoever runs the desk, for `core.cli.main`."""

from pathlib import Path
from typing import Any

import click

from core.audit import approvals
from core.cli import say
from core.errors import UserError
from core.store.engines import StoreError


class PlainErrors(click.Group):
    """Commands whose trouble with the database, or with the two-person rule, is a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; status 1 where it cannot be used, or another must agree.

        What waits is written down as a question, as the pages do.
        """
        try:
            return super().invoke(ctx)
        except StoreError as error:
            say.give_up(str(error))
        except approvals.WaitsForAnother as waits:
            approvals.ask(waits)
            say.give_up(f"{waits} Then run the same command again, or set {approvals.ALONE}=1.")


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def trail() -> None:
    """The record of who did what, to be checked elsewhere."""


@trail.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the whole record to FILE, a JSON object a line (scripts/check_trail.py checks it)."""
    from core.cli.host import record

    record.export(file)


@trail.command()
@json_option
def head(as_json: bool) -> None:
    """Print the record's signed head as it is now, to be kept outside this machine."""
    from core.cli.host import record

    record.head(as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An earlier backup beside FILE: its pictures are not written again.",
)
@json_option
def backup(file: Path, since: Path | None, as_json: bool) -> None:
    """Write database, pictures and signed heads to FILE while everything goes on running."""
    from core.cli.host import copies

    copies.backup(file, since, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup back in place; stop the dashboard and the worker first."""
    from core.cli.host import copies

    copies.restore(file)


@click.command()
@click.option("--check", is_flag=True, help="Only say whether there is anything to do (exit 1).")
@json_option
def migrate(check: bool, as_json: bool) -> None:
    """Bring the database to this program's schema; it is copied first."""
    from core.cli.host import copies

    raise SystemExit(copies.migrate(check=check, as_json=as_json))


@click.group()
def connect() -> None:
    """Connections to shops, invoicing services and couriers, without a browser."""


@connect.command("add")
@click.argument("service")
@click.option("--name", default="", help="What this account is called; default: the service.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A setting.")
@click.option("--secret", "secrets", multiple=True, metavar="NAME=env:VARIABLE",
              help="Where a secret lies: env:VARIABLE or file:PATH.")  # fmt: skip
@click.option("--off", is_flag=True, help="Save it switched off.")
def connect_add(
    service: str, name: str, given: tuple[str, ...], secrets: tuple[str, ...], off: bool
) -> None:
    """Connect SERVICE, or change the connection of this name, with the checks of Settings."""
    from core.cli.host import connect as connecting

    connecting.add(service, name, given, secrets, off=off)


@connect.command("list")
@json_option
def connect_list(as_json: bool) -> None:
    """List what is connected, without secrets."""
    from core.cli.host import connect as connecting

    connecting.listed(as_json=as_json)


@connect.command("test")
@click.argument("name", default="")
@json_option
def connect_test(name: str, as_json: bool) -> None:
    """Ask the connections (or the one called NAME) how they are; only reads."""
    from core.cli.host import connect as connecting

    raise SystemExit(connecting.tested(name, as_json=as_json))


@click.group()
def preferences() -> None:
    """The shop's own choices, see docs/reference.md."""


@preferences.command("set")
@click.argument("given", nargs=-1, required=True, metavar="NAME=VALUE...")
def preferences_set(given: tuple[str, ...]) -> None:
    """Change preferences."""
    from core.cli.host import connect as connecting

    connecting.set_preferences(given)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def configure(file: Path) -> None:
    """Bring preferences and connections to what FILE (TOML) says; whole or not at all."""
    from core.cli.host import declared
    from core.store import db

    db.migrate()
    try:
        changed = declared.apply(file)
    except UserError as error:
        say.give_up(str(error))
    say.line(f"{file}: applied, {changed} connections changed.")


ALL: tuple[click.Command, ...] = (trail, backup, restore, migrate, connect, preferences, configure)
