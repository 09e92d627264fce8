"""Lists WooCommerce's orders without losing one: by windows that begin anew at the last row.

`modified_after` and `after` are exclusive and count whole seconds, and a row that changes while
pages are turned moves to the end (WOOCOMMERCE B). So each page asks from one second before the
last row of the page before, and what was seen already is dropped. Only where more orders than a
page share one second is a page turned, and then until a round brings nothing new.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import InvalidOperation

from core.reasons import Reason
from core.services.codes import ServiceCode
from core.services.http.failures import CannotRead
from core.services.outcome import Refused, Unknown
from core.services.ports import Changes, Known, OrderStamp, ShopOrder
from core.services.shops.common import UnreadableOrder, patiently, tell_unreadable
from core.services.shops.woocommerce.api import WooApi
from core.services.shops.woocommerce.orders import OrderForm, moment, order_of, stamp_of

PAGE = 100
A_SECOND = dt.timedelta(seconds=1)
BEGINNING = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)  # before WooCommerce
STAMP = "id,status,date_modified_gmt"

Node = dict[str, object]


class Reader:
    """Reads orders with patience: what fails for a moment is asked for again."""

    def __init__(self, api: WooApi, reading: OrderForm) -> None:
        self._api = api
        self._reading = reading

    def all_orders(self) -> Iterator[ShopOrder]:
        """Every order, oldest first, those in the trash too. Raises CannotRead."""
        unreadable: list[Reason] = []
        for status in ("any", "trash"):
            for nodes in self._walk("date", "after", BEGINNING, status):
                yield from self._readable(nodes, unreadable)
        tell_unreadable(unreadable)

    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]:
        """What changed at or after the moment, oldest change first. Raises CannotRead.

        The trash is not in the shop's list of all; it comes first and moves no place on.
        """
        unreadable: list[Reason] = []
        for status in ("trash", "any"):
            for nodes in self._walk("modified", "modified_after", since, status, _fields=STAMP):
                stamps = [_stamp(node) for node in nodes]
                there = known(stamps)
                wanted = [one.gid for one in stamps if one.gid not in there]
                found = tuple(self._readable(self._these(wanted, status), unreadable))
                last = max(one.updated_at for one in stamps) - A_SECOND
                until = since if status == "trash" else last
                yield Changes(tuple(one.gid for one in stamps), found, until)
        tell_unreadable(unreadable)

    def _these(self, gids: Sequence[str], status: str) -> list[Node]:
        if not gids:
            return []
        params = {"include": ",".join(gids), "per_page": PAGE, "status": status}
        return [one for one in self._ask(params) if str(one.get("id")) in gids]

    def _walk(
        self, sorted_by: str, after: str, since: dt.datetime, status: str, **more: str
    ) -> Iterator[list[Node]]:
        """The rows since a moment, page by page, each once, however orders move meanwhile."""
        field = {"date": "date_created_gmt", "modified": "date_modified_gmt"}[sorted_by]
        seen: set[tuple[str, str]] = set()
        place, page, new = since, 1, False
        while True:
            asked = {
                after: _written(place - A_SECOND), "dates_are_gmt": "true", "orderby": sorted_by,
                "order": "asc", "per_page": PAGE, "page": page, "status": status, **more,
            }  # fmt: skip
            rows = self._ask(asked)
            fresh = [one for one in rows if _seen_as(one) not in seen]
            seen.update(_seen_as(one) for one in rows)
            if fresh:
                yield fresh
            new, whole = new or bool(fresh), len(rows) == PAGE
            last = _moment(rows[-1], field) if rows else place
            if whole and last <= place:
                page += 1
            elif page > 1 and new:  # what moved meanwhile has moved others over the pages' edges
                page, new = 1, False
            elif whole:
                place, page, new = last, 1, False
                seen = {_seen_as(one) for one in rows if _moment(one, field) >= last - A_SECOND}
            else:
                return

    def _ask(self, params: dict[str, object]) -> list[Node]:
        outcome = patiently(lambda: self._api.get("/orders", params))
        if isinstance(outcome, Refused):
            raise CannotRead(outcome)
        # A row that is none would be missing, and a page that seems short end the list.
        if not isinstance(outcome.body, list) or len(outcome.rows) < len(outcome.body):
            why = ServiceCode.LIST_UNREADABLE.of(title="WooCommerce")
            raise CannotRead(Unknown(why, outcome.evidence))
        return outcome.rows

    def _readable(self, nodes: Sequence[Node], unreadable: list[Reason]) -> Iterator[ShopOrder]:
        """What cannot be read is told at the end: it must not keep the others from being read."""
        for node in nodes:
            try:
                yield order_of(node, self._reading)
            except UnreadableOrder as error:
                unreadable.append(error.reason)


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _seen_as(node: Node) -> tuple[str, str]:
    """By what an order is known as seen before: its id and when it changed."""
    return str(node.get("id")), str(node.get("date_modified_gmt"))


def _moment(node: Node, field: str) -> dt.datetime:
    """Raises CannotRead: without its moment the list would have no end that can be kept."""
    try:
        return moment(node[field])
    except (KeyError, ValueError) as error:
        raise CannotRead(Unknown(ServiceCode.LIST_UNREADABLE.of(title="WooCommerce"))) from error


def _stamp(node: Node) -> OrderStamp:
    try:
        return stamp_of(node)
    except (KeyError, ValueError, InvalidOperation) as error:
        why = ServiceCode.CHANGES_UNREADABLE.of(title="WooCommerce")
        raise CannotRead(Unknown(why)) from error
