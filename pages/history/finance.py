"""Finance: each storno beside its invoice, a month's file with sums, none reversed twice."""

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from core.audit import trail
from core.reversal.runs import finance as books
from core.reversal.runs.finance import BilledAccount, FilingProgress
from core.services import registry
from pages.common.plain import plain, plain_names, show_grid
from pages.common.proof import names_in_files
from pages.common.session import beginning, downloads, moment, money, t, zoned

SHOWN = 300  # drawing thousands takes half a second at each run of the page
MOST = 100_000  # in a file


def finance() -> None:
    """What was reversed, narrowed by month, company and words."""
    now = books.standing()
    if not now.reversed and not now.twice:
        st.info(t("No storno yet. Run a pile on the Review page; its stornos appear here."))
        return
    _tell(now)
    month, account, words = _asked()
    since, before = _within(month)
    filing = _filing_words()
    frame = books.stornos(
        SHOWN + 1, words, since=since, before=before, account=account, filing_words=filing
    )
    if frame.empty:
        st.info(t("No storno fits. Choose another month or company, or search for less."))
        return
    shown = frame.head(SHOWN)
    named_ones = shown["customer"].ne("").sum()
    trail.names_shown("Finance", int(named_ones), f"{words} {month or ''} {account or ''}")
    rows = _file_rows(shown)
    columns = {t("Net"): shown.total_minor - shown.tax_minor, t("VAT"): shown.tax_minor,
               t("Total"): shown.total_minor}  # fmt: skip
    for name, amounts in columns.items():
        rows[name] = [
            "" if pd.isna(minor) else money(int(minor), str(code))
            for minor, code in zip(amounts, shown.currency, strict=True)
        ]
    right = st.column_config.TextColumn(alignment="right", width=110)
    show_grid(
        rows.drop(columns=t("Currency")),
        alt=t("Stornos"),
        column_config={
            t("When"): st.column_config.DatetimeColumn(format="DD.MM.YYYY HH:mm", width=140),
            **dict.fromkeys(columns, right),
        },
    )
    if len(frame) > SHOWN:
        more = t("The newest {count} are shown. Search for others; the files hold them all.")
        st.caption(more.format(count=SHOWN))
    named = f"stornos-{month:%Y-%m}" if month else "stornos"
    downloads(
        lambda: _file_rows(
            books.stornos(
                MOST, words, since=since, before=before, account=account, filing_words=filing
            )
        ),
        named,
        "stornos",
        sums=dict.fromkeys(columns, t("Currency")),
        customers=t("Customer"),
    )
    names_in_files("/history")


def _filing_words() -> dict[FilingProgress, str]:
    """What is known of a storno at the tax office, as the reader says it."""
    return {
        FilingProgress.FILED: t("filed"),
        FilingProgress.SEEN_TO: t("filed, by a person's word"),
        FilingProgress.WAITING: t("on its way"),
        FilingProgress.REFUSED: t("refused"),
        FilingProgress.BY_ITSELF: t("filed by the service itself"),
        FilingProgress.NOT_KNOWN: t("not known"),
        FilingProgress.NONE: "",
    }


def _tell(now: books.Standing) -> None:
    """How the books stand: stornos, and whether any invoice was reversed twice (rule 1)."""
    text = t("{count} reversed, {twice} twice").format(count=now.reversed, twice=now.twice)
    if now.checked_at is None:
        text += ". " + t("The services were not asked about them yet: that is done every night.")
    else:
        asked = t("checked with the services at {time}")
        text += ", " + asked.format(time=moment(now.checked_at))
    if now.twice:
        st.error(plain(text), icon=":material/error:")
    else:
        st.success(plain(text), icon=":material/verified:")


def _asked() -> tuple[dt.date | None, BilledAccount | None, str]:
    """The three filters: a month (its first day), a company, and words to search; None for all."""
    first, second, third = st.columns([1, 1, 2])
    months = {one: f"{one:%m.%Y}" for one in books.months()}
    month = first.selectbox(
        t("Month"), list(months), None, format_func=months.__getitem__, placeholder=t("All"),
        key="finance-month",
    )  # fmt: skip
    accounts = books.accounts()
    names = plain_names({one: _company(one) for one in accounts})
    account = second.selectbox(
        t("Company"), accounts, None, format_func=names.__getitem__, placeholder=t("All"),
        key="finance-account",
    )  # fmt: skip
    words = third.text_input(
        t("Search"), placeholder=t("order, customer, number, sum or day"), key="refuz-words"
    )
    return month, account, words.strip()


def _company(one: BilledAccount) -> str:
    title = registry.title_of(one.service)
    return f"{title} · {one.account}" if one.account else title


def _within(month: dt.date | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The month as the seller's clocks have it."""
    if month is None:
        return None, None
    after = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return beginning(month), beginning(after)


def _file_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows as a file has them: times are times, sums are numbers."""
    companies = [
        _company(BilledAccount(*pair))
        for pair in zip(frame["service"], frame["account"], strict=True)
    ]
    filing = _filing_words()
    return pd.DataFrame(
        {
            t("When"): zoned(frame["reversed_at"]),
            t("Order"): frame["order"],
            t("Customer"): frame["customer"],
            t("Company"): companies,
            t("Invoice"): frame["invoice"],
            t("Storno number"): [
                t("annulled") if gone else number
                for gone, number in zip(frame["annulled"], frame["storno"], strict=True)
            ],
            t("Net"): _whole(frame["total_minor"] - frame["tax_minor"]),
            t("VAT"): _whole(frame["tax_minor"]),
            t("Total"): _whole(frame["total_minor"]),
            t("Currency"): frame["currency"],
            t("e-Factura"): [filing[FilingProgress(one)] for one in frame["filing"]],
        }
    )


def _whole(minor: "pd.Series[Any]") -> "pd.Series[Any]":
    """Minor units as a number of the currency; empty where nothing is told."""
    return (minor.astype("Float64") / 100).round(2)
