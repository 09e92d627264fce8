"""Finds which invoices belong to an order, by what the invoicing app wrote on it.

The rule: `service:series:number`, several separated by commas, semicolons, blanks or line breaks
(`smartbill:CVZ:0042, fgo:FGO:17`); `service@company:series:number` where a service has several
companies. It stands in attributes named by the preference (`invoice`, then `invoice_2`, …), in
the metafield named in the shop's settings, or in tags that begin with that name
(`invoice:fgo:FGO:17`).
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# A number as services write them; "0042?" is a doubt, not a number.
NUMBER = r"[^\W_](?:[\w./#+-]{0,38}\w)?"
# What a program writes for a series that it does not have.
NOTHING = frozenset({"null", "undefined", "none", "nan", "n/a", "#n/a", "#ref!"})
_SPOILT = re.compile(r"\.\.|\+|^\d+\.0+$|^\d+(?:\.\d+)?[eE]\d+$")
MOST_IN_RANGE = 100  # "0042-0043" are two, "0042/2026" and "2026-0042" are one
LONGEST_TEXT = 200  # of what was not understood
_ONE = re.compile(
    r"(?P<service>[A-Za-z][\w-]{0,31})(?:@(?P<account>[^:@]{1,60}))?\s*"
    rf":\s*(?P<series>[^:\s,;?!*]{{0,40}}(?: [^:\s,;?!*]{{1,20}})?)\s*:\s*(?P<number>{NUMBER})"
)


@dataclass(frozen=True)
class Reference:
    """An invoice as an order names it; the number keeps its zeros. `account`: which company."""

    service: str
    series: str
    number: str
    account: str = ""


@dataclass(frozen=True)
class Named:
    """What an order says of its invoices: those understood, and the texts that were not."""

    found: tuple[Reference, ...]
    unclear: tuple[str, ...]


def references(
    attributes: Mapping[str, str],
    key: str = "invoice",
    *,
    field: str = "",
    tags: Iterable[str] = (),
) -> Named:
    """Every invoice the attributes, the metafield and the tags name, once each, in this order."""
    named = [(_wanted(name, key), value) for name, value in attributes.items()]
    texts = [value for _, value in sorted((int(m[1] or 1), value) for m, value in named if m)]
    texts.append(_listed(field))
    begin = f"{key}:".casefold()
    texts += [tag[len(begin) :] for tag in tags if tag.casefold().startswith(begin)]
    return parse(texts)


def only_of_invoices(attributes: Mapping[str, str], key: str) -> dict[str, str]:
    """The attributes that `references` reads, without any other."""
    return {name: value for name, value in attributes.items() if _wanted(name, key)}


def _wanted(name: str, key: str) -> re.Match[str] | None:
    """`invoice`, `invoice_2`, …; the first group is the number."""
    return re.fullmatch(rf"{re.escape(key)}(?:_(\d+))?", name.strip(), re.IGNORECASE)


def parse(texts: Iterable[str]) -> Named:
    """The invoices that these texts name; a part that is none is told as it came."""
    found: dict[Reference, None] = {}
    unclear: dict[str, None] = {}
    for part in (part for text in texts for part in re.split(r"[,;\r\n|]", visible(text))):
        refs = list(_understood(part.strip()))
        if not refs and part.strip():
            unclear[part.strip()[:LONGEST_TEXT]] = None
        found |= dict.fromkeys(refs)
    return Named(tuple(found), tuple(unclear))


def visible(text: str) -> str:
    """Without marks that nobody sees (soft hyphens, widthless and other blanks): they are in no
    number, and would make another one. Wide digits and letters are plain ones."""
    normalised = "".join(one for one in unicodedata.normalize("NFKC", text)
                   if unicodedata.category(one) != "Cf")  # fmt: skip
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in normalised)


def _understood(part: str) -> Iterator[Reference]:
    """One reference, or several with blanks between them; nothing unless all of it is."""
    for pieces in ([part], part.split()):
        fits = [_ONE.fullmatch(piece) for piece in pieces]
        if pieces and all(one is not None and _is_meant(one) for one in fits):
            for one in fits:
                if one is not None:
                    yield Reference(
                        one["service"].lower(),
                        one["series"],
                        one["number"],
                        (one["account"] or "").strip(),
                    )
            return


def _is_meant(one: re.Match[str]) -> bool:
    """Whether it names one document: no "null", no zero, no number without its digits, no range."""
    number, series = one["number"], one["series"].strip().casefold()
    digits = [one for one in number if one.isdecimal()]
    if not any(map(int, digits)) or series in NOTHING or _SPOILT.search(number):
        return False
    both = re.fullmatch(r"(\d+)[-/](\d+)", number)
    return not (both and 0 < int(both[2]) - int(both[1]) <= MOST_IN_RANGE)


def _listed(field: str) -> str:
    """A metafield of Shopify's list types holds JSON: its texts, separated by commas."""
    try:
        listed = json.loads(field)
    except ValueError:
        return field
    return ",".join(str(one) for one in listed) if isinstance(listed, list) else field
