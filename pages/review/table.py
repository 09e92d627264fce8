"""The review table: a row an order, with its choices stored as soon as they are made."""

import hashlib
from collections.abc import Callable, Set
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.labels import courier_titles
from core.orders.piles import card, checks, review, shop_choices
from core.orders.piles import edits as choices
from pages.common.plain import plain
from pages.common.session import moment, money, reason, said, t
from pages.review.words import GROUPS, conditions, documents, group_words, reasons

PAGE = 200
EDITED = (
    "included", "restock", "reason", "staff_note", "notify", "refund", "document",
    "accept_partial", "cancel_fulfillments", "condition", "remark",
)  # fmt: skip
SHOWN = [
    "picture", "tracking", "order", "what", "proof", "restock", "total", "customer", "lines",
    "invoices", "courier", "condition", "remark", "included", "reason", "staff_note", "notify",
    "document", "refund", "accept_partial", "cancel_fulfillments",
]  # fmt: skip
TEXTS = ("staff_note", "remark", "condition")  # emptied in the table they come back as None


@st.cache_data(ttl=5, max_entries=20, show_spinner=False)
def _groups(pile_id: int, stamp: tuple[int, ...]) -> pd.DataFrame:  # noqa: ARG001 (part of the key)
    return review.groups(pile_id)


@st.cache_data(ttl=5, max_entries=20, show_spinner=False)
def _rows(pile_id: int, ids: tuple[int, ...], stamp: tuple[int, ...]) -> pd.DataFrame:  # noqa: ARG001
    return review.review(pile_id, order_ids=ids)


def table(pile_id: int, by: str, run_id: int) -> None:
    """The groups, the choices for all, and one page of the table."""
    checks.look(pile_id)
    edits = st.session_state.get("_edits", 0)
    stamp = (card.newest_scan(pile_id), card.parcels_in(pile_id), run_id, edits)
    frame = _groups(pile_id, stamp)
    if frame.empty:
        st.info(t("This pile is empty. Scan parcels on the Scan page; they appear here."))
        return
    group = _group(frame)
    chosen = frame.loc[frame["group"] == group, "order_id"]
    if chosen.empty:
        st.caption(t("No order of this pile is in this group."))
        return
    _still_checked(int(frame["checking"].sum()))
    offered = shop_choices.offered(pile_id)
    if group != "done":
        _for_all(pile_id, by, offered)
    rows = _rows(pile_id, tuple(_page(chosen)), stamp)
    _editor(pile_id, by, rows, offered, locked=group == "done")


def _still_checked(count: int) -> None:
    """How many orders wait for what their services say, and which service cannot be asked."""
    if not count:
        return
    told = [plain(t("Being checked at their services: {count}.").format(count=count))]
    for one in checks.pauses():
        until = moment(one.until)
        told.append(plain(f"{one.service}: {reason(one.why)} ({until})"))
    st.caption(" ".join(told))


def _group(frame: pd.DataFrame) -> str:
    counts = frame["group"].value_counts()
    words = group_words()
    first = next((one for one in GROUPS if counts.get(one)), GROUPS[0])
    picked = st.segmented_control(
        t("Group"),
        GROUPS,
        default=first,
        format_func=lambda one: f"{words[one]} · {int(counts.get(one, 0))}",
        label_visibility="collapsed",
        key="review-group",
    )
    return picked or first


def _page(ids: "pd.Series[int]") -> list[int]:
    pages = -(-len(ids) // PAGE)
    number = min(st.pagination(pages, key="review-page"), pages) if pages > 1 else 1
    return ids.iloc[(number - 1) * PAGE : number * PAGE].tolist()


def _for_all(pile_id: int, by: str, offered: Set[str]) -> None:
    with st.expander(t("Choose for the whole pile"), icon=":material/checklist:"):
        first, second, third, fourth, fifth = st.columns(5)
        with first:
            restock = st.selectbox(t("Restock"), [True, False], None, format_func=_yes)
        with second:
            reason = _choice("reason", offered, t("Reason"), list(reasons()), reasons().__getitem__)
        with third:
            notify = _choice("notify", offered, t("Notify customer"), [True, False], _yes)
        with fourth:
            paper = st.selectbox(
                t("Invoice"), list(documents()), None, format_func=documents().__getitem__
            )
        with fifth:
            refund = _choice("refund", offered, t("Refund a paid order"), [True, False], _yes)
        note = ""
        if "staff_note" in offered:
            note = st.text_input(t("Staff note"), max_chars=255, key="all-note")
        if st.button(t("Set for all"), icon=":material/done_all:"):
            wanted = {
                "restock": restock, "reason": reason, "notify": notify, "document": paper,
                "refund": refund,
            }  # fmt: skip
            changes: dict[str, Any] = {name: one for name, one in wanted.items() if one is not None}
            if note.strip():
                changes["staff_note"] = note.strip()
            if not changes:
                st.warning(t("Choose something first."))
                return
            choices.set_options_of_pile(pile_id, by=by, **changes)
            _again()
            said(t("Set for every order of this pile."))
            st.rerun()


def _choice(
    name: str, offered: Set[str], label: str, values: list[Any], words: Callable[[Any], Any]
) -> Any:
    """The choice for all, where a shop of the pile can do it; else nothing, and no field."""
    return st.selectbox(plain(label), values, None, format_func=words) if name in offered else None


def _yes(value: bool) -> str:
    return t("Yes") if value else t("No")


def _again() -> None:
    st.session_state["_edits"] = st.session_state.get("_edits", 0) + 1
    st.session_state["_bulk"] = st.session_state.get("_bulk", 0) + 1


def _editor(pile_id: int, by: str, rows: pd.DataFrame, offered: Set[str], *, locked: bool) -> None:
    view = rows.copy()
    view["picture"] = [f"/api/photos/{sha}/thumbnail" if sha else None for sha in rows["sha256"]]
    view["courier"] = rows["courier"].map(courier_titles)
    shown = SHOWN if rows["sha256"].any() else SHOWN[1:]
    shown = [one for one in shown if one in offered or one not in shop_choices.ASKED_OF_THE_SHOP]
    view["total"] = [
        money(minor, code) for minor, code in zip(rows.total_minor, rows.currency, strict=True)
    ]
    view["what"] = [
        t(what) or reason(held) for what, held in zip(rows["what"], rows["held_by"], strict=True)
    ]
    view["proof"] = ["; ".join(map(reason, lines)) for lines in rows["proof"]]
    # The rows and each bulk change make a new editor: its edits are by place, and stored already.
    ids = ",".join(map(str, rows["order_id"]))
    mark = hashlib.sha256(ids.encode()).hexdigest()[:12]
    key = f"review-{pile_id}-{mark}-{st.session_state.get('_bulk', 0)}"
    st.data_editor(
        view[shown],
        key=key,
        hide_index=True,
        height=min(38 + 48 * len(view), 620),
        row_height=48,
        disabled=True if locked else [name for name in SHOWN if name not in EDITED],
        column_config=_columns(),
        on_change=_store,
        args=(key, pile_id, by, rows[["order_id", *EDITED]].to_dict("records")),
    )


def _store(key: str, pile_id: int, by: str, before: list[dict[str, Any]]) -> None:
    """Write what was changed in the table, and only that."""
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    for place, changes in edited.items():
        row = before[int(place)]
        fresh: dict[str, Any] = {
            name: value if value is not None else ""
            for name, value in changes.items()
            if name in EDITED and value != row[name] and (value is not None or name in TEXTS)
        }
        if not fresh:
            continue
        try:
            choices.set_options(pile_id, [int(row["order_id"])], by=by, **fresh)
        except UserError as error:
            said(t(str(error)))
    st.session_state["_edits"] = st.session_state.get("_edits", 0) + 1


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "picture": column.ImageColumn(t("Picture"), width="small"),
        "tracking": column.TextColumn(t("Tracking number"), width=170),
        "courier": column.TextColumn(t("Courier"), width="small"),
        "order": column.TextColumn(t("Order"), width=90),
        "customer": column.TextColumn(t("Customer")),
        "lines": column.TextColumn(t("Items"), width="medium"),
        "total": column.TextColumn(t("Total"), width=105, alignment="right"),
        "invoices": column.TextColumn(t("Invoice"), width="small"),
        "what": column.TextColumn(t("What will happen"), width=230),
        "proof": column.TextColumn(t("Proof"), width="medium"),
        "included": column.CheckboxColumn(t("Take along")),
        "restock": column.CheckboxColumn(t("Restock")),
        "reason": column.SelectboxColumn(
            t("Reason"), options=list(reasons()), required=True,
            format_func=lambda one: reasons()[str(one)],
        ),
        "staff_note": column.TextColumn(t("Staff note"), max_chars=255),
        "notify": column.CheckboxColumn(t("Notify customer")),
        "document": column.SelectboxColumn(
            t("Invoice will be"), options=list(documents()), required=True,
            format_func=lambda one: documents()[str(one)],
        ),
        "condition": column.SelectboxColumn(
            t("Condition"), options=list(conditions()),
            format_func=lambda one: conditions()[str(one)],
        ),
        "remark": column.TextColumn(t("Note"), max_chars=500),
        "refund": column.CheckboxColumn(
            t("Refund"), help=t("Give the money of a paid order back, the way it was paid.")
        ),
        "accept_partial": column.CheckboxColumn(
            t("Run with some parcels"), help=t("Run although not every parcel came back.")
        ),
        "cancel_fulfillments": column.CheckboxColumn(
            t("Cancel the shipment first"),
            help=t("Shopify cancels a paid and shipped order only without its shipment."),
        ),
    }  # fmt: skip
