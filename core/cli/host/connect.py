"""`refuz connect` and `refuz preferences`: the desk is set up without a browser.

Whoever may run a command on the host looks after the desk; the record says that it was so.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from core.cli import say
from core.errors import UserError
from core.i18n.letters import visible
from core.services import connecting, registry
from core.settings import connections, preferences
from core.store import db

WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def pairs(given: Iterable[str]) -> dict[str, str]:
    """`name=value` each. Raises UserError."""
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise UserError(f"{one!r} must read NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def fetched(sources: Mapping[str, str]) -> dict[str, str]:
    """Secrets from where they lie: `env:NAME` or `file:PATH`, never from the command line itself.

    Raises UserError.
    """
    found = {}
    for name, source in sources.items():
        kind, _, place = source.partition(":")
        if kind == "env" and place:
            value = os.environ.get(place, "")
        elif kind == "file" and place:
            try:
                value = Path(place).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UserError(f"The secret {name} cannot be read from {place}.") from error
        else:
            raise UserError(f"Tell where the secret {name} lies: env:NAME or file:PATH.")
        if not value:
            raise UserError(f"The secret {name} is empty at {source}.")
        found[name] = value
    return found


def save(
    connection: Connection,
    service: str,
    name: str,
    given: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    enabled: bool = True,
) -> bool:
    """Save a connection as Settings would; False where it is so already. Raises UserError."""
    info = registry.info(service)
    hidden = {one.name for one in info.fields if one.secret}
    if misplaced := sorted(hidden & set(given)):
        raise UserError(f"{misplaced[0]} is a secret: tell where it lies, not what it is.")
    if misplaced := sorted(set(secrets) - hidden):
        raise UserError(f"{info.title} has no secret {misplaced[0]!r}.")
    called = name.strip() or info.title
    same = (one for one in connections.all_connections(connection, enabled=False)
            if (one.service, one.name) == (service, called))  # fmt: skip
    old = next(same, None)
    found = connecting.described(service, old, {**given, **secrets})
    before = (old.settings, old.secrets, old.enabled) if old else None
    if before == (found.settings, found.secrets, enabled):
        return False
    connecting.save(connection, info, old, called, found, enabled=enabled)
    return True


def add(
    service: str, name: str, given: Iterable[str], secrets: Iterable[str], *, off: bool
) -> None:
    """`refuz connect add`: a new connection, or other settings of the one of this name."""
    db.migrate()
    try:
        found = fetched(pairs(secrets))
        with db.writing() as connection:
            changed = save(connection, service, name, pairs(given), found,
                           enabled=not off)  # fmt: skip
    except UserError as error:
        say.give_up(str(error))
    say.line("Saved. Try it: refuz connect test" if changed else "It is so already.")


def listed(*, as_json: bool) -> None:
    """`refuz connect list`: what is connected, without secrets."""
    db.migrate()
    with db.reading() as connection:
        connected = connections.for_show(connection)
    for one in connected.values():
        record = {"kind": one.kind, "service": one.service, "name": one.name,
                "address": one.settings.get("base_url", ""), "in use": one.enabled,
                "sandbox": one.sandbox}  # fmt: skip
        if as_json:
            say.record(record)
        else:
            state = "" if one.enabled else " (off)"
            print(f"{one.kind:10} {one.service:12} {visible(one.name)}  {record['address']}{state}")


def tested(name: str, *, as_json: bool) -> int:
    """`refuz connect test`: what services say of themselves, a line for each thing looked at.

    `name`: a connection's, or of all connections of a service; "" for every one. Gives the exit
    status, 1 where something is bad.
    """
    db.migrate()
    with db.reading() as connection:
        connected = connections.all_connections(connection)
    chosen = [one for one in connected if name in ("", one.name, one.service)]
    if not chosen:
        say.give_up("There is no such connection in use; see `refuz connect list`.")
    all_well = True
    for one in chosen:
        try:
            findings = registry.adapter(one).check()
        except UserError as error:
            say.give_up(f"{one.name}: {error}")
        for finding in findings:
            all_well &= finding.ok
            what, answer = say.words(finding.what), say.words(finding.say)
            if as_json:
                say.record({"name": one.name, "what": what, "ok": finding.ok, "say": answer})
            else:
                print(f"{'ok ' if finding.ok else 'BAD'}  {one.name}: {what} {answer}".rstrip())
    return 0 if all_well else 1


# ---------------------------------------------------------------- preferences


def typed(given: Mapping[str, object]) -> dict[str, object]:
    """Preferences by name, of the right type. Raises UserError."""
    types = {one.name: type(one.default) for one in fields(preferences.Preferences)}
    for name in given:
        if name not in types:
            raise UserError(f"There is no preference {name!r}. There are: {', '.join(types)}.")
    return {name: _typed(name, types[name], value) for name, value in given.items()}


def _typed(name: str, kind: type, value: Any) -> Any:
    if isinstance(value, kind) and (kind is not int or not isinstance(value, bool)):
        return value
    text = str(value).strip()
    if kind is bool and text.lower() in WORDS:
        return WORDS[text.lower()]
    if kind is int and not isinstance(value, bool) and text.isascii() and text.isdecimal():
        return min(int(text[:12]), 10**9)
    wanted = {bool: "yes or no", int: "a whole number"}.get(kind, "text")
    raise UserError(f"{name} must be {wanted}.")


def set_preferences(given: Iterable[str]) -> None:
    """`refuz preferences set`: changes some, as Settings does."""
    db.migrate()
    try:
        changes = typed(pairs(given))
        with db.writing() as connection:
            preferences.save(connection, **changes)
    except UserError as error:
        say.give_up(str(error))
    say.line(f"Set: {', '.join(changes)}.")
