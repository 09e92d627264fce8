"""Stripe's answers and what each of them means to us: amounts, keys, paid and void invoices."""

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

import pytest
from services_answering import Answering, connected

from core.services import registry
from core.services.invoicing.stripe import Stripe
from core.services.outcome import Confirmed, NotSent, Refused, Unknown
from core.services.ports import InvoiceRef, Storno
from core.services.shops.common import minor

INVOICE = InvoiceRef("CVEUR", "in_1")
TODAY = dt.date(2026, 11, 22)
NOTE = {
    "id": "cn_1", "invoice": "in_1", "number": "CVEUR-0001-CN-01", "status": "issued",
    "amount": 12100,
}  # fmt: skip
Make = Callable[..., Stripe]


@pytest.fixture
def make(server: Answering, quick: None) -> Make:
    def made(**settings: str) -> Stripe:
        connection = connected(
            "stripe", "invoicing", server.base_url, secret_key="sk_test_abcdefgh", **settings
        )
        return cast("Stripe", registry.adapter(connection))

    return made


@pytest.fixture
def stripe(make: Make) -> Stripe:
    return make()


def invoice(status: str = "open", total: int = 12100, credited: int = 0) -> dict[str, Any]:
    return {
        "id": "in_1",
        "object": "invoice",
        "status": status,
        "total": total,
        "pre_payment_credit_notes_amount": credited,
        "post_payment_credit_notes_amount": 0,
    }


def error(message: str, code: str = "", status: int = 400) -> tuple[dict[str, Any], int]:
    body = {"type": "invalid_request_error", "message": message, "code": code}
    return {"error": body}, status


def test_all_that_is_left_is_credited_under_the_key(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice()).will_say(NOTE)
    outcome = stripe.reverse(INVOICE, "storno-7 #Ș", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("CVEUR", "CVEUR-0001-CN-01")
    asked = server.asked[-1]
    assert (asked.method, asked.path) == ("POST", "/credit_notes")
    assert asked.headers["idempotency-key"] == "storno-7 #%C8%98"
    assert asked.form["amount"] == "12100"
    assert "out_of_band_amount" not in asked.form


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ("elsewhere", "out_of_band_amount"),
        ("balance", "credit_amount"),
        ("refund", "refund_amount"),
    ],
)
def test_a_paid_invoice_says_where_the_money_goes(
    make: Make, server: Answering, choice: str, field: str
) -> None:
    server.will_say(invoice("paid")).will_say(NOTE)
    make(paid_goes_to=choice).reverse(INVOICE, "key", TODAY)
    assert server.asked[-1].form[field] == "12100"


def test_an_invoice_credited_in_full_was_reversed_before(stripe: Stripe, server: Answering) -> None:
    void = {**NOTE, "id": "cn_0", "number": "X", "status": "void"}
    server.will_say(invoice(credited=12100)).will_say({"data": [void, NOTE]})
    outcome = stripe.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.before
    assert outcome.value.number == "CVEUR-0001-CN-01"
    assert all(asked.method == "GET" for asked in server.asked)


def test_somebody_who_was_quicker_is_noticed(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice()).will_say(*error("The amount exceeds what is left"))
    server.will_say(invoice(credited=12100)).will_say({"data": [NOTE]})
    outcome = stripe.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.before


def test_a_call_still_at_work_is_unknown(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice()).will_say(*error("There is another request in progress", "", 409))
    assert isinstance(stripe.reverse(INVOICE, "key", TODAY), Unknown)


@pytest.mark.parametrize(
    ("status", "code"), [("void", "annulled"), ("draft", "invalid"), ("deleted", "invalid")]
)
def test_what_cannot_be_credited_is_refused_without_a_call(
    stripe: Stripe, server: Answering, status: str, code: str
) -> None:
    server.will_say(invoice(status))
    outcome = stripe.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert len(server.asked) == 1


def test_when_the_invoice_cannot_be_read_nothing_was_sent(
    stripe: Stripe, server: Answering
) -> None:
    for _ in range(2):
        server.will_say("<html>bad</html>", 502)
    assert isinstance(stripe.reverse(INVOICE, "key", TODAY), NotSent)
    assert isinstance(stripe.annul(INVOICE, "key"), NotSent)
    assert all(asked.method == "GET" for asked in server.asked)


@pytest.mark.parametrize(
    "body",
    [
        {**NOTE, "number": None},
        {**NOTE, "invoice": "in_2"},
        {**NOTE, "id": "re_1"},
        {"object": "list", "data": []},
        "<html>ok</html>",
    ],
)
def test_a_good_answer_without_evidence_is_unknown(
    stripe: Stripe, server: Answering, body: object
) -> None:
    server.will_say(invoice()).will_say(body)
    assert isinstance(stripe.reverse(INVOICE, "key", TODAY), Unknown)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (error("No such invoice", "resource_missing", 404), "not_found"),
        (error("Invalid API Key provided", "", 401), "no_permission"),
        (error("The provided key does not have access", "", 403), "no_permission"),
    ],
)
def test_refusals_get_a_code(
    stripe: Stripe, server: Answering, refusal: tuple[dict[str, Any], int], code: str
) -> None:
    server.will_say(*refusal)
    outcome = stripe.reverse(INVOICE, "key", TODAY)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


def test_asking_tells_none_all_or_a_part(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice())
    none = stripe.find_storno(INVOICE)
    assert isinstance(none, Confirmed)
    assert none.value is None
    server.will_say(invoice(credited=12100)).will_say({"data": [NOTE]})
    all_of_it = stripe.find_storno(INVOICE)
    assert isinstance(all_of_it, Confirmed)
    assert all_of_it.value == Storno("CVEUR", "CVEUR-0001-CN-01")
    server.will_say(invoice(credited=100))
    assert isinstance(stripe.find_storno(INVOICE), Refused)


def noted(*amounts: int | None, status: str = "issued") -> list[dict[str, Any]]:
    return [
        {**NOTE, "id": f"cn_{at}", "number": f"CN-{at}", "amount": amount, "status": status}
        for at, amount in enumerate(amounts)
    ]


@pytest.mark.parametrize("amounts", [(12099, 1), (4000, 4000, 4100), (1, 100, 11999)])
def test_notes_that_together_make_up_the_invoice_are_one_storno(
    stripe: Stripe, server: Answering, amounts: tuple[int, ...]
) -> None:
    answer = {"data": [*noted(700, 12100, status="void"), *noted(*amounts)]}
    server.will_say(invoice(credited=12100)).will_say(answer)
    outcome = stripe.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("CVEUR", "CN-0")
    server.will_say(invoice(credited=12100)).will_say(answer)
    again = stripe.reverse(INVOICE, "key", TODAY)
    assert isinstance(again, Confirmed)
    assert again.before
    assert all(asked.method == "GET" for asked in server.asked)


def test_notes_of_more_than_the_invoice_are_several_stornos(
    stripe: Stripe, server: Answering
) -> None:
    server.will_say(invoice(credited=12100)).will_say({"data": noted(12100, 12100)})
    outcome = stripe.find_storno(INVOICE)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("CVEUR", "CN-0", count=2)


@pytest.mark.parametrize("amounts", [(12000,), (6000, 6099), (12000, None)])
def test_notes_that_do_not_make_up_what_is_credited_prove_nothing(
    stripe: Stripe, server: Answering, amounts: tuple[int | None, ...]
) -> None:
    server.will_say(invoice(credited=12100)).will_say({"data": noted(*amounts)})
    assert isinstance(stripe.find_storno(INVOICE), Unknown)


@pytest.mark.parametrize(
    ("status", "to_pay", "credited", "sent"),
    [
        ("open", 12100, 0, None),  # nothing was paid
        ("open", 5000, 0, "7100"),  # a part was
        ("open", 0, 0, "12100"),
        ("paid", 0, 100, "12000"),
        ("open", 12000, 100, None),  # the rest of a partly credited one
        ("open", 3000, 2100, "7000"),
        ("uncollectible", 11000, 0, "1100"),
    ],
)
def test_only_what_was_paid_has_to_go_somewhere(
    stripe: Stripe, server: Answering, status: str, to_pay: int, credited: int, sent: str | None
) -> None:
    one = {**invoice(status, credited=credited), "amount_remaining": to_pay}
    server.will_say(one).will_say({**NOTE, "amount": 12100 - credited})
    assert isinstance(stripe.reverse(INVOICE, "key", TODAY), Confirmed)
    assert server.asked[-1].form["amount"] == str(12100 - credited)
    assert server.asked[-1].form.get("out_of_band_amount") == sent


def test_voiding_is_confirmed_by_the_status(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice()).will_say(invoice("void"))
    outcome = stripe.annul(INVOICE, "key")
    assert isinstance(outcome, Confirmed)
    assert not outcome.before
    assert server.asked[-1].path == "/invoices/in_1/void"
    assert server.asked[-1].headers["idempotency-key"] == "key"
    server.will_say(invoice("void"))
    again = stripe.annul(INVOICE, "key")
    assert isinstance(again, Confirmed)
    assert again.before


def test_a_paid_invoice_cannot_be_voided(stripe: Stripe, server: Answering) -> None:
    server.will_say(invoice("paid"))
    server.will_say(*error("You can only pass in open invoices", "invoice_not_editable"))
    outcome = stripe.annul(INVOICE, "key")
    assert isinstance(outcome, Refused)
    assert outcome.code == "closed"


def test_invoices_are_found_by_the_order_in_their_metadata(
    stripe: Stripe, server: Answering
) -> None:
    server.will_say({"data": [{"id": "in_1", "number": "CVEUR-0001"}]})
    outcome = stripe.find_invoices("#10'01")
    assert isinstance(outcome, Confirmed)
    assert outcome.value == [INVOICE]
    assert server.asked[0].query["query"] == ["metadata['order']:'#10\\'01'"]


def test_a_voided_invoice_is_not_found_beside_the_one_that_replaced_it(
    stripe: Stripe, server: Answering
) -> None:
    rows = [
        {"id": "in_1", "number": "CVEUR-0001", "status": "void"},
        {"id": "in_2", "number": "CVEUR-0002", "status": "open"},
        {"id": "in_3", "number": None, "status": "draft"},  # it may still be issued: for a person
    ]
    server.will_say({"data": rows})
    outcome = stripe.find_invoices("#1001")
    assert isinstance(outcome, Confirmed)
    assert [one.number for one in outcome.value] == ["in_2", "in_3"]


@pytest.mark.parametrize("made", [10**15, -(10**15), 10**40, 2**63])
def test_a_day_that_no_clock_has_is_no_day_and_no_fault(
    stripe: Stripe, server: Answering, made: int
) -> None:
    server.will_say({**invoice(), "created": made})
    read = stripe.read_invoice(INVOICE)
    assert isinstance(read, Confirmed)
    assert (read.value.issued_on, read.value.total_minor) == (None, 12100)


@pytest.mark.parametrize(
    ("currency", "at_stripe", "text"),
    [
        ("ron", 12100, "121.00"),
        ("jpy", 5400, "5400"),
        ("krw", 1, "1"),
        ("kwd", 12345, "12.345"),
        ("bhd", 10, "0.010"),
        ("huf", 250000, "2500.00"),
        ("isk", 500, "5.00"),
    ],
)
def test_a_total_is_the_shop_s_whatever_decimals_its_currency_has(
    stripe: Stripe, server: Answering, currency: str, at_stripe: int, text: str
) -> None:
    """docs.stripe.com/currencies; a shop tells its totals as text."""
    server.will_say({**invoice(total=at_stripe), "currency": currency})
    read = stripe.read_invoice(INVOICE)
    assert isinstance(read, Confirmed)
    assert read.value.total_minor == minor(text)


def test_what_is_credited_is_in_the_units_that_stripe_asks_for(
    stripe: Stripe, server: Answering
) -> None:
    server.will_say({**invoice(total=5400), "currency": "jpy"}).will_say(NOTE)
    stripe.reverse(INVOICE, "key", TODAY)
    assert server.asked[-1].form["amount"] == "5400"


@pytest.mark.parametrize(
    ("status", "word"),
    [("open", ""), ("paid", ""), ("void", ""), ("uncollectible", ""), ("draft", "status: draft")],
)
def test_a_draft_is_asked_about_before_its_order_is_cancelled(
    stripe: Stripe, server: Answering, status: str, word: str
) -> None:
    server.will_say(invoice(status))
    read = stripe.read_invoice(INVOICE)
    assert isinstance(read, Confirmed)
    assert read.value.unclear == word


def test_an_invoice_that_was_named_without_a_series_has_its_note_at_once(
    stripe: Stripe, server: Answering
) -> None:
    """It had been in doubt until Stripe was asked: a storno without a series proves nothing."""
    server.will_say(invoice()).will_say(NOTE)
    outcome = stripe.reverse(InvoiceRef("", "in_1"), "storno-7", TODAY)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == Storno("CVEUR", "CVEUR-0001-CN-01")
