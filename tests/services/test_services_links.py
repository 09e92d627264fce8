"""Links for people: the order in the shop's admin, the documents at the service, nothing else."""

import pytest

from core.services import links, registry
from core.settings.connections import Connection

GID = "gid://shopify/Order/5001"


def shop(address: str, *, sandbox: bool = False) -> Connection:
    return Connection(1, "shop", "shopify", "Casa Verde", {"base_url": address}, {}, sandbox)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://casa-verde.myshopify.com",
         "https://casa-verde.myshopify.com/admin/orders/5001"),
        (" casa-verde.myshopify.com/ ", "https://casa-verde.myshopify.com/admin/orders/5001"),
        ("http://localhost:81", "http://localhost:81/admin/orders/5001"),
        ("https://ana:secret@casa-verde.example", "https://casa-verde.example/admin/orders/5001"),
        ("javascript:alert(1)", ""),
        ("javascript://casa-verde.example/%0aalert(1)", ""),
        ("data:text/html,hello", ""),
        ("file:///etc/hostname", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_an_order_is_linked_at_its_shop_and_only_by_a_web_address(address: str, page: str) -> None:
    assert links.order_page(shop(address), GID) == page


@pytest.mark.parametrize("gid", ["", "gid://shopify/Order/5001?x=", "gid://shopify/Order/../x"])
def test_what_is_no_number_of_an_order_is_not_linked(gid: str) -> None:
    assert links.order_page(shop("https://casa-verde.myshopify.com"), gid) == ""


def test_the_sandbox_has_no_pages_to_look_at() -> None:
    assert links.order_page(shop("http://localhost:81", sandbox=True), GID) == ""
    assert links.documents_page(Connection(2, "invoicing", "oblio", "Oblio", {}, {}, True)) == ""


@pytest.mark.parametrize("service", registry.services("invoicing"))
def test_each_invoicing_service_that_names_a_page_names_one_that_opens(service: str) -> None:
    account = Connection(2, "invoicing", service, "Ours", {}, {})
    named = registry.info(service).page
    assert links.documents_page(account) == named
    assert not named or named.startswith("https://")


def test_a_shop_has_no_page_of_documents() -> None:
    assert links.documents_page(shop("https://casa-verde.myshopify.com")) == ""
