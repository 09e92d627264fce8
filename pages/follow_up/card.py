"""One held effect: its evidence, and the answers that only a person can give."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.clock import now
from core.i18n.words import shown
from core.reversal.runs import follow_up
from core.reversal.runs.follow_up import HeldReversal
from pages.common.plain import plain
from pages.common.session import dialog, moment, money, note_done, t
from pages.follow_up.where import where_to_look


def kinds() -> dict[str, str]:
    """What an effect does, in words."""
    return {
        "cancel": t("Cancel the order"),
        "storno": t("Storno"),
        "annul": t("Annul"),
        "fulfillment_cancel": t("Cancel the shipment"),
        "tag": t("Tag the order"),
    }


def held_card(one: HeldReversal) -> None:
    """The card; what it asks depends on what is known."""
    with st.container(border=True):
        kind = kinds().get(one.kind, one.kind)
        whose = " · ".join(
            part for part in (one.customer, money(one.total_minor, one.currency), _age(one)) if part
        )
        target = "" if one.target.startswith("gid://") else one.target
        head = " · ".join(part for part in (one.service, kind, target) if part)
        st.markdown(f"**{plain(one.order_name)}** {plain(whose)}  \n{plain(head)}")
        st.write(plain(t(one.why)))
        if one.sent_at:
            st.caption(
                plain(
                    t("Sent {time}, attempt {attempt}").format(
                        time=moment(one.sent_at), attempt=one.attempt
                    )
                )
            )
        if one.evidence:
            with st.expander(t("What the service answered"), icon=":material/search:"):
                for name, value in evidence_lines(one.evidence):
                    st.markdown(f"{plain(name)}: **{plain(value)}**")
        _links(one)
        with st.container(horizontal=True, key=f"answers-{one.reversal_id}-{one.effect_id}"):
            _answers(one)
            if st.button(t("I finish it by hand"), key=f"give-{one.reversal_id}-{one.effect_id}"):
                _give_up(one)


def _age(one: HeldReversal) -> str:
    """How long it waits: hours, then days."""
    since = one.sent_at or one.asked_at
    if since is None:
        return ""
    hours = int((now() - since).total_seconds() // 3600)
    if hours < 1:
        return t("since less than an hour")
    if hours < 48:
        return t("hours: {count}").format(count=hours)
    return t("days: {count}").format(count=hours // 24)


def evidence_lines(evidence: Mapping[str, object], above: str = "") -> list[tuple[str, str]]:
    """What was sent and answered, a line a value; an answer in JSON is taken apart as well."""
    lines: list[tuple[str, str]] = []
    for name, value in evidence.items():
        inner = _parsed(value)
        label = "" if isinstance(value, str) and inner is not value else t(str(name))
        whole = f"{above} {label}".strip().replace("_", " ")
        if isinstance(inner, Mapping):
            lines += evidence_lines(inner, whole)
        elif isinstance(inner, list):
            lines += evidence_lines({str(place + 1): one for place, one in enumerate(inner)}, whole)
        elif inner not in (None, ""):
            lines.append((whole or t("answer"), str(inner)))
    return lines


def _parsed(value: Any) -> Any:
    """A text that is JSON, opened; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:  # cut off
        return value


def _links(one: HeldReversal) -> None:
    """Where to look before answering."""
    links = [
        (t("Order in the shop"), one.order_page),
        (t("Documents at {service}").format(service=one.service), one.service_page),
    ]
    if any(page for _, page in links):
        with st.container(horizontal=True):
            for label, page in links:
                if page:
                    st.link_button(plain(label), page, icon=":material/open_in_new:")


def _answers(one: HeldReversal) -> None:
    mark = f"{one.reversal_id}-{one.effect_id}"
    if not one.can_be_answered or one.effect_id is None:
        if st.button(t("Try again"), key=f"retry-{mark}", type="primary"):
            _do(lambda: follow_up.retry_reversal(one.reversal_id), t("Tried again."))
        return
    yes, no = _said_of(one.kind)
    if st.button(yes, key=f"yes-{mark}", type="primary"):
        _exists(one)
    if st.button(no, key=f"no-{mark}"):
        _absent(one)


def _said_of(kind: str) -> tuple[str, str]:
    """The two answers to whether it was done, with what it is about."""
    match kind:
        case "storno":
            return t("The storno exists"), t("I checked, there is no storno")
        case "annul":
            return t("The invoice is annulled"), t("I checked, it is not annulled")
        case "cancel":
            return t("The order is cancelled"), t("I checked, it is not cancelled")
        case _:
            return t("It is done"), t("I checked, it is not done")


@dialog(shown("It exists"))
def _exists(one: HeldReversal) -> None:
    st.markdown(f"**{plain(one.order_name)}**")
    where_to_look(one)
    series = number = ""
    if one.kind == "storno":
        series = st.text_input(t("Series of the storno"))
        number = st.text_input(t("Number of the storno"))
    if st.button(t("Confirm"), type="primary"):
        effect = one.effect_id or 0
        _do(
            lambda: follow_up.answer_exists(effect, series, number),
            t("Written down; the run goes on."),
        )


@dialog(shown("I checked, it does not exist"))
def _absent(one: HeldReversal) -> None:
    st.markdown(f"**{plain(one.order_name)}**")
    where_to_look(one)
    st.warning(t("It will be sent once more. If it does exist, it would be done twice."))
    sure = st.checkbox(t("I looked at the service itself, just now"))
    if st.button(t("Send once more"), type="primary", disabled=not sure):
        effect = one.effect_id or 0
        _do(lambda: follow_up.answer_absent(effect), t("It is sent once more."))


@dialog(shown("By hand"))
def _give_up(one: HeldReversal) -> None:
    st.markdown(f"**{plain(one.order_name)}**")
    st.write(t("Refuz does no more about this order; the rest is done by hand."))
    why = st.text_input(t("Why"))
    if st.button(t("Leave it to me"), type="primary"):
        _do(lambda: follow_up.give_up(one.reversal_id, why), t("Left to be done by hand."))


def _do(act: Callable[[], None], done: str) -> None:
    try:
        act()
    except follow_up.AnswerError as error:
        st.error(plain(t(error)))
        return
    note_done(done)
    st.rerun()
