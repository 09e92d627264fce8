"""`refuz people`: accounts looked after on the host, also when no owner can get in any more."""

import os

from core.cli import say
from core.config import home
from core.errors import UserError
from core.people import accounts
from core.rights import NotAllowed
from core.server import reach
from core.store import db


def listed(*, as_json: bool) -> None:
    """One line an account."""
    db.migrate()
    for one in accounts.everybody():
        state = "ended" if one.disabled else "" if one.ready else "not been here yet"
        if as_json:
            say.record({"login": one.login, "name": one.name, "role": one.role,
                        "ready": one.ready, "ended": one.disabled})  # fmt: skip
        else:
            say.line("  ".join(filter(None, (one.login, one.name, one.role, state))))


def owner(login: str) -> None:
    """A link for the first owner, or for an account that becomes an owner's."""
    db.migrate()
    try:
        if not login and accounts.has_owner():
            say.give_up("There is an owner. Say whose account: refuz people owner LOGIN")
        token = accounts.owner_link(login)
    except UserError as error:
        say.give_up(str(error))
    _print(token, "a day")


def invite(login: str, name: str, role: str) -> None:
    """A new account and its link."""
    db.migrate()
    try:
        _, token = accounts.invite(login, name, role)
    except (UserError, NotAllowed) as error:
        say.give_up(str(error))
    _print(token, "three days")


def end(login: str) -> None:
    """End an account and all its sessions."""
    db.migrate()
    found = next((one for one in accounts.everybody() if one.login == login.lower()), None)
    if found is None:
        say.give_up("There is no such account.")
    try:
        accounts.change(found.id, disabled=True)
    except UserError as error:
        say.give_up(str(error))
    say.line(f"{login} is signed out everywhere and cannot come back.")


def vouch_for(login: str) -> None:
    """Say that an account is a person of its own."""
    db.migrate()
    found = next((one for one in accounts.everybody() if one.login == login.lower()), None)
    if found is None:
        say.give_up("There is no such account.")
    try:
        accounts.vouch_for(found.id)
    except UserError as error:
        say.give_up(str(error))
    say.line(f"The yes of {login} counts as a second person's.")


def _print(token: str, life: str) -> None:
    known = reach.from_environment().url or reach.noted_address(home())
    say.line(f"Good once, for {life}:")
    if not known and "PORT" not in os.environ:
        say.line("No desk ran here yet. If it listens on another port, put that in place of 8501.")
    elsewhere = f"http://localhost:{os.environ.get('PORT', '8501')}"
    print(f"{known or elsewhere}/welcome/{token}")
