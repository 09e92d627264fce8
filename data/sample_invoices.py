"""The invoices of the sample shop: which service issued each, and the few that are odd."""

import random
from typing import Any

Json = dict[str, Any]

SERIES = {"smartbill": "CVZ", "oblio": "OB", "fgo": "FGO"}
WEIGHTS = {"smartbill": 74, "oblio": 15, "fgo": 11}
STRIPE_SERIES = "CVEUR"


class Books:
    """Issues invoices in running numbers and writes their references on the orders."""

    def __init__(self) -> None:
        """Start each series where a running shop would be; SmartBill keeps its leading zeros."""
        self.invoices: list[Json] = []
        self._next = {"smartbill": 42, "oblio": 871, "fgo": 309, "stripe": 1}

    def write(self, rng: random.Random, parts: dict[str, list[Json]], orders: list[Json]) -> None:
        """Give every order that has shipped its invoices; then make the odd cases."""
        pile = [order for order in parts["pile"] if order["currency"] == "RON"]
        without = {o["id"] for o in pile[1:3] + parts["travelling"][5:9]}
        twice = {o["id"] for o in pile[3:5] + parts["travelling"][9:10]}
        for order in sorted(orders, key=lambda o: o["created_at"]):
            if order["id"] in without or not order["fulfillments"]:
                continue
            service = self._service(rng, order)
            totals = [order["total_minor"]]
            if order["id"] in twice:  # one invoice a location
                totals = [
                    order["total_minor"] // 3,
                    order["total_minor"] - order["total_minor"] // 3,
                ]
            for total in totals:
                self._issue(order, service, total)
        self._lose(pile[5])
        self._state(parts["travelling"][12], "reversed")
        self._state(parts["missing"][0], "annulled")

    def _service(self, rng: random.Random, order: Json) -> str:
        drawn = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return "stripe" if order["currency"] == "EUR" else drawn

    def _issue(self, order: Json, service: str, total_minor: int) -> None:
        running = self._next[service]
        self._next[service] += 1
        series = SERIES.get(service, STRIPE_SERIES)
        number = f"in_1CasaVerde{running:06d}" if service == "stripe" else f"{running:04d}"
        self.invoices.append(
            {
                "service": service,
                "series": series,
                "number": number,
                "order_name": order["name"],
                "total_minor": total_minor,
                "currency": order["currency"],
                "issued_on": order["fulfillments"][0]["created_at"][:10],
                "state": "reversed" if order["cancelled_at"] else "open",
            }
        )
        reference = {"key": "invoice", "value": f"{service}:{series}:{number}"}
        order["attributes"].append(reference)

    def _lose(self, order: Json) -> None:
        """The order names an invoice that its service has never heard of."""
        self.invoices = [i for i in self.invoices if i["order_name"] != order["name"]]
        order["attributes"] = [{"key": "invoice", "value": "smartbill:CVZ:9999"}]

    def _state(self, order: Json, state: str) -> None:
        for invoice in self.invoices:
            if invoice["order_name"] == order["name"]:
                invoice["state"] = state
