"""Each service's invoices: ten thousand are not looked through anew for each call."""

from collections import defaultdict
from typing import Any

Invoice = dict[str, Any]


class InvoiceIndex:
    """Invoices by their service and by their number."""

    def __init__(self) -> None:
        """None yet."""
        self._of: dict[str, dict[str, Invoice]] = defaultdict(dict)
        self._numbered: dict[tuple[str, str], dict[str, Invoice]] = defaultdict(dict)
        self._places: dict[str, int] = {}  # in the order in which they came

    def keep(self, key: str, before: Invoice | None, body: Invoice | None) -> None:
        """The invoice as it is now; None: it is gone."""
        if before is not None and body is None:
            for index in self._indexes(before):
                index.pop(key, None)
        if body is not None:
            for index in self._indexes(body):
                index[key] = body
            self._places.setdefault(key, len(self._places) + 1)

    def _indexes(self, body: Invoice) -> list[dict[str, Invoice]]:
        number = self._numbered[body["service"], body["number"].lstrip("0")]
        return [self._of[body["service"]], number]

    def of(self, service: str) -> list[Invoice]:
        """Every document of one service, the oldest first."""
        return list(self._of[service].values())

    def numbered(self, service: str, number: str) -> list[Invoice]:
        """Those of a service whose number is this one but for leading zeros."""
        return list(self._numbered.get((service, number.lstrip("0")), {}).values())

    def place(self, key: str) -> int:
        """A number of the document's own that grows with each new one."""
        return self._places[key]
