"""What connecting a WooCommerce shop tells of it, and how its messages are subscribed to."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from services_answering import Answering
from woocommerce_orders import adapter, meta, order, refusal

from core.i18n.reasons import sentence
from core.reasons import Reason
from core.services.codes import WrongField
from core.services.http.client import HttpClient
from core.services.outcome import Confirmed, Refused, Unknown
from core.services.ports import Finding
from core.services.shops.woocommerce.codes import WooCode, WooTest
from core.services.shops.woocommerce.shop import make
from core.services.shops.woocommerce.subscriptions import NAME, TOPICS

pytestmark = pytest.mark.usefixtures("quick")

SITE = {"name": "Atelier Mara", "namespaces": ["wp/v2", "wc/v3"]}
SYSTEM = {
    "environment": {"version": "11.0.1"},
    "settings": {"HPOS_enabled": True, "HPOS_sync_enabled": False},
    "active_plugins": [{"plugin": "woocommerce/woocommerce.php"}],
}
URI = "https://refuz.atelier.ro/webhooks/woocommerce"


def found(server: Answering, **changes: Any) -> dict[str, Finding]:
    """The findings by their codes; `changes` are answered in the place of what is well."""
    answers = {
        "site": SITE, "orders": [order(meta_data=meta(awb_fan="7000212345"))], "system": SYSTEM,
        "batch": [], "mail": {"id": "enabled", "value": "no"}, "webhooks": [], **changes,
    }  # fmt: skip
    for body in answers.values():
        status = body["data"]["status"] if isinstance(body, dict) and "data" in body else 200
        server.will_say(body, status)
    return {str(one.what.code): one for one in adapter(server).check()}  # type: ignore[union-attr]


def answered(server: Answering, namespaces: Any) -> list[Finding]:
    server.will_say({"name": "Atelier Mara", "namespaces": namespaces})
    return adapter(server).check()  # type: ignore[union-attr]


def test_a_shop_where_all_is_well_says_so_and_only_questions_are_asked(server: Answering) -> None:
    findings = found(server)
    assert all(one.ok for one in findings.values())
    say = findings[WooTest.TRACKING.value].say
    assert say is not None
    assert say.parameters == {"shown": 1, "rows": 1}  # type: ignore[union-attr]
    assert [one.method for one in server.asked if one.method != "GET"] == ["POST"]
    [batch] = [one for one in server.asked if one.method == "POST"]
    assert (batch.path.rpartition("/wc/v3")[2], batch.json) == ("/orders/batch", {})


def test_a_list_that_php_wrote_as_an_object_is_read_as_well(server: Answering) -> None:
    """A filter that takes a row out leaves its place empty: `json_encode` then writes keys."""
    rows = {"0": {"plugin": "woocommerce/woocommerce.php"}, "2": {"plugin": "dpdro/dpdro.php"}}
    site = {"name": "Atelier Mara", "namespaces": {"0": "wp/v2", "3": "wc/v3"}}
    say = found(server, site=site, system={"active_plugins": rows})[WooTest.TRACKING.value].say
    assert isinstance(say, Reason)
    assert say.parameters["names"] == ("DPD",)


@pytest.mark.parametrize("odd", [None, 1, True, "wc/v3", [1], ["x"], {}, {"a": 1}, [[]]])
def test_an_odd_description_of_a_shop_is_told_and_no_fault(server: Answering, odd: Any) -> None:
    system = {"active_plugins": odd, "settings": odd, "environment": odd}
    assert found(server, system=system)[WooTest.SIGN_IN.value].ok
    other = answered(server, odd)
    assert [one.ok for one in other] == [False]


@pytest.mark.parametrize(
    ("plugin", "courier"),
    [
        ("sameday-courier-shipping/sameday.php", "Sameday"),
        ("dpdro/dpdro.php", "DPD"),
        ("packeta/packeta.php", "Packeta"),
    ],
)
def test_a_plug_in_that_keeps_its_numbers_elsewhere_is_named(
    server: Answering, plugin: str, courier: str
) -> None:
    """Cannot know is not the same as none."""
    findings = found(server, system={**SYSTEM, "active_plugins": [{"plugin": plugin}]})
    tracking = findings[WooTest.TRACKING.value]
    assert not tracking.ok
    assert courier in str(tracking.say)


def test_orders_without_any_number_in_a_known_field_are_told(server: Answering) -> None:
    tracking = found(server, orders=[order(), order(502)])[WooTest.TRACKING.value]
    assert not tracking.ok
    assert tracking.say is not None
    assert "Fields with tracking numbers" in str(tracking.say)


@pytest.mark.parametrize(
    ("settings", "is_well", "code"),
    [
        ({"HPOS_enabled": True, "HPOS_sync_enabled": True}, False, WooTest.STORAGE_BOTH),
        ({"HPOS_enabled": True, "HPOS_sync_enabled": False}, True, WooTest.STORAGE_NEW),
        ({}, True, WooTest.STORAGE_NOT_TOLD),
    ],
)
def test_what_the_storage_of_orders_hides_is_told(
    server: Answering, settings: dict[str, bool], is_well: bool, code: WooTest
) -> None:
    storage = found(server, system={**SYSTEM, "settings": settings})[WooTest.STORAGE.value]
    assert storage.ok is is_well
    assert storage.say is not None
    assert storage.say.code == code.value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "refused",
    [
        refusal("woocommerce_rest_authentication_error", 401),  # a key that may only read
        refusal("woocommerce_rest_cannot_batch", 403),  # of somebody who is no shop manager
    ],
)
def test_a_key_that_may_not_cancel_is_told_before_the_first_run(
    server: Answering, refused: dict[str, Any]
) -> None:
    findings = found(server, batch=refused)
    assert not findings[WooTest.CANCEL.value].ok
    assert "Read/Write" in str(findings[WooTest.CANCEL.value].say)
    assert findings[WooTest.READ_ORDERS.value].ok


def test_each_recorded_probe_of_the_right_to_write_is_read(server: Answering, shared: Path) -> None:
    [file] = (shared / "woocommerce/recorded").glob("06f_*.json")
    rows = [row for row in json.loads(file.read_text()) if row["request"]["method"] == "POST"]
    assert len(rows) >= 6
    for row in rows:
        response = row["response"]
        cancel = found(server, batch=response["body"])[WooTest.CANCEL.value]
        assert cancel.ok is (response["status"] == 200), row["note"]


def test_the_shops_own_mail_of_a_cancel_is_told(server: Answering) -> None:
    mail = found(server, mail={"id": "enabled", "value": "yes"})[WooTest.MAIL.value]
    assert mail.ok
    assert mail.say is not None


def test_plain_permalinks_are_told_before_a_key_is_shown(server: Answering) -> None:
    server.will_say({"name": "Atelier Mara", "namespaces": ["wp/v2"]})
    [finding] = adapter(server).check()
    assert not finding.ok
    assert "Permalinks" in str(finding.say)
    assert len(server.asked) == 1


def hook(topic: str, status: str = "active", **changes: Any) -> dict[str, Any]:
    webhook = {"id": 10 + TOPICS.index(topic), "name": NAME, "topic": topic, "status": status}
    return {**webhook, "delivery_url": URI, **changes}


def test_a_webhook_that_the_shop_has_switched_off_is_told(server: Answering) -> None:
    rows = [hook("order.updated", "disabled"), hook("order.deleted")]
    others = {**hook("order.created", "disabled"), "name": "ERP"}
    webhooks = found(server, webhooks=[*rows, others])[WooTest.WEBHOOKS.value]
    assert not webhooks.ok
    assert "order.updated" in str(webhooks.say)
    assert "order.created" not in str(webhooks.say)


def test_webhooks_that_may_not_be_listed_are_not_said_to_be_well(server: Answering) -> None:
    refused = refusal("woocommerce_rest_cannot_view", 403)
    assert not found(server, webhooks=refused)[WooTest.WEBHOOKS.value].ok


def test_what_the_shop_has_already_is_not_made_twice_and_what_is_off_is_revived(
    server: Answering,
) -> None:
    """The same one made twice is sent twice; the secret goes along, the shop tells none."""
    elsewhere = hook("order.restored", delivery_url="https://other.example/hook")
    server.will_say([hook("order.created"), hook("order.updated", "disabled"), elsewhere])
    server.will_say(hook("order.updated")).will_say(hook("order.deleted"), 201)
    server.will_say(hook("order.restored"), 201)
    outcome = adapter(server).subscribe(URI)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == 3
    revived, *made = server.asked[1:]
    assert (revived.method, revived.path.rpartition("/")[2]) == ("PUT", "11")
    assert revived.json == {"status": "active", "secret": "un secret lung"}
    assert [one.json["topic"] for one in made] == ["order.deleted", "order.restored"]
    assert {one.json["secret"] for one in made} == {"un secret lung"}


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        (("active", "disabled"), []), (("disabled", "active"), []), (("paused", "active"), []),
        (("active", "active"), []), (("disabled", "paused", "active", "disabled"), []),
        (("disabled", "disabled"), ["PUT"]), (("paused", "disabled", "paused"), ["PUT"]),
    ],
)  # fmt: skip
def test_of_several_webhooks_of_one_topic_one_that_is_active_is_enough(
    server: Answering, states: tuple[str, ...], asked: list[str]
) -> None:
    several = [hook("order.updated", status, id=70 + place) for place, status in enumerate(states)]
    others = [hook(topic) for topic in TOPICS if topic != "order.updated"]
    server.will_say([*others, *several])
    for _ in asked:
        server.will_say(hook("order.updated"))
    outcome = adapter(server).subscribe(URI)
    assert isinstance(outcome, Confirmed)
    assert outcome.value == len(asked)
    assert [one.method for one in server.asked[1:]] == asked
    webhooks = found(server, webhooks=[*others, *several])[WooTest.WEBHOOKS.value]
    assert webhooks.ok == (not asked)
    assert str(webhooks.say or "").count("order.updated") == len(asked)


def test_a_webhook_that_is_active_elsewhere_is_not_this_one(server: Answering) -> None:
    elsewhere = hook("order.updated", delivery_url="https://old.example/webhooks")
    webhooks = found(server, webhooks=[hook("order.updated", "disabled"), elsewhere])
    assert not webhooks[WooTest.WEBHOOKS.value].ok


@pytest.mark.parametrize(
    ("settings", "uri", "code"),
    [
        ({}, "http://refuz.atelier.ro/webhooks/woocommerce", WooCode.HTTPS_ONLY),
        ({"webhook_secret": ""}, URI, WooCode.SECRET_FIRST),
    ],
)
def test_no_webhook_is_made_that_could_not_be_believed(
    server: Answering, settings: dict[str, str], uri: str, code: WooCode
) -> None:
    outcome = adapter(server, **settings).subscribe(uri)
    assert isinstance(outcome, Refused)
    assert outcome.why.code == code.value
    assert server.asked == []


def test_a_webhook_that_does_not_stay_active_is_no_subscription(server: Answering) -> None:
    server.will_say([]).will_say(hook("order.created", "disabled"), 201)
    assert isinstance(adapter(server).subscribe(URI), Unknown)


def test_the_recorded_webhook_is_seen_as_switched_off_and_as_revived(
    server: Answering, shared: Path
) -> None:
    [file] = (shared / "woocommerce/recorded").glob("07c_*.json")
    rows = [row["response"]["body"] for row in json.loads(file.read_text())]
    whole = [row for row in rows if isinstance(row, dict) and "delivery_url" in row]
    seen = []
    for row in whole:
        webhooks = found(server, webhooks=[{**row, "name": NAME}])[WooTest.WEBHOOKS.value]
        seen.append((row["status"], webhooks.ok))
    assert set(seen) == {("disabled", False), ("paused", False), ("active", True)}


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("invoice_keys", "fgo=_my_series:", "“fgo=_my_series:” names no key"),
        ("invoice_keys", "=_series:_number", "“=_series:_number” is not written as key=value"),
        ("tracking_keys", "_my_awb=", "“_my_awb=” is not written as key=value"),
    ],
)
def test_a_field_that_is_written_wrongly_is_told_as_a_reason_in_both_languages(
    field: str, written: str, said: str
) -> None:
    settings = {"shop": "shop.example", "tracking_keys": "", "invoice_keys": "", field: written}
    with pytest.raises(WrongField) as wrong:
        make(settings, {}, cast("HttpClient", None))
    assert said in str(wrong.value)
    assert written in sentence(wrong.value.reason, "ro")
    assert sentence(wrong.value.reason, "ro") != sentence(wrong.value.reason, "en")
