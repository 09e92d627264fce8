"""What services say of invoices before anything is done to them: believed for an hour."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from core.clock import now
from core.reasons import Reason
from core.services.outcome import Confirmed, Outcome, Refusal, Refused
from core.services.ports import InvoiceFacts
from core.store.statements.rows import upsert
from core.store.tables import invoice_readings, invoice_searches

BELIEVED = dt.timedelta(hours=1)


def keep(connection: Connection, invoice_id: int, outcome: Outcome[InvoiceFacts]) -> bool:
    """Keep a service's word; False where it gave none, so that it is asked again."""
    match outcome:
        case Confirmed(facts):
            values: dict[str, object] = {"facts": as_json(facts), "why": None}
        case Refused(_, Refusal.LATER):
            return False
        case Refused(why, code):
            reason = Reason.of(code or "refused", why=why)
            values = {"facts": None, "why": reason}
        case _:
            return False
    values["read_at"] = now()
    upsert(
        connection,
        invoice_readings,
        {"invoice_id": invoice_id, **values},
        ("invoice_id",),
        tuple(values),
    )
    return True


def understood(
    read_at: dt.datetime | None, facts: Mapping[str, object] | None, why: Reason | None
) -> tuple[InvoiceFacts | None, Reason | None]:
    """A kept word while it is believed; (None, None) once it must be asked again."""
    if not is_believed(read_at):
        return None, None
    return (from_json(facts) if facts else None), why


def note_search(connection: Connection, order_id: int) -> None:
    """Note that every service was asked for the invoices of an order."""
    at = now()
    row = {"order_id": order_id, "first_at": at, "searched_at": at}
    upsert(connection, invoice_searches, row, ("order_id",), ("searched_at",))


def is_believed(at: dt.datetime | None) -> bool:
    """Whether what a service said then still counts."""
    return at is not None and dt.timedelta(0) <= now() - at < BELIEVED


def as_json(facts: InvoiceFacts) -> dict[str, object]:
    """As kept in the readings table."""
    fields = asdict(facts)
    return {**fields, "issued_on": facts.issued_on.isoformat() if facts.issued_on else None}


def from_json(fields: Mapping[str, Any]) -> InvoiceFacts:
    """The reverse of `as_json`."""
    day = fields.get("issued_on")
    return InvoiceFacts(**{**fields, "issued_on": dt.date.fromisoformat(day) if day else None})
