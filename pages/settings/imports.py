"""Imports: orders, return numbers, invoices and courier reports from a spreadsheet."""

from collections.abc import Callable

import streamlit as st

from core.orders.imports import courier_report, door, importing
from core.orders.imports.columns import ALIAS_COLUMNS, INVOICE_COLUMNS, ORDER_COLUMNS
from pages.common.session import said, t
from pages.settings.invoice import choose_shop, typed_invoice

SHOWN_BAD = 20
BLANK = ""


def imports_tab(by: str) -> None:
    """Choose what the file holds, confirm its columns, import."""
    kinds = {
        "orders": t("Orders"),
        "aliases": t("Return numbers"),
        "invoices": t("Invoices"),
        "report": t("Courier report"),
        "typed": t("One invoice, typed in"),
    }
    kind = st.segmented_control(
        t("The file holds"), list(kinds), default="orders", format_func=kinds.get, key="import-kind"
    )
    if kind == "typed":
        typed_invoice(by)
        return
    file = st.file_uploader(t("CSV or XLSX file"), ["csv", "xlsx", "txt"], key=f"import-{kind}")
    if file is None or kind is None:
        st.caption(t("Drop the file here. Rows that cannot be read are named by their line."))
        return
    try:
        if kind == "report":
            _report(file.getvalue(), by)
        else:
            _table(kind, door.open_table(file.getvalue(), file.name), by)
    except (importing.TableError, courier_report.ReportError) as error:
        st.error(t(str(error)))


def _report(data: bytes, by: str) -> None:
    if not st.button(t("Import"), type="primary"):
        return
    got = courier_report.import_courier_report(data, by)
    st.success(
        t("{rows} rows read, {changed} parcels changed, {learnt} return numbers learnt.").format(
            rows=got.rows, changed=got.changed, learnt=got.learnt
        )
    )
    for problem in got.problems[:SHOWN_BAD]:
        st.warning(problem)
    if got.unknown:
        st.caption(t("No parcel has these numbers: ") + ", ".join(got.unknown[:SHOWN_BAD]))


def _table(kind: str, table: importing.Table, by: str) -> None:
    guess: dict[str, Callable[[tuple[str, ...]], dict[str, str]]] = {
        "orders": importing.guess_columns,
        "aliases": importing.guess_alias_columns,
        "invoices": importing.guess_invoice_columns,
    }
    names = {
        "orders": ORDER_COLUMNS,
        "aliases": ALIAS_COLUMNS,
        "invoices": INVOICE_COLUMNS,
    }[kind]
    guessed = guess[kind](table.headers)
    shop = None if kind == "aliases" else choose_shop()
    if kind != "aliases" and shop is None:
        st.info(t("Connect a shop first, under Connections."))
        return
    with st.form(f"columns-{kind}"):
        st.write(t("{rows} rows. Is this the meaning of the columns?").format(rows=len(table.rows)))
        mapping = {}
        for place, (ours, column) in enumerate(
            (name, box) for name, box in zip(names, _boxes(len(names)), strict=True)
        ):
            options = [BLANK, *dict.fromkeys(header for header in table.headers if header)]
            index = options.index(guessed[ours]) if ours in guessed else 0
            header = column.selectbox(
                t(ours.replace("_", " ")), options, index, key=f"column-{kind}-{place}"
            )
            if header:
                mapping[ours] = header
        if not st.form_submit_button(t("Import"), type="primary"):
            return
    if kind == "orders":
        result = importing.import_orders(shop or 0, table, mapping, by)
    elif kind == "aliases":
        result = importing.import_aliases(table, mapping, by)
    else:
        result = importing.import_invoices(shop or 0, table, mapping, by)
    said(t("Import finished."))
    st.success(
        t("{added} new, {updated} brought up to date, {bad} rows left out.").format(
            added=result.added, updated=result.updated, bad=len(result.bad)
        )
    )
    for line, why in result.bad[:SHOWN_BAD]:
        st.warning(t("Line {line}: {why}").format(line=line, why=t(why)))


def _boxes(count: int) -> list["st.delta_generator.DeltaGenerator"]:
    made = []
    for start in range(0, count, 3):
        made += st.columns(3)[: min(3, count - start)]
    return made
