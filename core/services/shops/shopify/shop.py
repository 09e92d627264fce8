"""Shopify: orders read, cancelled by `orderCancel`, and re-read as the evidence (rule 6).

`orderCancel` has no idempotency key; a repeat is refused by name and harmless (live shops).
Nearly every refusal has the code INVALID, so the text is what decides.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from core.reasons import N_, Reason
from core.services.codes import ServiceCode
from core.services.http.client import HttpClient
from core.services.http.failures import CannotRead
from core.services.http.texts import plain
from core.services.http.tokens import Failure
from core.services.outcome import Confirmed, Evidence, Outcome, Refusal, Refused, Unknown
from core.services.ports import (
    CancelRequest,
    CancelState,
    Changes,
    Finding,
    Known,
    Rate,
    ServiceInfo,
    SettingField,
    ShopCapabilities,
    ShopOrder,
)
from core.services.shops.common import COD_WORDS, PAYMENT_NAMES, UnreadableOrder
from core.services.shops.shopify.access import findings, reading
from core.services.shops.shopify.api import Data, ShopifyApi, SignIn
from core.services.shops.shopify.codes import ShopifyCode
from core.services.shops.shopify.orders import moment_of
from core.services.shops.shopify.reading import Reader
from core.services.shops.shopify.webhooks import subscribe

VERSION = "2026-10"
STAFF_NOTE_LENGTH = 255
INVOICE_FIELD = "custom.invoice"

INFO = ServiceInfo(
    service="shopify",
    kind="shop",
    title="Shopify",
    hosts=("*.myshopify.com",),
    fields=(
        SettingField(
            "base_url",
            N_("Shop address"),
            N_("For example https://casa-verde.myshopify.com."),
            default="",
        ),
        SettingField(
            "token",
            N_("Admin API token"),
            N_(
                "Of an app made in the shop before 2026 (begins with shpat_). Leave it "
                "empty for an "
                "app of the Dev Dashboard."
            ),
            secret=True,
            required=False,
        ),
        SettingField(
            "client_id", N_("Client ID"), N_("Dev Dashboard: your app, Settings."), required=False
        ),
        SettingField(
            "client_secret",
            N_("Client secret"),
            N_("Dev Dashboard: your app, Settings. With it webhooks are checked, too."),
            secret=True,
            required=False,
        ),
        SettingField(
            "old_client_secret",
            N_("Old client secret"),
            N_("Only for the hour after you changed the secret."),
            secret=True,
            required=False,
        ),
        *PAYMENT_NAMES,
        SettingField(
            "invoice_field",
            N_("Metafield with the invoice"),
            N_(
                "Where the invoicing app writes service:series:number on the order. Attributes and "
                "tags named in Preferences are looked at as well."
            ),
            default=INVOICE_FIELD,
        ),
        SettingField("version", N_("API version"), N_("Leave as it is."), default=VERSION),
    ),
    page="/admin/orders/{number}",
)
# The first guess: a standard plan's. Every answer tells the real bucket.
CAPABILITIES = ShopCapabilities(rate=Rate(100.0, 1000.0), can_be_asked=True)
FOLLOWS_RATE = True

# Words without diacritics, as recorded from live shops.
_RULES = (
    ("already been cancel", Refusal.ALREADY_CANCELLED),
    ("already in progress", Refusal.IN_PROGRESS),
    ("outstanding fulfillments", Refusal.OUTSTANDING_FULFILLMENTS),
    ("has returns", Refusal.HAS_RETURNS),
    ("does not exist", Refusal.NOT_FOUND),
    ("not found", Refusal.NOT_FOUND),
)
_CODES = {
    "NOT_FOUND": Refusal.NOT_FOUND,
    "NO_REFUND_PERMISSION": Refusal.NO_PERMISSION,
    "NO_REFUND_TO_STORE_CREDIT_PERMISSION": Refusal.NO_PERMISSION,
}
_NOT_FOUND = ServiceCode.ORDER_GONE.of()


class Shopify:
    """The port `Shop` for one Shopify shop."""

    def __init__(
        self, api: ShopifyApi, cod_words: str = COD_WORDS, invoice_field: str = INVOICE_FIELD
    ) -> None:
        self.capabilities = CAPABILITIES
        self._api = api
        self._reader = Reader(api, cod_words, invoice_field)

    def read_order(self, gid: str) -> Outcome[ShopOrder]:
        """The order as it is now. Its evidence carries no personal data."""
        data = self._reader.read(gid)
        if not isinstance(data, Data):
            return _as_refusal(data)
        node = data.part("order")
        bare = Evidence("shopify", data.evidence.request, data.evidence.status)
        if not node:
            return Refused(_NOT_FOUND, Refusal.NOT_FOUND, bare)
        try:
            return Confirmed(self._reader.complete(node), bare)
        except UnreadableOrder as error:
            return Unknown(error.reason, bare)
        except CannotRead as error:
            return _as_refusal(error.outcome)

    def cancel(self, request: CancelRequest) -> Outcome[str | CancelState]:
        """Start the cancellation; Confirmed(job id) means accepted, see `cancel_state`."""
        name = "CancelOrder" if self._api.has_job_results else "CancelOrderByJob"
        variables = {
            "id": request.gid,
            "reason": request.reason,
            "restock": request.restock,
            "notify": request.notify,
            "note": request.staff_note[:STAFF_NOTE_LENGTH] or None,
            "refund": {"originalPaymentMethodsRefund": True} if request.refund else None,
        }
        done = self._change(name, variables, "orderCancel")
        if not isinstance(done, Data):
            return done
        job = _id(done.part("jobResult")) or _id(done.part("job"))
        if not job:
            return Unknown(ShopifyCode.NEITHER.of(), done.evidence)
        return Confirmed(job, done.evidence)

    def put_stock_back(self, gid: str) -> Outcome[CancelState]:  # noqa: ARG002
        """Not done here: the shop has no call that only this could be."""
        return Refused(ShopifyCode.STOCK_BY_HAND.of(), Refusal.INVALID)

    def cancel_fulfillment(self, fulfillment_gid: str) -> Outcome[None]:
        """Take a fulfillment back; a repeat succeeds without further effect (assumed)."""
        done = self._change("CancelFulfillment", {"id": fulfillment_gid}, "fulfillmentCancel")
        if not isinstance(done, Data):
            return done
        if done.part("fulfillment").get("status") != "CANCELLED":
            return Unknown(ShopifyCode.FULFILLMENT_STANDS.of(), done.evidence)
        return Confirmed(None, done.evidence)

    def add_tags(self, gid: str, tags: Sequence[str]) -> Outcome[dt.datetime | None]:
        """Add tags; one that is there already has no further effect. Gives `updatedAt`."""
        done = self._change("AddTags", {"id": gid, "tags": list(tags)}, "tagsAdd")
        if not isinstance(done, Data):
            return done
        order = done.part("node")
        if _id(order) != gid:
            return Unknown(ShopifyCode.NOT_TAGGED.of(), done.evidence)
        try:
            return Confirmed(moment_of(order.get("updatedAt")), done.evidence)
        except ValueError:
            return Confirmed(None, done.evidence)

    def _change(self, name: str, variables: Mapping[str, object], root: str) -> Data | Failure:
        """The mutation's payload, once it carries no user error."""
        data = self._api.run(name, variables, effect=True)
        if not isinstance(data, Data):
            return _as_refusal(data)
        payload = data.part(root)
        errors = payload.get("orderCancelUserErrors") or payload.get("userErrors")
        if errors:
            return _user_error(errors, data.evidence)
        return Data(payload, data.evidence, data.cost)

    def cancel_state(self, gid: str, job: str = "") -> Outcome[CancelState]:
        """Re-read `cancelledAt`, and what the job says of itself."""
        name = _state_document(job)
        variables = {"id": gid, "job": job} if job else {"id": gid}
        data = self._api.run(name, variables, effect=False)
        if not isinstance(data, Data):
            return _as_refusal(data)
        order = data.part("order")
        if not order:
            return Refused(_NOT_FOUND, Refusal.NOT_FOUND, data.evidence)
        job_state = data.part("node") or data.part("job")
        try:
            cancelled_at, updated_at = (
                moment_of(order.get(at)) for at in ("cancelledAt", "updatedAt")
            )
        except ValueError:
            return Unknown(ServiceCode.ANSWER_UNREADABLE.of(title="Shopify"), data.evidence)
        running = job_state.get("done") is False
        paid = str(order.get("displayFinancialStatus") or "")
        state = CancelState(cancelled_at, running, _failed(job_state), updated_at, paid)
        return Confirmed(state, data.evidence)

    def all_orders(self) -> Iterator[ShopOrder]:
        """Every order the token may see. Raises CannotRead, UnreadableOrder."""
        return self._reader.all_orders()

    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]:
        """What changed since, oldest change first. Raises CannotRead."""
        return self._reader.changed_orders(since, known)

    def subscribe(self, uri: str) -> Outcome[int]:
        """Have changes sent to this address; Confirmed(number of new subscriptions)."""
        return subscribe(self._api, uri)

    def check(self) -> list[Finding]:
        """Sign in, look whether the app may do what Refuz does, and read an order as it will."""
        found = findings(self._api.run("CheckAccess", {}, effect=False), self._api.version)
        return [*found, reading(self._reader.read_one())] if found[0].ok else found


def make(settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient) -> Shopify:
    """Shopify as the settings describe it: a lasting token wins over the app's id and secret."""
    sign_in = SignIn(
        token=secrets.get("token", "").strip(),
        client_id=settings.get("client_id", "").strip(),
        client_secret=secrets.get("client_secret", "").strip(),
    )
    version = settings.get("version", "").strip() or VERSION
    return Shopify(
        ShopifyApi(client, version, sign_in),
        settings.get("cod_words") or COD_WORDS,
        settings.get("invoice_field") or INVOICE_FIELD,
    )


def _id(node: Mapping[str, object]) -> str:
    value = node.get("id")
    return value if isinstance(value, str) else ""


def _state_document(job: str) -> str:
    if not job:
        return "CancelState"
    return "CancelStateByJob" if "/Job/" in job else "CancelStateByResult"


def _failed(job_state: Mapping[str, object]) -> Reason | None:
    """With the job's own words, when it failed; None otherwise."""
    if job_state.get("status") != "FAILED":
        return None
    errors = job_state.get("errors")
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    messages = " ".join(str(row.get("message", "")) for row in rows).strip()
    return ShopifyCode.JOB_FAILED.of(said=messages)


def _as_refusal(outcome: Failure) -> Failure:
    """Codes that are only of use inside, as the port's own."""
    if not isinstance(outcome, Refused):
        return outcome
    return Refused(outcome.why, _TOLD.get(outcome.code, outcome.code), outcome.evidence)


# What only this room tells apart, as others know it.
_TOLD = {Refusal.SIGNED_OUT: Refusal.NO_PERMISSION, Refusal.TOO_COSTLY: Refusal.INVALID}


def _user_error(errors: object, evidence: Evidence) -> Refused | Unknown:
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    messages = " ".join(str(row.get("message", "")) for row in rows) or str(errors)
    codes = {str(row.get("code") or "") for row in rows}
    words = plain(messages)
    found = next((code for words_, code in _RULES if words_ in words), None)
    by_code = next((_CODES[code] for code in sorted(codes) if code in _CODES), None)
    why = ServiceCode.SAID.of(title="Shopify", said=messages)
    if not found and not by_code and "INTERNAL_ERROR" in codes:
        return Unknown(why, evidence)
    return Refused(why, found or by_code or Refusal.INVALID, evidence)
