"""Rule 15: each behaviour of the sandbox cites its source; what is assumed is to be tried first."""

from pathlib import Path

import pytest

from core.sandbox import registry
from core.sandbox.services import sources

DOCS = Path(sources.__file__).parents[3] / "docs"
ASSUMED = [
    (service, one)
    for service, rows in sources.SOURCES.items()
    for one in rows
    if one.kind == "assumed"
]


def test_every_service_cites_its_behaviours() -> None:
    assert set(sources.SOURCES) == set(registry.modules())
    assert all(rows for rows in sources.SOURCES.values())


def test_each_behaviour_says_where_it_is_known_from() -> None:
    rows = [one for rows in sources.SOURCES.values() for one in rows]
    assert all(one.what and one.known_from for one in rows)
    assert all(bool(one.check) == (one.kind == "assumed") for one in rows)


@pytest.mark.parametrize(("service", "one"), ASSUMED, ids=lambda one: getattr(one, "what", one))
def test_what_is_only_assumed_is_to_be_tried_with_a_real_account(
    service: str, one: sources.Source
) -> None:
    rows = [
        line for line in (DOCS / "live-check.md").read_text().splitlines() if line.startswith("|")
    ]
    assert [line for line in rows if one.check in line], f"{service}: {one.what}"


def test_the_page_is_made_from_the_table() -> None:
    """After a change: python -m core.sandbox.services.sources > docs/sandbox.md"""
    assert (DOCS / "sandbox.md").read_text(encoding="utf-8") == sources.page()
