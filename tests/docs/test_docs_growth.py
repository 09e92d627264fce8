"""docs/operate.md says of every table what ends its growth."""

import re
from pathlib import Path

from core.audit import alarms, anchor, approvals
from core.insight.reports import digest
from core.orders.documents import awaited
from core.people import sessions
from core.settings.preferences import Preferences
from core.store.tables import metadata

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operate.md").read_text()
ROWS = PAGE.split("What grows, and what ends it")[1].split("\n\n")[1].splitlines()[2:]


def named(column: int) -> list[str]:
    return [name for row in ROWS for name in re.findall(r"`(\w+)`", row.split("|")[column])]


def test_every_table_is_named_once_with_what_ends_its_growth() -> None:
    assert sorted(named(2)) == sorted(metadata.tables)
    assert all(row.split("|")[3].strip() for row in ROWS)


def test_the_times_it_names_are_the_program_s() -> None:
    keeps = {one for one in Preferences.__dataclass_fields__ if one.startswith("keep_")}
    assert set(named(3)) - {"REFUZ_ANCHOR_FILE"} == keeps
    assert f"each minute's for {anchor.KEPT_WHOLE.days} days, then the last of each day" in PAGE
    assert f"`approvals` | {approvals.KEPT.days} days after their end;" in PAGE
    assert f"| {sessions.KEPT.days} days after their end |" in PAGE
    assert f"rows of lists that wait for their order, {awaited.KEPT.days} days |" in PAGE
    assert f"the newest {digest.KEPT} stay" in PAGE
    assert alarms.KEPT.days == 366
    assert "a year after they were cleared" in PAGE
