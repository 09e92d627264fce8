"""One order of the pile in a panel at the side: everything that the list has no room for."""

from typing import Any

import streamlit as st

from core.errors import UserError
from core.labels import courier_titles
from core.orders.judge.reasons import OVER
from core.orders.photos.cutout import label_of
from core.orders.piles import card as pile_view
from core.orders.piles import edits, review, shop_choices
from pages.common.order_trail import order_trail
from pages.common.pictures import shown_jpeg
from pages.common.plain import dotted, plain
from pages.common.proof_photos import show_proofs
from pages.common.session import draw_part_again, moment, money, reason, t
from pages.review.bar import edited
from pages.review.words import conditions, documents, reasons


def panel(pile_id: int, order_id: int) -> None:
    """The panel, with the order's choices stored as soon as they are made."""
    rows = review.review(pile_id, order_ids=[order_id])
    card = pile_view.card(order_id)
    if rows.empty or card is None:
        return
    row = rows.iloc[0]
    with st.container(key="side-panel"):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.markdown(f"### {plain(card.name)}", width="stretch")
        close = head.button(
            t("Close"), icon=":material/close:", key="panel-close", shortcut="Escape"
        )
        if close:
            place, cell = st.session_state["panel-cell"]
            st.session_state[place] = cell
            draw_part_again()
        _facts(card, row)
        part = _label(pile_id, order_id, pile_view.newest_scan(pile_id))
        if part is not None:
            st.image(shown_jpeg(part), width="stretch", alt=t("Label"))
        if row["group"] not in OVER:
            _choices(pile_id, row)
        show_proofs(order_id)
        if st.button(t("What was done"), icon=":material/history:", key=f"trail-{order_id}"):
            order_trail(order_id, card.name)


@st.cache_data(max_entries=40, ttl=600, show_spinner=False, scope="session")
def _label(pile_id: int, order_id: int, newest: int) -> bytes | None:  # noqa: ARG001 (of the key)
    return label_of(pile_id, order_id)


def _facts(card: pile_view.Card, row: Any) -> None:
    place = ", ".join(part for part in (card.city, card.county) if part)
    whose = f"**{plain(card.customer_name)}**" if card.customer_name else ""
    paying = t("cash on delivery") if card.payment == "cod" else t("prepaid")
    total = f"**{plain(money(card.total_minor, card.currency))}**"
    placed = plain(moment(card.created_at))
    st.markdown(f"{dotted(whose, plain(place))}  \n{dotted(placed, total, paying)}")
    for line in card.lines:
        st.caption(plain(f"{line.quantity} × {line.title}"))
    for box in card.parcels:
        status = box.status_text or t(box.outcome or "no word from the courier")
        text = f"{courier_titles(box.courier)} {box.tracking} · {status}"
        st.caption(":material/local_shipping: " + plain(text))
    if row["held_by"] is not None:
        st.warning(plain(reason(row["held_by"])))
    for proof in row["proof"]:
        st.caption(":material/receipt_long: " + plain(reason(proof)))


def _choices(pile_id: int, row: Any) -> None:
    offered = shop_choices.offered(pile_id)
    mark = f"{pile_id}-{row['order_id']}"
    with st.form(f"options-{mark}", border=False):
        chosen: dict[str, object] = {
            "restock": st.toggle(t("Restock"), bool(row["restock"])),
            "included": st.toggle(t("Take along"), bool(row["included"])),
            "document": _select(t("Invoice will be"), documents(), row["document"]),
            "condition": _select(t("Condition"), conditions(), row["condition"]),
        }
        if "reason" in offered:
            chosen["reason"] = _select(t("Reason"), reasons(), row["reason"])
        if "notify" in offered:
            chosen["notify"] = st.toggle(t("Notify customer"), bool(row["notify"]))
        if "refund" in offered:
            words = {None: "–", True: t("Yes"), False: t("No")}
            kept = None if row["refund"] is None else bool(row["refund"])
            chosen["refund"] = _select(t("Refund a paid order"), words, kept)
        if "cancel_fulfillments" in offered:
            chosen["cancel_fulfillments"] = st.toggle(
                t("Cancel the shipment first"), bool(row["cancel_fulfillments"])
            )
        chosen["remark"] = st.text_input(t("Note"), row["remark"], max_chars=500)
        if "staff_note" in offered:
            chosen["staff_note"] = st.text_input(t("Staff note"), row["staff_note"], max_chars=255)
        if st.form_submit_button(t("Save"), type="primary", width="stretch"):
            _store(pile_id, row, chosen)


def _select(label: str, words: dict[Any, str], now: Any) -> Any:
    options = list(words)
    at = options.index(now) if now in options else 0
    return st.selectbox(plain(label), options, at, format_func=words.__getitem__)


def _store(pile_id: int, row: Any, chosen: dict[str, object]) -> None:
    """Write what was changed, and only that."""
    fresh = {name: value for name, value in chosen.items() if value != row[name]}
    if not fresh:
        return
    try:
        edits.set_options(pile_id, [int(row["order_id"])], **fresh)
    except UserError as error:
        st.error(plain(t(error)))
        return
    edited()
    st.rerun()
