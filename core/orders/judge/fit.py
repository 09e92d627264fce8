"""Whether a document fits its order: named ones by what is told, found ones by everything."""

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from core.orders.judge.facts import Facts, Paper
from core.orders.judge.names import names_of, same_customer
from core.orders.judge.reasons import JudgeCode
from core.reasons import Amount, Reason
from core.services.invoicing.listing import naming

ZONE = ZoneInfo("Europe/Bucharest")  # the services date their documents by the seller's day


def misfits(facts: Facts) -> Iterator[Reason]:
    """What does not fit, of the open invoices of an order; both sides in each reason."""
    everything = [paper for paper in facts.papers if not paper.rivals]
    papers = [paper for paper in everything if paper.open]
    for paper in papers:
        yield from _itself(paper)
    for paper in papers:
        yield from _currency(facts, paper)
    yield from _totals(facts, everything, papers)
    for paper in papers:
        if paper.source == "service":
            yield from _found(facts, paper)


def _itself(paper: Paper) -> Iterator[Reason]:
    told, name = paper.told, paper.name
    if paper.refused is not None:
        if paper.refused.code == "not_found":
            yield Reason.of(JudgeCode.NOT_FOUND, invoice=name, service=paper.title)
        else:
            said = paper.refused.parameters.get("why")
            yield Reason.of(JudgeCode.UNREADABLE, invoice=name, service=paper.title, text=said)
    if told is None:
        return
    if told.is_storno:
        yield Reason.of(JudgeCode.IS_STORNO, invoice=name)
    if told.partly_reversed:
        yield Reason.of(JudgeCode.PARTLY_REVERSED, invoice=name)
    if told.paid:
        yield Reason.of(JudgeCode.INVOICE_PAID, invoice=name)


def _currency(facts: Facts, paper: Paper) -> Iterator[Reason]:
    ours = facts.order.currency
    for theirs in (paper.told.currency if paper.told else "", paper.currency):
        if theirs and theirs.upper() != ours:
            yield Reason.of(
                JudgeCode.CURRENCY_DIFFERS, invoice=paper.name, theirs=theirs, ours=ours
            )
            return


def _total(paper: Paper) -> int | None:
    if paper.told is not None and paper.told.total_minor is not None:
        return paper.told.total_minor
    return paper.total_minor


def _totals(facts: Facts, everything: Sequence[Paper], papers: Sequence[Paper]) -> Iterator[Reason]:
    """One invoice is over the order's total; several are so together, where all are told."""
    ours = facts.order.total_minor
    told = [(paper, _total(paper)) for paper in everything]
    known = [total for _, total in told if total is not None]
    if len(known) == len(told) and sum(known) == ours:
        return
    for paper, theirs in told:
        if theirs is None or paper not in papers:
            continue
        if len(known) == len(told) or theirs > ours:
            yield Reason.of(
                JudgeCode.TOTAL_DIFFERS,
                invoice=paper.name,
                theirs=Amount(theirs, facts.order.currency),
                ours=Amount(ours, facts.order.currency),
            )


def _found(facts: Facts, paper: Paper) -> Iterator[Reason]:
    """Found by the order's name alone: total, date, customer and name must agree (rule 11)."""
    told = paper.told
    if told is None:
        if paper.refused is not None or not paper.readable:
            yield Reason.of(JudgeCode.FOUND_UNPROVED, invoice=paper.name)
        return  # else it is read before anything is done
    if _total(paper) is None:
        yield Reason.of(JudgeCode.FOUND_UNPROVED, invoice=paper.name)
    ordered = facts.order.created_at.astimezone(ZONE).date()
    if told.issued_on is not None and told.issued_on < ordered:
        yield Reason.of(
            JudgeCode.ISSUED_BEFORE, invoice=paper.name, issued=told.issued_on, ordered=ordered
        )
    yield from customer_differs(facts, paper)
    if told.order_text and not names_order(told.order_text, facts.order.name):
        yield Reason.of(JudgeCode.OTHER_ORDER, invoice=paper.name, text=told.order_text[:200])


def names_order(text: str, name: str) -> bool:
    """Whether a text names an order as a whole word; "#1001-A", "#1001/2" and "#1001.1" are others.

    "1001" is "#1001" only where the text is nothing but that.
    """
    bare = name.removeprefix("#")
    if text.strip() in (name, bare):
        return True
    return naming(name).search(text) is not None


def customer_differs(facts: Facts, paper: Paper) -> Iterator[Reason]:
    """A document is made out to who got the parcel, or to whom the order says is billed."""
    ours = [facts.order.customer_name, *names_of(facts.order.billed_to)]
    ours = list(dict.fromkeys(name for name in ours if name))
    theirs = paper.told.customer if paper.told else ""
    if theirs and ours and not any(same_customer(theirs, name) for name in ours):
        yield Reason.of(
            JudgeCode.CUSTOMER_DIFFERS, invoice=paper.name, theirs=theirs, ours=" / ".join(ours)
        )


def day(moment: dt.datetime) -> dt.date:
    """The seller's day of a moment."""
    return moment.astimezone(ZONE).date()
