"""Scans that match nothing, or several: search the order and link the code to its parcel."""

from collections.abc import Hashable
from typing import Any

import streamlit as st

from core.errors import UserError
from core.matching import not_parcels
from core.orders.piles import card as pile_view
from core.orders.piles import edits
from pages.common.plain import plain
from pages.common.session import guarded, moment, said, t

MOST = 50


@st.fragment
@guarded
def unresolved(pile_id: int | None, by: str) -> None:
    """One card a scan that needs a person's eye; all piles where `pile_id` is None."""
    waiting = pile_view.unresolved(pile_id, limit=MOST)
    st.markdown("##### " + t("Codes without an order") + f" · {len(waiting)}")
    if waiting.empty:
        st.caption(t("Every code found its order."))
        return
    for scan in waiting.to_dict("records"):
        _scan(scan, by, "all" if pile_id is None else "pile")


def _scan(scan: dict[Hashable, Any], by: str, place: str) -> None:
    scan_id = int(str(scan["scan_id"]))
    kind = t("Ambiguous") if scan["candidates"] else t("Unmatched")
    with st.container(border=True):
        st.markdown(f"**{plain(scan['code'])}** · {kind}")
        reason = scan["why"]
        st.caption(plain(f"{t(reason)} {moment(scan['at'])} · {scan['by']}"))
        if not scan["candidates"]:
            _not_parcel(str(scan["code"]), by, f"{place}-{scan_id}")
        words = st.text_input(
            t("Find the order"),
            placeholder=t("order number, name, phone or part of the AWB"),
            key=f"find-{place}-{scan_id}",
        )
        found = _options(words, scan["candidates"])
        if words.strip() and not found:
            st.caption(t("No order fits. Try three letters or more of the name or the number."))
        if not found:
            return
        parcel = st.selectbox(
            t("Parcel"),
            list(found),
            None,
            format_func=found.__getitem__,
            key=f"pick-{place}-{scan_id}",
        )
        if st.button(
            t("Link"), key=f"link-{place}-{scan_id}", disabled=parcel is None, type="primary"
        ):
            try:
                edits.link_by_hand(scan_id, int(parcel or 0), by)
            except UserError as error:
                st.error(plain(t(str(error))))
                return
            said(t("Linked. The next parcel with this code matches by itself."))
            st.rerun()


def _not_parcel(code: str, by: str, place: str) -> None:
    """An answer that stays: this code, or all like it, is never asked about again."""
    with st.container(horizontal=True):
        one = st.button(t("Not a parcel"), key=f"not-{place}")
        like = st.button(
            t("All like this"),
            key=f"not-all-{place}",
            help=plain(not_parcels.shape_of(code)) or None,
        )
    if not one and not like:
        return
    try:
        count = not_parcels.say_not_parcel(code, by, all_like=like)
    except UserError as error:
        st.error(plain(t(str(error))))
        return
    said(t("Kept. {count} codes are not asked about any more.").format(count=count))
    st.rerun()


def _options(words: str, candidates: object) -> dict[int, str]:
    orders = edits.search_orders(words) if words.strip() else _named(candidates)
    return {
        parcel_id: f"{order.name} · {order.customer_name} · {tracking}"
        for order in orders
        for parcel_id, tracking, _ in order.parcels
    }


def _named(candidates: object) -> list[edits.FoundOrder]:
    found: dict[int, edits.FoundOrder] = {}
    for order_id in candidates if isinstance(candidates, list) else []:
        card = pile_view.card(int(order_id))
        if card is not None:
            for one in edits.search_orders(card.name):
                if one.order_id == card.order_id:
                    found[one.order_id] = one
    return list(found.values())
