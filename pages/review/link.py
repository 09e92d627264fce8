"""Labels that fit no order, or several: one card a label, answered by one key each."""

import streamlit as st

from core.audit import trail
from core.errors import UserError
from core.finding import boxes
from core.matching import not_parcels
from core.orders.photos.cutout import cutout
from core.orders.piles import card as pile_view
from core.orders.piles import edits, questions
from core.orders.piles.questions import Choice, Question
from core.rights import Right, may
from pages.common.pictures import shown_jpeg
from pages.common.plain import plain
from pages.common.session import draw_part_again, guarded, moment, money, note_done, show_done, t

KEYED = 3  # candidates that have a key of their own
OFFERED = 8


@st.fragment
@guarded
def unresolved(pile_id: int | None, *, keyed: bool = True) -> None:
    """The label that a person must look at now, and how many are left; of all piles for None.

    The page says above how many there are, with the boxes.

    `keyed`: whether 1, 2, 3 and N answer; not where they answer something else on the page.
    """
    show_done()
    asked = boxes.to_look_at(pile_id)
    place = "all" if pile_id is None else str(pile_id)
    left = len(asked.questions)
    if not asked.count and not asked.beside_matched:
        st.caption(t("Every label found its order."))
        return
    if asked.beside_matched:
        template = t("Other codes on labels that matched, which ask nothing: {count}.")
        st.caption(
            template.format(count=len(asked.beside_matched)),
            help=plain(", ".join(asked.beside_matched[:50])),
        )
    if not left:
        return
    at = st.session_state.get(f"look-{place}", 0) % left
    _card(asked.questions[at], place, at, left, keyed=keyed, with_count=not asked.boxes)


def _card(one: Question, place: str, at: int, left: int, *, keyed: bool, with_count: bool) -> None:
    """`with_count`: whether it says how many are left, which a box above it says of all of them."""
    part = _cut(one.scan_ids[0])
    with st.container(border=True, key=f"question-{place}"):
        if part is None:  # half of the card would be empty
            answers = st.container()
        else:
            picture, answers = st.columns([1, 1], gap="large")
            with picture:
                st.image(shown_jpeg(part), width="stretch", alt=plain(one.code))
        with answers:
            st.markdown(f"#### {plain(one.code)}")
            if one.beside:
                st.caption(t("Also on this label:") + " " + plain(", ".join(one.beside)))
            if with_count:
                st.caption(t("{count} left").format(count=left))
            st.markdown(plain(t(one.why)))
            _answers(one, place, keyed=keyed)
            st.caption(plain(f"{moment(one.at)} · {one.by}"))
            if left > 1 and st.button(t("Later"), key=f"later-{place}", type="tertiary"):
                st.session_state[f"look-{place}"] = at + 1
                draw_part_again()


@st.cache_data(max_entries=40, ttl=600, show_spinner=False, scope="session")
def _cut(scan_id: int) -> bytes | None:
    """The label is cut by a reader once, not at each key of whoever looks for its order."""
    return cutout(scan_id)


def _answers(one: Question, place: str, *, keyed: bool) -> None:
    words = _searched(f"find-{place}-{one.scan_ids[0]}") if may(Right.NAMES) else ""
    # Candidates found by the label's text come in here, beside those of the code.
    found = [order.order_id for order in edits.search_orders(words)] if words.strip() else []
    trail.names_shown("search for an order", len(found), words)
    offered = questions.choices(found or one.candidates)[:OFFERED]
    if words.strip() and not found:
        st.caption(t("No order fits. Try three letters or more of the name or the number."))
    for number, choice in enumerate(offered, 1):
        if st.button(
            _choice_line(choice),
            key=f"pick-{place}-{one.scan_ids[0]}-{choice.parcel_id}",
            shortcut=str(number) if keyed and number <= KEYED else None,
            width="stretch",
            wrap=True,
        ):
            _link(one, choice)
    with st.container(horizontal=True):
        mark = f"{place}-{one.scan_ids[0]}"
        single = st.button(t("Not a parcel"), key=f"not-{mark}", shortcut="N" if keyed else None)
        help_ = plain(not_parcels.shape_of(one.code)) or None
        like = st.button(t("All like this"), key=f"not-all-{mark}", help=help_)
    if single or like:
        _not_parcel(one, like=like)


def _searched(key: str) -> str:
    hint = t("order number, name, phone or part of the AWB")
    return str(st.text_input(t("Find the order"), placeholder=hint, key=key) or "")


def _choice_line(choice: Choice) -> str:
    """Date, sum, town and items: what tells two orders of one customer apart."""
    card = pile_view.card(choice.order_id)
    if card is None:
        return plain(choice.tracking)
    items = ", ".join(f"{line.quantity} × {line.title}" for line in card.lines[:3])
    facts = [
        moment(card.created_at)[:10], money(card.total_minor, card.currency), card.customer_name,
        card.city, items, choice.tracking,
    ]  # fmt: skip
    return f"**{plain(card.name)}** · " + plain(" · ".join(part for part in facts if part))


def _link(one: Question, choice: Choice) -> None:
    try:
        for scan_id in one.scan_ids:
            edits.link_by_hand(scan_id, choice.parcel_id)
    except UserError as error:
        st.error(plain(t(error)))
        return
    note_done(t("Linked. The next parcel with this code matches by itself."))
    st.rerun()


def _not_parcel(one: Question, *, like: bool) -> None:
    """An answer that stays: this label, or all codes like its own, is never asked about again."""
    try:
        count = boxes.no_parcel(one, all_like=like)
    except UserError as error:
        st.error(plain(t(error)))
        return
    note_done(t("Kept. Codes that are not asked about any more: {count}.").format(count=count))
    st.rerun()
