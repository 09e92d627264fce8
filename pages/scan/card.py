"""The card of one parcel: whose it is, what is in it, and the one tap that ends it."""

import streamlit as st

from core.audit import approvals, trail
from core.i18n.words import shown
from core.labels import courier_titles
from core.orders.judge.reasons import JudgeCode
from core.orders.judge.rules import Judgement
from core.orders.piles import card as pile_view
from core.orders.piles.scans import GOING, ScanCode
from core.reasons import Reason
from core.reversal.runs import runs
from core.rights import Right, may
from core.store.states import OPEN_REVERSALS, ReversalState
from pages.common.plain import plain
from pages.common.session import ask_name, chosen, counted, dialog, money, reason, t
from pages.common.ways import way_to
from pages.scan.remark import remark

WAYS = (
    (False, shown("Without restock"), ":material/block:"),
    (True, shown("Restock"), ":material/inventory_2:"),
)
SAME: dict[str, str] = {  # what the judge says now, by what the scan said then
    ScanCode.DELIVERED: JudgeCode.DELIVERED,
    ScanCode.NOT_SHIPPED: JudgeCode.NOT_SHIPPED,
}


def draw_card(order_id: int, why: Reason | None, pile_id: int) -> None:
    """Draw the card with its buttons, or with what was done."""
    card = pile_view.card(order_id)
    if card is None:
        return
    if card.customer_name:  # once an hour a pile; whose card it was tells the scan itself
        trail.names_shown(f"cards of pile {pile_id}", 1)
    _head(card)
    untouched = card.reversal_state not in GOING and card.cancelled_at is None
    judged = runs.judged(card.order_id, pile_id) if untouched and may(Right.RUN) else None
    if why and not card.reversal_state and not (judged and _says(judged.reason, why)):
        st.warning(plain(t(why)), icon=":material/priority_high:")
    _lines(card)
    _facts(card)
    if judged is not None:
        _buttons(card, judged, pile_id)
    else:
        _way(card)
    remark(card.order_id, pile_id)


def _head(card: pile_view.Card) -> None:
    head = st.container(horizontal=True, vertical_alignment="bottom")
    head.markdown(f"### {plain(card.name)}", width="stretch")
    head.markdown(f"### {plain(money(card.total_minor, card.currency))}", width="content")
    place = ", ".join(part for part in (card.city, card.county) if part)
    name = f"**{plain(card.customer_name)}**"
    st.markdown(f"{name} · {plain(place)}" if place else name)


def _lines(card: pile_view.Card) -> None:
    for line in card.lines[:8]:
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        if line.image_url.startswith("https://"):
            row.image(line.image_url, width=44)
        row.markdown(plain(f"{line.quantity} × {line.title}"), width="stretch")
        row.markdown(plain(money(line.price_minor * line.quantity, card.currency)))
    if len(card.lines) > 8:
        more = shown("and 1 more line"), shown("and {count} more lines")
        st.caption(plain(counted(len(card.lines) - 8, *more)))


def _facts(card: pile_view.Card) -> None:
    payment = t("cash on delivery") if card.payment == "cod" else t("prepaid")
    st.caption(f":material/payments: {payment}")
    for parcel in card.parcels:
        status = parcel.status_text or t(parcel.outcome or "no word from the courier")
        st.caption(
            ":material/local_shipping: "
            + plain(f"{courier_titles(parcel.courier)} {parcel.tracking} · {status}")
        )
    if len(card.parcels) > 1:
        st.caption(t("This order has {count} parcels.").format(count=len(card.parcels)))


def _says(held_by: Reason | None, why: Reason) -> bool:
    """Whether the judge says now what the scan said then: once is enough."""
    return held_by is not None and SAME.get(why.code) == held_by.code


def _way(card: pile_view.Card) -> None:
    if card.reversal_state == ReversalState.DONE:
        _done(card)
    elif card.reversal_state in OPEN_REVERSALS:
        st.progress(0.5, text=t("Cancelling the order and reversing its invoice…"))
    elif card.reversal_state == ReversalState.NEEDS_PERSON:
        st.error(plain(t(card.reversal_why)), icon=":material/back_hand:")
        way_to("follow_up", t("Open Follow-up"))


def _buttons(card: pile_view.Card, judged: Judgement, pile_id: int) -> None:
    if st.session_state.get("refused", ("", ""))[0] == card.order_id:
        st.error(plain(st.session_state["refused"][1]))
    if judged.reason is not None:
        st.warning(plain(reason(judged.reason)), icon=":material/gavel:")
        remedy = reason(judged.remedy)
        if remedy:
            st.caption(plain(remedy))
        if judged.may_waive and st.button(
            t("Cancel all the same…"), key=f"same-{card.order_id}", width="stretch"
        ):
            _all_the_same(card, judged.reason, pile_id)
        return
    st.markdown("**" + t("Cancel order") + "**")
    preferred = chosen().restock_default
    row = st.container(horizontal=True, key="ways-to-cancel")
    for restock, label, icon in WAYS:
        row.button(
            f"{plain(t(label))} :small[{'S' if restock else 'W'}]",
            icon=icon,
            key=f"cancel-{card.order_id}-{restock}",
            type="primary" if restock == preferred else "secondary",
            width="stretch",
            on_click=_cancel,
            args=(card.order_id, restock, pile_id),
        )


@dialog(shown("Cancel all the same"))
def _all_the_same(card: pile_view.Card, held_by: Reason, pile_id: int) -> None:
    """The person's explicit act, with a reason that stays in the record."""
    st.markdown(f"**{plain(card.name)}**")
    st.warning(plain(reason(held_by)))
    why = st.text_input(t("Why all the same"), max_chars=300, key=f"same-why-{card.order_id}")
    ask_name(f"same-who-{card.order_id}")
    for restock, label, icon in WAYS:
        if st.button(
            plain(t(label)),
            icon=icon,
            key=f"same-{card.order_id}-{restock}",
            disabled=not why.strip(),
            width="stretch",
        ):
            _cancel(card.order_id, restock, pile_id, why)
            st.rerun()


def _cancel(order_id: int, restock: bool, pile_id: int, why: str = "") -> None:
    """Bound to the order that was on the card when the button was drawn."""
    st.session_state.pop("refused", None)
    try:
        runs.reverse_order(order_id, restock=restock, pile_id=pile_id, all_the_same=why)
    except runs.HeldByJudge as held:
        st.session_state["refused"] = (order_id, reason(held.reason))
    except runs.NothingToRun as nothing:
        st.session_state["refused"] = (order_id, t(nothing))
    except approvals.WaitsForAnother as waits:
        approvals.ask(waits)
        st.session_state["refused"] = (order_id, t(waits.reason))


def outcome_line(order_id: int) -> None:
    """How the parcel before this one ended: one line that stays."""
    card = pile_view.card(order_id)
    if card is None:
        return
    if card.reversal_state == ReversalState.DONE:
        st.markdown(f":green[:material/check_circle:] {plain(_what_was_done(card))}")
    else:
        st.markdown(
            f":red[:material/back_hand:] {plain(card.name)}: {plain(reason(card.reversal_why))}"
        )


def _done(card: pile_view.Card) -> None:
    st.success(plain(_what_was_done(card)), icon=":material/check_circle:")


def _what_was_done(card: pile_view.Card) -> str:
    parts = [t("Order {name} cancelled").format(name=card.name)]
    if card.restock:
        parts.append(t("restocked"))
    for invoice in card.invoices:
        if invoice.annulled_at is not None:
            parts.append(t("invoice {invoice} annulled").format(invoice=invoice.invoice))
        elif invoice.storno:
            words = t("invoice {invoice} reversed by {storno}")
            parts.append(words.format(invoice=invoice.invoice, storno=invoice.storno))
    return ", ".join(parts)
