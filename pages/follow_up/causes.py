"""What waits for a person, by its cause: the largest group first, each with one action for all."""

from collections import Counter, defaultdict
from collections.abc import Callable

import streamlit as st

from core.errors import UserError
from core.i18n.words import shown
from core.reversal.runs import follow_up
from core.reversal.runs.follow_up import HeldReversal
from pages.common.plain import plain
from pages.common.session import counted, money, note_done, t
from pages.follow_up.card import held_card, kinds

OPEN = 3  # cards of a group that are shown at once
MOST = 50  # that are drawn at all: answered, they make room for the next


def causes(held: list[HeldReversal]) -> None:
    """The groups; a card by itself needs no heading."""
    groups: dict[tuple[str, ...], list[HeldReversal]] = defaultdict(list)
    for one in held:
        code = str(one.why.code) if one.why else ""
        groups[one.service, one.kind, one.state, code].append(one)
    for group in sorted(groups.values(), key=len, reverse=True):
        _group(group)


def _group(group: list[HeldReversal]) -> None:
    """Its heading, one press for all where they can be asked or tried again, and their cards."""
    first = group[0]
    mark = f"{first.reversal_id}-{first.effect_id}"
    head = st.container(horizontal=True, vertical_alignment="center", key=f"group-{mark}")
    head.markdown(f"**{plain(_heading(group))}**", width="stretch")
    if first.can_be_answered and all(one.askable for one in group):
        if head.button(t("Ask again"), icon=":material/sync:", key=f"ask-{mark}"):
            _for_all(group, lambda one: follow_up.ask_again(one.effect_id or 0))
    elif not first.can_be_answered and len(group) > 1:
        label = t("Try all {count} again").format(count=len(group))
        if head.button(plain(label), icon=":material/replay:", key=f"again-{mark}"):
            _for_all(group, lambda one: follow_up.retry_reversal(one.reversal_id))
    for one in group[:OPEN]:
        held_card(one)
    if len(group) > OPEN:
        with st.expander(plain(t("{count} more").format(count=len(group) - OPEN))):
            for one in group[OPEN:MOST]:
                held_card(one)


def _heading(group: list[HeldReversal]) -> str:
    """How many, where, what, and how much money hangs on it."""
    first = group[0]
    sums: Counter[str] = Counter()
    for one in group:
        sums[one.currency] += one.total_minor
    where = first.service or t("at the shop")
    kind = kinds().get(first.kind, first.kind)
    state = t("without an answer") if first.can_be_answered else t("refused")
    amounts = ", ".join(money(minor, code) for code, minor in sorted(sums.items()))
    parts = (f"{len(group)} · {where}", kind, state, amounts)
    return " · ".join(part for part in parts if part)


def _for_all(group: list[HeldReversal], act: Callable[[HeldReversal], None]) -> None:
    done = 0
    for one in group:
        try:
            act(one)
            done += 1
        except UserError as error:
            note_done(f"{one.order_name}: {t(error)}")
    again = shown("1 order is tried again."), shown("{count} orders are tried again.")
    note_done(counted(done, *again))
    st.rerun()
