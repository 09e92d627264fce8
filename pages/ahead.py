"""What the server does ahead of a page's first visitor."""

import importlib

# Each brings in what its page imports; together they take over a second.
MODULES = (
    "pages.common.frame", "pages.scan.card", "pages.scan.ways", "pages.review.orders",
    "pages.review.run", "pages.follow_up.causes", "pages.follow_up.missing",
    "pages.follow_up.second", "pages.analytics.papers", "pages.analytics.first",
    "pages.history.finance", "pages.settings.connections", "pages.settings.imports",
    "pages.settings.people", "pages.settings.customers", "pages.settings.preferences",
)  # fmt: skip


def read_in() -> None:
    """Import what pages need, so that a page's first visitor does not wait for it."""
    for name in MODULES:
        importlib.import_module(name)
