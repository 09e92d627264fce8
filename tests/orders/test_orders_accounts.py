"""Whose document it is: a company has one account at a service, however it is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.documents.accounts import Accounts, ConnectedAccount, company, company_of

FIRST = ConnectedAccount(1, "smartbill", "123", "Casa Verde SRL")
SECOND = ConnectedAccount(2, "smartbill", "123", "Atelier")
OTHER = ConnectedAccount(3, "smartbill", "456", "Lumina")
UNTOLD = ConnectedAccount(4, "smartbill", "", "Untold")
ELSEWHERE = ConnectedAccount(5, "oblio", "456", "Casa Verde SRL")
KNOWN = Accounts([FIRST, SECOND, OTHER, UNTOLD, ELSEWHERE])


@pytest.mark.parametrize(
    ("text", "account"),
    [("123", FIRST), ("RO 123", FIRST), ("casa verde srl", FIRST), (" Atelier ", FIRST),
     ("ro456", OTHER), ("LUMINA", OTHER), ("untold", UNTOLD), ("Atelierul", None), ("", None),
     ("789", None), ("RO", None)],
)  # fmt: skip
def test_a_companys_account_is_found_by_its_number_and_by_each_of_its_connections_names(
    text: str, account: ConnectedAccount | None
) -> None:
    """Two accounts of one company would be two claims on each of its documents (rule 11)."""
    assert KNOWN.named("smartbill", text) == account


def test_a_name_at_another_service_is_another_account() -> None:
    assert KNOWN.named("oblio", "casa verde srl") == ELSEWHERE
    assert KNOWN.named("oblio", "Atelier") is None
    assert KNOWN.named("fgo", "123") is None


def test_connections_that_tell_no_company_are_an_account_each() -> None:
    two = Accounts([UNTOLD, ConnectedAccount(6, "smartbill", "", "Other")])
    assert len(two.of("smartbill")) == 2
    assert two.only("smartbill") is None
    assert two.named("smartbill", "other") == two.everything[1]


def test_what_names_no_account_is_the_only_companys_however_many_connections_it_has() -> None:
    assert Accounts([FIRST, SECOND]).only("smartbill") == FIRST
    assert Accounts([FIRST, OTHER]).only("smartbill") is None
    assert KNOWN.companies() == [FIRST, OTHER, UNTOLD, ELSEWHERE]


@given(st.text("0123456789", min_size=1, max_size=12), st.sampled_from(["", "RO", "ro ", " R O"]))
def test_a_tax_number_is_the_same_with_and_without_its_country(number: str, before: str) -> None:
    assert company(f" {before}{number} ") == number
    assert company_of({"vat_code": f"{before}{number}"}) == number
    assert company_of({"account": "acct_1", "vat_code": number}) == "ACCT_1"


@given(st.one_of(st.text(max_size=80), st.from_regex(r"\A[RrOo]{2}[0-9]{50,70}[A-Z]?\Z")))
def test_a_companys_writing_is_one_and_fits_its_column(text: str) -> None:
    assert company(company(text)) == company(text)
    assert len(company(text)) <= 60
