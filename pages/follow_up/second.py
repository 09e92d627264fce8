"""What waits for a second person's yes: two taps, on a phone too."""

from typing import Any

import streamlit as st

from core.audit import approvals
from core.audit.approvals import Approval
from core.errors import UserError
from core.i18n.details import subject_line
from core.i18n.words import shown
from core.reasons import Reason
from pages.common.plain import plain
from pages.common.session import counted, moment, money, note_done, reason, t, tongue
from pages.common.ways import role_title


def second_person() -> None:
    """Each question with what will be done, who asks, and yes or no."""
    found = approvals.waiting()
    if not found:
        return
    st.markdown("#### " + t("Waits for a second person"))
    for one in found:
        with st.container(border=True):
            _question(one)


def _question(one: Approval) -> None:
    what = reason(Reason(one.kind))
    head = f"{what[:1].upper()}{what[1:]}"
    st.markdown(f"**{plain(head)}** · {plain(subject_line(one.subject, tongue()))}")
    st.caption(plain(" · ".join([*_extent(one.detail), one.asked_name, moment(one.asked_at)])))
    if one.mine and one.given_name:
        sentence = t("{name} said yes: do it once more now, and it is done.")
        st.success(plain(sentence.format(name=one.given_name)), icon=":material/check_circle:")
    with st.container(horizontal=True, key=f"answers-second-{one.id}"):
        if not one.mine and st.button(
            t("Yes, do it"), type="primary", key=f"yes-{one.id}", icon=":material/check:"
        ):
            _give(one, yes=True)
        word = t("Take it back") if one.mine else t("No")
        if st.button(word, key=f"no-{one.id}", icon=":material/close:"):
            _give(one, yes=False)


def _extent(detail: dict[str, Any]) -> list[str]:
    """The sums, names and addresses of what will be done."""
    lines = []
    if "orders" in detail:
        lines.append(counted(detail["orders"], shown("1 order"), shown("{count} orders")))
    lines += [money(minor, currency) for currency, minor in detail.get("sums", {}).items()]
    lines += [str(one) for one in detail.get("first", ())]
    if "together" in detail:
        lines.append(
            t("with those before, within a day: {count} orders").format(count=detail["together"])
        )
        lines += [money(minor, currency) for currency, minor in detail["sums_together"].items()]
    if detail.get("refund"):
        lines.append(t("with money paid back"))
    if no_limit := detail.get("no_limit"):
        lines.append(t("no limit is set in {currency}").format(currency=", ".join(no_limit)))
    if against := detail.get("against"):
        count = len(against) if isinstance(against, list) else against
        lines.append(t("although held back: {count}").format(count=count))
    if detail.get("name"):
        lines.append(str(detail["name"]))
    if detail.get("role"):
        lines.append(role_title(str(detail["role"])))
    if detail.get("link"):
        lines.append(t("a link that opens the account"))
    if detail.get("removed"):
        lines.append(t("taken away"))
    if detail.get("passwords"):
        lines.append(t("another password"))
    settings, before = detail.get("settings", {}), detail.get("before", {})
    lines += [f"{name}: {before.get(name, '–')} → {value}" for name, value in settings.items()
              if before.get(name) != value]  # fmt: skip
    return lines


def _give(one: Approval, *, yes: bool) -> None:
    try:
        approvals.answer(one.id, yes=yes)
    except UserError as refused:
        st.error(plain(t(refused)))
        return
    note_done(t("Yes is said.") if yes else t("No is said."))
    st.rerun()
