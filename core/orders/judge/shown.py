"""What was shown of an order before a run, in short: what runs is what was shown (rule 12)."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.clock import now
from core.orders.judge.facts import Facts
from core.orders.judge.proof import COMPARED, is_found, sheet

CHOSEN = ("restock", "notify", "refund", "document", "cancel_fulfillments", "reason", "staff_note")


@dataclass(frozen=True, slots=True)
class Shown:
    """One order as it was shown: its sum and choices, and its documents with what was told of each.

    `documents`: of each its place, hashed, and its service's word, hashed; "": not read yet.
    """

    at: dt.datetime
    order: str
    documents: tuple[tuple[str, str], ...]

    def as_text(self, order_id: int) -> str:
        """For a program, which gives it back with its run: opaque, at most 60 characters for the
        order and 42 for each document."""
        parts = [order_id, self.at.timestamp(), self.order, *map(":".join, self.documents)]
        return " ".join(map(str, parts))


def of_text(text: str) -> tuple[int, Shown]:
    """The order's id and what was shown of it, of what `as_text` gave. Raises ValueError."""
    order_id, at, order, *documents = text.split(" ")
    places = tuple((place, word) for place, _, word in (one.partition(":") for one in documents))
    return int(order_id), Shown(dt.datetime.fromtimestamp(float(at), dt.UTC), order, places)


def shown(row: Any, facts: Facts) -> Shown:
    """What is shown now. `row`: the order's line of its pile, with its choices."""
    values = [getattr(row, name) for name in CHOSEN]
    values += [facts.order.total_minor, facts.order.currency, facts.revert_invoices]
    return Shown(now(), _hash(values), tuple(sorted(_documents(facts).items())))


def _documents(facts: Facts) -> dict[str, str]:
    return {_hash(one["key"]): _word(one["reading"]) for one in sheet(facts)}


def _word(reading: Mapping[str, object] | None) -> str:
    return _hash([reading.get(name) for name in COMPARED]) if reading else ""


def _hash(what: object) -> str:
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()[:20]


def is_as_shown(before: Shown, row: Any, facts: Facts) -> bool:
    """Whether a run would do now what was shown; a word that was not read yet may be there now.

    A document that was reversed meanwhile is no change, as for `proof.changed`, and neither is one
    that was found by the order's name since, where nobody had looked for it yet.
    """
    after = shown(row, facts)
    if before.order != after.order:
        return False
    done = {_hash(list(one.place)) for one in facts.invoices if not one.open}
    was = {place: word for place, word in before.documents if place not in done}
    is_now = dict(after.documents)
    if was.keys() != is_now.keys():
        return not before.documents and is_found(replace(facts, shown_at=before.at))
    return all(
        not word or not is_now[place] or word == is_now[place] for place, word in was.items()
    )
