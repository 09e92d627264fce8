"""Follow-up leads to where a person can look, and tells what could not be asked."""

import base64
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cryptography.fernet import Fernet
from pages_support import HELD, open_dialog, open_page
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from core.reversal.checks import filings, reconcile
from core.reversal.runs import follow_up
from core.settings import connections
from core.store import db
from core.store.tables import connections as connections_table
from core.store.tables import effects
from pages.follow_up import card

pytestmark = pytest.mark.parametrize("desk", ["finished"], indirect=True)


def change(desk: Engine, service: str, **values: Any) -> None:
    """Save this service's connection with other values."""
    with db.writing(desk) as connection:
        (one,) = [one for one in connections.all_connections(connection) if one.service == service]
        same: dict[str, Any] = {"settings": one.settings, "sandbox": one.sandbox, **values}
        connections.save(
            connection, kind=one.kind, service=service, name=one.name,
            secrets_=one.secrets, **same,
        )  # fmt: skip


def linked(app: AppTest) -> dict[str, str]:
    return {one.proto.label: one.proto.url for one in app.get("link_button")}


def test_a_held_storno_links_to_its_order_in_the_shop_and_to_the_service_s_documents(
    desk: Engine,
) -> None:
    (held,) = follow_up.held()
    assert held.order_name == HELD
    assert linked(open_page("follow_up")) == {}  # the sandbox has no pages

    change(desk, "shopify", sandbox=False, settings={"base_url": "casa-verde.myshopify.com"})
    change(desk, "smartbill", sandbox=False)
    assert linked(open_page("follow_up")) == {
        "Order in the shop": "https://casa-verde.myshopify.com/admin/orders/1002",
        f"Documents at {held.service}": "https://cloud.smartbill.ro/raport/facturi/",
    }


def test_what_is_held_is_shown_although_the_key_of_the_secrets_is_lost(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_SECRET_KEY", Fernet.generate_key().decode())
    (held,) = follow_up.held()
    assert held.order_name == HELD


def test_an_address_that_no_browser_should_open_is_not_linked(desk: Engine) -> None:
    change(desk, "shopify", sandbox=False)
    with db.writing(desk) as connection:  # Settings refuses it; an older row may hold it
        shop = connections_table.c.service == "shopify"
        wrong = {"base_url": "javascript://x/%0aalert(1)"}
        connection.execute(update(connections_table).where(shop).values(settings=wrong))
    assert linked(open_page("follow_up")) == {}


def test_a_service_that_could_not_be_asked_is_told_with_what_to_do(desk: Engine) -> None:
    change(desk, "oblio", enabled=False)
    assert not reconcile.reconcile().ok
    app = open_page("follow_up")
    said = "\n".join(str(one.value) for one in app.markdown)
    assert "Oblio could not be asked. It is switched off. Orders not checked: " in said
    assert "See to the connection in Settings" in said


def test_what_waits_is_told_by_cause_with_customer_sum_and_age(desk: Engine) -> None:
    (held,) = follow_up.held()
    app = open_page("follow_up")
    said = "\n".join(str(one.value) for one in app.markdown)
    assert f"**1 · {held.service} · Storno · without an answer · 123.45 lei**" in said
    assert "Ana Pop · 123.45 lei · since less than an hour" in said
    assert not app.get("code")  # evidence is told in words


def test_a_service_is_asked_again_and_nothing_is_sent_for_it(desk: Engine) -> None:
    (held,) = follow_up.held()
    before = sent(desk, held.effect_id)
    follow_up.ask_again(held.effect_id or 0)
    assert follow_up.held() == []
    assert sent(desk, held.effect_id) == ("unknown", before[1])
    with pytest.raises(follow_up.AnswerError):
        follow_up.ask_again(held.effect_id or 0)  # it is being asked already


def sent(desk: Engine, effect_id: int | None) -> tuple[str, int]:
    """The effect's state, and how many times it was sent."""
    with db.reading(desk) as connection:
        row = connection.execute(select(effects).where(effects.c.id == effect_id)).one()
    return row.state, row.attempt


def test_a_storno_not_known_to_be_filed_stands_with_its_last_day_until_somebody_says_so(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = filings.not_known_filed()[1]
    assert due
    monkeypatch.setenv("REFUZ_SECRET_KEY", Fernet.generate_key().decode())  # needs no secret
    app = open_page("follow_up")
    said = "\n".join(str(one.value) for one in app.markdown)
    assert all(one.storno in said for one in due)
    app.button(key=f"filed-{due[0].invoice_id}").click().run()
    assert not app.exception
    left = {one.invoice_id for one in filings.not_known_filed()[1]}
    assert left == {one.invoice_id for one in due[1:]}


def test_what_was_answered_is_told_in_words_however_it_was_written(desk: Engine) -> None:
    """JSON is taken apart; an answer that was cut off stands as it came."""
    with db.writing(desk) as connection:
        excerpt = '{"errorText": "Serie inchisa", "lines": [{"code": 7}], "url": ""}'
        evidence = {"service": "smartbill", "request": "POST /x", "status": 422, "excerpt": excerpt}
        held = effects.c.state == "held"
        connection.execute(update(effects).where(held).values(evidence=evidence))
    text = "\n".join(str(one.value) for one in open_page("follow_up").markdown)
    assert "errorText: **Serie inchisa**" in text
    assert "lines 1 code: **7**" in text
    assert "{" not in text
    assert card.evidence_lines({"excerpt": '{"cut": '}) == [("excerpt", '{"cut": ')]


@pytest.mark.parametrize("call", ["card._exists", "card._absent"])
def test_a_drawing_shows_where_to_look_with_the_invoice_s_own_number(
    desk: Engine, call: str
) -> None:
    with db.writing(desk) as connection:  # what strangers wrote is no markup
        held = effects.c.state == "held"
        connection.execute(update(effects).where(held).values(target="<b>SB</b> 0002"))
    app = open_dialog(f"{call}(follow_up.held()[0])")
    [picture] = [one for shown in app.get("image") for one in shown.proto.imgs]
    kind, _, data = picture.url.partition(",")
    assert kind == "data:image/svg+xml;base64"  # the browser shows no drawing within `st.html`
    words = list(ET.fromstring(base64.b64decode(data)).itertext())
    assert any("<b>SB</b> 0002" in one for one in words)
    assert "-123.45 lei" in words
    assert any("SmartBill" in str(one.value) for one in app.markdown)
