"""Orders that are held back: by cause, each with its reason whole and what helps as a button."""

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.i18n.words import shown
from core.orders.judge.reasons import Remedy, rule_of
from core.orders.piles import edits
from core.reasons import Reason
from core.rights import Right, may
from pages.common.plain import dotted, plain
from pages.common.session import ask_name, counted, dialog, money, note_done, reason, t
from pages.common.ways import way_to
from pages.review.bar import change, edited

FIRST = 8  # rows of a group that are shown at once

# What one press chooses for every order of a group.
CHOICES: dict[Remedy, list[tuple[str, str, dict[str, object]]]] = {
    Remedy.TAKE_ALONG: [(shown("Take along"), ":material/add_circle:", {"included": True})],
    Remedy.CANCEL_SHIPMENT: [
        (
            shown("Cancel the shipment first"),
            ":material/local_shipping:",
            {"cancel_fulfillments": True},
        )
    ],
    Remedy.CHOOSE_REFUND: [
        (shown("Refund"), ":material/payments:", {"refund": True}),
        (shown("No refund"), ":material/money_off:", {"refund": False}),
    ],
}
WAYS = {
    Remedy.FOLLOW_UP: ("follow_up", shown("Open Follow-up")),
    Remedy.SAY_WHOSE: ("follow_up", shown("Open Follow-up")),
    Remedy.CONNECT: ("settings", shown("Open Settings")),
    Remedy.NAME_THE_INVOICE: ("settings", shown("Open Settings")),
    Remedy.IMPORT_AGAIN: ("settings", shown("Open Settings")),
    Remedy.SAY_WHICH_ACCOUNT: ("settings", shown("Open Settings")),
}


def held(pile_id: int, rows: pd.DataFrame) -> None:
    """The groups, the largest first."""
    causes = rows["held_by"].map(lambda one: str(one.code))
    for code in causes.value_counts().index:
        _cause(pile_id, rows[causes == code], str(code))


def _cause(pile_id: int, rows: pd.DataFrame, code: str) -> None:
    first: Reason = rows.iloc[0]["held_by"]
    rule = rule_of(first)
    ids = [int(one) for one in rows["order_id"]]
    with st.container(border=True, key=f"cause-{code}"):
        head = st.container(horizontal=True, vertical_alignment="center")
        template = t("{count} orders: {what}") if len(ids) > 1 else t("1 order: {what}")
        remedy = reason(Reason.of(rule.remedy))
        same = len(set(rows["held_by"].map(reason))) == 1
        what = reason(first) if same else remedy
        head.markdown(f"**{plain(template.format(count=len(ids), what=what))}**", width="stretch")
        _buttons(head, pile_id, code, rows)
        if same and remedy:
            st.caption(plain(remedy))
        for row in rows.head(FIRST).to_dict("records"):
            _row(row, same=same)
        if len(rows) > FIRST:
            with st.expander(plain(t("{count} more").format(count=len(rows) - FIRST))):
                for row in rows.iloc[FIRST:].to_dict("records"):
                    _row(row, same=same)


def _buttons(head: Any, pile_id: int, code: str, rows: pd.DataFrame) -> None:
    rule = rule_of(rows.iloc[0]["held_by"])
    ids = [int(one) for one in rows["order_id"]]
    for number, (label, icon, choice) in enumerate(CHOICES.get(rule.remedy, [])):
        if head.button(plain(t(label)), icon=icon, key=f"help-{code}-{number}"):
            change(pile_id, ids, **choice)
    if rule.remedy in WAYS:
        room, label = WAYS[rule.remedy]
        way_to(room, t(label), where=head)
    waive = may(Right.RUN) and rows["may_waive"].all() and rule.remedy not in CHOICES
    if waive and head.button(t("Go on all the same…"), key=f"same-{code}"):
        _all_the_same(pile_id, ids, rows.iloc[0]["held_by"])


def _row(row: dict[Any, Any], *, same: bool) -> None:
    parts = [f"**{plain(row['order'])}** {plain(row['customer'])}"]
    parts.append(plain(money(row["total_minor"], row["currency"])))
    parts.append(plain(row["lines"]))
    if not same:
        parts.append(plain(reason(row["held_by"])))
    st.markdown(dotted(*parts))


@dialog(shown("Go on all the same"))
def _all_the_same(pile_id: int, ids: list[int], held_by: Reason) -> None:
    """The person's explicit act, with a reason that stays in the record."""
    st.warning(plain(reason(held_by)))
    why = st.text_input(t("Why all the same"), max_chars=300, key="held-why")
    ask_name("held-who")
    label = counted(len(ids), shown("Take 1 order along"), shown("Take {count} orders along"))
    if not st.button(plain(label), type="primary", disabled=not why.strip(), key="held-go"):
        return
    left = 0
    for order_id in ids:
        try:
            left += not edits.all_the_same(pile_id, order_id, why)
        except UserError as error:
            note_done(t(error))
            left += 1
    edited()
    ready = shown("1 order is ready now."), shown("{count} orders are ready now.")
    note_done(counted(len(ids) - left, *ready))
    if left:
        still = shown("1 is held by something else still.")
        note_done(counted(left, still, shown("{count} are held by something else still.")))
    st.rerun()
