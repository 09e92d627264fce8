"""What every page needs: the reader's language, who is working, the pile, and calm errors."""

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
import structlog
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import logs, rights
from core.audit import approvals, trail
from core.clock import day, now, uptime
from core.errors import UserError
from core.i18n import language
from core.i18n.reasons import sentence
from core.insight.reports import export
from core.orders.piles import piles
from core.people import presence, sessions
from core.people.sessions import PROOF_LASTS
from core.reasons import Reason, ReasonCode
from core.server import lifespan, reach
from core.server.first_visit.page import WIDTH_COOKIE
from core.server.sign_in import cookies
from core.settings import preferences
from core.store import db
from pages.common.plain import plain

log = structlog.get_logger(__name__)

NOBODY = "desk"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def chosen() -> preferences.Preferences:
    """The preferences as they are now."""
    with db.reading() as connection:
        return preferences.load(connection)


def prepare() -> None:
    """Read once a run what all pages need: the language and the seller's time zone."""
    wanted = chosen()
    st.session_state["_preferred"] = wanted.language in language.LANGUAGES and wanted.language
    st.session_state["_language"] = language.choose(wanted.language, st.context.locale)
    st.session_state["_zone"] = wanted.time_zone


def tongue() -> str:
    """The language of this reader: "en" or "ro"."""
    return str(st.session_state.get("_language", "en"))


def preferred() -> str:
    """The language that the desk was told to speak; "" where each reader's browser decides."""
    return str(st.session_state.get("_preferred") or "")


def t(text: str | ReasonCode | Reason | UserError | None) -> str:
    """The text, or the sentence of a reason or an error, in the reader's language."""
    if isinstance(text, UserError):
        text = text.reason
    if isinstance(text, ReasonCode):
        text = text.of()
    if text is None or isinstance(text, Reason):
        return sentence(text, tongue())
    return language.translate(text, tongue())


def counted(count: int, one: str, many: str) -> str:
    """The sentence of so many: `one` where it is 1, else `many` with its `{count}` filled in."""
    return t(one if count == 1 else many).format(count=count)


def reason(why: Reason | None) -> str:
    """A reason as the reader says it."""
    return sentence(why, tongue())


def money(minor: int, currency: str) -> str:
    """An amount in minor units as the reader writes it: "123.50 lei"."""
    return language.money(int(minor), currency, tongue())


def number(value: float, digits: int = 0) -> str:
    """A number as the reader writes it: "12,478", in Romanian "12.478"."""
    return language.number(value, tongue(), digits)


def percent(share: float, digits: int = 1) -> str:
    """A share in percent as the reader writes it."""
    return language.percent(share, tongue(), digits)


def short_money(minor: float, currency: str) -> str:
    """An amount for a headline, as the reader writes it: "298k lei"."""
    return language.short_money(round(minor), currency, tongue())


def zone() -> ZoneInfo:
    """The seller's time zone."""
    return ZoneInfo(str(st.session_state.get("_zone", "Europe/Bucharest")))


def today() -> dt.date:
    """The day it is for the seller, wherever the server stands."""
    return day(now(), zone())


def moment(at: dt.datetime | None) -> str:
    """A time in the seller's time zone, or a dash."""
    if at is None or pd.isna(at):
        return "–"
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return aware.astimezone(zone()).strftime("%d.%m.%Y %H:%M")


def last_used(at: dt.datetime | None) -> str:
    """When a way in was used last, in a few words."""
    return t("last used {when}").format(when=moment(at)) if at else t("not used yet")


def clock(at: dt.datetime) -> str:
    """The time of day of a moment, to the second, in the seller's time zone."""
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return aware.astimezone(zone()).strftime("%H:%M:%S")


def zoned(times: "pd.Series[Any]") -> "pd.Series[Any]":
    """Times of a table in the seller's time zone, as a spreadsheet shows them."""
    return pd.to_datetime(times, utc=True).dt.tz_convert(zone()).dt.tz_localize(None)


def beginning(day: dt.date | None) -> dt.datetime | None:
    """When a day begins where the seller is."""
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(), zone())


def person() -> str:
    """Who is working: whoever signed in, else the name in the bar or of this paired device."""
    who = rights.actor()
    if who.person_id is not None:
        return who.name
    return str(st.session_state.get("person") or "").strip() or NOBODY


Rights = tuple[str, ...]


def own_rights() -> Rights:
    """What whoever acts may do: part of the key of all that is kept for several sessions.

    What one was shown would else be shown to another, who may see less.
    """
    return tuple(sorted(rights.actor().rights))


def window() -> str:
    """What the page was opened in: "phone", "tablet" or "desk", by its window's width.

    Streamlit tells no width; the first words of its page do (`first_visit`).
    """
    width = st.context.cookies.get(WIDTH_COOKIE)
    return width if width in ("phone", "tablet") else "desk"


def remember_person() -> None:
    """Fill the name of a paired device in, once a session."""
    if "person" in st.session_state:
        return
    found = _session()
    st.session_state["person"] = found.person if found else st.query_params.get("by", "")


def name_person(field: str) -> None:
    """Take the name that was typed into this field."""
    st.session_state["person"] = str(st.session_state.get(field) or "").strip()


def ask_name(key: str) -> None:
    """Before what cannot be taken back: the field for a name, where none was given so far."""
    if person() == NOBODY or key in st.session_state:
        st.text_input(
            t("Who is working"), key=key, placeholder=t("Your name"),
            on_change=name_person, args=(key,),
        )  # fmt: skip


def _session() -> sessions.Session | None:
    """The session of this page's cookie; the gate let the page's socket in by the same."""
    held = st.context.cookies
    secret = held.get(cookies.bound(cookies.SECURE, reach.base())) or held.get(cookies.PLAIN)
    return sessions.cached_of_secret(secret) if isinstance(secret, str) and secret else None


def _acting() -> rights.Actor | None:
    """Who uses this page; None where no server of ours shows it."""
    station = lifespan.station()
    if station is None or get_script_run_ctx(suppress_warning=True) is None:
        return None
    found = _session()
    asked = presence.sign_in_on()
    typed = str(st.session_state.get("person") or "").strip()
    if found is not None and (found.person_id is not None or not asked):
        who = sessions.actor_of(found)
        return who if who.person_id is not None or not typed else replace(who, name=typed)
    if asked or station.network:
        return rights.NOBODY
    return rights.local_owner(typed)


rights.find_by(_acting)


def current_pile() -> piles.Pile | None:
    """The pile in the address (`?pile=3`), else the newest open one, else None."""
    asked = st.query_params.get("pile", "")
    found = piles.get(int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if found is None:
        found = next(iter(piles.open_piles()), None)
    if found is not None:
        st.query_params["pile"] = str(found.id)
    return found


def note_done(sentence: str) -> None:
    """Tell what was done, also after the page runs again."""
    st.session_state.setdefault("_done", []).append(sentence)


def show_done() -> None:
    """Show what was done by the run before this one."""
    for done in st.session_state.pop("_done", []):
        st.toast(plain(done), icon=":material/check:")


@contextmanager
def guard() -> Iterator[None]:
    """No raw exception reaches a page: it is logged under a number that the page shows."""
    try:
        yield
    except approvals.WaitsForAnother as waits:
        approvals.ask(waits)
        st.info(plain(t(waits.reason)), icon=":material/group:")
    except (rights.NotAllowed, rights.NotProved) as refused:
        st.error(plain(t(refused)), icon=":material/lock:")
    except Exception:
        reference = logs.new_reference()
        log.exception("page failed", reference=reference)
        st.error(
            plain(
                t(
                    "Something went wrong here; nothing was lost. Reload the page. If it happens "
                    "again, tell your administrator the number {reference}."
                ).format(reference=reference)
            ),
            icon=":material/error:",
        )


def guarded(show: Callable[..., None]) -> Callable[..., None]:
    """The same as `guard`, for a fragment or a dialog, which run by themselves."""

    @functools.wraps(show)
    def calm(*args: Any, **kwargs: Any) -> None:
        with guard():
            show(*args, **kwargs)

    return calm


def draw_part_again() -> None:
    """Run this fragment anew; the whole page where this run is of the whole page.

    Streamlit runs what is pressed together with what else was asked for at that moment, and
    refuses a fragment's rerun in a run of the page.
    """
    run = get_script_run_ctx()
    part_only = run is not None and bool(run.fragment_ids_this_run)
    st.rerun(scope="fragment" if part_only else "app")


def dialog(title: str, width: Literal["small", "large"] = "small") -> Callable[..., Any]:
    """A calm `st.dialog` whose title is in the language of who opens it, not of who was first."""

    def decorate(show: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(show)
        def opened(*args: Any, **kwargs: Any) -> None:
            st.dialog(plain(t(title)), width=width)(guarded(show))(*args, **kwargs)

        return opened

    return decorate


def as_now(make: Callable[[], bytes], name: str = "", rows: int = 0) -> Callable[[], bytes]:
    """The same for a file made when its button is pressed, in a thread that knows no page.

    With a `name` the record tells that it was taken out, with so many rows.
    """
    who, drawn = rights.actor(), uptime()

    def made() -> bytes:
        late = uptime() - drawn > PROOF_LASTS.total_seconds()
        with rights.acting(replace(who, proved=False) if late and who.person_id else who):
            if name:
                trail.file_exported(name, rows)
            return make()

    return made


def downloads(
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    name: str,
    key: str,
    sums: Mapping[str, str] | None = None,
    customers: str = "",
) -> None:
    """A CSV and an XLSX button for a table (or for what makes it), made only when pressed.

    `sums`: columns of money with the columns of their currencies, summed in the XLSX. `customers`:
    the column of their names, which leaves by `export.as_may_leave`.
    """

    def made(file: str) -> pd.DataFrame:
        found = export.as_may_leave(table() if callable(table) else table, customers)
        trail.file_exported(file, len(found))
        return found

    language_now = tongue()  # the button is pressed outside of this run
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            as_now(lambda: export.to_csv(made(f"{name}.csv"), language_now)),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            key=f"{key}-csv",
            on_click="ignore",
        )
        st.download_button(
            "XLSX",
            as_now(lambda: export.to_xlsx(made(f"{name}.xlsx"), sums=sums)),
            f"{name}.xlsx",
            XLSX,
            icon=":material/download:",
            key=f"{key}-xlsx",
            on_click="ignore",
        )
