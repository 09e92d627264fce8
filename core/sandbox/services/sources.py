"""Where each behaviour of the sandbox is known from (rule 15): the sandbox itself is no evidence.

official: the service's documents, schema or client. recorded: answers of the live service that
somebody recorded. second-hand: other people's clients and notes. assumed: nobody has said so; each
of these stands in docs/live-check.md, to be tried first. `docs/sandbox.md` is made from this table:
`python -m core.sandbox.services.sources > docs/sandbox.md`.
"""

import sys
from dataclasses import dataclass
from typing import Literal

Kind = Literal["official", "recorded", "second-hand", "assumed"]


@dataclass(frozen=True)
class Source:
    """One behaviour and where it is known from; `check`: words of its line in live-check.md."""

    what: str
    kind: Kind
    known_from: str
    check: str = ""


def _assumed(what: str, check: str) -> Source:
    return Source(what, "assumed", "nobody; see docs/live-check.md", check)


def _pace(calls: int) -> Source:
    return _assumed(f"{calls} calls a second are allowed", "calls a second are allowed; FAN")


_PACKETA = "a summary of docs.packeta.com, October 2026 (flaviancalin/rocourier, docs/api/packeta)"
_FGO = "OpenAPI of v2, September 2026 (a copy: flaviancalin/rocourier, docs/api/fgo)"
_SHARED_TRACKING = "clients of merchants in public repositories, read November 2026"

SOURCES: dict[str, tuple[Source, ...]] = {
    "shopify": (
        Source("fields, arguments and scopes", "official", "Admin schema 2026-07 and 2026-10"),
        Source("refusals of orderCancel, tagsAdd and fulfillmentCancel", "recorded",
               "149 pairs of a development store, API 2025-01 to 2026-04"),
        Source("unpaid and fulfilled orders are cancelled, paid and fulfilled ones refused",
               "recorded", "the same; a merchant's production script agrees"),
        Source("THROTTLED and ACCESS_DENIED with HTTP 200", "recorded", "60 kinds of errors"),
        Source("cost in points", "recorded", "a rule fitted to 513 of 577 recorded queries"),
        Source("nulls and errors beside data without protected customer data", "official",
               "shopify.dev, protected customer data"),
        Source("webhooks: topics, HMAC, repeats", "official", "shopify.dev, webhooks"),
        Source("the pages of a search end at 25,000 objects", "official",
               "shopify.dev, limits of paging"),
        _assumed("stock of a fulfilled, unpaid order comes back by restock", "`restock: true`"),
        _assumed("a failed cancel says so in jobResult", "a cancel job that fails"),
        _assumed("a PENDING order with a COD gateway is cancelled", "still PENDING"),
    ),
    "smartbill": (
        Source("reverse: request and success", "recorded", "live notes, August 2026"),
        Source("a repeat is 400 or 200 with “deja stornata”, HTML in it", "recorded",
               "live answers in public repositories"),
        Source("the block: 403, the moment in words, begun anew by each call", "recorded",
               "six public repositories, May to August 2026; a public client maps it too"),
        Source("a wrong VAT code is answered with 401", "recorded", "live notes, August 2026"),
        Source("`url` is empty, the link is `documentViewUrl`", "recorded", "the same"),
        Source("series, payment status", "official", "SmartBill's API documents"),
        _assumed("annulling twice says “deja anulata”", "a second annulment says"),
        _assumed("the moment of a block is in Romania's time", "the moment of the block"),
    ),
    "oblio": (
        Source("token by form or JSON", "official", "documents (form), official clients (JSON)"),
        Source("storno by referenceDocument, idempotencyKey", "official", "Oblio's documents"),
        Source("`stornoed` on the reversed invoice, `storno` on the storno", "second-hand",
               "six independent clients"),
        Source("`currency`, `total` and `mentions` in a row of the list", "official",
               "Oblio's documents"),
        Source("30 documents in 100 s, 30 others in 10 s", "official", "Oblio's documents"),
        Source("`refund` deletes the recorded collection", "official", "Oblio's documents"),
        Source("a repeat is 400 “deja stornata”", "second-hand", "other people's clients"),
        Source("`einvoiceStatus` with text, sent and code in a row of the list", "official",
               "Oblio's documents, the list's example"),
        Source("the codes -1, 0, 1 and 2 of a sending to e-Factura", "official",
               "Oblio's documents, `POST /docs/einvoice`"),
        _assumed("a row's code counts as that of a sending", "`einvoiceStatus`"),
        _assumed("a call beyond the limit is 403 with words", "how a call beyond the limit"),
        _assumed("`canceled=-1` lists annulled invoices as well", "`canceled=-1`"),
    ),
    "fgo": (
        Source("storno, annulment, restoring, problem answers", "official", _FGO),
        Source("no filter and no field `id_extern` in the list", "official", _FGO),
        Source("each list must name its `fields`, of those that it knows; a month where no day is "
               "told, a year at most; pages by cursor", "official", _FGO),
        Source("`client_id`, `valoare_totala`, `status_plata` and `client` in the list", "official",
               _FGO),
        Source("`asociate` goes from a proforma to its invoices, never to a storno", "official",
               _FGO),
        Source("a storno that was undone is deleted; a list shows active documents only",
               "official", _FGO),
        Source("`…/efactura` tells a document's last step, null before the first; flags of error; "
               "“acceptata”", "official", _FGO),
        Source("one call a second per operation, 429 with Retry-After", "official", _FGO),
        _assumed("“validata” and “confirmata” mean filed as well", "“confirmata”"),
        _assumed("the words of a second storno", "a second storno is 400"),
        _assumed("the list also shows annulled invoices", "also shows annulled ones"),
    ),
    "stripe": (
        *(
            Source(what, "official", "Stripe's API documents and client (PyPI `stripe`)")
            for what in (
                "invoices by id, listed and searched; pages by `has_more` and `starting_after`",
                "credit notes: made, listed, read, previewed, voided",
                "an invoice that is voided; a paid one that is credited",
                "`Idempotency-Key` gives the first answer again",
                "errors with type, message and code; 401 for an unknown key",
            )
        ),
        _assumed("20 calls a second are allowed", "20 calls a second"),
    ),
    "woocommerce": (
        *(
            Source(what, "recorded", f"a real WooCommerce 11.0.1, recording {files}")
            for what, files in (
                ("Basic sign-in with a consumer key, 401 with `…cannot_view`", "06a"),
                ("the keyless index names `wc/v3`; an empty batch shows the right to write",
                 "08, 06f"),
                ("100 rows a page at most, `after` and `modified_after` exclusive, in whole "
                 "seconds; no trash and no draft in the list of all", "01a to 01d, 02c"),
                ("meta of plug-ins in an order; a key that is written replaces all its rows",
                 "02a, 02d"),
                ("cancelling from each status, also out of the trash; an unknown status is 400",
                 "03a, 04b, 10"),
                ("stock comes back by itself, once; `_order_stock_reduced` “no” leaves it, and "
                 "never shows", "03a, 03b, 10"),
                ("`_reduced_stock` on a line while its stock is out", "02a, 03b, 03c"),
                ("two calls of one order at one moment put stock back twice", "03d, 03h, 10"),
                ("a mark written in the cancelling call stays; the same call again does nothing",
                 "03d, 03e, 09"),
                ("502 after the cancel, its stock left; the same call again does not help, "
                 "pending and cancelled do", "06c, 09b"),
                ("an unknown order is 404 when asked and 400 when changed", "03a"),
                ("an unsigned ping on creation, signatures, one delivery id for all of a second",
                 "07a, 07b"),
                ("version, HPOS and plug-ins in the system's status", "08, 02e"),
            )
        ),
        _assumed("a delivery comes at once; there the shop's queue sends it", "without messages"),
        _assumed("a wall before the shop answers in the shape of the shop's own errors",
                 "a wall before the shop"),
    ),
    "sameday": (
        Source("sign-in, status, `inReturn` in a parcel's own history", "official", "PHP SDK 2.4"),
        Source("a bad login is 401 or 403", "recorded", "a live answer, October 2026"),
        _assumed("which status ids a return has", "whatever its status ids"),
        _pace(4),
    ),
    "fan": (
        Source("sign-in, events, `returnAwbNumber`", "second-hand", _SHARED_TRACKING),
        _assumed("a return has a new AWB", "FAN: a return has a new AWB"),
        _pace(2),
    ),
    "cargus": (
        Source("sign-in, WithRedirect, event 21", "second-hand", _SHARED_TRACKING),
        Source("`AwbTrace/GetDeltaEvents` and `AwbRetur` exist", "second-hand", _SHARED_TRACKING),
        _assumed("what their rows are called", "Cargus: `GetDeltaEvents`"),
        _assumed("whether a return changes its number", "Cargus: whether a return"),
        _assumed("moments without a zone are Bucharest's", "Cargus: moments"),
        _pace(2),
    ),
    "gls": (
        Source("statuses and their codes, the errors of the sign-in", "official",
               "MyGLS API documents, appendix A"),
        _assumed("code 5 behind a return means handed back", "GLS: code 5 after"),
        _pace(2),
    ),
    "packeta": (
        Source("XML, the password in each request, faults by name", "second-hand",
               "clients in public repositories, with answers of 2019"),
        Source("`isReturning` beside the codes", "second-hand", "the same"),
        Source("codes 1 to 7, 9 to 12, 16 to 20 and 23 to 25", "second-hand", _PACKETA),
        Source("`isReturning` is documented for `packetStatus`", "second-hand", _PACKETA),
        _assumed("code 14 is on its way", "Packeta: code 14"),
        _assumed("records of `packetTracking` carry `isReturning` as well", "Packeta: `isRet"),
        _assumed("a parcel keeps its number on its way back", "Packeta: a parcel keeps"),
        _assumed("moments without a zone are Prague's", "Packeta: moments"),
        _pace(5),
    ),
    "dpd": (
        Source("track, exceptionCodes as texts, returnShipmentId, fullBarcode", "official",
               "DPD RO Web API 3.9"),
        Source("what operations and their exceptions mean", "official",
               "DPD RO Web API, appendices 1 and 2 (a copy: flaviancalin/rocourier, "
               "docs/api/dpd)"),
        _assumed("`barcode-information` leads from a return to its parcel", "`initialParcelId`"),
        _pace(2),
    ),
}  # fmt: skip


def page() -> str:
    """`docs/sandbox.md`: a table a service."""
    lines = [
        "# What the sandbox plays, and where it is known from",
        "",
        "Made from `core/sandbox/services/sources.py`; a test holds them together. The sandbox is "
        "no evidence: what is only *assumed* is to be tried first with a real account, see "
        "[live-check.md](live-check.md).",
    ]
    for service in sorted(SOURCES):
        lines += ["", f"## {service}", "| behaviour | known from | where |", "| --- | --- | --- |"]
        lines += [f"| {one.what} | {one.kind} | {one.known_from} |" for one in SOURCES[service]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
