"""Where the plug-ins of couriers and invoicing services write on an order: a table of meta keys.

From the plug-ins' own code (WOOCOMMERCE C). Values may be texts, lists, or objects; a key may come
twice. Merchants add keys in the form: `key=courier`, `service=series key:number key`.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.services.codes import WrongField
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
_SMARTBILL_LINKS = ("smartbill_private_link", "smartbill_document_url")

_SPLIT = re.compile(r"[\s,;|]+")
_NUMBER = re.compile(r"(?=\S*\d)[A-Za-z0-9-]{6,60}")

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
    """The open keys (no leading underscore) with a text or a number; the last row wins."""
    plain = [(key, value) for key, value in meta if key and not key.startswith("_")]
    return {key: str(value) for key, value in plain if isinstance(value, str | int | float)}


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


def _trackings(value: Any, courier: str) -> Iterator[Tracking]:
    if isinstance(value, dict):
        yield from _of_object(value, courier)
    elif isinstance(value, list):
        for one in value:
            yield from _trackings(one, courier)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        for word in _SPLIT.split(str(value)):
            if _NUMBER.fullmatch(word):
                yield Tracking(word, courier)


def _of_object(value: Mapping[str, object], courier: str) -> Iterator[Tracking]:
    """A row of a tracking plug-in: its number by name, else every number in it."""
    if "tracking_number" not in value:
        for one in value.values():
            if isinstance(one, list | dict):
                yield from _trackings(one, courier)
        for name in ("awb", "number", "code", "parcel_number"):
            yield from _trackings(value.get(name), courier)
        return
    named = str(value.get("tracking_provider") or value.get("custom_tracking_provider") or "")
    for one in _trackings(value["tracking_number"], courier):
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
    address tells.
    """
    values = dict(meta)
    found: list[str] = []
    for service, series, number in keys.invoices:
        if service == "smartbill" and _is_proforma(values):
            continue
        found += _joined(service, values.get(series), values.get(number))
    log = values.get(_SMARTBILL_LOG)
    if isinstance(log, dict) and not _is_proforma({**values, **log}):
        found += _joined("smartbill", log.get("smartbill_series"), log.get("smartbill_invoice_id"))
    return ",".join(dict.fromkeys(found))


def _joined(service: str, series: Any, number: Any) -> list[str]:
    name, digits = _word(series), _word(number)
    return [f"{service}:{name}:{digits}"] if digits else []


def _word(value: Any) -> str:
    is_word = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value).strip() if is_word else ""
    return "" if any(sign in text for sign in ",:") else text


def _is_proforma(values: Mapping[str, object]) -> bool:
    return any("proforma" in str(values.get(name) or "").lower() for name in _SMARTBILL_LINKS)


def hiding(plugins: Iterable[str]) -> list[str]:
    """Of these plug-ins ("folder/file.php"), the couriers whose numbers REST does not show."""
    names = (name.lower() for name in plugins)
    couriers = {title for name in names for part, title in HIDING.items() if part in name}
    return sorted(couriers)
