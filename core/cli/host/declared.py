"""REFUZ_CONFIG: one TOML file that says how the desk is set up, for containers.

    [preferences]
    time_zone = "Europe/Bucharest"

    [[connections]]
    service = "smartbill"
    name = "Casa Verde SRL"
    set = { email = "ana@example.com", vat_code = "RO12345674" }
    secret = { token = "env:SMARTBILL_TOKEN" }

    [sign_in]
    issuer = "https://id.example.com/realms/shop"
    client = "refuz"
    secret = "env:OPENID_SECRET"

It is applied whole or not at all, at each start of `refuz serve` and by `refuz configure`; what is
so already is not written again. What it does not name stays as it is.
"""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.audit import approvals
from core.cli import say
from core.cli.host import connect
from core.errors import UserError
from core.people.ways import service
from core.rights import named
from core.settings import preferences
from core.store import db

BY = "REFUZ_CONFIG"
TABLES: dict[str, type] = {"preferences": dict, "connections": list, "sign_in": dict}
KEYS: dict[str, type] = {"service": str, "name": str, "set": dict, "secret": dict, "enabled": bool}

SIGN_IN: dict[str, type] = {
    **dict.fromkeys(service.SETTINGS, str), "secret": str, "trust_email": bool
}  # fmt: skip


@named(BY)
def apply(file: Path) -> int:
    """Bring the desk to what the file says; how many connections changed. Raises UserError."""
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error
    _check_keys(document, TABLES, file)
    changed = 0
    with db.writing() as connection:
        if "preferences" in document:
            preferences.save(connection, **connect.typed(document["preferences"]))
        if "sign_in" in document:
            _sign_in(connection, document["sign_in"], file)
        for one in document.get("connections", []):
            _check_keys(one, KEYS, file)
            given = {key: _text(value) for key, value in one.get("set", {}).items()}
            secrets = connect.fetched({key: str(at) for key, at in one.get("secret", {}).items()})
            changed += connect.save(
                connection, one.get("service", ""), one.get("name", ""), given, secrets,
                enabled=one.get("enabled", True),
            )  # fmt: skip
    return changed


def apply_at_start(file: Path) -> None:
    """`apply`, before the desk is up; ends the program where the file cannot be applied.

    What needs a second person's yes is asked for, and the desk starts as it was set up before:
    whoever says yes needs it up.
    """
    try:
        apply(file)
    except approvals.WaitsForAnother as waits:
        approvals.ask(waits)
        say.line(f"{waits} {file} is applied at the first start after that.")
    except UserError as error:
        say.give_up(str(error))


def _sign_in(connection: Connection, table: dict[str, Any], file: Path) -> None:
    """The other service that signs people in, by the rules of Settings."""
    _check_keys(table, SIGN_IN, file)
    given = {key: _text(value) for key, value in table.items() if key != "secret"}
    secret = connect.fetched({"secret": table["secret"]})["secret"] if "secret" in table else ""
    service.save(connection, given, secret)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_keys(table: object, names: dict[str, type], file: Path) -> None:
    if not isinstance(table, dict):
        raise UserError(f"{file}: write [preferences], [sign_in] and [[connections]].")
    for name, value in table.items():
        if not isinstance(value, names.get(name, type(None))):
            raise UserError(f"{file}: {name!r} is not as it must be; see docs/operate.md.")
