"""Passwords go to a service's own hosts; to any other only where a person named that very host."""

import ast
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services import registry
from core.services.registry import WrongSetting
from core.settings import addresses
from core.settings.addresses import OTHER_HOST, OWN_DOMAIN, UnsafeAddress, check_host
from core.settings.connections import Connection

ROOT = Path(__file__).parents[2]
FIXED = ("ws.smartbill.ro",)
SHOPIFY = ("*.myshopify.com",)
HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


def goes(address: str, hosts: tuple[str, ...], chosen: str = "") -> bool:
    """Whether passwords may go to this address."""
    try:
        check_host({"base_url": address, OTHER_HOST: chosen}, "Service", hosts)
    except UnsafeAddress:
        return False
    return True


@pytest.mark.parametrize("service", registry.services())
def test_a_service_s_own_hosts_hold_every_address_that_it_offers(service: str) -> None:
    info = registry.info(service)
    field = next(one for one in info.fields if one.name == addresses.ADDRESS)
    for address in filter(None, (field.default, *field.choices)):
        check_host({"base_url": address}, info.title, info.hosts)
    assert info.hosts
    assert (OWN_DOMAIN in info.hosts) == (service == "woocommerce"), "one that runs anywhere"


@given(HOSTS, st.sampled_from(["", "/SBORO/api", "/?x=ws.smartbill.ro", "#ws.smartbill.ro"]))
def test_a_host_that_is_not_the_services_own_needs_that_host_chosen(host: str, rest: str) -> None:
    address = f"https://{host}{rest}"
    assert not goes(address, FIXED)
    assert goes(address, FIXED, host)
    assert goes(address, FIXED, host.upper())
    assert not goes(address, FIXED, f"x{host}")


@pytest.mark.parametrize(
    "address",
    ["https://ws.smartbill.ro.evil.example", "https://evil.example/ws.smartbill.ro",
     "https://xws.smartbill.ro", "https://smartbill.ro", "https://ws.smartbill.ro:8443",
     "https://ws.smartbill.ro@evil.example", "https://ws.smartbill.ro:443@evil.example",
     "https://evil.example\\@ws.smartbill.ro", "https://ws.smartbill.ro.", "https://ws.smartbill.rо",
     "https://evil.example%2f@ws.smartbill.ro", "https://ws.smartbill.ro\\.evil.example",
     "https://ws.smartbill.ro%00.evil.example", "https://10.0.0.7", "https://[fd00::7]"],
)  # fmt: skip
def test_what_only_looks_like_the_services_own_host_is_another(address: str) -> None:
    assert not goes(address, FIXED)


def test_its_own_host_may_be_written_in_any_way_that_is_the_same() -> None:
    for address in ("https://ws.smartbill.ro", "https://WS.SmartBill.ro/SBORO/api",
                    "ws.smartbill.ro", " https://ws.smartbill.ro:443/ "):  # fmt: skip
        assert goes(address, FIXED), address


@pytest.mark.parametrize(
    ("address", "may"),
    [("casa-verde.myshopify.com", True), ("https://CASA-verde.myshopify.com/admin", True),
     ("https://myshopify.com", False), ("https://a.b.myshopify.com", False),
     ("https://casa-verde.myshopify.com.evil.example", False),
     ("https://xmyshopify.com", False), ("https://-.myshopify.com", False),
     ("https://casa-verde.ro", False)],
)  # fmt: skip
def test_a_star_stands_for_one_name_before_the_services_domain(address: str, may: bool) -> None:
    assert goes(address, SHOPIFY) is may


@pytest.mark.parametrize(
    ("address", "may"),
    [("https://casaverde.ro/index.php", True), ("https://magazin.casa-verde.co.uk", True),
     ("https://căsuță.ro", True), ("https://xn--csu-iwa4h.ro", True),
     ("https://10.0.0.7", False), ("https://169.254.169.254", False), ("https://0x7f.1", False),
     ("https://2130706433", False), ("https://[fe80::1]", False), ("https://nas", False),
     ("https://nas.local", False), ("https://metadata.google.internal", False),
     ("https://desk.lan", False), ("https://casaverde.ro:8443", False)],
)  # fmt: skip
def test_a_shop_on_its_owners_domain_is_taken_and_the_inside_of_a_network_is_not(
    address: str,
    may: bool,
) -> None:
    assert goes(address, (OWN_DOMAIN,)) is may
    assert goes(address, (OWN_DOMAIN,), urlsplit(address).netloc), "a person may choose it"


def test_this_computer_is_where_the_sandbox_is() -> None:
    for address in ("http://127.0.0.1:8502/oblio", "http://localhost:8502", "http://[::1]:9"):
        assert goes(address, FIXED), address


def test_a_choice_holds_for_its_host_alone_and_never_lies_idle() -> None:
    assert goes("https://test.example:8443/api", FIXED, "test.example:8443")
    assert not goes("https://test.example/api", FIXED, "test.example:8443")
    assert not goes("https://other.example", FIXED, "test.example")
    assert not goes("https://ws.smartbill.ro", FIXED, "test.example")
    assert not goes("http://test.example", FIXED, "test.example"), "in clear to nobody"


@pytest.mark.parametrize("service", registry.services())
def test_no_call_begins_to_a_host_that_nobody_chose_however_it_got_there(service: str) -> None:
    info = registry.info(service)
    settings = {one.name: one.default or "x" for one in info.fields if not one.secret}
    secrets = {one.name: "canary" for one in info.fields if one.secret}
    settings["base_url"] = "https://203.0.113.9/steal"
    made = Connection(1, info.kind, service, "x", settings, secrets)
    with pytest.raises(WrongSetting, match=r"203\.0\.113\.9"):
        registry.adapter(made)
    with pytest.raises(WrongSetting, match=r"203\.0\.113\.9"):
        registry.client_for(made)
    settings[OTHER_HOST] = "203.0.113.9"
    assert registry.client_for(made).base_url == "https://203.0.113.9/steal"


def test_pages_commands_and_routes_save_connections_by_the_one_function_that_asks() -> None:
    """`connections.save` looks at the address's shape alone; `connecting.save` at its host."""
    found = []
    for folder in ("pages", "core/cli", "core/server"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and ast.unparse(node) == "connections.save":
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []
