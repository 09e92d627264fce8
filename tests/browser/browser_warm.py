"""A browser's context that goes from test to test with the files it fetched, and nothing else.

In a new one the browser fetches and compiles all of Streamlit's scripts again: half of what a page
costs. Tests of a first visit, and of two people at once, make contexts of their own.
"""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page

# All that a page can write, but not the browser's own copies of what it fetched.
WRITTEN = "file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage"


class WarmContext:
    """One context, lent to one test after the other."""

    def __init__(self, browser: Browser, **arguments: Any) -> None:
        """With the arguments of `Browser.new_context`."""
        self._context = browser.new_context(**arguments)
        self._visited: set[str] = set()
        self._stays = self._context.new_page()  # a context without a page forgets what it compiled
        self._tool = self._context.new_cdp_session(self._stays)
        self._context.on("page", self._watch)

    @contextlib.contextmanager
    def lent(self) -> Iterator[BrowserContext]:
        """The context, without cookie, storage, route or permission of a test before."""
        try:
            yield self._context
        finally:
            self._forget()

    def close(self) -> None:
        """Close it for good."""
        self._context.close()

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.netloc:
            self._visited.add(f"{parts.scheme}://{parts.netloc}")

    def _forget(self) -> None:
        for page in self._context.pages:
            if page != self._stays:
                page.close()
        self._context.unroute_all()
        self._context.set_offline(False)
        self._context.clear_permissions()
        self._context.clear_cookies()
        while self._visited:
            asked = {"origin": self._visited.pop(), "storageTypes": WRITTEN}
            self._tool.send("Storage.clearDataForOrigin", asked)
