"""Passkeys in a real browser, with its virtual authenticator: made by a link, shown, shown again.

The desk is its sign-in pages and one page of its own, in this process.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from absent import absent
from browser_desk import CHROMIUM
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core import rights
from core.people import accounts
from core.server import auth
from core.server.headers import SecurityHeaders, content_policy
from core.server.sign_in import forms, passkeys

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cheap_passwords")]

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def desk() -> ASGIApp:
    async def page(_request: Request) -> Response:
        who = rights.actor()
        return PlainTextResponse(f"{who.name}, {'proved' if who.proved else 'not proved'}")

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/", page),
            Route("/settings", page),
            *passkeys.routes(),
            Route("/sign-in", forms.show_or_sign_in, methods=both),
            Route("/sign-in/{file}", forms.file),
            Route("/welcome/{token}", forms.welcome, methods=both),
            Route("/confirm", forms.confirm, methods=both),
            Route("/sign-out", forms.sign_out, methods=both),
        ],
        middleware=[
            Middleware(SecurityHeaders, policy=content_policy("")),
            Middleware(auth.AuthMiddleware, network=False, token="printed"),
        ],
    )


@pytest.fixture
def device(browser: Browser) -> Page:
    """A page of a browser whose computer has an authenticator that knows its owner's finger."""
    if not Path(CHROMIUM).exists():
        absent("Chromium is absent: apt-get install chromium.")
    page = browser.new_context(locale="en-GB").new_page()
    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    page.context.close()


def test_a_passkey_is_made_by_the_owners_link_and_signs_in_proves_and_is_joined_by_another(
    serve: Callable[[ASGIApp], str], engine: Engine, device: Page
) -> None:
    base = serve(desk()).replace("127.0.0.1", "localhost")
    device.goto(f"{base}/welcome/{accounts.owner_link()}")
    device.get_by_label("Your name").fill("Ana Pop")
    device.get_by_label("Name or e-mail address").fill("ana")
    device.get_by_role("button", name="Begin with a passkey instead").click()
    expect(device.locator("body")).to_have_text("Ana Pop, proved")

    device.goto(f"{base}/sign-out")
    device.get_by_role("button", name="Sign out").click()
    device.goto(f"{base}/settings")
    device.get_by_role("button", name="Sign in with a passkey").click()
    device.wait_for_url(f"{base}/settings")
    expect(device.locator("body")).to_have_text("Ana Pop, proved")

    device.goto(f"{base}/confirm?next=/settings")
    expect(device.get_by_label("Password")).to_have_count(0)
    device.get_by_role("button", name="Use a passkey").click()
    device.wait_for_url(f"{base}/settings")

    device.goto(f"{base}/passkey")  # the same device again: it holds one already
    device.get_by_role("button", name="Make a passkey").click()
    expect(device.get_by_role("alert")).to_contain_text("was not taken")
    expect(device.get_by_role("button", name="Make a passkey")).to_be_enabled()


def test_a_device_without_the_passkey_is_told_so_and_the_password_is_there(
    serve: Callable[[ASGIApp], str], engine: Engine, device: Page
) -> None:
    accounts.use_link(accounts.owner_link(), "correct horse battery", login="ana", name="Ana")
    base = serve(desk()).replace("127.0.0.1", "localhost")
    device.goto(f"{base}/sign-in")
    device.get_by_role("button", name="Sign in with a passkey").click()
    expect(device.get_by_role("alert")).to_contain_text("was not taken")
    device.get_by_label("Name or e-mail address").fill("ana")
    device.get_by_label("Password").fill("correct horse battery")
    device.get_by_role("button", name="Sign in", exact=True).click()
    expect(device.locator("body")).to_have_text(re.compile("^Ana, "))


def test_where_the_address_is_digits_the_page_offers_the_password_alone(
    serve: Callable[[ASGIApp], str], engine: Engine, device: Page
) -> None:
    accounts.use_link(accounts.owner_link(), "correct horse battery", login="ana", name="Ana")
    device.goto(f"{serve(desk())}/sign-in")
    expect(device.get_by_label("Password")).to_be_visible()
    expect(device.locator("[data-passkey]")).to_have_count(0)
