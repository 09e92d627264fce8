"""Reads many orders from Shopify: in bulk (one background job, streamed lines) or page by page.

What changed is listed first, which costs little, and read where it is not known: most changes
during a run are the run's own cancels, and reading them all would use the points it needs.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core import clock
from core.errors import RefuzError
from core.reasons import Reason
from core.services.codes import ServiceCode
from core.services.http.failures import CannotRead
from core.services.http.tokens import Failure
from core.services.outcome import Refusal, Refused, Unknown
from core.services.ports import Changes, Known, OrderStamp, ShopOrder
from core.services.shops.common import UnreadableOrder, patiently, tell_unreadable
from core.services.shops.shopify.api import Data, ShopifyApi
from core.services.shops.shopify.codes import ShopifyCode
from core.services.shops.shopify.documents import filled
from core.services.shops.shopify.orders import order_of, required_moment

FIRST_PAGE = 10
LARGEST_PAGE = 250  # the cost grows by the logarithm of the rows: the largest is the cheapest
PAGE_OF_CHANGES = 250
MOST_OF_A_SEARCH = 25_000  # objects; Shopify ends the pages of a search there
READ_ALONE = 10  # of a page of changes; more of them cost less as a page of whole orders
PAGE_COST = 800.0  # cost points a page may ask for; Shopify refuses 1,000 and more
LONGEST_BULK = 3600.0
# Fulfillments of an order, and numbers of one, are plain lists without pages: `first` cuts them.
PARCELS, MOST_PARCELS = 20, 250  # asked for with each order; asked for where that was not enough

Node = Mapping[str, object]


class _NoBulk(RefuzError):
    """The shop would not run the job; it can still be read page by page."""


class Reader:
    """Reads orders with patience: what fails for a moment is asked for again."""

    def __init__(self, api: ShopifyApi, cod_words: str, invoice_field: str) -> None:
        """`invoice_field` is the metafield that names an order's invoices: "custom.invoice"."""
        self._api = api
        self._cod_words = cod_words
        namespace, _, key = invoice_field.strip().rpartition(".")
        self._invoice = {"invoiceNamespace": namespace or "custom", "invoiceKey": key}

    def read_one(self) -> Data | Failure:
        """The newest-changed order there is, by the document that reads all of them."""
        page = {"first": 1, "after": None, "query": None}
        return self._api.run("ListOrders", {**page, **self._invoice}, effect=False)

    def read(self, gid: str) -> Data | Failure:
        """The answer about one order, with its first lines."""
        return self._api.run("ReadOrder", {"id": gid, **self._invoice}, effect=False)

    def all_orders(self) -> Iterator[ShopOrder]:
        """Every order the token may see. Raises CannotRead."""
        try:
            url = self._bulk()
        except _NoBulk:
            yield from self._made(self._page_by_page())
            return
        if url:
            yield from self._made(_grouped(self._api.client.lines(url)))

    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]:
        """What changed at or after the moment, oldest change first. Raises CannotRead."""
        moment = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        unreadable: list[Reason] = []
        yield from self._changes(_Pages(self._ask, f"updated_at:>='{moment}'"), known, unreadable)
        tell_unreadable(unreadable)

    def _changes(
        self, pages: "_Pages", known: Known, unreadable: list[Reason]
    ) -> Iterator[Changes]:
        """What changed, page by page: few new orders are read alone, many with their whole page."""
        after, more = None, True
        while more:
            listed, more, end = pages.read("ListChanges", after, PAGE_OF_CHANGES)
            stamps = [_stamp(node) for node in listed]
            there = known(stamps)
            new = [one for one in stamps if one.gid not in there]
            if len(new) > READ_ALONE:
                nodes, more, end = pages.read("ListOrders", after, FIRST_PAGE, self._invoice)
                pairs = [(node, self._all_lines(node)) for node in nodes]
                stamps = [_stamp(node) for node in nodes]
            else:
                pairs = list(self._alone(new))
            after = end
            found = tuple(self._readable(pairs, unreadable))
            if stamps:
                gids = tuple(one.gid for one in stamps)
                yield Changes(gids, found, max(one.updated_at for one in stamps))

    def _alone(self, stamps: Iterable[OrderStamp]) -> Iterator[tuple[Node, list[Node]]]:
        for one in stamps:
            node = self._answer("ReadOrder", {"id": one.gid, **self._invoice}).part("order")
            if node:  # else it is gone meanwhile
                yield node, self._all_lines(node)

    def complete(self, node: Node) -> ShopOrder:
        """The order with all its lines. Raises CannotRead, UnreadableOrder."""
        return order_of(self._with_all_parcels(node), self._all_lines(node), self._cod_words)

    def _made(self, pairs: Iterable[tuple[Node, list[Node]]]) -> Iterator[ShopOrder]:
        unreadable: list[Reason] = []
        yield from self._readable(pairs, unreadable)
        tell_unreadable(unreadable)

    def _readable(
        self, pairs: Iterable[tuple[Node, list[Node]]], unreadable: list[Reason]
    ) -> Iterator[ShopOrder]:
        """What cannot be read is told at the end: it must not keep the others from being read."""
        for node, lines in pairs:
            try:
                yield order_of(self._with_all_parcels(node), lines, self._cod_words)
            except UnreadableOrder as error:
                unreadable.append(error.reason)

    # -------------------------------------------------------------- pages

    def _page_by_page(self) -> Iterator[tuple[Node, list[Node]]]:
        pages, after, more = _Pages(self._ask, ""), None, True
        while more:
            nodes, more, after = pages.read("ListOrders", after, FIRST_PAGE, self._invoice)
            for node in nodes:
                yield node, self._all_lines(node)

    def _all_lines(self, node: Node) -> list[Node]:
        lines, page = _page_of_lines(node)
        seen: set[object] = set()
        while page.get("hasNextPage"):
            variables = {"id": node["id"], "after": _going_on(page.get("endCursor"), seen)}
            more, page = _page_of_lines(self._answer("MoreLines", variables).part("order"))
            lines += more
        return lines

    def _with_all_parcels(self, node: Node) -> Node:
        """The order, its parcels asked for once more where the list may have been cut.

        Raises CannotRead, and UnreadableOrder where there are still more.
        """
        if not _may_be_cut(node, PARCELS):
            return node
        more = self._answer("MoreParcels", {"id": node["id"]}).part("order")
        found = more.get("fulfillments")
        if not isinstance(found, list) or _may_be_cut(more, MOST_PARCELS):
            name = node.get("name") or node["id"]
            raise UnreadableOrder("Shopify", str(name), ShopifyCode.NOT_ALL_PARCELS)
        return {**node, "fulfillments": found}

    # -------------------------------------------------------------- bulk

    def _bulk(self) -> str:
        """Run the job and give the address of its lines; "" when there are no orders."""
        started = self._api.run(
            "BulkStart", {"query": filled("BulkOrders", self._invoice)}, effect=False
        )
        if not isinstance(started, Data):
            if isinstance(started, Refused) and started.code == Refusal.SIGNED_OUT:
                raise CannotRead(started)
            raise _NoBulk
        operation = started.part("bulkOperationRunQuery").get("bulkOperation") or {}
        if not operation.get("id"):  # another job is running, or this token may not
            raise _NoBulk
        return self._finished(str(operation["id"]))

    def _finished(self, operation: str) -> str:
        pause, deadline = 0.2, clock.uptime() + LONGEST_BULK
        while clock.uptime() < deadline:
            clock.sleep(pause)
            pause = min(5.0, pause * 1.5)
            state = self._answer("BulkState", {"id": operation}).part("bulkOperation")
            match state.get("status"):
                case "COMPLETED":
                    return str(state.get("url") or "")
                case "CREATED" | "RUNNING" | "CANCELING":
                    continue
                case _:
                    raise _NoBulk
        raise _NoBulk

    # -------------------------------------------------------------- patience

    def _answer(self, name: str, variables: Mapping[str, object]) -> Data:
        answer = self._ask(name, variables, refusable=False)
        assert isinstance(answer, Data)
        return answer

    def _ask(
        self, name: str, variables: Mapping[str, object], *, refusable: bool
    ) -> Data | Refused:
        outcome = patiently(lambda: self._api.run(name, variables, effect=False))
        if isinstance(outcome, Refused) and not (refusable and outcome.code == Refusal.TOO_COSTLY):
            raise CannotRead(outcome)
        return outcome


Page = tuple[list[Node], bool, str | None]  # its orders, whether there are more, where it ends


class _Pages:
    """Pages of one search, each with as many orders as the cost limit allows."""

    def __init__(self, ask: Callable[..., Data | Refused], query: str) -> None:
        self._ask = ask
        self._query = query
        self._sizes: dict[str, int] = {}  # by document
        self._read = 0  # rows of this search
        self._moment = ""  # of the last row

    def read(
        self, name: str, after: str | None, first: int, more: Mapping[str, str] | None = None
    ) -> Page:
        """The page behind a cursor; `first` is its size while nothing is known of its cost."""
        size = self._sizes.get(name, first)
        if after is not None and self._read + size > MOST_OF_A_SEARCH and self._moment:
            # A new search from the last moment on: what was read at that moment comes again.
            window = f"updated_at:>='{self._moment}'"
            if window == self._query:  # it would come again without end
                raise CannotRead(Unknown(ShopifyCode.TOO_MANY_AT_ONCE.of(moment=self._moment)))
            self._query, self._read, after = window, 0, None
        page = {"first": size, "after": after, "query": self._query or None}
        answer = self._ask(name, {**page, **(more or {})}, refusable=size > 1)
        if isinstance(answer, Refused):
            self._sizes[name] = max(1, size // 2)
            return self.read(name, after, first, more)
        if answer.cost:
            fitting = int(PAGE_COST / (answer.cost / size))
            self._sizes[name] = max(1, min(max(first, LARGEST_PAGE), fitting))
        orders = answer.part("orders")
        page_info = orders.get("pageInfo") or {}
        nodes: list[Node] = [one for one in orders.get("nodes") or () if isinstance(one, dict)]
        self._read += len(nodes)
        self._moment = str(nodes[-1].get("updatedAt") or "") if nodes else self._moment
        # At the end of a search Shopify may say that there is no more.
        cut = self._read + self._sizes.get(name, size) > MOST_OF_A_SEARCH
        going_on = bool(nodes) and (cut or bool(page_info.get("hasNextPage")))
        end = page_info.get("endCursor")
        return nodes, going_on, _going_on(end, {after}) if going_on else end


def _going_on(cursor: Any, seen: set[object]) -> Any:
    """Raises CannotRead: a page that ends where one ended before would come again without end."""
    if not cursor or cursor in seen:
        raise CannotRead(Unknown(ServiceCode.LIST_UNREADABLE.of(title="Shopify")))
    seen.add(cursor)
    return cursor


def _stamp(node: Node) -> OrderStamp:
    """Raises CannotRead: without its moment the list would have no end that can be kept."""
    try:
        moment = required_moment(node["updatedAt"])
        return OrderStamp(str(node["id"]), moment, node.get("cancelledAt") is not None)
    except (KeyError, ValueError) as error:
        raise CannotRead(Unknown(ServiceCode.CHANGES_UNREADABLE.of(title="Shopify"))) from error


def _may_be_cut(node: Node, most: int) -> bool:
    found = node.get("fulfillments")
    if not isinstance(found, list):
        return False
    numbers = [one.get("trackingInfo") for one in found if isinstance(one, dict)]
    return any(isinstance(one, list) and len(one) >= most for one in (found, *numbers))


def _page_of_lines(node: Node) -> tuple[list[Node], dict[str, object]]:
    """An order's lines as far as this page has them, and the page's `pageInfo`."""
    connection = node.get("lineItems")
    nodes = connection.get("nodes") if isinstance(connection, dict) else None
    page = connection.get("pageInfo") if isinstance(connection, dict) else None
    rows = nodes if isinstance(nodes, list) else []
    lines: list[Node] = [one for one in rows if isinstance(one, dict)]
    return lines, page if isinstance(page, dict) else {}


def _grouped(lines: Iterable[object]) -> Iterator[tuple[Node, list[Node]]]:
    """Each parent with the children that follow it (`groupObjects: true`)."""
    parent: Node | None = None
    children: list[Node] = []
    for row in lines:
        if not isinstance(row, dict):
            raise CannotRead(Unknown(ShopifyCode.LIST_DAMAGED.of()))
        if "__parentId" not in row:
            if parent is not None:
                yield parent, children
            parent, children = row, []
        elif parent is not None and row["__parentId"] == parent.get("id"):
            children.append(row)
        else:
            raise CannotRead(Unknown(ShopifyCode.LIST_OUT_OF_ORDER.of()))
    if parent is not None:
        yield parent, children
