"""The commands of whoever runs the desk, for `core.cli.main`."""

from pathlib import Path

import click

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
