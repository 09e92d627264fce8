"""Imports: orders, return numbers, invoices and courier reports from a spreadsheet."""

import itertools
from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from core.orders.imports import courier_report, door, importing
from core.orders.imports.columns import ALIAS_COLUMNS, INVOICE_COLUMNS, ORDER_COLUMNS
from core.services import registry
from core.settings import connections
from core.store import db
from pages.common.plain import plain, show_grid
from pages.common.session import moment, money, note_done, t, window
from pages.settings.invoice import choose_shop, typed_invoice

MOST_LISTED = 200
FIRST_ROWS = 5  # that are looked at before an import
BLANK = ""
NAMES = {"orders": ORDER_COLUMNS, "aliases": ALIAS_COLUMNS, "invoices": INVOICE_COLUMNS}
GUESSES: dict[str, Callable[[tuple[str, ...]], dict[str, str]]] = {
    "orders": importing.guess_columns,
    "aliases": importing.guess_alias_columns,
    "invoices": importing.guess_invoice_columns,
}


def imports_tab() -> None:
    """Choose what the file holds, confirm its columns, look at what will be read, import."""
    kinds = {
        "orders": t("Orders"),
        "aliases": t("Return numbers"),
        "invoices": t("Invoices"),
        "report": t("Courier report"),
        "typed": t("One invoice, typed in"),
    }
    kind = st.segmented_control(
        t("The file holds"),
        list(kinds),
        default="orders",
        format_func=kinds.__getitem__,
        key="import-kind",
    )
    if kind == "typed":
        typed_invoice()
        return
    types = ["csv", "xlsx", "txt", "xls", "ods", "html", "xml"]
    file = st.file_uploader(t("File with the list"), types, key=f"import-{kind}")
    if file is None or kind is None:
        st.caption(t("Drop the file here. Rows that cannot be read are named by their line."))
        return
    try:
        table = _opened(file.file_id, file.getvalue(), file.name)
        if kind == "report":
            _report(table)
        else:
            _table(kind, table)
    except importing.TableError as error:
        st.error(plain(t(error.reason)))


def _opened(file_id: str, data: bytes, name: str) -> importing.Table:
    """The file's table; opened once, however often the page runs."""
    opened = st.session_state.get("_import_table")
    if opened is None or opened[0] != file_id:
        opened = (file_id, door.open_table(data, name))
        st.session_state["_import_table"] = opened
    table: importing.Table = opened[1]
    return table


# ---------------------------------------------------------------- courier reports


def _report(table: importing.Table) -> None:
    day_first = None
    if courier_report.asks_for_day_order(table):
        day_first = _day_order()
    _as_it_stands(table)
    if not st.button(t("Import"), type="primary"):
        return
    got = courier_report.take_report(table, day_first=day_first)
    st.success(
        plain(
            t(
                "Rows read: {rows}. Parcels changed: {changed}. Return numbers learnt: {learnt}."
            ).format(rows=got.rows, changed=got.changed, learnt=got.learnt)
        )
    )
    _show_notes(got.notes)
    if got.unknown:
        st.caption(plain(t("No parcel has these numbers: ") + ", ".join(got.unknown[:MOST_LISTED])))


def _day_order() -> bool:
    """Asked once a file: how its 03/04/2026 is meant."""
    orders = {True: t("Day first: 03/04 is 3 April"), False: t("Month first: 03/04 is 4 March")}
    return bool(
        st.radio(t("The dates of this file"), list(orders), format_func=orders.get, horizontal=True)
    )


# ---------------------------------------------------------------- lists


def _table(kind: str, table: importing.Table) -> None:
    shop = None if kind == "aliases" else choose_shop()
    if kind != "aliases" and shop is None:
        st.info(t("Connect a shop first, under Connections."))
        return
    mapping = _mapping(kind, table)
    choices = importing.FileChoices()
    if kind != "aliases":
        choices = _choices(table, mapping, dates=kind == "orders")
    foretold: list[tuple[object, ...]] = []
    if kind == "orders":
        preview = importing.preview_orders(shop or 0, table, mapping, choices)
        foretold = _noted(preview.notes)
        _preview(preview)
    else:
        _first_rows(table, mapping)
    if not st.button(t("Import"), type="primary", key=f"import-{kind}-now"):
        return
    if kind == "orders":
        result = importing.import_orders(shop or 0, table, mapping, choices=choices)
    elif kind == "aliases":
        result = importing.import_aliases(table, mapping)
    else:
        result = importing.import_invoices(shop or 0, table, mapping, choices=choices)
    note_done(t("Import finished."))
    words = t("New: {added}. Brought up to date: {updated}. Rows taken whole: {taken} of {rows}.")
    text = words.format(
        added=result.added, updated=result.updated, rows=result.rows, taken=result.taken
    )
    st.success(plain(text))
    if _noted(result.notes) != foretold:  # else it stands above
        _show_notes(result.notes)


def _mapping(kind: str, table: importing.Table) -> dict[str, str]:
    """Our name → the header, as guessed and then as chosen."""
    guessed, names = GUESSES[kind](table.headers), NAMES[kind]
    options = [BLANK, *dict.fromkeys(header for header in table.headers if header)]
    mapping: dict[str, str] = {}
    with st.expander(
        t("Rows: {rows}. Is this the meaning of the columns?").format(rows=len(table.rows)),
        expanded=True,
    ):
        boxes = zip(names, _boxes(len(names)), strict=True)
        for place, (ours, column) in enumerate(boxes):
            index = options.index(guessed[ours]) if ours in guessed else 0
            label = t(ours.replace("_", " "))
            header = column.selectbox(
                plain(label), options, index,
                format_func=lambda name: name or "–", key=f"column-{kind}-{place}",
            )  # fmt: skip
            if header:
                mapping[ours] = header
    return mapping


def _choices(
    table: importing.Table, mapping: dict[str, str], *, dates: bool
) -> importing.FileChoices:
    """Where invoices are that do not say it themselves, and how the file's dates are meant."""
    titles = {slug: info.title for slug, info in registry.services("invoicing").items()}
    with db.reading() as connection:
        used = {one.service for one in connections.all_connections(connection, "invoicing")}
    options = [BLANK, *titles]
    index = options.index(next(iter(used))) if len(used) == 1 else 0
    first, second = st.columns(2)
    service = first.selectbox(
        t("Invoices without a service are at"), options, index,
        format_func=lambda slug: titles.get(slug, "–"), key="import-service",
    )  # fmt: skip
    series = second.text_input(t("Series of numbers without one"), key="import-series")
    asked = dates and importing.asks_for_day_order(table, mapping)
    return importing.FileChoices(
        _day_order() if asked else None, str(service or ""), series.strip()
    )


def _preview(preview: importing.Preview) -> None:
    """The first orders as they will be understood, and what will not be taken as it stands."""
    st.write(
        plain(
            t(
                "Rows: {rows}. Orders in them: {orders}. The first, as they will be understood:"
            ).format(rows=preview.rows, orders=preview.orders)
        )
    )
    show_grid(pd.DataFrame([_shown(one) for one in preview.first]))
    _show_notes(preview.notes)


def _shown(draft: importing.Draft) -> dict[str, str]:
    return {
        t("Line"): ", ".join(str(row) for row in draft.rows),
        t("Order"): draft.name,
        t("Parcels"): ", ".join(one.tracking for one in draft.parcels),
        t("Total"): money(draft.total_minor or 0, draft.currency or "RON"),
        t("Payment"): t(draft.payment or "cod"),
        t("Created"): moment(draft.created_at),
        t("Products"): ", ".join(f"{line.quantity} × {line.title}" for line in draft.lines),
        t("Invoices"): ", ".join(str(one) for one in draft.invoices),
    }


def _first_rows(table: importing.Table, mapping: dict[str, str]) -> None:
    """The first rows as they will be read: by what each column means, with their lines."""
    rows = [
        {t("Line"): line, **{t(name.replace("_", " ")): cell for name, cell in row.items()}}
        for line, row in itertools.islice(table.named(mapping), FIRST_ROWS)
    ]
    if rows and mapping:
        st.write(t("The first rows, as they will be read:"))
        show_grid(pd.DataFrame(rows))


def _as_it_stands(table: importing.Table) -> None:
    """The first rows of a file whose columns are known by its courier's headers."""
    names = [header or f"({place})" for place, header in enumerate(table.headers, 1)]
    rows = [
        dict(zip(names, [*cells, *[""] * len(names)], strict=False))
        for _, cells in table.rows[:FIRST_ROWS]
    ]
    st.write(t("Rows: {rows}. The first ones:").format(rows=len(table.rows)))
    show_grid(pd.DataFrame(rows, columns=list(dict.fromkeys(names))))


def _noted(notes: Iterable[importing.ImportNote]) -> list[tuple[object, ...]]:
    return sorted((one.line, one.column, one.value, str(one.reason), one.taken) for one in notes)


def _show_notes(notes: Iterable[importing.ImportNote]) -> None:
    listed = list(notes)
    if not listed:
        return
    st.warning(t("Places that need a look: {count}").format(count=len(listed)))
    what = t("What it is")
    rows = [
        {
            t("Line"): one.line or None,
            t("Column"): t(one.column.replace("_", " ")) if one.column else "",
            t("Value"): one.value,
            what: t(one.reason),
            t("Taken"): t("the rest of the row") if one.taken else t("no"),
        }
        for one in listed[:MOST_LISTED]
    ]
    if window() != "phone":
        show_grid(pd.DataFrame(rows))
        return
    # The sentence beside its line, on two lines of its own: the rest lies behind a scroll.
    names = [t("Line"), what, *(name for name in rows[0] if name not in (t("Line"), what))]
    wide = {t("Line"): st.column_config.Column(width=50), what: st.column_config.Column(width=275)}
    show_grid(pd.DataFrame(rows)[names], row_height=66, column_config=wide)


def _boxes(count: int) -> list["st.delta_generator.DeltaGenerator"]:
    made: list[st.delta_generator.DeltaGenerator] = []
    for start in range(0, count, 3):
        made += st.columns(3)[: min(3, count - start)]
    return made
