"""What the WooCommerce adapter makes of a shop's answers, each of them written anew."""

import base64
import datetime as dt
from typing import Any

import pytest
from services_answering import Answering
from woocommerce_orders import adapter, line, meta, order, refusal

from core.orders.judge.rules import is_credit
from core.services import registry
from core.services.outcome import Confirmed, Refused, Unknown
from core.services.payments import names_cod
from core.services.ports import CancelRequest, ShopOrder
from core.services.shops.common import UnreadableOrder
from core.services.shops.woocommerce.orders import OrderForm, order_of

pytestmark = pytest.mark.usefixtures("quick")

MARK = "cancel:1:501:1"
NO_STOCK = {"key": "_order_stock_reduced", "value": "no"}


def read(**changes: Any) -> ShopOrder:
    return order_of(order(**changes), OrderForm())


def cancelled(**changes: Any) -> dict[str, Any]:
    return order(status="cancelled", meta_data=meta(_refuz_effect=MARK), **changes)


# ---------------------------------------------------------------- orders


def test_an_order_is_read_in_our_words() -> None:
    ours = read()
    assert (ours.gid, ours.name, ours.payment) == ("501", "#501", "cod")
    assert (ours.total_minor, ours.currency, ours.financial_status) == (12100, "RON", "PENDING")
    assert (ours.customer_name, ours.county, ours.city) == ("Mara Ionescu", "Brașov", "Brașov")
    assert ours.phone == "0740 111 222"  # the shipping address has none
    assert [(one.quantity, one.price_minor, one.sku) for one in ours.lines] == [(2, 6050, "VZ")]
    assert ours.created_at == dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    assert (ours.cancelled_at, ours.hold, ours.restocked) == (None, "", None)


def test_each_order_has_its_own_currency() -> None:
    assert read(currency="EUR").currency == "EUR"


@pytest.mark.parametrize(
    ("changes", "payment", "financial", "hold"),
    [
        # Completing an order on delivery sets date_paid by itself.
        ({"status": "completed", "date_paid_gmt": "2026-11-05T08:00:00"}, "cod", "PENDING", ""),
        ({"payment_method": "bacs", "payment_method_title": "OP"}, "prepaid", "PENDING", "prepaid"),
        (
            {"payment_method": "stripe", "payment_method_title": "Card",
             "date_paid_gmt": "2026-11-05T08:00:00"},
            "prepaid", "PAID", "prepaid",
        ),
        ({"payment_method": "x_cod", "payment_method_title": "Plata la livrare"}, "cod",
         "PENDING", ""),
        ({"payment_method": "", "payment_method_title": ""}, "cod", "PENDING", ""),
        ({"refunds": [{"id": 1, "total": "-20.00"}]}, "cod", "PARTIALLY_REFUNDED",
         "partly_refunded"),
        # Nothing of the money, yet maybe of the stock.
        ({"refunds": [{"id": 1, "total": "0.00"}]}, "cod", "PARTIALLY_REFUNDED",
         "partly_refunded"),
        ({"refunds": [{"id": 1, "total": "-121.00"}], "status": "refunded"}, "cod", "REFUNDED",
         ""),
        ({"refunds": [{"id": 1, "total": "-100.00"}, {"id": 2, "total": "-21.00"}]}, "cod",
         "REFUNDED", ""),
        ({"status": "trash"}, "cod", "PENDING", "in_trash"),
        # of plug-ins: a deposit was taken, the rest is the courier's; a status of the shop's own
        ({"status": "partially-paid"}, "cod", "PARTIALLY_PAID", "prepaid"),
        ({"status": "partial-payment"}, "cod", "PARTIALLY_PAID", "prepaid"),
        ({"status": "in-depozit"}, "cod", "PENDING", ""),
        ({"status": "draft"}, "cod", "PENDING", "draft"),
        ({"status": "checkout-draft"}, "cod", "PENDING", "draft"),
    ],
)  # fmt: skip
def test_what_was_paid_and_given_back_decides_who_decides(
    changes: dict[str, Any], payment: str, financial: str, hold: str
) -> None:
    ours = read(**changes)
    assert (ours.payment, ours.financial_status, ours.hold) == (payment, financial, hold)


COUPON = {"id": 9, "code": "vara", "discount": "20.00", "discount_tax": "0.00"}


@pytest.mark.parametrize(
    ("changes", "credit"),
    [
        ({"gift_cards": [{"id": 3, "code": "XX-1", "amount": 20.0}]}, True),
        ({"coupon_lines": [{**COUPON, "discount_type": "smart_coupon"}]}, True),
        ({"coupon_lines": [{**COUPON, "discount_type": "percent"}]}, False),
        ({"coupon_lines": [COUPON], "gift_cards": []}, False),
        ({"coupon_lines": None}, False),
    ],
)
def test_what_a_gift_card_paid_is_known_beside_the_rest(
    changes: dict[str, Any], credit: bool
) -> None:
    """The rest was cash on delivery, and nobody was told of the card."""
    ours = read(**changes)
    assert is_credit(", ".join(ours.gateways)) is credit
    assert ours.payment == "cod"


def test_a_shop_may_name_its_own_cash_on_delivery(server: Answering) -> None:
    server.will_say(order(payment_method="ramburs_curier", payment_method_title="La ușă"))
    outcome = adapter(server, cod_methods="cod, ramburs_curier").read_order("501")
    assert isinstance(outcome, Confirmed)
    assert outcome.value.payment == "cod"


@pytest.mark.parametrize(
    ("method", "title", "named"),
    [
        ("cod", "Livrare rapidă", "Livrare rapidă, cod"),
        ("pos_curier", "Cu POS-ul nostru", "Cu POS-ul nostru, cod"),
        ("cod", "Ramburs", "Ramburs"),
        ("stripe", "Card", "Card"),
    ],
)
def test_what_only_its_id_tells_to_be_cash_on_delivery_is_named_so(
    method: str, title: str, named: str
) -> None:
    """Changed words in the form had made it prepaid: they are asked of the names alone."""
    form = OrderForm(cod="cod,pos_curier")
    ours = order_of(order(payment_method=method, payment_method_title=title), form)
    assert ", ".join(ours.gateways) == named
    assert names_cod(ours.gateways) is (ours.payment == "cod")


def test_an_order_that_was_carried_over_without_a_last_change_is_read_by_its_first() -> None:
    ours = read(date_modified_gmt=None)
    assert ours.updated_at == ours.created_at == dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    with pytest.raises(UnreadableOrder):
        read(date_modified_gmt=None, date_created_gmt=None)


def test_a_negative_total_is_a_total() -> None:
    assert read(total="-10.00").total_minor == -1000


# ---------------------------------------------------------------- cancel


def test_one_call_cancels_with_our_mark_and_its_answer_confirms_it(server: Answering) -> None:
    server.will_say(cancelled(line_items=[line(None)]))
    done = adapter(server).cancel(CancelRequest("501", restock=True, mark=MARK))
    assert isinstance(done, Confirmed)
    assert not isinstance(done.value, str)
    assert (done.value.mark, done.value.stock_left) == (MARK, False)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("PUT", "/wp-json/wc/v3/orders/501")
    assert asked.json == {
        "status": "cancelled", "meta_data": [{"key": "_refuz_effect", "value": MARK}],
    }  # fmt: skip
    sign_in = base64.b64encode(b"ck_mara_1234:cs_mara_5678").decode()
    assert asked.headers["authorization"] == f"Basic {sign_in}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["accept"] == "application/json"


def test_without_restock_its_meta_goes_with_the_call(server: Answering) -> None:
    server.will_say(cancelled())
    done = adapter(server).cancel(CancelRequest("501", restock=False, mark=MARK))
    assert isinstance(done, Confirmed)
    assert NO_STOCK in server.asked[0].json["meta_data"]


def test_the_evidence_of_a_cancel_names_no_customer(server: Answering) -> None:
    server.will_say(cancelled())
    done = adapter(server).cancel(CancelRequest("501", mark=MARK))
    assert isinstance(done, Confirmed)
    assert done.evidence is not None
    assert "cancelled" in done.evidence.excerpt
    assert "Mara" not in done.evidence.excerpt


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("<html><body>Casa Verde</body></html>", 200, "text/html"),
        ("<br />\n<b>Fatal error</b>: Uncaught Error", 200, "text/html"),
        ('<br /><b>Warning</b>: x<br />\n{"id":501,"status":"cancelled"}', 200, "text/html"),
        ({"id": 502, "status": "cancelled", "date_modified_gmt": "2026-11-03T10:00:00"}, 200, ""),
        ([], 200, ""),
        ({"id": 501, "status": "cancelled"}, 200, ""),
        (refusal("internal_server_error", 500), 500, ""),
        ("<html>502 Bad Gateway</html>", 502, "text/html"),
        ("<html>504</html>", 504, "text/html"),
        ("<html>Attention required</html>", 403, "text/html"),
        (refusal("wp_die", 503), 503, ""),
    ],
)
def test_what_does_not_show_the_order_cancelled_is_unknown(
    server: Answering, body: Any, status: int, kind: str
) -> None:
    server.will_say(body, status, kind or "application/json")
    done = adapter(server).cancel(CancelRequest("501", mark=MARK))
    assert isinstance(done, Unknown)


def test_a_body_that_the_shop_did_not_read_is_unknown(server: Answering) -> None:
    """With 200 and the order as it was."""
    server.will_say(order())
    assert isinstance(adapter(server).cancel(CancelRequest("501", mark=MARK)), Unknown)


def test_an_answer_without_our_mark_is_unknown(server: Answering) -> None:
    server.will_say(order(status="cancelled"))
    assert isinstance(adapter(server).cancel(CancelRequest("501", mark=MARK)), Unknown)


@pytest.mark.parametrize(
    ("code", "status", "ours"),
    [
        ("woocommerce_rest_cannot_edit", 401, "no_permission"),
        ("woocommerce_rest_authentication_error", 401, "no_permission"),
        ("woocommerce_rest_cannot_edit", 403, "no_permission"),
        ("woocommerce_rest_shop_order_invalid_id", 400, "not_found"),
        ("woocommerce_rest_shop_order_invalid_id", 404, "not_found"),
        ("rest_no_route", 404, "invalid"),
        ("rest_invalid_param", 400, "invalid"),
        ("rest_invalid_json", 400, "invalid"),
    ],
)
def test_a_refusal_is_told_by_its_code_in_any_language(
    server: Answering, code: str, status: int, ours: str
) -> None:
    server.will_say(refusal(code, status), status)
    done = adapter(server).cancel(CancelRequest("501", mark=MARK))
    assert isinstance(done, Refused)
    assert done.code == ours


@pytest.mark.parametrize("gid", ["gid://shopify/Order/1", "0", "-1", "1/notes", "1?force=true", ""])
def test_nothing_but_an_orders_number_is_asked_for(server: Answering, gid: str) -> None:
    done = adapter(server).cancel(CancelRequest(gid))
    assert isinstance(done, Refused)
    assert server.asked == []


# ---------------------------------------------------------------- state and stock


@pytest.mark.parametrize("reduced", ["1", 3, "0.5"])
def test_a_line_that_holds_its_stock_says_that_it_was_not_put_back(
    server: Answering, reduced: Any
) -> None:
    server.will_say(cancelled(line_items=[line(None), line(reduced)]))
    state = adapter(server).cancel_state("501")
    assert isinstance(state, Confirmed)
    assert state.value.cancelled_at is not None
    assert (state.value.mark, state.value.stock_left) == (MARK, True)


@pytest.mark.parametrize("reduced", [None, "0", "", "x"])
def test_a_line_without_stock_of_its_own_was_put_back(server: Answering, reduced: Any) -> None:
    server.will_say(cancelled(line_items=[line(reduced)]))
    state = adapter(server).cancel_state("501")
    assert isinstance(state, Confirmed)
    assert state.value.stock_left is False


def test_a_trashed_order_says_so_when_asked(server: Answering) -> None:
    server.will_say(order(status="trash"))
    state = adapter(server).cancel_state("501")
    assert isinstance(state, Confirmed)
    assert (state.value.cancelled_at, state.value.hold) == (None, "in_trash")


def test_stock_is_put_back_by_the_two_calls_that_mail_no_customer(server: Answering) -> None:
    server.will_say(cancelled())
    server.will_say(order(status="pending", line_items=[line(None)]))
    server.will_say(cancelled(line_items=[line(None)]))
    done = adapter(server).put_stock_back("501")
    assert isinstance(done, Confirmed)
    assert done.value.stock_left is False
    assert [asked.json for asked in server.asked[1:]] == [
        {"status": "pending", "meta_data": [{"key": "_order_stock_reduced", "value": "yes"}]},
        {"status": "cancelled"},
    ]


def test_stock_that_is_back_already_is_left_as_it_is(server: Answering) -> None:
    server.will_say(cancelled(line_items=[line(None)]))
    done = adapter(server).put_stock_back("501")
    assert isinstance(done, Confirmed)
    assert done.before
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", ["processing", "completed", "trash", "retur-curier"])
def test_an_order_that_somebody_set_back_is_not_cancelled_for_its_stock(
    server: Answering, status: str
) -> None:
    server.will_say(order(status=status))
    assert isinstance(adapter(server).put_stock_back("501"), Refused)
    assert len(server.asked) == 1


def test_a_break_between_the_two_calls_is_in_doubt(server: Answering) -> None:
    server.will_say(cancelled())
    server.will_say(order(status="pending")).will_say("<html>502</html>", 502, "text/html")
    assert isinstance(adapter(server).put_stock_back("501"), Unknown)


def test_an_order_deleted_for_good_is_not_found(server: Answering) -> None:
    server.will_say(refusal("woocommerce_rest_shop_order_invalid_id", 404), 404)
    outcome = adapter(server).read_order("501")
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_found"


def test_a_wrongly_written_table_of_the_form_is_told(server: Answering) -> None:
    with pytest.raises(registry.WrongSetting, match="smartbill"):
        adapter(server, invoice_keys="smartbill")
