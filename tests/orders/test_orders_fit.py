"""Whether an order's invoices are over its total, those counted that somebody replaced."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.documents.accounts import Accounts
from core.orders.judge.facts import Choices, Facts, Invoice
from core.orders.judge.fit import misfits
from core.orders.judge.reasons import JudgeCode
from core.reasons import Amount, Reason
from core.services.ports import InvoiceFacts

READ = InvoiceFacts("KF", "", currency="RON", issued_on=dt.date(2026, 11, 4))
Told = tuple[int | None, str]  # the total, and what became of it


def invoice(place: int, total: int | None, became: str, currency: str = "RON") -> Invoice:
    reading = replace(
        READ, total_minor=total, currency=currency,
        reversed=became == "reversed elsewhere", annulled=became == "annulled elsewhere",
    )  # fmt: skip
    return Invoice(
        id=place, service="oblio", account="RO1", connection_id=1, series="KF",
        number=str(place), series_key="kf", number_key=str(place), source="order",
        total_minor=None, currency="", open=became != "done", reading=reading,
    )  # fmt: skip


def held(
    ours: int, *invoiced: Told, currency: str = "RON", customer: tuple[int | None, str] = (None, "")
) -> list[Reason]:
    order = SimpleNamespace(
        total_minor=ours, currency="RON", name="#K-9",
        second_total_minor=customer[0], second_currency=customer[1],
    )  # fmt: skip
    facts = Facts(
        order=order, state="", chosen=Choices(), parcels=(), back=0,
        delivered_back=False, questions=(), accounts=Accounts(()),
        invoices=[invoice(n, *one, currency) for n, one in enumerate(invoiced, 1)],
    )  # fmt: skip
    return [one for one in misfits(facts) if one.code != JudgeCode.CURRENCY_DIFFERS]


OPEN, DONE, ELSEWHERE = "", "done", "reversed elsewhere"


@pytest.mark.parametrize(
    ("ours", "invoiced", "fits"),
    [
        (12_100, [(12_100, OPEN)], True),
        (12_100, [(12_099, OPEN)], False),
        (12_100, [(6_000, OPEN), (6_100, OPEN)], True),
        (12_100, [(6_000, DONE), (6_100, OPEN)], True),  # a run that was broken off
        (12_100, [(12_100, DONE), (12_100, OPEN)], True),  # made anew after its storno
        (12_100, [(12_100, ELSEWHERE), (12_100, OPEN)], True),
        (12_100, [(11_900, ELSEWHERE), (12_100, OPEN)], True),
        (12_100, [(12_100, OPEN), (12_100, OPEN)], False),
        (12_100, [(12_100, DONE), (12_101, OPEN)], False),
        (12_100, [(12_100, OPEN), (None, OPEN)], True),
        (12_100, [(12_101, OPEN), (None, OPEN)], False),
        (0, [(12_100, ELSEWHERE)], False),  # nothing stands, and it is not the order's sum
    ],
)
def test_an_invoice_made_anew_fits_beside_the_one_that_was_reversed(
    ours: int, invoiced: list[Told], fits: bool
) -> None:
    """ "Invoice KF 2 is over 121.00, and the order is over 121.00" was a person's question."""
    assert (held(ours, *invoiced) == []) is fits


@given(
    st.integers(1, 10**7),
    st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from([OPEN, DONE, ELSEWHERE])),
             min_size=1, max_size=4),
)  # fmt: skip
def test_what_would_be_reversed_is_over_the_orders_total_or_asked_about(
    ours: int, invoiced: list[Told]
) -> None:
    found = held(ours, *invoiced)
    still_open = [total or 0 for total, became in invoiced if became == OPEN]
    everything = [total or 0 for total, _ in invoiced]
    if any(became != DONE for _, became in invoiced):
        assert (found == []) is (ours in (sum(still_open), sum(everything)))
    else:
        assert found == []


def test_each_side_is_told_in_its_own_currency() -> None:
    [reason] = held(12_100, (2_450, OPEN), currency="EUR")
    assert reason.parameters["theirs"] == Amount(2_450, "EUR")
    assert reason.parameters["ours"] == Amount(12_100, "RON")


ABROAD = (2_450, "EUR")  # what the customer was told of an order over 121.00 lei


@pytest.mark.parametrize(
    ("total", "currency", "fits"),
    [
        (2_450, "EUR", True), (12_100, "RON", True), (12_100, "EUR", False), (2_450, "RON", False),
        (2_451, "EUR", False), (2_450, "", True), (12_100, "", True), (2_449, "", False),
    ],
)  # fmt: skip
def test_an_invoice_may_be_over_what_the_customer_was_told_in_a_currency_of_their_own(
    total: int, currency: str, fits: bool
) -> None:
    assert (held(12_100, (total, OPEN), currency=currency, customer=ABROAD) == []) is fits


@pytest.mark.parametrize("customer", [(None, ""), ABROAD])
@pytest.mark.parametrize(
    ("invoiced", "fits"),
    [
        ([(31_700, OPEN), (None, OPEN)], False),
        ([(12_101, OPEN), (None, OPEN), (50, DONE)], False),
        ([(31_700, ELSEWHERE)], False),
        ([(12_100, OPEN), (None, OPEN)], True),
        ([(None, OPEN)], True),
        ([(4_200, OPEN), (7_900, OPEN)], True),
    ],
)  # fmt: skip
def test_a_total_told_without_a_currency_is_compared_though_another_is_not_told(
    invoiced: list[Told], fits: bool, customer: tuple[int | None, str]
) -> None:
    """SmartBill's sums were believed where one of them, or the customer's, was not known."""
    assert (held(12_100, *invoiced, currency="", customer=customer) == []) is fits


@pytest.mark.parametrize(
    ("total", "currency", "fits"),
    [
        (18_019, "RON", True), (18_017, "RON", True), (18_021, "RON", True), (18_016, "RON", False),
        (18_022, "RON", False), (3_620, "EUR", True), (3_621, "EUR", False), (18_020, "", True),
        (3_621, "", False),
    ],
)  # fmt: skip
def test_a_total_in_the_shops_own_currency_may_differ_by_one_rounding(
    total: int, currency: str, fits: bool
) -> None:
    """36.20 EUR at 0.2009 a leu: a cent's half is 2.49 bani."""
    order = {"currency": "EUR", "total_minor": 3_620, "second": (18_019, "RON")}
    assert (held_in_two(order, total, currency) == []) is fits


def held_in_two(order: dict[str, Any], total: int, currency: str) -> list[Reason]:
    row = SimpleNamespace(
        total_minor=order["total_minor"], currency=order["currency"], name="#K-9",
        second_total_minor=order["second"][0], second_currency=order["second"][1],
    )  # fmt: skip
    facts = Facts(
        order=row, state="", chosen=Choices(), parcels=(), back=0, delivered_back=False,
        questions=(), accounts=Accounts(()), invoices=[invoice(1, total, OPEN, currency)],
    )  # fmt: skip
    return list(misfits(facts))


def test_invoices_in_two_currencies_are_never_added_up() -> None:
    order = SimpleNamespace(
        total_minor=12_100, currency="RON", name="#K-9", second_total_minor=2_450,
        second_currency="EUR",
    )  # fmt: skip
    pair = [invoice(1, 6_050, OPEN, "RON"), invoice(2, 6_050, OPEN, "EUR")]
    facts = Facts(
        order=order, state="", chosen=Choices(), parcels=(), back=0, delivered_back=False,
        questions=(), accounts=Accounts(()), invoices=pair,
    )  # fmt: skip
    assert [one.code for one in misfits(facts)] == [JudgeCode.CURRENCY_DIFFERS]


FOUND = replace(READ, total_minor=12_100, order_text="Comanda #K-9")


@pytest.mark.parametrize(
    ("reading", "is_proved"),
    [
        (FOUND, True), (replace(FOUND, issued_on=None), False),
        (replace(FOUND, currency=""), False), (replace(FOUND, order_text=""), False),
        (replace(FOUND, total_minor=None), False),
    ],
)  # fmt: skip
def test_what_was_found_is_proved_only_by_all_that_is_told_of_it(
    reading: InvoiceFacts, is_proved: bool
) -> None:
    """A service that answers with nulls says neither yes nor no (rule 11)."""
    order = SimpleNamespace(
        total_minor=12_100, currency="RON", name="#K-9", second_total_minor=None,
        second_currency="", created_at=dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC),
        customer_name="", billed_to="",
    )  # fmt: skip
    found = replace(invoice(1, 12_100, OPEN), source="service", reading=reading)
    facts = Facts(
        order=order, state="", chosen=Choices(), parcels=(), back=0, delivered_back=False,
        questions=(), accounts=Accounts(()), invoices=[found],
    )  # fmt: skip
    codes = [one.code for one in misfits(facts)]
    assert codes == ([] if is_proved else [JudgeCode.FOUND_UNPROVED])
