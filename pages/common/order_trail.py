"""The trail of one order, oldest first: what was done, by whom and when; and the check of all."""

import json
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.audit import trail
from core.i18n.details import detail_line, subject_line
from core.i18n.reasons import action_sentence
from core.i18n.words import shown
from core.rights import Way
from core.services import registry
from core.store import db
from pages.common.plain import plain, show_grid
from pages.common.proof_photos import show_proofs
from pages.common.session import dialog, downloads, moment, t, tongue, zone

MOST = 500
WAYS = {
    Way.BROWSER: shown("browser"),
    Way.PHONE: shown("phone"),
    Way.API: shown("program"),
    Way.LOCAL: shown("this computer"),
    Way.HOST: shown("command line"),
    Way.WORKER: shown("worker"),
    Way.STRANGER: shown("nobody signed in"),
}


@dialog(shown("What was done"), "large")
def order_trail(order_id: int, name: str) -> None:
    """Over the page: the record of this order."""
    st.markdown(f"**{plain(name)}**")
    with db.reading() as connection:
        entries = trail.search(connection, order_id=order_id, limit=MOST)
    if not entries:
        st.info(t("Nothing has been done about this order yet."))
        return
    frame = record(entries[::-1])
    show_grid(frame)
    show_proofs(order_id)
    downloads(recorded(entries[::-1]), f"refuz-order-{name.strip('#')}", "order-trail")


def record(entries: list[trail.Entry]) -> pd.DataFrame:
    """Rows of the record, in the reader's words."""
    return pd.DataFrame(
        {
            t("When"): [moment(one.at) for one in entries],
            t("Who"): [one.actor for one in entries],
            t("What"): [action_sentence(one.action, one.detail, tongue()) for one in entries],
            t("About"): [subject_line(one.subject, tongue()) for one in entries],
            t("Details"): [detail_line(_titled(one.detail), tongue(), zone()) for one in entries],
            t("From where"): [_from_where(one) for one in entries],
        }
    )


def _titled(detail: Mapping[str, object]) -> Mapping[str, object]:
    """The detail, with the service that answered called as people know it."""
    evidence = detail.get("evidence")
    if not isinstance(evidence, Mapping) or not evidence.get("service"):
        return detail
    title = registry.title_of(str(evidence["service"]))
    return {**detail, "evidence": {**evidence, "service": title}}


def _from_where(one: trail.Entry) -> str:
    """The way in, the session and the address: "browser · session 4 · 10.0.0.7"."""
    way = t(WAYS[Way(one.way)]) if one.way in WAYS else one.way
    session = subject_line(f"session {one.session_id}", tongue()) if one.session_id else ""
    return " · ".join(filter(None, (way, session, one.address)))


def recorded(entries: list[trail.Entry]) -> pd.DataFrame:
    """The same for a file, with each row's detail also as it is kept and sealed."""
    kept = [json.dumps(one.detail, ensure_ascii=False, sort_keys=True) for one in entries]
    return record(entries).assign(**{t("As recorded"): kept})


def check_the_record(key: str) -> None:
    """A button that reads the whole record, and what came of it."""
    if not st.button(t("Check the record"), key=key, icon=":material/verified:"):
        return
    with db.reading() as connection:
        verdict = trail.verify(connection)
    if verdict.ok:
        st.success(plain(t("{rows} lines, none changed.").format(rows=verdict.rows)))
        return
    changed = t("Line {row} was changed outside Refuz. Compare with a backup.")
    st.error(plain(changed.format(row=verdict.broken_at)))
