"""The review table: a row an order, with what will happen to it, or why nothing will."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, func, select

from core.audit.names import for_reader
from core.i18n.reasons import sentence
from core.orders.codes import PlanCode
from core.orders.judge import facts as judge_facts
from core.orders.judge import proof
from core.orders.judge.facts import Choices, Facts
from core.orders.judge.rules import Judgement, judge
from core.orders.judge.shown import Shown, shown
from core.reasons import Reason
from core.rights import Right, door, may
from core.settings import preferences
from core.store import db
from core.store.tables import (
    invoices,
    order_lines,
    orders,
    parcels,
    pile_orders,
    reversals,
    scans,
)

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 500  # ids in one IN list
WITH_MONEY = ("PAID", "PARTIALLY_PAID")  # what a shop can give back


@dataclass(frozen=True)
class Totals:
    """What a run would do: orders, money by currency in minor units, invoices.

    `checking`: how many of the orders wait until their invoices are read. Of the orders: how many
    are `restocked`, told to their customers (`emailed`), `refunded`; of the invoices: `annulled`.
    """

    orders: int
    money: dict[str, int]
    invoices: int
    checking: int = 0
    restocked: int = 0
    emailed: int = 0
    refunded: int = 0
    annulled: int = 0

    def sentence(self) -> str:
        """ "37 orders, 6,214.50 RON, 35 invoices": for the question before a run."""
        sums = ", ".join(f"{minor / 100:,.2f} {code}" for code, minor in sorted(self.money.items()))
        return f"{self.orders} orders, {sums or '0'}, {self.invoices} invoices"


COLUMNS = [
    "order_id", "sha256", "tracking", "courier", "order", "customer", "lines", "total_minor",
    "currency", "payment", "invoices", "stornos", "group", "checking", "what", "why", "held_by",
    "may_waive", "proof",
    "parcels", "scanned", "included", "restock", "reason", "staff_note", "notify", "refund",
    "document", "condition", "remark", "cancel_fulfillments", "state",
]  # fmt: skip
CHOICES = COLUMNS[COLUMNS.index("included") : COLUMNS.index("state")]


@door(Right.PILE)
def review(
    pile_id: int,
    limit: int | None = None,
    offset: int = 0,
    *,
    order_ids: Sequence[int] | None = None,
) -> "pd.DataFrame":
    """One row an order of the pile (or of these of it), newest first, with COLUMNS.

    `group` is one of: will run, held, delivered, needs a person, done. `held_by` is the Reason why
    an order is held, `why` its English sentence; `may_waive`: a person may go against it; `proof`:
    a Reason a document that will be reversed; `checking`: a service is still to say what it knows
    of one, which a run waits for before this order alone.
    Customers are named to who may see them (Right.NAMES).
    """
    import pandas as pd  # the worker uses this module too, and has no need of tables

    with db.reading() as connection:
        query = _pile_query(pile_id).offset(offset).limit(limit)
        if order_ids is not None:
            query = query.where(pile_orders.c.order_id.in_(order_ids))
        rows = connection.execute(query).all()
        return pd.DataFrame(_as_rows(connection, pile_id, rows), columns=COLUMNS)


@door(Right.PILE)
def groups(pile_id: int) -> "pd.DataFrame":
    """`order_id`, `group`, `checking` and `shown` of every order of the pile, newest first: all a
    page needs to know of the rows that it does not show.

    `shown`: of one that will run, the Shown that a run is to be begun with; else None.
    """
    import pandas as pd

    with db.reading() as connection:
        rows = [
            (row.order_id, judged.group, judged.checking, _shown(row, facts, judged))
            for row, facts in of_pile(connection, pile_id)
            for judged in (judge(facts),)
        ]
    return pd.DataFrame(rows, columns=["order_id", "group", "checking", "shown"])


def _shown(row: Row[Any], facts: Facts, judged: Judgement) -> Shown | None:
    return shown(row, facts) if judged.group == "will run" else None


@door(Right.PILE)
def shown_of(pile_id: int) -> dict[int, Shown]:
    """What is shown now of each order that a run of the pile would process."""
    with db.reading() as connection:
        return {row.order_id: shown(row, facts) for row, facts in runnable(connection, pile_id)}


def runnable_orders(pile_id: int, only: Collection[int] | None = None) -> list[int]:
    """The ids of the orders of the pile (of `only` these) that a run would process."""
    with db.reading() as connection:
        return [one.order_id for one, _ in runnable(connection, pile_id, only)]


def runnable(
    connection: Connection, pile_id: int, only: Collection[int] | None = None
) -> list[tuple[Row[Any], Facts]]:
    """The orders of the pile that may run, each with what the judge has looked at."""
    return [
        (row, facts)
        for row, facts in of_pile(connection, pile_id)
        if (only is None or row.order_id in only) and judge(facts).group == "will run"
    ]


@door(Right.PILE)
def totals(pile_id: int, only: Collection[int] | None = None) -> Totals:
    """What a run of this pile (of `only` these orders of it) would do now."""
    ready = [
        one
        for one in _judged(pile_id)
        if one[1].group == "will run" and (only is None or one[0].order_id in only)
    ]
    rows = [row for row, _ in ready]
    with db.reading() as connection:
        open_invoices = _open_invoices(connection, pile_id)
    money: Counter[str] = Counter()
    for row in rows:
        money[row.currency] += row.total_minor
    documents = Counter(dict.fromkeys(("storno", "annul", "none"), 0))
    for row in rows:
        documents[row.document] += open_invoices[row.order_id]
    return Totals(
        orders=len(rows),
        money=dict(money),
        invoices=documents["storno"] + documents["annul"],
        checking=sum(judged.checking for _, judged in ready),
        restocked=sum(row.restock for row in rows),
        emailed=sum(row.notify for row in rows),
        refunded=sum(bool(row.refund) and row.financial_status in WITH_MONEY for row in rows),
        annulled=documents["annul"],
    )


def _of_pile(pile_id: int, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(pile_orders)
        .join(orders, orders.c.id == pile_orders.c.order_id)
        .outerjoin(reversals, reversals.c.order_id == orders.c.id)
        .where(pile_orders.c.pile_id == pile_id, pile_orders.c.removed_at.is_(None))
        .order_by(pile_orders.c.id.desc())
    )


def _pile_query(pile_id: int) -> Select[Any]:
    why = reversals.c.why.label("reversal_why")
    return _of_pile(pile_id, pile_orders, orders, reversals.c.state, why)


def _judged(pile_id: int) -> list[tuple[Row[Any], Judgement]]:
    with db.reading() as connection:
        return [(row, judge(facts)) for row, facts in of_pile(connection, pile_id)]


@door(Right.PILE)
def of_pile(
    connection: Connection, pile_id: int, order_id: int | None = None
) -> list[tuple[Row[Any], Facts]]:
    """Every order of the pile (or this one) with its facts, reading what the rules ask for."""
    chosen, order = pile_orders.c, orders.c
    query = _of_pile(
        pile_id, chosen.order_id, chosen.included, chosen.restock, chosen.notify, chosen.document,
        chosen.cancel_fulfillments, chosen.refund, chosen.waived,
        chosen.reason, chosen.staff_note,
        order.gid, order.name, order.created_at, order.cancelled_at,
        order.fulfillment_status, order.financial_status, order.total_minor, order.currency,
        order.second_total_minor, order.second_currency,
        order.customer_name, order.billed_to, order.has_returns, order.gateways, order.hold,
        reversals.c.state,
    )  # fmt: skip
    if order_id is not None:
        query = query.where(pile_orders.c.order_id == order_id)
    rows = connection.execute(query).all()
    boxes = _boxes(connection, pile_id, order_id)
    facts = _facts(connection, pile_id, rows, boxes, order_id)
    return list(zip(rows, facts, strict=True))


def _boxes(connection: Connection, pile_id: int, order_id: int | None) -> dict[int, list[Row[Any]]]:
    """The parcels that count, by order."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    query = (
        select(*(parcels.c[name] for name in ("order_id", "id", "outcome")))
        .join(pile_orders, pile_orders.c.order_id == parcels.c.order_id)
        .where(pile_orders.c.pile_id == pile_id, ~parcels.c.void)
    )
    if order_id is not None:
        query = query.where(parcels.c.order_id == order_id)
    for row in connection.execute(query):
        found[row.order_id].append(row)
    return found


def _facts(
    connection: Connection,
    pile_id: int,
    rows: Sequence[Row[Any]],
    boxes: Mapping[int, Sequence[Row[Any]]],
    order_id: int | None = None,
) -> list[Facts]:
    seen = _scanned(connection, pile_id, order_id)
    documents = judge_facts.documents(connection, [row.order_id for row in rows])
    revert = preferences.load(connection).revert_invoice_on_cancel
    return [
        _of_row(row, boxes.get(row.order_id, ()), seen, documents, revert=revert) for row in rows
    ]


def _of_row(
    row: Row[Any],
    boxes: Sequence[Row[Any]],
    seen: Mapping[int, Mapping[int, str]],
    documents: judge_facts.Documents,
    *,
    revert: bool,
) -> Facts:
    """What the judge looks at of an order of the pile; `seen`: its scanned parcels by order."""
    here = [box for box in boxes if box.id in seen.get(row.order_id, {})]
    return Facts(
        order=row,
        state=row.state or "",
        chosen=choices_of(row),
        parcels=boxes,
        back=len(here),
        delivered_back=any(box.outcome == "delivered" for box in here),
        invoices=documents.invoices.get(row.order_id, ()),
        questions=documents.questions.get(row.order_id, ()),
        accounts=documents.accounts,
        search=documents.searches.get(row.order_id),
        revert_invoices=revert,
    )


def choices_of(row: Row[Any]) -> Choices:
    """What was chosen for an order of a pile, as the judge asks for it."""
    return Choices(
        included=row.included,
        document=row.document,
        cancel_fulfillments=row.cancel_fulfillments,
        refund=row.refund,
        restock=row.restock,
        waived=tuple(one["reason"] for one in row.waived or ()),
    )


def _as_rows(
    connection: Connection, pile_id: int, rows: Sequence[Row[Any]]
) -> list[dict[str, object]]:
    ids = [row.order_id for row in rows]
    boxes = _grouped(connection, select(parcels).where(~parcels.c.void), parcels.c.order_id, ids)
    items = _grouped(connection, select(order_lines), order_lines.c.order_id, ids)
    seen = _scanned(connection, pile_id)
    paired = zip(rows, _facts(connection, pile_id, rows, boxes), strict=True)
    return [
        _row(row, facts, seen.get(row.order_id, {}), items[row.order_id]) for row, facts in paired
    ]


def _row(
    row: Row[Any], facts: Facts, seen: Mapping[int, str], items: Sequence[Row[Any]]
) -> dict[str, object]:
    """A line of the list: the order, its parcels that were scanned, and what the judge says."""
    judged = judge(facts)
    why = for_reader(judged.reason)
    options = {name: getattr(row, name) for name in CHOICES}
    back = [box for box in facts.parcels if box.id in seen]
    listed = back or list(facts.parcels)
    return {
        "order_id": row.order_id,
        "sha256": next((sha for sha in seen.values() if sha), ""),
        "tracking": ", ".join(box.tracking for box in listed),
        "courier": ", ".join(dict.fromkeys(box.courier for box in listed)),
        "order": row.name,
        "customer": row.customer_name if may(Right.NAMES) else "",
        "lines": lines_in_words(items),
        "total_minor": row.total_minor,
        "currency": row.currency,
        "payment": row.payment,
        "invoices": ", ".join(one.name for one in facts.invoices),
        "stornos": ", ".join(one.storno for one in facts.invoices if one.storno),
        "group": judged.group,
        "checking": judged.checking,
        "what": _what(facts) if judged.group == "will run" else None,
        "why": sentence(why),
        "held_by": why,
        "may_waive": judged.may_waive,
        "proof": proof.lines(facts),
        "parcels": len(facts.parcels),
        "scanned": len(back),
        "state": row.state or "",
        **options,
    }


def _what(facts: Facts) -> Reason:
    steps = [PlanCode.CANCEL.of()]
    if facts.chosen.restock:
        steps.append(PlanCode.RESTOCK.of())
    if facts.chosen.document == "none" or not facts.revert_invoices:
        steps.append(PlanCode.LEAVE_INVOICE.of())
    elif not facts.invoices:
        steps.append(PlanCode.NO_INVOICE.of())
    elif count := sum(one.open for one in facts.invoices):
        code = PlanCode.ANNUL if facts.chosen.document == "annul" else PlanCode.REVERSE
        steps.append(code.of(count=count))
    return PlanCode.STEPS.of(steps=tuple(steps))


def lines_in_words(items: Iterable[Any]) -> str:
    """ "2 × Vase, 1 × Candle"."""
    return ", ".join(f"{one.quantity} × {one.title}" for one in items)


def _grouped(
    connection: Connection, query: Select[Any], column: Any, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(query.where(column.in_(ids[start : start + CHUNK]))):
            found[row.order_id].append(row)
    return found


def _scanned(
    connection: Connection, pile_id: int, order_id: int | None = None
) -> dict[int, dict[int, str]]:
    """For each order: the parcels scanned in this pile, with a picture that shows each."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    query = (
        select(scans.c.order_id, scans.c.parcel_id, func.max(scans.c.sha256))
        .where(scans.c.pile_id == pile_id, scans.c.order_id.is_not(None))
        .where(scans.c.undone_at.is_(None))
        .group_by(scans.c.order_id, scans.c.parcel_id)
    )
    if order_id is not None:
        query = query.where(scans.c.order_id == order_id)
    for order, parcel, sha256 in connection.execute(query):
        found[order][parcel] = sha256
    return found


def _open_invoices(connection: Connection, pile_id: int) -> Counter[int]:
    query = (
        select(invoices.c.order_id, func.count())
        .join(pile_orders, pile_orders.c.order_id == invoices.c.order_id)
        .where(pile_orders.c.pile_id == pile_id)
        .where(invoices.c.reversed_at.is_(None), invoices.c.annulled_at.is_(None))
        .group_by(invoices.c.order_id)
    )
    return Counter({row[0]: row[1] for row in connection.execute(query)})
