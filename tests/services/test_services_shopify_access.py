"""What a Shopify app may do, as "Test connection" tells it from the scopes it was given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reasons import Reason
from core.services.codes import ServiceCode, TestCode
from core.services.outcome import Evidence, NotSent, Refusal, Refused
from core.services.ports import Finding
from core.services.shops.shopify.access import findings, reading
from core.services.shops.shopify.api import Data
from core.services.shops.shopify.codes import ShopifyTest

EVIDENCE = Evidence("shopify", "CheckAccess", 200)
WHY = ServiceCode.ORDER_GONE.of()
PARCELS = [
    f"read_{kind}_fulfillment_orders" for kind in ("merchant_managed", "assigned", "third_party")
]
ALL = ["write_orders", "read_all_orders", "write_merchant_managed_fulfillment_orders", *PARCELS]


def checked(scopes: Any) -> dict[str, Finding]:
    fields = {"shop": {"name": "Lumina"}, "currentAppInstallation": {"accessScopes": scopes}}
    return {str(one.what.code): one for one in findings(Data(fields, EVIDENCE), "2026-10")}


def given_to(*scopes: str) -> dict[str, Finding]:
    return checked([{"handle": one} for one in scopes])


def says(finding: Finding) -> str:
    return str(finding.say.code if isinstance(finding.say, Reason) else finding.say or "")


def test_an_app_that_may_do_everything_is_told_nothing_else() -> None:
    assert all(one.ok and one.say is None for one in given_to(*ALL).values())


@given(st.sets(st.sampled_from([*ALL, "read_orders", "write_products", "write_assigned"])))
def test_each_right_is_told_by_its_own_scope(scopes: set[str]) -> None:
    found = given_to(*scopes)
    assert found[ShopifyTest.ORDERS.value].ok == ("write_orders" in scopes)
    assert found[ShopifyTest.OLD_ORDERS.value].ok == ("read_all_orders" in scopes)
    writes = "write_merchant_managed_fulfillment_orders" in scopes
    assert (found[ShopifyTest.FULFILLMENTS.value].say is None) == writes
    seen = {one for one in PARCELS if one in scopes or (writes and one == PARCELS[0])}
    parcels = found[ShopifyTest.PARCELS.value]
    assert parcels.ok == bool(seen)
    assert (parcels.say is None) == (len(seen) == len(PARCELS))
    if 0 < len(seen) < len(PARCELS):
        assert isinstance(parcels.say, Reason)
        assert set(parcels.say.parameters["missing"]) == {*PARCELS} - seen  # type: ignore[arg-type]


def test_who_may_write_a_thing_may_read_it() -> None:
    for scope in PARCELS:
        other = scope.replace("read_", "write_")
        assert given_to(other)[ShopifyTest.PARCELS.value].ok


@pytest.mark.parametrize("odd", [None, 1, True, "write_orders", {"handle": "write_orders"}, [],
                                 ["write_orders", None, {"handle": None}, {}, 3]])  # fmt: skip
def test_an_answer_of_another_shape_gives_no_right_and_is_no_fault(odd: Any) -> None:
    found = checked(odd)
    assert found[ShopifyTest.SIGN_IN.value].ok
    assert not any(found[code.value].ok for code in (ShopifyTest.ORDERS, ShopifyTest.PARCELS))


def test_a_refusal_is_of_the_sign_in_and_silence_of_the_way_there() -> None:
    refused = findings(Refused(WHY, Refusal.NO_PERMISSION, EVIDENCE), "2026-10")
    assert [(one.what.code, one.ok, one.say) for one in refused] == [(TestCode.SIGN_IN, False, WHY)]
    silent = findings(NotSent(WHY), "2026-10")
    assert [(one.what.code, one.ok, one.say) for one in silent] == [(TestCode.REACH, False, WHY)]


def test_an_order_that_is_read_with_empty_fields_names_them() -> None:
    whole = reading(Data({}, EVIDENCE))
    assert (whole.ok, whole.say) == (True, None)
    hidden = reading(Data({}, EVIDENCE, hidden=frozenset({"phone", "email"})))
    assert not hidden.ok
    assert isinstance(hidden.say, Reason)
    assert hidden.say.parameters["names"] == ("email", "phone")
    assert says(reading(NotSent(WHY))) == str(TestCode.WITH_ADVICE)
