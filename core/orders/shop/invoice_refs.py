"""Finds which invoices belong to an order, by what the invoicing app wrote on it.

The rule: `service:series:number`, several separated by commas (`smartbill:CVZ:0042, fgo:FGO:17`),
in attributes named by the preference (`invoice`, then `invoice_2`, `invoice_3`, …), in the
metafield named in the shop's settings, or in tags that begin with that name (`invoice:fgo:FGO:17`).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """An invoice as an order names it; the number keeps its zeros."""

    service: str
    series: str
    number: str


def references(
    attributes: Mapping[str, str],
    key: str = "invoice",
    *,
    field: str = "",
    tags: Iterable[str] = (),
) -> list[Reference]:
    """Every invoice the attributes, the metafield and the tags name, once each, in this order.

    What does not follow the rule is left out: a person can still type the invoice in.
    """
    wanted = re.compile(rf"{re.escape(key)}(?:_(\d+))?", re.IGNORECASE)
    named = [(wanted.fullmatch(name.strip()), value) for name, value in attributes.items()]
    texts = [value for _, value in sorted((int(m[1] or 1), value) for m, value in named if m)]
    texts.append(_listed(field))
    begin = f"{key}:".casefold()
    texts += [tag[len(begin) :] for tag in tags if tag.casefold().startswith(begin)]
    found = [_reference(part) for text in texts for part in text.split(",")]
    return list(dict.fromkeys(one for one in found if one is not None))


def _listed(field: str) -> str:
    """A metafield of Shopify's list types holds JSON: its texts, separated by commas."""
    try:
        listed = json.loads(field)
    except ValueError:
        return field
    return ",".join(str(one) for one in listed) if isinstance(listed, list) else field


def _reference(text: str) -> Reference | None:
    service, _, rest = text.strip().partition(":")
    series, _, number = rest.partition(":")
    one = Reference(service.strip().lower(), series.strip(), number.strip())
    fits = len(one.service) <= 32 and len(one.series) <= 40 and len(one.number) <= 40
    return one if one.service and one.number and fits else None
