"""Finds which invoices belong to an order, by what the invoicing app wrote on it.

The rule: attributes named by the preference (`invoice`, then `invoice_2`, `invoice_3`, …) hold
`service:series:number`, several separated by commas: `smartbill:CVZ:0042, fgo:FGO:17`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """An invoice as an order names it; the number keeps its zeros."""

    service: str
    series: str
    number: str


def references(attributes: Mapping[str, str], key: str = "invoice") -> list[Reference]:
    """Every invoice the attributes name, once each, in the order of their keys.

    What does not follow the rule is left out: a person can still type the invoice in.
    """
    wanted = re.compile(rf"{re.escape(key)}(?:_(\d+))?", re.IGNORECASE)
    named = [(wanted.fullmatch(name.strip()), value) for name, value in attributes.items()]
    sorted_ = sorted((int(match[1] or 1), value) for match, value in named if match)
    found = [_reference(part) for _, value in sorted_ for part in value.split(",")]
    return list(dict.fromkeys(one for one in found if one is not None))


def _reference(text: str) -> Reference | None:
    service, _, rest = text.strip().partition(":")
    series, _, number = rest.partition(":")
    one = Reference(service.strip().lower(), series.strip(), number.strip())
    fits = len(one.service) <= 32 and len(one.series) <= 40 and len(one.number) <= 40
    return one if one.service and one.number and fits else None
