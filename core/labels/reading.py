"""Asks every courier's rule in turn, and knows what on a label is no tracking number."""

import functools
import importlib
import pkgutil
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from biip import ParseError
from biip.gs1_messages import GS1Message

import core.labels.couriers
from core.labels import digits
from core.labels.codes import LabelCode
from core.labels.label import Certainty, CourierRules, Label, TrackingCandidate
from core.labels.text import gs1_fields, is_gs1, normalise
from core.letters import without_marks
from core.reasons import Reason

ORDER = {"sure": 0, "fair": 1, "low": 2}

# By application identifier (GS1 General Specifications, 3.2).
GS1_NUMBERS: dict[str, tuple[str, Certainty]] = {
    "00": ("the SSCC, which needs an alias", "sure"),
    "401": ("the consignment", "fair"),
    "402": ("the shipment", "fair"),
    "400": ("the customer's order", "fair"),
    "403": ("the route", "fair"),
}

NOT_TRACKING = (
    (re.compile(r"[A-Z]{2}-?[0-9]{2,3}-[0-9]{1,3}"), LabelCode.ROUTING),
    (re.compile(r"[0-9]{5,6}"), LabelCode.POSTCODE),
    (re.compile(r"REF[0-9]+"), LabelCode.SENDERS_REFERENCE),
    (re.compile(r"(MECARD|BEGIN:VCARD|WIFI|GEO|TEL|SMSTO|MAILTO):?.*", re.DOTALL),
     LabelCode.CONTACT),
)  # fmt: skip


# A web address, also as it is printed without "https://".
_WEB = re.compile(r"https?://|www\.[^\s/]+/|(?:[a-z0-9-]+\.)+[a-z]{2,}/\S", re.IGNORECASE)
# Its number is a person's phone.
_CHAT = re.compile(
    r"(?:https?://)?(?:(?:www|api|web|m)\.)?(?:wa\.me|whatsapp\.com|t\.me|viber\.(?:me|com)|signal\.me)/",
    re.IGNORECASE,
)
_OF_PEOPLE = re.compile(r"phone|mobile?|^tel|telefon|zip|post_?code|e?mail", re.IGNORECASE)


@functools.cache
def couriers() -> dict[str, CourierRules]:
    """Every courier by its slug; a new file in core/labels/couriers is found by itself."""
    room = core.labels.couriers
    found = {}
    for entry in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        courier: CourierRules = importlib.import_module(entry.name).COURIER
        found[courier.slug] = courier
    return found


def guess_courier(company: str, tracking: str) -> str:
    """The courier's slug, from the shop's word for it, else from the number's form; "" if unsure.

    It may colour the screen, never choose the order.
    """
    words = _plain(company)
    for slug, called in _called():
        if called.match(words):
            return slug
    sure = [c.slug for c in couriers().values() if c.recognises(normalise(tracking)) == "sure"]
    return sure[0] if len(sure) == 1 else ""


@functools.cache
def _called() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each courier's slug, and its names as whole words."""
    return tuple(
        (one.slug, re.compile(rf"(?:{'|'.join(re.escape(_plain(n)) for n in one.names)})(?!\w)"))
        for one in couriers().values()
    )


def _plain(name: str) -> str:
    """As names are compared: "Zásilkovna" is "zasilkovna", "POŞTA" (with a cedilla) is "posta"."""
    return without_marks(name).casefold().strip()


def number_variants(tracking: str, courier: str) -> list[str]:
    """How this courier may know a number, normalised: whole, then as its own rule cuts it.

    A shop may show the label's code, where the courier counts the shipment by its first part.
    """
    key = normalise(tracking)
    rule = couriers().get(courier)
    cuts = rule.cuts(key) if rule else []
    return list(dict.fromkeys([key, *(one.tracking_key for one in cuts if one.certainty != "low")]))


def read_label(text: str, format: str = "") -> Label:  # noqa: A002 (the reader's own word)
    """What this code may mean. The match room tries the whole text before any candidate."""
    key = normalise(text)
    if not key:
        return Label(text, "not_tracking", why=Reason(LabelCode.EMPTY))
    if _WEB.match(text.strip()):
        return _address(text)
    if "EAN" in format.upper() or "UPC" in format.upper():
        return Label(text, "not_tracking", why=Reason(LabelCode.PRODUCT))
    found = _candidates(text, key)
    if found:
        return Label(text, "tracking", found)
    return _something_else(text, key)


def _candidates(text: str, key: str) -> tuple[TrackingCandidate, ...]:
    found = [
        TrackingCandidate(key, courier.slug, certainty, f"{courier.names[0]}: the whole text")
        for courier in couriers().values()
        if (certainty := courier.recognises(key))
    ]
    found += [one for courier in couriers().values() for one in courier.cuts(key)]
    if is_gs1(text):
        found += _gs1(text)
    return tuple(sorted(found, key=lambda one: ORDER[one.certainty]))


def _gs1(text: str) -> list[TrackingCandidate]:
    """The numbers of a shipment in a GS1 text: its SSCC, consignment, order, shipment, route."""
    fields, in_brackets = gs1_fields(text)
    try:
        parse = GS1Message.parse_hri if in_brackets else GS1Message.parse
        elements = parse(fields).element_strings
    except ParseError:  # a wrong field behind it takes nothing from an SSCC that proves itself
        begins = re.match(r"(?:00|\(00\))([0-9]{18})", fields)
        if begins is None or not digits.gs1(begins[1]):
            return []
        return [TrackingCandidate(begins[1], "gs1", "sure", f"GS1: {GS1_NUMBERS['00'][0]}")]
    return [
        TrackingCandidate(one.value, "gs1", certainty, f"GS1: {name}")
        for one in elements
        for name, certainty in (GS1_NUMBERS.get(one.ai.ai, ("", None)),)
        if certainty
    ]


def _address(text: str) -> Label:
    """A web address holds the number behind its host, or is somebody's return page."""
    if _CHAT.match(text.strip()):
        return Label(text, "not_tracking", why=Reason(LabelCode.CONTACT))
    values = _values(text.strip())
    keys = sorted({normalise(v) for v in values if len(normalise(v)) >= 8}, key=len, reverse=True)
    if not keys:
        return Label(text, "not_tracking", why=Reason(LabelCode.WEB_ADDRESS))
    found = tuple(TrackingCandidate(key, "", "low", "a part of the web address") for key in keys)
    return Label(text, "tracking", found, Reason(LabelCode.WEB_ADDRESS))


def _values(address: str) -> list[str]:
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket, or a sign that stands for another one, where the host stands
        return [unquote(piece) for piece in re.split(r"[/?&=#]", address)[3:]]
    values = [
        value
        for fields in (parts.query, parts.fragment)
        for name, value in parse_qsl(fields)
        if not _OF_PEOPLE.search(name)
    ]
    pieces = [*parts.path.split("/"), *re.split(r"[/?&=]", parts.fragment)]
    return values + [unquote(piece) for piece in pieces]


def _something_else(text: str, key: str) -> Label:
    for pattern, code in NOT_TRACKING:
        if pattern.fullmatch(key):
            return Label(text, "not_tracking", why=Reason(code))
    return Label(text, "unknown", why=Reason(LabelCode.NO_COURIERS))
