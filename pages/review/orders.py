"""The pile as an orders list: tabs with counts, six columns, ticks, and a bar at the bottom."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import streamlit as st

from core.audit import trail
from core.finding import boxes
from core.labels import courier_titles
from core.orders.piles import card, checks, review
from core.server import reach
from pages.common.needs_a_look import box_has_keys, needs_a_look
from pages.common.plain import pick_in_grid, plain, plain_names
from pages.common.session import Rights, guarded, moment, own_rights, reason, show_done, t, window
from pages.review.bar import bar, mark_of
from pages.review.held import held
from pages.review.link import unresolved
from pages.review.panel import panel
from pages.review.words import GROUPS, amounts, group_words, states

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

PAGE = 200
LOOK = "look"  # the tab of labels without an order
ROW = {"desk": 52, "tablet": 52, "phone": 66}  # pixels; from 65 on text goes on in a second line
TALLEST = 620


class _Drawn(NamedTuple):
    """What the tabs were drawn for: a pile, its newest run (0: none), and whether that is going."""

    pile_id: int
    run_id: int
    going: bool


@st.cache_data(ttl=5, max_entries=20, show_spinner=False)
def _groups(pile_id: int, stamp: tuple[int, ...], mine: Rights) -> pd.DataFrame:  # noqa: ARG001
    return review.groups(pile_id)


@st.cache_data(ttl=5, max_entries=20, show_spinner=False)
def _rows(
    pile_id: int,
    ids: tuple[int, ...],
    stamp: tuple[int, ...],  # noqa: ARG001 (part of the key)
    mine: Rights,  # noqa: ARG001
) -> pd.DataFrame:
    return review.review(pile_id, order_ids=ids)


@st.fragment(key="orders")
@guarded
def orders(pile_id: int, run_id: int, *, going: bool = False) -> None:
    """The tabs, and what lies in the chosen one; `going`: a run of this pile is under way."""
    checks.look(pile_id)
    show_done()  # what a press of this part did, which draws no other part
    stamp = (
        card.newest_scan(pile_id), card.parcels_in(pile_id), run_id,
        int(going), st.session_state.get("_edits", 0),
    )  # fmt: skip
    frame = _groups(pile_id, stamp, own_rights())

    asked = boxes.to_look_at(pile_id).count
    if frame.empty and not asked:
        st.info(t("This pile is empty. Scan parcels on the Scan page; they appear here."))
        return
    tab = _tabs(frame, asked, _Drawn(pile_id, run_id, going))
    if tab == LOOK:
        needs_a_look(pile_id)
        unresolved(pile_id, keyed=not box_has_keys(pile_id))  # one key, one answer
        return
    chosen = frame.loc[frame["group"] == tab, "order_id"]
    if chosen.empty:
        st.caption(t("No order of this pile is in this group."))
        return
    if tab != "will run" or st.session_state.pop("_entered", False):
        st.session_state.pop(f"listed-{pile_id}", None)
    listed = _steady(pile_id, chosen) if tab == "will run" else chosen
    ids = _page(listed)
    rows = _rows(pile_id, tuple(ids), stamp, own_rights())
    place = {one: at for at, one in enumerate(ids)}
    rows = rows.sort_values("order_id", key=lambda found: found.map(place), ignore_index=True)
    trail.names_shown(f"pile {pile_id}", len(rows))
    if tab in ("held", "delivered", "needs a person"):
        held(pile_id, rows)
        return
    _still_checked(int(frame["checking"].sum()))
    picked, opened = _table(pile_id, rows, done=tab == "done")
    if opened is not None:
        panel(pile_id, opened)
    if tab == "will run":
        bar(
            pile_id,
            picked,
            dict(zip(listed.tolist(), frame.loc[listed.index, "shown"], strict=True)),
        )


def _tabs(frame: pd.DataFrame, asked: int, now: _Drawn) -> str:
    """The tabs with their counts; gives the open one. `asked`: labels that wait for a look."""
    counts = {str(one): int(count) for one, count in frame["group"].value_counts().items()}
    counts[LOOK] = asked
    words = group_words(going=now.going)
    order = [GROUPS[0], LOOK, *GROUPS[1:]]
    if not counts.get("needs a person"):
        order.remove("needs a person")  # a room for trouble is shown when there is some
    _choose_tab(order, counts, now)
    picked = st.segmented_control(
        t("Group"),
        order,
        required=True,
        format_func=plain_names(
            {one: f"{words[one]} · {counts.get(one, 0)}" for one in order}
        ).__getitem__,
        label_visibility="collapsed",
        key="review-group",
    )
    return picked or GROUPS[0]


def _choose_tab(order: list[str], counts: dict[str, int], now: _Drawn) -> None:
    """Open a tab where no press says which: the first with something in it.

    A run empties the tab it was begun on: one goes along with its orders, to what needs a person
    where nothing was done.
    """
    before: _Drawn | None = st.session_state.get("review-drawn")
    st.session_state["review-drawn"] = now
    here = st.session_state.get("review-group")
    if here in order and (counts.get(here) or before == now):
        return
    asked_for = st.query_params.get("tab", "")  # a link to one tab, as the phone's page has it
    if here is None and asked_for in order:
        st.session_state["review-group"] = asked_for
        return
    run_changed = before is not None and before != now and before.pile_id == now.pile_id
    preferred = ("done", "needs a person", *order) if run_changed or now.going else order
    filled = (one for one in preferred if counts.get(one))
    st.session_state["review-group"] = next(filled, GROUPS[0])


def _page(ids: "pd.Series[int]") -> list[int]:
    """The ids of the page that is turned to, at most PAGE of them."""
    pages = -(-len(ids) // PAGE)
    number = min(st.pagination(pages, key="review-page"), pages) if pages > 1 else 1
    return ids.iloc[(number - 1) * PAGE : number * PAGE].tolist()


def _steady(pile_id: int, ready: "pd.Series[int]") -> "pd.Series[int]":
    """The orders to list: all that are ready, or, while some are ticked, those that were listed.

    No row moves under the hand that ticks; what got ready meanwhile is offered in a line, or comes
    last while nothing is ticked: a press is about the row that lay there. Who comes back to the
    page, or to the tab, has the newest first again.
    """
    key = f"listed-{pile_id}"  # absent: all
    if ready.isin(st.session_state.get(f"ticked-{pile_id}", ())).any():
        before = st.session_state.setdefault(key, ready.tolist())
        listed = _laid(ready[ready.isin(before)], before)
        joined = len(ready) - len(listed)
        many = t("{count} more are ready: show them")
        label = many.format(count=joined) if joined > 1 else t("1 more is ready: show it")
        if joined:
            st.button(
                plain(label), icon=":material/add:", key="show-joined",
                on_click=st.session_state.pop, args=(key, None),
            )  # fmt: skip
        return listed
    listed = _laid(ready, st.session_state.get(key, ()))
    st.session_state[key] = listed.tolist()
    return listed


def _laid(ids: "pd.Series[int]", before: Sequence[int]) -> "pd.Series[int]":
    """The ids in the order they had; new ones last."""
    place = {one: at for at, one in enumerate(before)}
    return ids.sort_values(key=lambda found: found.map(place), kind="stable", na_position="last")


def _still_checked(count: int) -> None:
    """How many orders wait for what their services say, and which service cannot be asked."""
    if not count:
        return
    lines = [plain(t("Being checked at their services: {count}.").format(count=count))]
    for one in checks.pauses():
        until = moment(one.until)
        lines.append(plain(f"{one.service}: {reason(one.why)} ({until})"))
    st.caption(" ".join(lines))


def _table(pile_id: int, rows: pd.DataFrame, *, done: bool) -> tuple[list[int], int | None]:
    """The list; gives the orders that are ticked, and the one whose row was pressed."""
    shown = pd.DataFrame(
        {
            "label": [
                f"{reach.base()}/api/pile/{pile_id}/labels/{row.order_id}" if row.sha256 else None
                for row in rows.itertuples()
            ],
            "order": rows["order"] + " " + rows["customer"],
            "lines": rows["lines"],
            "total": amounts(rows),
            "what": [_ended(row) if done else _will_happen(row) for row in rows.itertuples()],
            "courier": rows["courier"].map(courier_titles),
        }
    )
    shown = shown[_in_sight(window(), labels=bool(rows["sha256"].any()))]
    # The rows make the key: ticks are by place, and must not stay for other rows. What was ticked
    # goes along by its order where others leave the list. Rows that come last change no place.
    row, ids = ROW[window()], [int(one) for one in rows["order_id"]]
    mark, kept = mark_of(_begins_with(pile_id, ids)), f"ticked-{pile_id}"
    drawn, turns = f"drawn-{pile_id}", f"turns-{pile_id}"
    key = f"orders-{pile_id}-{mark}-{st.session_state.get(turns, 0)}"
    ticked = st.session_state.get(kept, ())

    def keep() -> None:
        """Before anything is drawn: a press on these rows counts, whatever the list will be."""
        rows = st.session_state[key].selection.rows
        st.session_state[kept] = [ids[place] for place in rows if place < len(ids)]
        if st.session_state[drawn] != key:  # others lay here already, without this tick
            st.session_state[turns] = st.session_state.get(turns, 0) + 1

    places = [] if done else [place for place, one in enumerate(ids) if one in ticked]
    st.session_state[drawn] = key
    state = pick_in_grid(
        shown,
        ["single-cell"] if done else ["multi-row", "single-cell"],
        "rerun" if done else keep,
        places,
        key=key,
        height=min(38 + row * len(shown), TALLEST),
        row_height=row,
        alt=t("Orders of this pile"),
        column_config=_columns(
            sorted({one for row in shown["what"] for one in row}), window(), done=done
        ),
    )
    picked = [ids[place] for place in state.selection.rows if place < len(ids)]
    if not done:
        st.session_state[kept] = picked
    return picked, _opened(f"{pile_id}-{mark}", state.selection.cells, ids)


def _begins_with(pile_id: int, ids: list[int]) -> list[int]:
    """The rows that this list was laid out with, if it begins with them still; else all of it."""
    key = f"began-{pile_id}"
    began = st.session_state.get(key)
    if not began or ids[: len(began)] != began:
        st.session_state[key] = began = ids
    return list(began)


def _in_sight(where: str, *, labels: bool) -> list[str]:
    """The columns in order: what will happen lies in sight without a scroll, also on a phone."""
    first = {
        "desk": ["label", "order", "lines", "total", "what"],
        "tablet": ["label", "order", "what", "total"],
        "phone": ["order", "what"],
    }[where]
    every = ("label", "order", "lines", "total", "what", "courier")
    listed = [*first, *(one for one in every if one not in first)]
    return listed if labels else [one for one in listed if one != "label"]


def _columns(badges: list[str], where: str, *, done: bool) -> "dict[str, ColumnConfig]":
    column = st.column_config
    order, what, label = {
        "desk": (230, 350, 90), "tablet": (205, 295, 76), "phone": (140, 185, 76)
    }[where]  # fmt: skip
    return {
        "label": column.ImageColumn(t("Label"), width=label),
        "order": column.TextColumn(t("Order"), width=order),
        "lines": column.TextColumn(t("Items"), width=270),
        "total": column.TextColumn(t("Total"), width=105, alignment="right"),
        "what": column.MultiselectColumn(
            t("What was done") if done else t("What will happen"),
            options=badges,
            color=[_colour(one) for one in badges],
            width=what,
        ),
        "courier": column.TextColumn(t("Courier"), width=110),
    }


def _opened(mark: str, cells: Sequence[Any], ids: Sequence[int]) -> int | None:
    """The order of the pressed cell, until its panel is closed."""
    cell = tuple(cells[0]) if cells else None
    if cell is None or cell == st.session_state.get(f"closed-{mark}"):
        return None
    st.session_state["panel-cell"] = (f"closed-{mark}", cell)
    st.session_state.pop(f"closed-{mark}", None)
    return ids[cell[0]] if cell[0] < len(ids) else None


def _will_happen(row: Any) -> list[str]:
    """Badges: stock, each invoice, and what else was chosen."""
    badges = [t("Restock") if row.restock else t("No restock")]
    if row.document == "none":
        badges.append(t("Invoice stays"))
    elif not row.invoices:
        badges.append(t("No invoice known"))
    else:
        verb = t("Annul {invoice}") if row.document == "annul" else t("Storno {invoice}")
        badges += [verb.format(invoice=one) for one in row.invoices.split(", ")]
    chosen = ((row.refund, t("Refund")), (row.notify, t("E-mail")))
    badges += [word for wanted, word in chosen if wanted]
    return [*badges, t("Being checked")] if row.checking else badges


def _ended(row: Any) -> list[str]:
    """Badges: how it ended, each storno; the invoices where there is none."""
    state = states().get(row.state) or reason(row.held_by)
    if row.stornos:
        template = t("Storno {invoice}")
        return [state, *(template.format(invoice=one) for one in row.stornos.split(", "))]
    return [state, *(row.invoices.split(", ") if row.invoices else [])]


def _colour(badge: str) -> str:
    words = states()
    meant = {
        t("Restock"): "green", t("Invoice stays"): "orange", t("No invoice known"): "orange",
        t("Refund"): "violet", t("E-mail"): "violet", words["done"]: "green",
        words["needs_person"]: "red", t("No restock"): "gray", t("Being checked"): "gray",
    }  # fmt: skip
    return meant.get(badge, "blue")
