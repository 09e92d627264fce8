"""What is checked before a connection is saved: what was given over what was there."""

from typing import Any

import pytest
from sqlalchemy import Engine

from core.errors import UserError
from core.services import connecting, registry
from core.settings import addresses, connections
from core.settings.connections import Connection
from core.store import db

INFO = registry.info("smartbill")
HOME = "https://ws.smartbill.ro"
GIVEN = {"email": "ana@example.com", "token": "secret", "vat_code": "RO12345674"}


def old(**changes: Any) -> Connection:
    """A connection to SmartBill that was saved before."""
    settings = {"base_url": HOME, "email": "ana@example.com", "vat_code": "RO12345674"}
    usual = {"settings": settings, "secrets": {"token": "kept"}, **changes}
    return Connection(7, "invoicing", "smartbill", "SmartBill", **usual)


def test_an_empty_secret_keeps_the_saved_one_and_a_new_one_replaces_it() -> None:
    assert connecting.wanted(INFO, old(), {"token": ""}).secrets == {"token": "kept"}
    assert connecting.wanted(INFO, old(), {"token": "new"}).secrets == {"token": "new"}


def test_a_secret_does_not_go_to_another_address() -> None:
    moved = connecting.wanted(INFO, old(), {"base_url": "https://elsewhere.example"})
    assert moved.secrets == {}
    token = next(one.label for one in INFO.fields if one.name == "token")
    assert moved.gaps == (token,)
    same = connecting.wanted(INFO, old(), {"base_url": f"{HOME}:443/SBORO"})
    assert (same.secrets, same.gaps) == ({"token": "kept"}, ())


def test_another_host_that_was_chosen_holds_for_that_address_alone() -> None:
    chosen = {"base_url": "https://proxy.example", addresses.OTHER_HOST: "proxy.example"}
    before = old(settings={**old().settings, **chosen})
    assert addresses.OTHER_HOST in connecting.wanted(INFO, before, {"email": "x"}).settings
    moved = connecting.wanted(INFO, before, {"base_url": "https://other.example"})
    assert addresses.OTHER_HOST not in moved.settings
    again = {"base_url": "https://other.example", addresses.OTHER_HOST: "other.example"}
    assert connecting.wanted(INFO, before, again).settings[addresses.OTHER_HOST] == "other.example"
    assert (
        addresses.OTHER_HOST
        not in connecting.wanted(INFO, before, {addresses.OTHER_HOST: ""}).settings
    )


def test_what_a_form_lacks_is_named_by_its_label() -> None:
    labels = {one.name: one.label for one in INFO.fields}
    found = connecting.wanted(INFO, None, {"email": "ana@example.com"})
    assert set(found.gaps) >= {labels["token"], labels["vat_code"]}
    assert labels["email"] not in found.gaps


def test_what_is_written_by_hand_gets_the_defaults_of_a_new_connection_alone() -> None:
    fresh = connecting.described("smartbill", None, GIVEN)
    assert fresh.settings["base_url"].startswith("https://")
    assert fresh.secrets == {"token": "secret"}
    changed = connecting.described("smartbill", old(), {"email": "maria@example.com"})
    assert changed.settings == {**old().settings, "email": "maria@example.com"}


@pytest.mark.parametrize(
    ("given", "word"),
    [({**GIVEN, "colour": "red"}, "colour"), ({"email": "ana@example.com"}, "lacks")],
)
def test_what_is_written_wrongly_by_hand_is_named(given: dict[str, str], word: str) -> None:
    with pytest.raises(UserError, match=word):
        connecting.described("smartbill", None, given)


def test_a_choice_that_the_service_has_not_is_refused_with_those_it_has() -> None:
    service, field = next(
        (name, one) for name in registry.services("invoicing")
        for one in registry.info(name).fields if one.choices
    )  # fmt: skip
    with pytest.raises(UserError, match=f"{field.name} must be one of") as refused:
        connecting.described(service, None, {field.name: "none of these"})
    assert all(str(one) in str(refused.value) for one in field.choices)


def test_a_setting_that_no_form_shows_may_be_written_by_hand() -> None:
    found = connecting.described("smartbill", None, {**GIVEN, "timeout_seconds": "9"})
    assert found.settings["timeout_seconds"] == "9"


def test_nothing_is_tried_where_nothing_changed_or_nothing_is_in_use() -> None:
    same = connecting.wanted(INFO, old(), {})
    assert connecting.tried(old(), same) == ()
    changed = connecting.wanted(INFO, old(), {"email": "maria@example.com"})
    assert connecting.tried(old(enabled=False), changed) == ()


def test_a_changed_connection_is_not_tried_at_a_strangers_address() -> None:
    given = {"base_url": "https://stranger.example", "token": "new"}
    changed = connecting.wanted(INFO, old(), given)
    with pytest.raises(addresses.UnsafeAddress):
        connecting.tried(old(), changed)


def test_a_connection_is_saved_only_for_the_services_own_host(engine: Engine) -> None:
    draft = connecting.described("smartbill", None, GIVEN)
    moved = connecting.described("smartbill", None, {**GIVEN, "base_url": "https://x.example"})
    with db.writing(engine) as connection:
        with pytest.raises(addresses.UnsafeAddress):
            connecting.save(connection, INFO, None, "Mine", moved, enabled=True)
        made = connecting.save(connection, INFO, None, "Mine", draft, enabled=False)
        found = connections.load(connection, made)
    assert (found.name, found.enabled, found.sandbox) == ("Mine", False, False)
    assert (found.secrets, found.settings) == (draft.secrets, draft.settings)
