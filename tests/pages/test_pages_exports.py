"""Files with customers' names leave by the right to export, after a step-up, and not much later."""

import pandas as pd
import pytest
from set_clock import SetClock

from core import rights
from core.insight.reports import export
from core.people.sessions import PROOF_LASTS
from core.rights import ROLES, Actor, Right
from pages.common import session

FRAME = pd.DataFrame({"Order": ["#1", "#2"], "Customer": ["Ana Pop", "Radu Ion"], "Total": [1, 2]})


def leaves() -> list[str]:
    return list(export.as_may_leave(FRAME, "Customer")["Customer"])


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("proved", [True, False])
def test_names_leave_with_the_right_and_a_password_shown_of_late(role: str, proved: bool) -> None:
    with rights.acting(Actor("Ana", ROLES[role], person_id=1, proved=proved)):
        named = Right.EXPORT in ROLES[role] and proved
        assert leaves() == (["Ana Pop", "Radu Ion"] if named else ["", ""])
        assert list(export.as_may_leave(FRAME, "Customer")["Total"]) == [1, 2]
        assert list(export.as_may_leave(FRAME, "")["Customer"]) == ["Ana Pop", "Radu Ion"]


def test_a_page_that_stayed_open_hands_out_no_names_when_the_proof_is_old(
    set_clock: SetClock,
) -> None:
    who = Actor("Ana", ROLES["owner"], person_id=1)
    with rights.acting(who):
        made = session.as_now(lambda: ",".join(leaves()).encode())
    assert made() == b"Ana Pop,Radu Ion"
    set_clock.passed += PROOF_LASTS.total_seconds() + 1
    assert made() == b","
