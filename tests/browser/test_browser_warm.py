"""What one test's page wrote in the browser is not there for the next one's."""

from collections.abc import Callable

import pytest
from browser_warm import WarmContext
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

SITE = "http://kept.example/"
WRITE = """async () => {
  document.cookie = "kept=1";
  localStorage.kept = "1";
  const asked = indexedDB.open("kept");
  await new Promise((done) => { asked.onsuccess = done; });
  asked.result.close();
}"""
READ = """async () => [
  document.cookie,
  Object.keys(localStorage).join(),
  (await indexedDB.databases()).map((one) => one.name).join(),
]"""


def _open(context: BrowserContext) -> Page:
    page = context.new_page()
    page.route(
        SITE, lambda route: route.fulfill(body="<title>kept</title>", content_type="text/html")
    )
    page.goto(SITE)
    return page


def test_a_context_is_lent_without_what_was_written_in_it(
    warm: Callable[[str], WarmContext],
) -> None:
    with warm("en-GB").lent() as context:
        page = _open(context)
        page.evaluate(WRITE)
        assert page.evaluate(READ) == ["kept=1", "kept", "kept"]
        context.set_offline(True)
    with warm("en-GB").lent() as context:
        assert page.is_closed()
        again = _open(context)
        assert again.evaluate(READ) == ["", "", ""]
        assert again.evaluate("navigator.onLine")
