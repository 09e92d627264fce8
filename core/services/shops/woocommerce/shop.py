"""WooCommerce: orders read, and cancelled by one call that its own answer confirms.

The shop cancels from every status at once, and answers when it is done. Calls for one order that
run at the same moment put its stock back twice and three times, so there is never a second one
under way (the settle delay), and never a batch, which does not check the status (WOOCOMMERCE D, F).
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import InvalidOperation

from core.reasons import N_
from core.services.codes import ServiceCode
from core.services.http.client import HttpClient
from core.services.http.tokens import before_effect
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
from core.services.shops.woocommerce.access import findings
from core.services.shops.woocommerce.api import Failure, JsonAnswer, WooApi
from core.services.shops.woocommerce.codes import WooCode
from core.services.shops.woocommerce.meta import MARK, STOCK_REDUCED, keys_of
from core.services.shops.woocommerce.orders import COD_METHODS, OrderForm, order_of, state_of
from core.services.shops.woocommerce.reading import Reader
from core.services.shops.woocommerce.subscriptions import subscribe
from core.settings.addresses import OWN_DOMAIN

TIMEOUT_SECONDS = 60.0  # a cancel took 0.5 to 1.5 s; hosts cut at 30 to 60 s
STATE_FIELDS = (
    "id,status,date_modified_gmt,date_created_gmt,date_paid_gmt,payment_method,"
    "payment_method_title,total,refunds,line_items,meta_data"
)

INFO = ServiceInfo(
    service="woocommerce",
    kind="shop",
    title="WooCommerce",
    hosts=(OWN_DOMAIN,),
    fields=(
        SettingField(
            "base_url",
            N_("Shop address"),
            N_(
                "For example https://casaverde.ro. Where the shop's addresses hold index.php: "
                "https://casaverde.ro/index.php."
            ),
        ),
        SettingField(
            "consumer_key",
            N_("Consumer key"),
            N_(
                "WooCommerce, Settings, Advanced, REST API: a key of a shop manager that "
                "may read and "
                "write."
            ),
            secret=True,
        ),
        SettingField(
            "consumer_secret", N_("Consumer secret"), N_("Shown beside the key."), secret=True
        ),
        SettingField(
            "webhook_secret",
            N_("Webhook secret"),
            N_("Any long text of your own: the shop signs with it what it sends by itself."),
            secret=True,
            required=False,
        ),
        SettingField(
            "cod_methods",
            N_("Payment methods that are cash on delivery"),
            N_("Their ids, separated by commas: WooCommerce, Settings, Payments."),
            default=COD_METHODS,
        ),
        *PAYMENT_NAMES,
        SettingField(
            "tracking_keys",
            N_("Fields with tracking numbers"),
            N_(
                "Beside those that are known: field=courier, separated by commas, for example "
                "_my_awb=fan."
            ),
            required=False,
        ),
        SettingField(
            "invoice_keys",
            N_("Fields with invoices"),
            N_(
                "Beside those that are known: service=series field:number field, "
                "separated by commas."
            ),
            required=False,
        ),
    ),
    page="/wp-admin/admin.php?page=wc-orders&action=edit&id={number}",
)
CAPABILITIES = ShopCapabilities(
    # No limit is told; seconds of PHP are the cost, and hosts count bursts.
    rate=Rate(2.0, 1.0),
    can_be_asked=True,
    settle_seconds=180.0,  # the shop goes on after we have hung up, to its host's time limit
    confirms_at_once=True,
    can_give_reason=False,
    note_length=0,
    can_notify=False,
    can_refund=False,
    can_cancel_fulfillments=False,
    can_tag=False,
    tells_stock=True,
)

_NOT_SHOWN = WooCode.NOT_CANCELLED.of()
_UNREADABLE = ServiceCode.ANSWER_UNREADABLE.of(title=INFO.title)
_NOT_HERE = WooCode.NO_CALL.of()


class WooCommerce:
    """The port `Shop` for one WooCommerce shop."""

    def __init__(self, api: WooApi, reading: OrderForm, webhook_secret: str = "") -> None:
        self.capabilities = CAPABILITIES
        self._api = api
        self._reading = reading
        self._reader = Reader(api, reading)
        self._webhook_secret = webhook_secret

    def read_order(self, gid: str) -> Outcome[ShopOrder]:
        """The order as it is now, in the trash too. Its evidence carries no personal data."""
        answer = self._order(gid, {})
        if not isinstance(answer, JsonAnswer):
            return answer
        bare = Evidence("woocommerce", answer.evidence.request, answer.evidence.status)
        try:
            order = order_of(answer.fields, self._reading)
        except UnreadableOrder as error:
            return Unknown(error.reason, bare)
        return Confirmed(order, bare) if order.gid == gid else Unknown(_UNREADABLE, bare)

    def cancel(self, request: CancelRequest) -> Outcome[str | CancelState]:
        """Cancel in one call that carries our mark; Confirmed only by what its answer shows."""
        meta = [{"key": MARK, "value": request.mark}] if request.mark else []
        if not request.restock:
            meta.append({"key": STOCK_REDUCED, "value": "no"})
        body: dict[str, object] = {"status": "cancelled"}
        if meta:
            body["meta_data"] = meta
        return _as_cancel(self._change(request.gid, body, "cancelled"), request.mark)

    def cancel_state(self, gid: str, job: str = "") -> Outcome[CancelState]:  # noqa: ARG002
        """Read the order's status, our mark, and what its lines say of the stock."""
        answer = self._order(gid, {"_fields": STATE_FIELDS})
        return self._shown(gid, answer) if isinstance(answer, JsonAnswer) else answer

    def put_stock_back(self, gid: str) -> Outcome[CancelState]:
        """Put back what a cancel has left: to pending, which puts it back, and to cancelled again.

        No mail goes to the customer (WOOCOMMERCE E). After a break between the two calls it may
        be repeated: lines without stock of theirs are not put back a second time.
        """
        answer = self._order(gid, {"_fields": STATE_FIELDS})
        if not isinstance(answer, JsonAnswer):
            return before_effect(answer)
        shown = self._shown(gid, answer)
        if not isinstance(shown, Confirmed):
            return before_effect(shown)
        status = answer.fields.get("status")
        if status == "cancelled" and shown.value.stock_left is False:
            return Confirmed(shown.value, shown.evidence, before=True)
        if status not in ("cancelled", "pending"):
            return Refused(WooCode.SET_BACK.of(), Refusal.INVALID, shown.evidence)
        return self._put_back(gid)

    def _put_back(self, gid: str) -> Outcome[CancelState]:
        again = [{"key": STOCK_REDUCED, "value": "yes"}]
        first = self._change(gid, {"status": "pending", "meta_data": again}, "pending")
        if not isinstance(first, Confirmed):
            return first
        done = self._change(gid, {"status": "cancelled"}, "cancelled")
        if isinstance(done, Confirmed):
            return done
        # The order stands at pending: whatever this call said, the whole is not done.
        return Unknown(done.why, getattr(done, "evidence", None) or first.evidence)

    def cancel_fulfillment(self, fulfillment_gid: str) -> Outcome[None]:  # noqa: ARG002
        """Not done here: the shop's core knows no fulfillments."""
        return Refused(_NOT_HERE, Refusal.INVALID)

    def add_tags(self, gid: str, tags: Sequence[str]) -> Outcome[dt.datetime | None]:  # noqa: ARG002
        """Not done here: orders have no tags; our mark goes with the cancel."""
        return Refused(_NOT_HERE, Refusal.INVALID)

    def all_orders(self) -> Iterator[ShopOrder]:
        """Every order. Raises CannotRead."""
        return self._reader.all_orders()

    def changed_orders(self, since: dt.datetime, known: Known) -> Iterator[Changes]:
        """What changed since, oldest change first. Raises CannotRead."""
        return self._reader.changed_orders(since, known)

    def subscribe(self, uri: str) -> Outcome[int]:
        """Have changes sent to this address; Confirmed(number of new or revived ones)."""
        return subscribe(self._api, uri, self._webhook_secret)

    def check(self) -> list[Finding]:
        """Look whether the key may do what Refuz does, and what this shop cannot show."""
        return findings(self._api, self._reading)

    # -------------------------------------------------------------- one order

    def _order(self, gid: str, params: Mapping[str, str]) -> JsonAnswer | Failure:
        if not _is_id(gid):
            return Refused(WooCode.NO_ORDER.of(), Refusal.NOT_FOUND)
        return self._api.get(f"/orders/{gid}", params)

    def _change(self, gid: str, body: Mapping[str, object], status: str) -> Outcome[CancelState]:
        """One change, believed only where the answer shows this order in this status."""
        if not _is_id(gid):
            return Refused(WooCode.NO_ORDER.of(), Refusal.NOT_FOUND)
        answer = self._api.put(f"/orders/{gid}", body)
        if not isinstance(answer, JsonAnswer):
            return answer
        shown = self._shown(gid, answer)
        if isinstance(shown, Confirmed) and answer.fields.get("status") != status:
            return Unknown(_NOT_SHOWN, shown.evidence)
        return shown

    def _shown(self, gid: str, answer: JsonAnswer) -> Outcome[CancelState]:
        node = answer.fields
        bare = Evidence("woocommerce", answer.evidence.request, answer.evidence.status)
        try:
            if str(node["id"]) != gid:
                return Unknown(_NOT_SHOWN, bare)
            state = state_of(node, self._reading)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation):
            return Unknown(_UNREADABLE, bare)
        return Confirmed(state, _evidence(bare, str(node["status"]), state))


def _as_cancel(done: Outcome[CancelState], mark: str) -> Outcome[str | CancelState]:
    if not isinstance(done, Confirmed):
        return done
    if mark and done.value.mark != mark:
        return Unknown(WooCode.NO_MARK.of(), done.evidence)
    return Confirmed(done.value, done.evidence)


def _evidence(bare: Evidence, status: str, state: CancelState) -> Evidence:
    """What the answer showed, without the customer in it."""
    stock = "left" if state.stock_left else "none left"
    excerpt = f"status {status}, changed {state.updated_at}, mark {state.mark!r}, stock {stock}"
    return Evidence(bare.service, bare.request, bare.status, excerpt)


def _is_id(gid: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,18}", gid) is not None


def make(
    settings: Mapping[str, str], secrets: Mapping[str, str], client: HttpClient
) -> WooCommerce:
    """WooCommerce as the settings describe it. Raises WrongField."""
    api = WooApi(
        client,
        secrets.get("consumer_key", "").strip(),
        secrets.get("consumer_secret", "").strip(),
    )
    reading = OrderForm(
        keys_of(settings.get("tracking_keys", ""), settings.get("invoice_keys", "")),
        settings.get("cod_methods") or COD_METHODS,
        settings.get("cod_words") or COD_WORDS,
    )
    return WooCommerce(api, reading, secrets.get("webhook_secret", "").strip())
