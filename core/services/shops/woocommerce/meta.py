"""Where the plug-ins of couriers and invoicing services write on an order: a table of meta keys.

From the plug-ins' own code (WOOCOMMERCE C). Values may be texts, lists, or objects; a key may come
twice. Merchants add keys in the form: `key=courier`, `service=series key:number key`.
"""

import datetime as dt
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.labels.cells import NotANumber, numbers_in
from core.services.codes import WrongField
from core.services.shops.common import lines_by_name
from core.services.shops.woocommerce.codes import WooCode

MARK = "_refuz_effect"
STOCK_REDUCED = "_order_stock_reduced"
LINE_REDUCED = "_reduced_stock"

TRACKING: Mapping[str, str] = {
    "awb_sameday": "sameday",
    "_sameday_awb_number": "sameday",
    "awb_fan": "fan",
    "_hgezlpfcr_awb_number": "fan",
    "_fc_awb_number": "fan",
    "awb_urgent_cargus": "cargus",
    "_cargus_awb": "cargus",
    "awb_dpd": "dpd",
    "awb_mygls": "gls",
    "awb_GLS": "gls",
    "_gls_tracking_codes": "gls",
    "_gls_tracking_code": "gls",
    "awb_bookurier": "",
    "awb_memex": "",
    "awb_optimus": "",
    "awb_express": "",
    "awb_innoship": "",
    "_wc_shipment_tracking_items": "",
    "_tracking_number": "",
}
# Plug-ins that keep their numbers in a table of their own, or write past the new order storage.
HIDING: Mapping[str, str] = {
    "sameday-courier": "Sameday",
    "dpd-ro": "DPD",
    "dpdro": "DPD",
    "packeta": "Packeta",
    "packetery": "Packeta",
}

INVOICES: Mapping[str, tuple[str, str]] = {
    "oblio": ("oblio_invoice_series_name", "oblio_invoice_number"),
    "smartbill": ("smartbill_series_name", "smartbill_document_number"),
}
_SMARTBILL_LOG = "smartbill_invoice_log"
_SMARTBILL_LINK, _LOGGED_LINK = "smartbill_private_link", "smartbill_document_url"
_LOGGED = ("smartbill_series", "smartbill_invoice_id")

# In a text that is more than its numbers (a link, markup): what may be one, and what is a day.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z-]*\d)[A-Za-z0-9][A-Za-z0-9-]{4,58}[A-Za-z0-9]")
_DAY = re.compile(r"(?:19|20)\d\d-?\d\d-?\d\d|\d\d-\d\d-(?:19|20)\d\d")
_SHORTEST = 6
_DEEPEST = 8  # lists and objects within each other; no plug-in's are deeper than three

Meta = Sequence[tuple[str, Any]]  # in the shop's order; a key may come twice


@dataclass(frozen=True)
class Keys:
    """The meta keys that are looked at: tracking key → courier, service → its two keys."""

    tracking: Mapping[str, str]
    invoices: Sequence[tuple[str, str, str]]  # service, key of the series, key of the number


@dataclass(frozen=True)
class Tracking:
    """One tracking number as a plug-in wrote it; courier "" where the key does not tell."""

    number: str
    courier: str
    shipped_at: dt.datetime | None = None


def keys_of(tracking: str, invoices: str) -> Keys:
    """The table with what the form adds. Raises WrongField, naming what is written wrongly."""
    own = dict(_pair(one) for one in _listed(tracking))
    rows = [(service, *pair) for service, pair in INVOICES.items()]
    for one in _listed(invoices):
        service, names = _pair(one)
        series, _, number = names.rpartition(":")
        if not number.strip():
            raise WrongField(WooCode.NAMES_NO_KEY.of(text=one))
        rows.append((service.lower(), series.strip(), number.strip()))
    return Keys({**own, **{k: v for k, v in TRACKING.items() if k not in own}}, rows)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[,\n]", text) if one.strip()]


def _pair(text: str) -> tuple[str, str]:
    """A setting's "name=value", or a name alone (then value ""). Raises WrongField."""
    name, _, value = text.partition("=")
    if not name.strip() or not (value.strip() or "=" not in text):
        raise WrongField(WooCode.NO_PAIR.of(text=text))
    return name.strip(), value.strip()


def meta_of(node: Mapping[str, object]) -> list[tuple[str, Any]]:
    """The meta rows of an order or a line; what has another shape is left out."""
    rows = node.get("meta_data")
    found = rows if isinstance(rows, list) else []
    return [(str(r.get("key") or ""), r.get("value")) for r in found if isinstance(r, dict)]


def texts_of(meta: Meta) -> dict[str, str]:
    """The open keys (no leading underscore) with texts or numbers, each value on its line."""
    rows = [(key, one) for key, value in meta for one in _listed_in(value)]
    return lines_by_name((key, str(one)) for key, one in rows if key and not key.startswith("_"))


def _listed_in(value: Any) -> list[str | int | float]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str | int | float)]


def tracking_of(meta: Meta, keys: Keys) -> list[Tracking]:
    """Every tracking number, once each, in the order of the table."""
    found: dict[str, Tracking] = {}
    for key, courier in keys.tracking.items():
        for name, value in meta:
            if name != key:
                continue
            for one in _trackings(value, courier):
                found.setdefault(one.number.upper(), one)
    return list(found.values())


def _trackings(value: Any, courier: str, depth: int = 0) -> Iterator[Tracking]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield from _of_object(value, courier, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _trackings(one, courier, depth + 1)
    elif unpacked := _unpacked(_word(value)):
        yield from _trackings(unpacked, courier, depth + 1)
    else:
        yield from (Tracking(number, courier) for number in _numbers(_word(value)))


def _unpacked(text: str) -> list[Any] | dict[str, Any] | None:
    """A list or an object that a plug-in keeps as a text in JSON; None for anything else."""
    try:
        found = json.loads(text) if text[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _numbers(text: str) -> list[str]:
    """The numbers of a text; of one that is more than that (a link) whatever may be one."""
    try:
        found = numbers_in(text)
    except NotANumber:
        found = [one for one in _NUMBER.findall(text) if not _DAY.fullmatch(one)]
    return [one for one in found if len(one) >= _SHORTEST]


def _of_object(value: Mapping[str, object], courier: str, depth: int) -> Iterator[Tracking]:
    """A row of a tracking plug-in: its number by name, else every number in it."""
    if "tracking_number" not in value:
        for one in value.values():
            if isinstance(one, list | dict):
                yield from _trackings(one, courier, depth)
        for name in ("awb", "number", "code", "parcel_number"):
            if not isinstance(value.get(name), list | dict):  # those are read already
                yield from _trackings(value.get(name), courier, depth)
        return
    named = str(value.get("tracking_provider") or value.get("custom_tracking_provider") or "")
    for one in _trackings(value["tracking_number"], courier, depth):
        yield Tracking(one.number, named or courier, _shipped(value.get("date_shipped")))


def _shipped(value: Any) -> dt.datetime | None:
    try:
        seconds = int(str(value))
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if 0 < seconds < 2**33 else None
    except ValueError:
        return None


def invoices_of(meta: Meta, keys: Keys) -> str:
    """The invoices as the program's rule writes them: "smartbill:CVSB:0107,oblio:CV:0042".

    A proforma is no invoice; SmartBill's plug-in keeps one under the same keys, and only the
    address tells. A key that comes twice names two. What cannot be one document's name goes along
    as it is written, so that a person is asked.
    """
    logs = [log for key, value in meta if key == _SMARTBILL_LOG for log in _logs(value)]
    links = [_word(value) for key, value in meta if key == _SMARTBILL_LINK]
    found: list[str] = []
    for service, series, number in keys.invoices:
        names, numbers = ([_word(v) for key, v in meta if key == one] for one in (series, number))
        own = [] if service != "smartbill" else links or [
            _word(log.get(_LOGGED_LINK)) for log in logs if _word(log.get(_LOGGED[1])) in numbers
        ]  # fmt: skip
        found += _joined(service, names, numbers, own)
    for log in logs:
        name, number = (_word(log.get(one)) for one in _LOGGED)
        found += _joined(
            "smartbill", [name], [number], [_word(log.get(_LOGGED_LINK)) or "".join(links)]
        )
    return ",".join(dict.fromkeys(found))


def _logs(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _joined(
    service: str, series: Sequence[str], numbers: Sequence[str], links: Sequence[str]
) -> Iterator[str]:
    """Each number with its series; with a doubt where a proforma's link stands beside another's."""
    kinds = {"proforma" in link.lower() for link in links if link}
    doubt = "?" if len(kinds) > 1 else ""
    if kinds == {True}:
        return
    if len(series) == 1:
        series = [*series] * len(numbers)
    for name, number in itertools.zip_longest(series, numbers, fillvalue=""):
        if number.strip("0"):
            unpaired = "?" if len(series) > len(numbers) else ""
            yield f"{service}:{name}:{number}{doubt or unpaired}"


def _word(value: Any) -> str:
    """A value as a person would read it; what is neither text nor number in JSON."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value).strip()


def hiding(plugins: Iterable[str]) -> list[str]:
    """Of these plug-ins ("folder/file.php"), the couriers whose numbers REST does not show."""
    names = (name.lower() for name in plugins)
    couriers = {title for name in names for part, title in HIDING.items() if part in name}
    return sorted(couriers)
