"""The companies behind the connections: an invoice belongs to a company, not to a connection."""

import math
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from core import clock
from core.settings.connections import Connection as Connected
from core.store import db
from core.store.desk import Desk
from core.store.tables import connections, invoices, orders

# Where a service's settings tell its company: a tax number, or Stripe's account.
FIELDS = ("account", "vat_code")


@dataclass(frozen=True)
class ConnectedAccount:
    """One switched-on connection with the company behind it; "" where its settings do not tell."""

    connection_id: int
    service: str
    company: str
    name: str


def company_of(settings: dict[str, str]) -> str:
    """The company that a connection's settings tell, in one writing: "RO 123" is "123"."""
    return company(next((value for name in FIELDS if (value := settings.get(name, ""))), ""))


def company(text: str) -> str:
    """A tax number or an account's id in one writing: without blanks, case and RO."""
    plain = re.sub(r"\s+", "", text).upper()[:60]
    return plain[2:] if re.fullmatch(r"RO\d+", plain) else plain


class Accounts:
    """The invoicing accounts that are switched on."""

    def __init__(self, everything: Iterable[ConnectedAccount]) -> None:
        """Keep them by service, oldest connection first."""
        self.everything = tuple(everything)

    def of(self, service: str) -> list[ConnectedAccount]:
        """One account a company, by its oldest connection."""
        found: dict[str, ConnectedAccount] = {}
        for one in self.everything:
            if one.service == service:
                found.setdefault(one.company or f"#{one.connection_id}", one)
        return list(found.values())

    def companies(self) -> list[ConnectedAccount]:
        """One account a company of each service."""
        services = dict.fromkeys(one.service for one in self.everything)
        return [account for service in services for account in self.of(service)]

    def only(self, service: str) -> ConnectedAccount | None:
        """The account that a service's invoice belongs to where it names none: the only one."""
        known = self.of(service)
        return known[0] if len(known) == 1 else None

    def named(self, service: str, text: str) -> ConnectedAccount | None:
        """The account that a reference names: by its company, or by a connection's name."""
        known, name = self.of(service), text.strip().casefold()
        for one in known:
            if (one.company and one.company == company(text)) or one.name.casefold() == name:
                return one
        # A second connection of a company: the company's account is the older one.
        theirs = {a.company for a in self.everything
                  if a.service == service and a.name.casefold() == name}  # fmt: skip
        return next((one for one in known if one.company and one.company in theirs), None)

    def by_connection(self, connection_id: int | None) -> ConnectedAccount | None:
        """The account behind a connection, where that is on."""
        return next((a for a in self.everything if a.connection_id == connection_id), None)


_SWITCHED_ON = (
    select(connections)
    .where(connections.c.kind == "invoicing", connections.c.enabled)
    .order_by(connections.c.id)
)


def among(connected: Iterable[Connected]) -> Accounts:
    """Those of these connections that are switched-on invoicing accounts, oldest first."""
    return Accounts(
        ConnectedAccount(one.id, one.service, company_of(one.settings), one.name)
        for one in sorted(connected, key=lambda one: one.id)
        if one.kind == "invoicing" and one.enabled
    )


def load(connection: Connection) -> Accounts:
    """Every invoicing account that is switched on; no secret is opened."""
    return Accounts(
        ConnectedAccount(row.id, row.service, company_of(dict(row.settings)), row.name)
        for row in connection.execute(_SWITCHED_ON)
    )


# ---------------------------------------------------------------- which company serves which shop

PROOF = 5  # invoices that orders, lists or people name: fewer prove nothing
Use = Mapping[tuple[str, str], Mapping[int, int]]  # by service and company: invoices by shop


USE_SECONDS = 30.0  # so long it is known which company serves which shop


class CompanyUse:
    """Which company serves which shop, as it was counted a moment ago: counting takes a while."""

    def __init__(self, here: Desk) -> None:
        self._engine = here.engine
        self._counting = threading.Lock()
        self._stale_at = -math.inf
        self._counted: Use = {}

    def lately(self) -> Use:
        """Counted again when USE_SECONDS have passed."""
        with self._counting:
            if clock.uptime() >= self._stale_at:
                self._counted = used_by_shops(self._engine)
                self._stale_at = clock.uptime() + USE_SECONDS
            return self._counted


def used_by_shops(engine: Engine) -> Use:
    """How many invoices of each company each shop's orders name; found ones do not count."""
    query = (
        select(
            invoices.c.service, invoices.c.account, orders.c.shop_id, func.count().label("times")
        )
        .join(orders, orders.c.id == invoices.c.order_id)
        .where(invoices.c.source != "service", invoices.c.account != "")
        .group_by(invoices.c.service, invoices.c.account, orders.c.shop_id)
    )
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    with db.reading(engine) as connection:
        for row in connection.execute(query):
            found[row.service, row.account][row.shop_id] = row.times
    return found


def is_another_shops(account: ConnectedAccount, shop_id: int, used: Use) -> bool:
    """Whether a company serves other shops alone, and this shop has one of its own there.

    Two shops may count their orders alike: what that company has under an order's name is then
    another order's (rule 11: the shop must agree). Without proof of both, it is asked.
    """
    theirs = used.get((account.service, account.company), {})
    if not account.company or shop_id in theirs or max(theirs.values(), default=0) < PROOF:
        return False
    return any(
        service == account.service
        and company_ != account.company
        and shops.get(shop_id, 0) >= PROOF
        for (service, company_), shops in used.items()
    )
