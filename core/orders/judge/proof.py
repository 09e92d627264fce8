"""The proof sheet: which documents will be reversed for an order, and why they are believed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from core.orders.documents.readings import as_json
from core.orders.judge.facts import Facts, Paper
from core.reasons import Amount, Code, Reason


class Believed(Code):
    """Why a document is believed to be the order's."""

    ORDER = "believed_order"
    CSV = "believed_list"
    PERSON = "believed_person"
    SERVICE = "believed_service"


class ProofCode(Code):
    """A line of the sheet."""

    LINE = "proof_line"  # invoice, account, total, believed
    LINE_UNREAD = "proof_line_unread"  # invoice, account, believed


BELIEVED = {
    "order": Believed.ORDER,
    "csv": Believed.CSV,
    "person": Believed.PERSON,
    "service": Believed.SERVICE,
}


def sheet(facts: Facts) -> list[dict[str, Any]]:
    """What would be reversed now, as kept with the reversal and printed as JSON."""
    if facts.chosen.document == "none" or not facts.revert_invoices:
        return []
    return [_entry(facts, paper) for paper in facts.papers if paper.open]


def _entry(facts: Facts, paper: Paper) -> dict[str, Any]:
    account = facts.accounts.by_connection(paper.connection_id)
    read_at: dt.datetime | None = paper.read_at
    return {
        "service": paper.service,
        "account": paper.account,
        "account_name": account.name if account else "",
        "series": paper.series,
        "number": paper.number,
        "key": list(paper.place),
        "total_minor": _told_total(paper),
        "currency": (paper.told.currency if paper.told else "") or paper.currency,
        "named_by": str(BELIEVED.get(paper.source, Believed.ORDER)),
        "read_at": read_at.isoformat() if read_at else None,
        "told": as_json(paper.told) if paper.told else None,
    }


def _told_total(paper: Paper) -> int | None:
    told = paper.told.total_minor if paper.told else None
    return paper.total_minor if told is None else told


def line(entry: Mapping[str, Any], currency: str) -> Reason:
    """One entry for a reader: "CVZ 0042 · SmartBill, Casa Verde SRL · 123.45 lei · …"."""
    invoice = f"{entry['series']} {entry['number']}".strip()
    account = ", ".join(
        dict.fromkeys(part for part in (entry["account_name"], entry["account"]) if part)
    )
    told = {
        "invoice": invoice,
        "account": account or entry["service"],
        "believed": Reason(entry["named_by"]),
    }
    if entry["total_minor"] is None:
        return Reason.of(ProofCode.LINE_UNREAD, **told)
    total = Amount(entry["total_minor"], entry["currency"] or currency)
    return Reason.of(ProofCode.LINE, total=total, **told)


def lines(facts: Facts) -> tuple[Reason, ...]:
    """The whole sheet of an order, a reason a document."""
    return tuple(line(one, facts.order.currency) for one in sheet(facts))


def changed(shown: Sequence[Mapping[str, Any]], facts: Facts) -> tuple[str, str] | None:
    """What was shown and what it would be now, where other documents would be reversed.

    Shown nothing, a document that was found by the order's name and fits is no change: the sheet
    said that it would be looked for.
    """
    before = {tuple(one["key"]): one for one in shown}
    papers = [paper for paper in facts.papers if paper.open]
    mine = {paper.place: paper for paper in papers}
    done = {paper.place for paper in facts.papers if not paper.open}
    if set(before) - done == set(mine):
        return None
    if not before and all(paper.source == "service" for paper in papers):
        return None
    names = [f"{one['series']} {one['number']}".strip() for one in shown]
    return ", ".join(names) or "–", ", ".join(paper.name for paper in papers) or "–"
