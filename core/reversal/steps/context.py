"""One reversal with all it needs at hand: its order, its options, the services it speaks to."""

import datetime as dt
import functools
import json
import math
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection as DbConnection
from sqlalchemy import Engine, Row, bindparam, select, update

from core import clock
from core.audit import trail
from core.clock import now
from core.orders.documents.accounts import Accounts, among, company_of
from core.reasons import Reason
from core.reversal.effects import ledger
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import AuditSubject, Effect
from core.services import registry
from core.services.limits import rate
from core.services.ports import CancelReason, Invoicing, Shop
from core.settings import connections, preferences
from core.settings.connections import Connection
from core.settings.preferences import Preferences
from core.store import db, desk
from core.store.desk import Desk
from core.store.states import OPEN_REVERSALS, Document, EffectKind, RunState
from core.store.tables import orders, reversals, runs


@dataclass(frozen=True)
class Options:
    """What a person chose for one order, kept with its reversal."""

    cancel: bool = True  # False: the order was cancelled by hand, only the invoices are left
    restock: bool = False
    reason: CancelReason = "DECLINED"
    staff_note: str = ""
    notify: bool = False
    refund: bool | None = None  # None: nobody has chosen
    document: str = Document.STORNO
    cancel_fulfillments: bool = False
    waived: list[str] = field(
        default_factory=list
    )  # the judge's reasons that a person goes against

    def as_json(self) -> dict[str, object]:
        """As kept in the reversals table."""
        return asdict(self)


# By a connection's key: until which uptime, and why.
Breakers = dict[str, tuple[float, Reason | None]]


@dataclass(frozen=True)
class ReversalContext:
    """Everything one pass over a reversal needs. `adapters` are built when first asked for."""

    engine: Engine
    reversal_id: int
    order_id: int
    order_name: str
    gid: str
    shop_id: int
    order_updated_at: Any
    options: Options
    subject: AuditSubject
    preferences: Preferences
    connections: dict[int, Connection] = field(repr=False)
    breakers: Breakers  # open when the pass began
    existing_effects: list[Effect]  # the reversal's effects when the pass began
    proof: list[dict[str, object]] | None = None  # the documents as they were shown
    agreed: set[str] = field(default_factory=set)  # what this pass has asked the judge already
    failures: int = 0  # passes in a row that came to nothing
    performer_class: type[EffectExecutor] = EffectExecutor

    @functools.cached_property
    def performer(self) -> EffectExecutor:
        """Moves the effects of this reversal."""
        return self.performer_class(self.engine, self.subject)

    @functools.cached_property
    def accounts(self) -> Accounts:
        """The invoicing accounts that are switched on."""
        return among(self.connections.values())

    def plan(
        self,
        connection_id: int,
        kind: EffectKind,
        target: str,
        invoice_id: int | None = None,
        document: str = "",
    ) -> Effect:
        """The effect on this target as it stood when the pass began, or a new one.

        Orders, fulfillments and invoices belong to one order each, so no other reversal has
        effects on them; should another pass be at it, claiming the effect tells.
        """
        fresh = ledger.new(self.subject, connection_id, kind, target, invoice_id, document)
        return next((one for one in self.existing_effects if one.key == fresh.key), fresh)

    def existing_on(self, invoice_id: int) -> Effect | None:
        """The reversal's storno or annulment of this invoice, through whatever account."""
        return next((one for one in self.existing_effects if one.invoice_id == invoice_id), None)

    @functools.cached_property
    def shop(self) -> Shop:
        """The shop of this order."""
        return registry.shop(self.connections[self.shop_id], adapter)

    def invoicing(self, connection_id: int) -> Invoicing:
        """The invoicing service behind this connection."""
        return registry.invoicing(self.connections[connection_id], adapter)

    def invoicing_of(self, service: str, known: int | None = None) -> Connection | None:
        """The connection `known` if it is on, else the only company's of this service that is.

        Not any of several: an invoice of the same number may be another company's (rule 7).
        """
        fits = [c for c in self.connections.values() if c.service == service and c.enabled]
        companies = {company_of(c.settings) or f"#{c.id}": c for c in reversed(fits)}
        only = next(iter(companies.values())) if len(companies) == 1 else None
        return next((c for c in fits if c.id == known), only)

    def blocked(self, connection_id: int) -> tuple[float, Reason | None] | None:
        """Seconds left and reason if the breaker of this connection was open when the pass began.

        Spares an intent that could not be sent; one that opens later refuses the call itself.
        """
        until, why = self.breakers.get(rate.key_of(connection_id), (0.0, None))
        left = until - clock.uptime()
        return (left, why) if left > 0 else None


def note_change(
    context: ReversalContext, connection: DbConnection, result: Mapping[str, object]
) -> None:
    """Keep when the order changed by a call of ours, where the shop told; nothing else changed."""
    if result.get("updated_at"):
        at = dt.datetime.fromisoformat(str(result["updated_at"]))
        values = {"of_order": context.order_id, "updated_at": at, "synced_at": now()}
        connection.execute(_CHANGED, values)


_CHANGED = update(orders).where(
    orders.c.id == bindparam("of_order"), orders.c.cancelled_at.is_not(None)
)


class _Adapters:
    """The adapters of a desk, each built once for a connection as it is set up."""

    def __init__(self, _desk: Desk) -> None:
        self._made: dict[int, tuple[str, registry.Adapter]] = {}

    def of(self, connection: Connection) -> registry.Adapter:
        settings = json.dumps([connection.settings, connection.secrets], sort_keys=True)
        made_with, adapter = self._made.get(connection.id, ("", None))
        if adapter is None or made_with != settings:
            adapter = registry.adapter(connection)
            self._made[connection.id] = (settings, adapter)
        return adapter


def adapter(connection: Connection) -> registry.Adapter:
    """The adapter of a connection, built once per process and settings."""
    return desk.current().part(_Adapters).of(connection)


SETTINGS_SECONDS = 1.0  # a change in Settings counts for orders that begin so much later


def load_context(
    reversal_id: int, generation: int, performer: type[EffectExecutor] = EffectExecutor
) -> ReversalContext | None:
    """Or None when there is nothing to do: finished, paused, or a newer pass is at it."""
    # Before a connection is held: whoever holds one and waits for a second may wait for ever.
    here = desk.current()
    accounts, chosen, breakers = here.part(_Settings).lately()
    with db.reading() as connection:
        row = connection.execute(_ROW, {"id": reversal_id}).one_or_none()
        if row is None or row.generation != generation or row.state not in OPEN_REVERSALS:
            return None
        if row.run_state == RunState.PAUSED:
            return None
        structlog.contextvars.bind_contextvars(run=row.run_id)
        return ReversalContext(
            engine=here.engine,
            reversal_id=row.id,
            order_id=row.order_id,
            order_name=row.order_name,
            gid=row.gid,
            shop_id=row.shop_id,
            order_updated_at=row.order_updated_at,
            options=Options(**row.options),
            subject=AuditSubject(
                row.id,
                row.order_id,
                row.order_name,
                row.requested_by,
                generation,
                tuple(trail.words_of(row)),
            ),
            preferences=chosen,
            connections=accounts,
            breakers=breakers,
            existing_effects=[] if _is_new(row) else ledger.of_reversal(connection, row.id),
            proof=row.proof,
            failures=row.failures,
            performer_class=performer,
        )


def _is_new(row: Row[Any]) -> bool:
    """Whether no pass was at it. An effect that is there all the same is met when claimed."""
    return row.generation == 0 and row.started_at is None


_ROW = (
    select(
        reversals,
        runs.c.state.label("run_state"),
        orders.c.name.label("order_name"),
        orders.c.gid,
        orders.c.shop_id,
        orders.c.updated_at.label("order_updated_at"),
        *(orders.c[name] for name in trail.CUSTOMER),
    )
    .join(orders, orders.c.id == reversals.c.order_id)
    .outerjoin(runs, runs.c.id == reversals.c.run_id)
    .where(reversals.c.id == bindparam("id"))
)


class _Read(NamedTuple):
    """What was read of a desk: its connections by id, its preferences and its open breakers."""

    accounts: dict[int, Connection]
    preferences: Preferences
    breakers: Breakers


class _Settings:
    """The connections, preferences and open breakers of a desk, as they were a moment ago."""

    def __init__(self, here: Desk) -> None:
        self._engine = here.engine
        self._reading = threading.Lock()
        self._stale_at = -math.inf
        self._read: _Read

    def lately(self) -> _Read:
        """Read again when SETTINGS_SECONDS have passed. Raises SecretsError."""
        with self._reading:
            if clock.uptime() >= self._stale_at:
                self._read = self._now()
                self._stale_at = clock.uptime() + SETTINGS_SECONDS
            return self._read

    def _now(self) -> _Read:
        with db.reading(self._engine) as connection:
            accounts = connections.all_connections(connection, enabled=False)
            blocked, at = rate.blocked(connection), clock.uptime()
            breakers: Breakers = {
                key: (at + seconds, why) for key, (seconds, why) in blocked.items()
            }
            return _Read({one.id: one for one in accounts}, preferences.load(connection), breakers)
