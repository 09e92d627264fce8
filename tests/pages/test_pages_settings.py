"""Settings: a service is connected, tested, subscribed and removed by what stands on the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pages_support import every_tab, press, words
from sqlalchemy import Engine, insert, select, update
from streamlit.testing.v1 import AppTest

from core.audit import alarms
from core.clock import now
from core.reasons import quoted
from core.sandbox import process
from core.services import registry
from core.settings import connections, secrets
from core.store import db
from core.store.tables import connections as connections_table
from core.store.tables import invoices, orders
from pages.common.plain import plain
from tests.first_look import known_pages

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://desk.example/webhooks/shopify"
WORLD = {
    "now": "2026-11-20T08:00:00Z",
    "shop": {"name": "Casa Verde", "domain": "casa-verde.myshopify.com", "currency": "RON",
             "vat_code": "RO12345674", "series": {"smartbill": ["CVZ"]}},
    "orders": [], "invoices": [], "products": [], "courier_events": [], "returns": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running sandbox."""
    started = process.start(tmp_path_factory.mktemp("settings"))
    try:
        yield started.base_url
    finally:
        started.stop()


@pytest.fixture
def world(sandbox: str) -> str:
    """The sandbox with an empty world and every scope."""
    control(sandbox, "POST", "load", WORLD)
    control(sandbox, "PUT", "settings", {"scopes": SCOPES})
    return sandbox


SCOPES = [
    "write_orders", "read_all_orders", "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
]  # fmt: skip


def control(address: str, method: str, path: str, body: object) -> None:
    requests.request(method, f"{address}/_sandbox/{path}", json=body, timeout=30).raise_for_status()


def connect_shop(address: str, **secrets: str) -> int:
    with db.writing() as connection:
        return connections.save(
            connection, kind="shop", service="shopify", name="Casa Verde",
            settings={"base_url": f"{address}/shopify"},
            secrets_={"token": "shpat_sandbox", **secrets}, sandbox=True,
        )  # fmt: skip


def page() -> AppTest:
    """The Settings page, opened."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=30)
    known_pages(every_tab(app))
    app.switch_page(str(ROOT / "pages" / "settings" / "page.py")).run()
    assert not app.exception
    return app


def known() -> list[str]:
    with db.reading() as connection:
        return [one.name for one in connections.all_connections(connection, enabled=False)]


def test_a_service_is_connected_by_its_form_and_the_test_says_what_is_well(
    engine: Engine, world: str
) -> None:
    app = page()
    app.selectbox(key="new-service").select("smartbill").run()
    given = {
        "base_url": f"{world}/smartbill/SBORO/api", "email": "sandbox@refuz.example",
        "token": "sandbox-token", "vat_code": "RO12345674",
    }  # fmt: skip
    for name, value in given.items():
        app.text_input(key=f"field-smartbill-new-{name}").input(value)
    text = words(press(app, "save-smartbill-new"))  # tested by itself once it is saved
    assert "Sign in to SmartBill for RO12345674" in text
    assert "Find the series CVZ" in text
    assert "sandbox-token" not in kept_by(app), "a password leaves the page once it is saved"


def test_an_address_that_is_not_the_services_own_is_saved_where_its_host_is_chosen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(registry, "adapter", lambda one: asked.append(one.settings["base_url"]))
    app = page()
    app.selectbox(key="new-service").select("smartbill").run()
    given = {"base_url": "https://test.example/api", "email": "ana@example.com",
             "token": "canary-7781", "vat_code": "RO12345674"}  # fmt: skip
    for name, value in given.items():
        app.text_input(key=f"field-smartbill-new-{name}").input(value)
    app.toggle(key="on-smartbill-new").set_value(False)
    text = words(press(app, "save-smartbill-new"))
    assert plain("ws.smartbill.ro") in text
    assert (known(), asked) == ([], [])
    app.text_input(key="field-smartbill-new-other_host").input("test.example")
    press(app, "save-smartbill-new")
    assert (known(), asked) == (["SmartBill"], [])


def test_a_changed_address_is_looked_at_before_the_saved_connection_is_tried(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing() as connection:
        number = connections.save(
            connection, kind="invoicing", service="stripe", name="Stripe",
            settings={"base_url": "https://api.stripe.com/v1", "paid_goes_to": "elsewhere",
                      "order_field": "order"},
            secrets_={"secret_key": "canary-7781"},
        )  # fmt: skip
    monkeypatch.setattr(registry, "adapter", lambda one: pytest.fail("asked before it was chosen"))
    app = page()
    app.text_input(key=f"field-stripe-{number}-base_url").input("https://api.stripe.com.example")
    app.text_input(key=f"field-stripe-{number}-secret_key").input("canary-7782")
    assert plain("api.stripe.com.example") in words(press(app, f"save-stripe-{number}"))
    with db.reading() as connection:
        kept = connections.load(connection, number)
    assert kept.settings["base_url"] == "https://api.stripe.com/v1"
    assert kept.secrets == {"secret_key": "canary-7781"}


def kept_by(app: AppTest) -> str:
    """All that the page's state holds, as text."""
    return repr(app.session_state._state.filtered_state)


def test_every_service_has_its_form_drawn_from_what_it_declares(engine: Engine) -> None:
    app = page()
    for service, info in registry.services().items():
        app.selectbox(key="new-service").select(service).run()
        assert not app.exception
        drawn = {one.key for one in [*app.text_input, *app.selectbox]}
        assert {f"field-{service}-new-{one.name}" for one in info.fields} <= drawn


def test_an_address_that_no_choice_names_is_shown_and_stays(engine: Engine, world: str) -> None:
    address = f"{world}/dpd/v1"
    with db.writing() as connection:
        number = connections.save(
            connection, kind="courier", service="dpd", name="DPD", sandbox=True,
            settings={"base_url": address, "username": "sandbox"}, secrets_={"password": "sandbox"},
        )  # fmt: skip
    app = page()
    assert app.selectbox(key=f"field-dpd-{number}-base_url").value == address
    press(app, f"save-dpd-{number}")
    with db.reading() as connection:
        assert connections.load(connection, number).settings["base_url"] == address


def test_a_field_left_empty_is_named(engine: Engine) -> None:
    app = page()
    app.selectbox(key="new-service").select("dpd").run()
    app = press(app, "save-dpd-new")
    assert "Fill in: User, Password." in words(app)
    assert known() == []


def test_a_missing_scope_is_named_in_words(engine: Engine, world: str) -> None:
    number = connect_shop(world)
    control(world, "PUT", "settings", {"scopes": ["read_orders"]})
    text = words(press(page(), f"test-{number}"))
    assert plain("The scope write_orders is missing.") in text
    assert "cannot see fulfillments" in text


def test_a_shop_that_could_not_be_read_is_an_alarm_on_its_card(engine: Engine, world: str) -> None:
    connect_shop(world)
    with db.writing() as connection:
        unread = quoted("It could not be read.")
        alarms.ring(connection, "sync", "shop Casa Verde", unread)
    app = page()
    assert "It could not be read." in words(app)
    assert any("cannot be read" in one.label for one in app.expander)


def test_changes_are_sent_here_once_subscribed(engine: Engine, world: str) -> None:
    number = connect_shop(world, client_secret="sandbox-client-secret")
    app = page()
    app.text_input(key=f"webhook-address-{number}").input(ADDRESS)
    assert "sends 4 kinds of changes" in words(press(app, f"subscribe-{number}"))
    app.text_input(key=f"webhook-address-{number}").input(ADDRESS)
    assert "to this address already" in words(press(app, f"subscribe-{number}"))


def test_without_the_client_secret_nothing_is_subscribed(engine: Engine, world: str) -> None:
    number = connect_shop(world)
    app = page()
    app.text_input(key=f"webhook-address-{number}").input(ADDRESS)
    assert "Type in the client secret" in words(press(app, f"subscribe-{number}"))


def remove(number: int) -> AppTest:
    app = page()
    app.checkbox(key=f"sure-{number}").check().run()
    return press(app, f"remove-{number}")


def test_a_connection_that_nothing_belongs_to_is_removed(engine: Engine, world: str) -> None:
    remove(connect_shop(world))
    assert known() == []


def put_order(shop: int) -> int:
    with db.writing() as connection:
        made = connection.scalar(
            insert(orders)
            .values(
                shop_id=shop, gid="gid://shopify/Order/1", name="#1", created_at=now(),
                updated_at=now(), payment="cod", total_minor=100, currency="RON", tags=[],
                attributes={}, synced_at=now(),
            )
            .returning(orders.c.id)
        )  # fmt: skip
    return int(made or 0)


def test_a_shop_with_orders_is_not_removed_but_can_be_switched_off(
    engine: Engine, world: str
) -> None:
    number = connect_shop(world)
    put_order(number)
    assert "Switch it off instead" in words(remove(number))
    assert known() == ["Casa Verde"]
    app = page()
    app.toggle(key=f"on-shopify-{number}").set_value(False)
    press(app, f"save-shopify-{number}")
    with db.reading() as connection:
        enabled = connection.scalar(
            select(connections_table.c.enabled).where(connections_table.c.id == number)
        )
    assert enabled is False


def test_an_invoice_is_typed_in_for_an_order_by_its_name(engine: Engine, world: str) -> None:
    order = put_order(connect_shop(world))
    app = page()
    app.segmented_control(key="import-kind").set_value("typed").run()
    fields = {one.label: one for one in app.text_input}
    fields["Series"].input("CVZ")
    fields["Number, as it is printed"].input("0042")
    fields["Order"].input("7777")
    assert "There is no order 7777." in words(press(app, "save-invoice"))
    fields = {one.label: one for one in app.text_input}
    fields["Order"].input("1")  # without its sign, as people write it
    text = words(press(app, "save-invoice"))
    assert "It will be reversed with its order." in text
    with db.reading() as connection:
        row = connection.execute(select(invoices)).one()
    assert (row.order_id, row.service, row.series, row.number, row.source) == (
        order, registry_first(), "CVZ", "0042", "person",
    )  # fmt: skip


def registry_first() -> str:
    """The service that the list shows first."""
    return next(iter(registry.services("invoicing")))


def test_a_second_connection_does_not_begin_with_the_secrets_of_the_first(
    engine: Engine, world: str
) -> None:
    app = page()
    for name in ("First", "Second"):
        app.selectbox(key="new-service").select("stripe").run()
        app.text_input(key="name-stripe-new").input(name)
        if name == "First":
            app.text_input(key="field-stripe-new-secret_key").input("sk_test_sandbox")
        app = press(app, "save-stripe-new")
    assert known() == ["First"]
    assert "Fill in: Secret key." in words(app)


def save_token(app: AppTest, number: int, token: str) -> AppTest:
    app.text_input(key=f"field-shopify-{number}-token").input(token)
    return press(app, f"save-shopify-{number}")


def token_of(number: int) -> str:
    with db.reading() as connection:
        return connections.load(connection, number).secrets["token"]


def test_a_token_is_tested_before_it_replaces_one_that_works(engine: Engine, world: str) -> None:
    number = connect_shop(world)
    app = save_token(page(), number, "shpat_wrong")
    assert token_of(number) == "shpat_sandbox"
    assert "Not saved: the test failed" in words(app)
    app.checkbox(key=f"in-spite-shopify-{number}").check()
    press(app, f"save-shopify-{number}")
    assert token_of(number) == "shpat_wrong"  # a person wanted it, knowing what the test said


@pytest.mark.parametrize(
    ("service", "path", "values", "wrong"),
    [
        ("smartbill", "/smartbill/SBORO/api",
         {"email": "sandbox@refuz.example", "token": "sandbox-token", "vat_code": "RO12345674"},
         {"vat_code": "RO12345682"}),
        ("gls", "/gls/ParcelService.svc/json", {"username": "sandbox", "password": "sandbox"},
         {"username": "somebody"}),
    ],
)  # fmt: skip
def test_a_user_or_tax_number_is_tested_like_a_password(
    engine: Engine, world: str, service: str, path: str, values: dict[str, str],
    wrong: dict[str, str],
) -> None:  # fmt: skip
    app = page()
    app.selectbox(key="new-service").select(service).run()
    for name, value in {"base_url": world + path, **values}.items():
        app.text_input(key=f"field-{service}-new-{name}").input(value)
    press(app, f"save-{service}-new")
    app = page()
    for name, value in wrong.items():
        app.text_input(key=f"field-{service}-1-{name}").input(value)
    app = press(app, f"save-{service}-1")
    assert "Not saved: the test failed" in words(app)
    with db.reading() as connection:
        saved = connections.load(connection, 1).settings
    assert {name: saved[name] for name in wrong} == {name: values[name] for name in wrong}


def test_a_token_that_passes_its_test_is_saved_at_once(engine: Engine, world: str) -> None:
    number = connect_shop(world)
    with db.writing() as connection:
        row = connections_table.c.id == number
        sealed = secrets.seal({"token": "shpat_older"})
        connection.execute(update(connections_table).where(row).values(secrets=sealed))
    app = save_token(page(), number, "shpat_sandbox")
    assert token_of(number) == "shpat_sandbox"
    assert "shpat_sandbox" not in kept_by(app)
    assert "Not saved" not in words(app)


def test_a_connection_says_what_its_last_test_found_missing(engine: Engine, world: str) -> None:
    number = connect_shop(world)
    assert any("never asked" in one.label for one in page().expander)
    control(world, "PUT", "settings", {"scopes": ["read_orders"]})
    press(page(), f"test-{number}")
    app = page()
    assert any("missing" in one.label for one in app.expander)
    assert plain("The scope write_orders is missing.") in words(app)
    control(world, "PUT", "settings", {"scopes": SCOPES})
    press(page(), f"test-{number}")
    assert any("last asked" in one.label for one in page().expander)


@pytest.mark.parametrize(
    ("kind", "file", "shown"),
    [
        ("aliases", "code,tracking\nR1,70001\nR2,70002\n", {"code": "R1", "tracking": "70001"}),
        ("invoices", "order,series,number\n#1,CVZ,0042\n", {"series": "CVZ", "number": "0042"}),
        ("report", "AWB,Status\n70001,Livrat\n", {"AWB": "70001", "Status": "Livrat"}),
    ],
)
def test_a_file_is_looked_at_before_it_is_imported(
    engine: Engine, world: str, kind: str, file: str, shown: dict[str, str]
) -> None:
    connect_shop(world)
    app = page()
    app.segmented_control(key="import-kind").set_value(kind).run()
    app.file_uploader[0].set_value(("file.csv", file.encode(), "text/csv")).run()
    assert not app.exception
    (rows,) = [one.value for one in app.dataframe if set(shown) <= set(one.value.columns)]
    assert {name: str(rows[name].iloc[0]) for name in shown} == shown


def test_an_import_asks_about_every_column_and_tells_what_it_leaves_once(
    engine: Engine, world: str
) -> None:
    connect_shop(world)
    app = page()
    file = "order,tracking,total\n#901,70001,15.00\n#902,70002,abc\n"
    app.file_uploader[0].set_value(("file.csv", file.encode(), "text/csv")).run()
    blank = next(one for one in app.selectbox if one.label == "billed to")
    assert blank.options[0] == "–"  # and no hint of Streamlit's own, in English
    tables = [one for one in app.dataframe if "What it is" in one.value]
    press(app, "import-orders-now")
    assert "New: 1. Brought up to date: 0. Rows taken whole: 1 of 2." in words(app)
    assert len([one for one in app.dataframe if "What it is" in one.value]) == len(tables) == 1
