"""What a real WooCommerce 11.0.1 answered, through the adapter.

The expectations are written by hand from the facts beside the recordings, sections B to J.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from services_answering import Answering
from woocommerce_orders import adapter

from core.services.outcome import Confirmed, Refused, Unknown
from core.services.ports import CancelRequest
from core.services.shops.woocommerce.orders import OrderForm, hold_of, order_of, state_of

pytestmark = pytest.mark.usefixtures("quick")

Rows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def rows(shared: Path) -> Rows:
    folder = shared / "woocommerce/recorded"
    if not folder.is_dir():
        pytest.skip("the recordings of WooCommerce are absent")

    def load(name: str) -> list[dict[str, Any]]:
        [file] = folder.glob(f"{name}_*.json")
        return json.loads(file.read_text())

    return load


def orders_in(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole orders among the answers."""
    bodies = [row["response"].get("body") for row in found if isinstance(row.get("response"), dict)]
    return [
        one for one in bodies
        if isinstance(one, dict) and "line_items" in one and "payment_method" in one
    ]  # fmt: skip


def replay(server: Answering, row: dict[str, Any]) -> None:
    """Let the server answer as the shop did."""
    response = row["response"]
    kind = (response.get("headers") or {}).get("Content-Type") or "text/html"
    body = response.get("body")
    retry = (response.get("headers") or {}).get("Retry-After")
    more = {"Retry_After": retry} if retry else {}
    server.will_say([] if body is None else body, response["status"], kind, **more)


def test_every_whole_order_of_every_recording_can_be_read(shared: Path, rows: Rows) -> None:
    rows("01a")
    files = sorted((shared / "woocommerce/recorded").glob("*.json"))
    found = [one for file in files for one in orders_in(json.loads(file.read_text()))]
    assert len(found) >= 100
    for node in found:
        read = order_of(node, OrderForm())
        assert read.gid == str(node["id"])
        assert read.currency == node["currency"]
        state_of(node, OrderForm())


def test_the_order_with_everything_on_it(rows: Rows) -> None:
    read = order_of(rows("02a")[1]["response"]["body"], OrderForm())
    assert (read.name, read.total_minor, read.currency, read.payment) == (
        "#313",
        34225,
        "RON",
        "cod",
    )
    assert (read.customer_name, read.county, read.phone) == (
        "Ștefan Țuțuianu",
        "Iași",
        "0744123456",
    )
    assert [(one.quantity, one.price_minor) for one in read.lines] == [
        (2, 10890),
        (1, 5445),
        (1, 4500),
    ]
    assert read.parcels is not None
    assert {(one.tracking, one.company) for one in read.parcels} == {
        ("1ONB24222308781", "sameday"), ("7000121083646", "fan"), ("804419419", "cargus"),
        ("80412345678", "dpd"), ("50123456781", "gls"), ("50123456798", "gls"), ("Z1234567890", ""),
    }  # fmt: skip
    assert read.invoice_field == "oblio:CV:0042,smartbill:CVSB:0107"


def test_a_part_given_back_is_a_question_and_the_total_stays(rows: Rows) -> None:
    read = order_of(rows("02a")[6]["response"]["body"], OrderForm())
    assert (read.total_minor, read.financial_status, read.hold) == (
        34225, "PARTIALLY_REFUNDED", "partly_refunded",
    )  # fmt: skip


def test_completed_on_delivery_is_not_prepaid_though_the_shop_set_its_payment(rows: Rows) -> None:
    [node] = [
        one for one in orders_in(rows("02b"))
        if one["status"] == "completed" and one["date_paid_gmt"]
    ]  # fmt: skip
    read = order_of(node, OrderForm())
    assert (read.payment, read.financial_status, read.hold) == ("cod", "PENDING", "")
    [paid] = [one for one in orders_in(rows("02b")) if one["payment_method"] == "bacs"]
    read = order_of(paid, OrderForm())
    assert (read.payment, read.financial_status, read.hold) == ("prepaid", "PAID", "prepaid")


def test_the_trash_is_seen_and_a_deleted_order_is_gone(rows: Rows, server: Answering) -> None:
    found = rows("02c")
    replay(server, found[1])
    replay(server, found[7])
    shop = adapter(server)
    outcome = shop.read_order("323")
    assert isinstance(outcome, Confirmed)
    assert outcome.value.hold == "in_trash"
    gone = shop.read_order("323")
    assert isinstance(gone, Refused)
    assert gone.code == "not_found"


CANCELS = (0, 2, 4, 6, 8, 10, 11, 13, 14, 16)  # rows of 03a, each from another status


def test_a_cancel_from_any_status_is_confirmed_by_its_answer(rows: Rows, server: Answering) -> None:
    for index in CANCELS:
        row = rows("03a")[index]
        assert row["request"]["body"] == {"status": "cancelled"}
        replay(server, row)
        gid = row["request"]["path"].rpartition("/")[2]
        done = adapter(server).cancel(CancelRequest(gid, restock=True))
        assert isinstance(done, Confirmed), row["note"]
        assert not isinstance(done.value, str)
        left = [
            one for one in row["after"]["order"]["line_reduced_stock"] if one not in (None, "0")
        ]
        assert done.value.stock_left is bool(left)


def test_a_cancel_of_a_deleted_order_is_refused(rows: Rows, server: Answering) -> None:
    row = rows("03a")[19]
    replay(server, row)
    done = adapter(server).cancel(CancelRequest("282", restock=True))
    assert isinstance(done, Refused)
    assert done.code == "not_found"


def test_without_restock_our_call_is_the_recorded_one_and_the_lines_say_that_stock_stayed(
    rows: Rows, server: Answering
) -> None:
    row = rows("03b")[0]
    replay(server, row)
    done = adapter(server).cancel(CancelRequest("283", restock=False))
    assert isinstance(done, Confirmed)
    assert not isinstance(done.value, str)
    assert done.value.stock_left is True
    assert server.asked[0].json == row["request"]["body"]


def test_no_error_of_the_server_is_taken_for_a_cancel_nor_for_none(
    rows: Rows, server: Answering
) -> None:
    found = [row for row in rows("06c") if row.get("response")]
    seen = 0
    for row in found:
        if (
            row["response"]["status"] == 200
            and row["request"]["method"] == "GET"
            and isinstance(row["response"].get("body"), dict)
        ):
            continue  # the look afterwards
        replay(server, row)
        gid = row["request"]["path"].rpartition("/")[2]
        done = adapter(server).cancel(CancelRequest(gid, restock=True))
        assert isinstance(done, Unknown), row["note"]
        seen += 1
    assert seen >= 8


def test_plain_permalinks_are_never_a_cancel(rows: Rows, server: Answering) -> None:
    [row] = [one for one in rows("06d") if one["request"]["method"] == "PUT"]
    assert row["response"]["status"] == 200
    replay(server, row)
    assert isinstance(adapter(server).cancel(CancelRequest("266", restock=True)), Unknown)


def test_a_body_that_was_not_read_is_unknown(rows: Rows, server: Answering) -> None:
    [row] = [one for one in rows("06b") if "without content-type" in one["note"]]
    assert row["response"]["status"] == 200
    replay(server, row)
    assert isinstance(adapter(server).cancel(CancelRequest("261", restock=True)), Unknown)


def test_who_may_not_is_told_by_code(rows: Rows, server: Answering) -> None:
    refused = [row for row in rows("06a") + rows("06f") if row["response"]["status"] in (401, 403)]
    assert len(refused) >= 10
    for row in refused:
        replay(server, row)
        outcome = adapter(server).read_order("1")
        assert isinstance(outcome, Refused), row["note"]
        assert outcome.code == "no_permission"


def test_after_a_lost_answer_the_order_tells_whose_call_it_was(
    rows: Rows, server: Answering
) -> None:
    found = [row for row in rows("09") if row["request"]["method"] == "GET"]
    cancelled_and_ours = {}
    for row in found:
        body = row["response"].get("body")
        if not isinstance(body, dict):
            continue
        state = state_of({"line_items": [], "total": "0", **body}, OrderForm())  # it was asked less
        mark = [one["value"] for one in body["meta_data"] if one["key"] == "_storno_effect"]
        cancelled_and_ours[body["id"]] = (state.cancelled_at is not None, bool(mark))
    assert cancelled_and_ours[346] == (True, True)  # ours
    assert cancelled_and_ours[348] == (False, False)  # nothing happened
    assert cancelled_and_ours[349] == (True, False)  # somebody else


def test_a_shop_that_died_half_way_has_left_its_stock_and_the_correction_puts_it_back(
    rows: Rows,
) -> None:
    found = rows("09b")
    shown = [state_of(one, OrderForm()) for one in orders_in(found)]
    half = state_of(found[1]["response"]["body"], OrderForm())
    assert (half.cancelled_at is not None, half.stock_left) == (True, True)
    again = state_of(found[3]["response"]["body"], OrderForm())
    assert again.stock_left is True  # sending it again does not help
    for first, second in ((6, 7), (8, 9)):
        assert found[first]["request"]["body"]["status"] == "pending"
        assert found[second]["request"]["body"]["status"] == "cancelled"
        assert state_of(found[second]["response"]["body"], OrderForm()).stock_left is False
    assert len(shown) >= 8


def test_a_full_refund_is_no_question_and_a_part_is(rows: Rows) -> None:
    found = {row["note"][:14]: row["response"]["body"] for row in rows("05")}
    assert hold_of(found["The order afte"], OrderForm()) == ""
    part = rows("05")[9]["response"]["body"]
    assert part["refunds"]
    assert hold_of({**part, "status": "processing"}, OrderForm()) == "partly_refunded"
