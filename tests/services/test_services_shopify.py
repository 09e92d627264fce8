"""Shopify as recorded from live shops: what each answer means, and what is asked exactly."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, cast

import pytest
from services_answering import Answering, connected
from sqlalchemy import Engine

from core.clock import now
from core.services import registry
from core.services.outcome import Confirmed, Refused, RefusedForNow, Unknown
from core.services.ports import CancelRequest, CancelState
from core.services.shops.shopify import Shopify
from core.services.shops.shopify.codes import ShopifyCode

GID = "gid://shopify/Order/1001"
JOB = "gid://shopify/Job/00000000-0000-4000-8000-000000000001"
RESULT = "gid://shopify/OrderCancelJobResult/7"


def made(server: Answering, **values: str) -> Shopify:
    """The adapter against the server; a lasting token unless other secrets are given."""
    secrets = values if "client_id" in values else {"token": "shpat_abcdef123456", **values}
    return cast(
        "Shopify", registry.adapter(connected("shopify", "shop", server.base_url, **secrets))
    )


def sample(shared: Path, name: str) -> Any:
    """A recorded answer of Shopify."""
    return json.loads((shared / "shopify" / "samples" / f"{name}.json").read_text())


# ---------------------------------------------------------------- cancelling


def test_a_cancellation_is_asked_for_with_every_choice(shop: Shopify, server: Answering) -> None:
    server.will_say({"data": {"orderCancel": {"job": {"id": JOB}, "orderCancelUserErrors": []}}})
    shop.cancel(CancelRequest(GID, "DECLINED", restock=True, notify=True, staff_note="AWB 7"))
    [asked] = server.asked
    assert asked.path == "/admin/api/2026-10/graphql.json"
    assert asked.headers["x-shopify-access-token"] == "shpat_abcdef123456"
    assert asked.json["variables"] == {
        "id": GID,
        "reason": "DECLINED",
        "restock": True,
        "notify": True,
        "note": "AWB 7",
        "refund": None,
    }


def test_a_refund_is_asked_for_only_when_chosen_and_a_long_note_is_cut(
    shop: Shopify, server: Answering
) -> None:
    server.will_say({"data": {"orderCancel": {"job": {"id": JOB}, "orderCancelUserErrors": []}}})
    shop.cancel(CancelRequest(GID, refund=True, staff_note="x" * 300))
    variables = server.asked[0].json["variables"]
    assert variables["refund"] == {"originalPaymentMethodsRefund": True}
    assert len(variables["note"]) == 255


def test_an_accepted_cancellation_gives_its_job(
    shop: Shopify, server: Answering, shared: Path
) -> None:
    server.will_say(sample(shared, "order_cancel_ok"))
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, Confirmed)
    assert outcome.value == JOB


def test_the_result_of_a_job_is_followed_rather_than_the_job(
    shop: Shopify, server: Answering
) -> None:
    payload = {"job": {"id": JOB}, "jobResult": {"id": RESULT}, "orderCancelUserErrors": []}
    server.will_say({"data": {"orderCancel": payload}})
    assert cast("Confirmed[str]", shop.cancel(CancelRequest(GID))).value == RESULT


def test_an_older_version_is_not_asked_for_job_results(server: Answering, engine: Engine) -> None:
    server.will_say({"data": {"orderCancel": {"job": {"id": JOB}, "orderCancelUserErrors": []}}})
    made(server, version="2026-07").cancel(CancelRequest(GID))
    assert server.asked[0].path == "/admin/api/2026-07/graphql.json"
    assert "jobResult" not in server.asked[0].json["query"]


@pytest.mark.parametrize(
    ("said", "given", "code"),
    [
        ("Cannot cancel an order that has already been canceled", "INVALID", "already_cancelled"),
        ("Cancellation is already in progress", None, "in_progress"),
        (
            "Cannot cancel an order that has outstanding fulfillments",
            "INVALID",
            "outstanding_fulfillments",
        ),
        ("Cannot cancel an order that has returns", "INVALID", "has_returns"),
        ("Order does not exist", "INVALID", "not_found"),
        ("Gone", "NOT_FOUND", "not_found"),
        ("You may not refund", "NO_REFUND_PERMISSION", "no_permission"),
        ("Staff note is too long. Maximum length is 255 characters.", "INVALID", "invalid"),
        ("Something never heard of", "INVALID", "invalid"),
    ],
)
def test_a_refusal_is_known_by_its_text_and_its_code(
    said: str, given: str | None, code: str, shop: Shopify, server: Answering
) -> None:
    error = {"field": ["orderId"], "message": said, "code": given}
    server.will_say({"data": {"orderCancel": {"job": None, "orderCancelUserErrors": [error]}}})
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, Refused)
    assert (outcome.code, said in str(outcome.why)) == (code, True)
    assert outcome.evidence is not None


def test_recorded_refusals_are_known(shop: Shopify, server: Answering, shared: Path) -> None:
    for name, code in (
        ("order_cancel_already_cancelled", "already_cancelled"),
        ("order_cancel_outstanding_fulfillments", "outstanding_fulfillments"),
        ("access_denied", "no_permission"),
    ):
        server.will_say(sample(shared, name))
        outcome = shop.cancel(CancelRequest(GID))
        assert isinstance(outcome, Refused)
        assert outcome.code == code


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"orderCancel": {"job": None, "orderCancelUserErrors": []}}},
        {"data": {"orderCancel": None}},
        {"data": None},
        {
            "data": None,
            "errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
        },
        {"errors": [{"message": "no code at all"}]},
        {"errors": "Not Found"},
        [],
        {
            "data": {
                "orderCancel": {
                    "orderCancelUserErrors": [{"message": "x", "code": "INTERNAL_ERROR"}]
                }
            }
        },
    ],
)
def test_an_answer_that_neither_accepts_nor_refuses_is_unknown(
    body: Any, shop: Shopify, server: Answering
) -> None:
    server.will_say(body)
    assert isinstance(shop.cancel(CancelRequest(GID)), Unknown)


def test_a_request_that_was_never_carried_out_is_refused(shop: Shopify, server: Answering) -> None:
    error = {"message": "Field 'x' does not exist", "extensions": {"code": "undefinedField"}}
    server.will_say({"errors": [error]})
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid"


@pytest.mark.parametrize(("status", "code"), [(401, "no_permission"), (404, "invalid")])
def test_a_wrong_token_and_a_wrong_shop_are_refused(
    status: int, code: str, shop: Shopify, server: Answering
) -> None:
    server.will_say({"errors": "[API] Invalid API key or access token"}, status)
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert len(server.asked) == 1


# ---------------------------------------------------------------- was it cancelled?


@pytest.mark.parametrize(
    ("job", "job_fields", "state"),
    [
        ("", {}, CancelState(None)),
        (JOB, {"job": {"id": JOB, "done": False}}, CancelState(None, running=True)),
        (JOB, {"job": {"id": JOB, "done": True}}, CancelState(None)),
        (JOB, {"job": None}, CancelState(None)),
        (RESULT, {"node": {"done": False, "status": "STARTED"}}, CancelState(None, running=True)),
        (
            RESULT,
            {"node": {"done": True, "status": "FAILED", "errors": [{"message": "No stock."}]}},
            CancelState(None, failed=ShopifyCode.JOB_FAILED.of(said="No stock.")),
        ),
    ],
)
def test_the_job_tells_how_far_it_is_but_only_the_order_is_evidence(
    job: str, job_fields: dict[str, Any], state: CancelState, shop: Shopify, server: Answering
) -> None:
    server.will_say({"data": {"order": {"id": GID, "cancelledAt": None}, **job_fields}})
    outcome = shop.cancel_state(GID, job)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == state


def test_a_cancelled_order_shows_when(shop: Shopify, server: Answering) -> None:
    at = "2026-11-22T10:15:00Z"
    server.will_say({"data": {"order": {"id": GID, "cancelledAt": at}, "job": {"done": True}}})
    outcome = shop.cancel_state(GID, JOB)
    assert isinstance(outcome, Confirmed)
    assert outcome.value.cancelled_at == dt.datetime(2026, 11, 22, 10, 15, tzinfo=dt.UTC)
    assert outcome.evidence is not None
    assert at in outcome.evidence.excerpt


@pytest.mark.parametrize("order", [None, {"id": GID, "cancelledAt": "yesterday"}])
def test_an_order_that_is_gone_or_unreadable_is_no_evidence(
    order: Any, shop: Shopify, server: Answering
) -> None:
    server.will_say({"data": {"order": order}})
    assert isinstance(shop.cancel_state(GID), Refused if order is None else Unknown)


# ---------------------------------------------------------------- fulfillments and tags


def test_a_fulfillment_counts_as_cancelled_when_it_shows_so(
    shop: Shopify, server: Answering
) -> None:
    for status, kind in (("CANCELLED", Confirmed), ("SUCCESS", Unknown)):
        fulfillment = {"id": "gid://shopify/Fulfillment/5", "status": status}
        payload = {"fulfillment": fulfillment, "userErrors": []}
        server.will_say({"data": {"fulfillmentCancel": payload}})
        assert isinstance(shop.cancel_fulfillment("gid://shopify/Fulfillment/5"), kind)


def test_tags_are_added_to_the_order_that_was_meant(shop: Shopify, server: Answering) -> None:
    for gid, kind in ((GID, Confirmed), ("gid://shopify/Order/9", Unknown)):
        server.will_say({"data": {"tagsAdd": {"node": {"id": gid}, "userErrors": []}}})
        assert isinstance(shop.add_tags(GID, ["refused-returned"]), kind)
    assert server.asked[0].json["variables"] == {"id": GID, "tags": ["refused-returned"]}


# ---------------------------------------------------------------- sign-in


def test_an_apps_id_and_secret_are_changed_into_a_token_once(
    server: Answering, engine: Engine
) -> None:
    shop = made(server, client_id="app-1", client_secret="geheim-1")
    server.will_say({"access_token": "shpat_lent", "expires_in": 86399})
    for _ in range(2):
        server.will_say({"data": {"order": {"id": GID, "cancelledAt": None}}})
        shop.cancel_state(GID)
    assert [asked.path for asked in server.asked] == [
        "/admin/oauth/access_token",
        "/admin/api/2026-10/graphql.json",
        "/admin/api/2026-10/graphql.json",
    ]
    assert server.asked[0].form == {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "client_secret": "geheim-1",
    }
    assert server.asked[1].headers["x-shopify-access-token"] == "shpat_lent"


def test_a_lent_token_that_ran_out_is_asked_for_again_even_for_an_effect(
    server: Answering, engine: Engine
) -> None:
    shop = made(server, client_id="app-2", client_secret="geheim-2")
    server.will_say({"access_token": "shpat_old", "expires_in": 86399})
    server.will_say({"errors": "unauthorized"}, 401)
    server.will_say({"access_token": "shpat_new", "expires_in": 86399})
    server.will_say({"data": {"orderCancel": {"job": {"id": JOB}, "orderCancelUserErrors": []}}})
    assert isinstance(shop.cancel(CancelRequest(GID)), Confirmed)
    assert server.asked[-1].headers["x-shopify-access-token"] == "shpat_new"


def test_without_token_and_without_app_a_sentence_says_what_to_fill_in(
    server: Answering, engine: Engine
) -> None:
    shop = made(server, token="")
    [finding] = shop.check()
    assert not finding.ok
    assert "Settings" in str(finding.say)
    assert server.asked == []


def test_a_wrong_secret_is_told_and_never_shown(server: Answering, engine: Engine) -> None:
    shop = made(server, client_id="app-3", client_secret="geheim-3")
    server.will_say({"error": "invalid_client", "you_sent": "geheim-3"}, 400)
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, Refused)
    assert outcome.evidence is not None
    assert "geheim-3" not in outcome.evidence.excerpt


# ---------------------------------------------------------------- cost


def test_throttled_waits_until_the_missing_points_are_back(
    shop: Shopify, server: Answering, shared: Path
) -> None:
    server.will_say(sample(shared, "throttled"))  # 752 asked for, 12 there, 100 a second
    outcome = shop.cancel(CancelRequest(GID))
    assert isinstance(outcome, RefusedForNow)
    assert 6.5 < (outcome.until - now()).total_seconds() <= 7.4


def test_the_shops_bucket_is_followed_so_that_it_never_throttles(
    shop: Shopify, server: Answering
) -> None:
    status = {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 0.5}
    cost = {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": status}
    body = {"data": {"order": {"id": GID, "cancelledAt": None}}, "extensions": {"cost": cost}}
    server.will_say(body)
    assert isinstance(shop.cancel_state(GID), Confirmed)
    outcome = shop.cancel_state(GID)  # 10 points come back in 20 seconds only
    assert isinstance(outcome, RefusedForNow)
    assert len(server.asked) == 1


def test_what_a_throttled_call_did_not_use_is_kept_for_those_on_their_way(
    shop: Shopify, server: Answering
) -> None:
    bucket = {"maximumAvailable": 100, "restoreRate": 1}
    cost = {"requestedQueryCost": 10, "actualQueryCost": 10}
    there = {**bucket, "currentlyAvailable": 20}
    state = {"data": {"order": {"id": GID, "cancelledAt": None}}}
    server.will_say({**state, "extensions": {"cost": {**cost, "throttleStatus": there}}})
    assert isinstance(shop.cancel_state(GID), Confirmed)
    shop._api.client.throttle.reserve(10)  # on its way; meanwhile another app takes 11 points
    refused = {**cost, "actualQueryCost": None}
    there = {**bucket, "currentlyAvailable": 9}
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    server.will_say(
        {"errors": [error], "extensions": {"cost": {**refused, "throttleStatus": there}}}
    )
    assert isinstance(shop.cancel_state(GID), RefusedForNow)
    assert isinstance(shop.cancel_state(GID), RefusedForNow)  # and the shop is not asked
    assert len(server.asked) == 2


# ---------------------------------------------------------------- Test connection


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (["write_orders"], {"See parcels", "See orders older than 60 days"}),
        (["read_orders", "read_all_orders"], {"Read and cancel orders", "See parcels"}),
        (
            ["write_orders", "read_all_orders", "write_merchant_managed_fulfillment_orders"],
            set(),
        ),
    ],
)
def test_the_connection_test_says_which_scope_is_missing(
    scopes: list[str], missing: set[str], shop: Shopify, server: Answering
) -> None:
    rows = [{"handle": scope} for scope in scopes]
    body = {"shop": {"name": "Casa Verde"}, "currentAppInstallation": {"accessScopes": rows}}
    server.will_say({"data": body}).will_say({"data": {"orders": {"nodes": []}}})
    findings = shop.check()
    assert "Casa Verde" in str(findings[0].what)
    assert {str(finding.what) for finding in findings if not finding.ok} == missing
    assert all("scope" in str(finding.say) for finding in findings if not finding.ok)
