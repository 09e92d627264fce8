"""An invoice that no rule found: a person says which order it belongs to."""

import streamlit as st

from core.orders.imports import importing
from core.reversal.runs import external_cancellations
from core.services import registry
from core.settings import connections
from core.store import db
from pages.common.plain import plain
from pages.common.session import t


def typed_invoice() -> None:
    """The form; an order whose reversal is finished already goes on with the new invoice."""
    shop = choose_shop()
    if shop is None:
        st.info(t("Connect a shop first, under Connections."))
        return
    titles = {slug: info.title for slug, info in registry.services("invoicing").items()}
    with st.form("typed-invoice", clear_on_submit=False):
        first, second, third, fourth = st.columns(4)
        row = {
            "order": first.text_input(t("Order"), placeholder="#1001"),
            "service": second.selectbox(
                t("Invoicing service"), titles, format_func=titles.__getitem__
            ),
            "series": third.text_input(t("Series"), placeholder="CVZ"),
            "number": fourth.text_input(t("Number, as it is printed"), placeholder="0042"),
        }
        if not st.form_submit_button(t("Save"), type="primary", key="save-invoice"):
            return
    try:
        order_id, new = importing.type_in_invoice(shop, row)
    except importing.ImportNote as error:
        st.error(plain(t(error.reason)))
        return
    if not new:
        st.info(t("This invoice is known already."))
    elif external_cancellations.go_on_with(order_id):
        st.success(t("Saved. The order was processed before; its invoice is being reversed now."))
    else:
        st.success(t("Saved. It will be reversed with its order."))


def choose_shop() -> int | None:
    """The shop that a file or an invoice is about; asked for only where there are several."""
    with db.reading() as connection:
        shops = connections.all_connections(connection, "shop")
    names = {one.id: one.name for one in shops}
    if len(names) < 2:
        return next(iter(names), None)
    return st.selectbox(t("Shop"), list(names), format_func=names.__getitem__)
