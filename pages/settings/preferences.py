"""The shop's own choices, in plain words, with a warning where one is due."""

import streamlit as st

from core.errors import UserError
from core.i18n import language
from core.settings import preferences
from core.settings.preferences import Preferences
from core.store import db
from pages.common.plain import plain
from pages.common.session import chosen, note_done, t
from pages.review.words import documents, reasons

COSTS = ("shipping_out_minor", "shipping_back_minor", "cod_fee_minor", "handling_minor")


def preferences_tab() -> None:
    """The form; nothing changes before Save."""
    now = chosen()
    with st.form("preferences", border=False):
        left, right = st.columns(2, gap="large")
        changes: dict[str, object] = {}
        for side, groups in (
            (left, (_cancelling, _invoices, _returned)),
            (right, (_other, _keeping, _second)),
        ):
            for group in groups:
                with side.container(border=True):
                    changes |= group(now)
        wrong = st.container()  # above the button: on a phone what is below it lies under the links
        if not st.form_submit_button(t("Save"), type="primary"):
            return
    try:
        with db.writing() as connection:
            preferences.save(connection, **changes)
    except UserError as error:
        wrong.error(plain(t(error)))
        return
    note_done(t("Preferences saved."))
    st.rerun()


def _toggle(label: str, name: str, now: Preferences) -> bool:
    """A switch by its own key: the style sheet keeps its room while its script is on its way."""
    value = bool(getattr(now, name))
    return st.toggle(plain(label), value, key=f"toggle-{name}-{value}")


def _cancelling(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("Cancelling"))
    words = reasons()
    values: dict[str, object] = {
        "restock_default": _toggle(t("Put the goods back to stock"), "restock_default", now),
        "notify_default": _toggle(t("Tell the customer by e-mail"), "notify_default", now),
        "reason_default": st.selectbox(
            t("Reason"),
            list(words),
            list(words).index(now.reason_default),
            format_func=words.__getitem__,
        ),
        "staff_note": st.text_input(t("Staff note"), preferences.note_of(now), max_chars=200),
        "tag_after": st.text_input(t("Tag put on the order afterwards"), now.tag_after),
        "allow_fulfillment_cancel": _toggle(
            t("Cancel the shipment first where the shop asks for it"),
            "allow_fulfillment_cancel",
            now,
        ),
    }
    st.caption(t("The shop then forgets that the parcel was sent. Off: a person decides."))
    if values["staff_note"] == preferences.note_of(now):
        del values["staff_note"]  # unless it was written, it goes on following the language
    return values


def _invoices(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("Invoices"))
    words = documents()
    ways = ["storno", "annul"]
    revert = _toggle(t("Revert invoice on cancel order"), "revert_invoice_on_cancel", now)
    st.caption(t("Also for orders that somebody cancels at the shop by hand."))
    how = st.radio(
        t("How"), ways, ways.index(now.document), format_func=words.__getitem__, horizontal=True
    )
    st.caption(t("Annul only what was never sent to the customer or the tax office."))
    attribute = st.text_input(t("Order attribute that names the invoice"), now.invoice_attribute)
    st.caption(
        t(
            "Its value is service:series:number, for example smartbill:CVZ:0042. Tags that "
            "begin with this name and a colon count as well."
        )
    )
    return {
        "revert_invoice_on_cancel": revert, "document": how, "invoice_attribute": attribute,
    }  # fmt: skip


def _returned(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("Parcels that couriers report as returned"))
    wanted = _toggle(t("Propose a pile of them"), "propose_returned", now)
    st.caption(
        t(
            "Careful: a refused parcel may still be delivered, and one that counts as returned "
            "may never arrive. So nothing is cancelled by itself: the pile waits on the Review "
            "page until each parcel is scanned, or a person says that it is here."
        )
    )
    return {"propose_returned": wanted, **_found(now)}


def _found(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("Boxes that are found by their print"))
    own = st.text_area(
        t("Your own name and address as labels print it"),
        now.sender_lines,
        max_chars=400,
    )
    st.caption(
        t(
            "It stands on every label, so it says nothing about the order. A line each. What most "
            "labels of a pile bear is learnt without it."
        )
    )
    alone = _toggle(t("Take an order without a person"), "take_found_orders", now)
    st.caption(t("Only by a printed number with its check digit and a second field that agrees."))
    return {"take_found_orders": alone, "sender_lines": own}


def _keeping(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("How long customers are known"))
    titles = {
        "keep_contacts_months": t("Phone, e-mail, street: months"),
        "keep_names_months": t("Name, city, notes: months"),
        "keep_photos_months": t("Photos: months"),
        "keep_evidence_months": t("Answers of services: months"),
        "keep_photos_gb": t("All photos: GB"),
        "keep_scans_months": t("Scans and their photos: months"),
    }
    st.caption(t("0: kept. What is older is forgotten at night; invoices and sums stay."))
    values = {}
    rows = [st.columns(3, vertical_alignment="bottom") for _ in range(2)]  # by fields, not labels
    for name, column in zip(titles, [*rows[0], *rows[1]], strict=True):
        values[name] = column.number_input(titles[name], 0, 240, getattr(now, name))
    return values


def _second(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("A second person"))
    wanted = _toggle(t("Some things wait for a second person's yes"), "two_people", now)
    st.caption(
        t(
            "Large runs, money paid back, “all the same”, “send again”, changed addresses and "
            "passwords, forgetting a customer. Runs of one pile or one person within a day count "
            "together. Off: for a shop of one person."
        )
    )
    orders, limit, currency = st.columns(3, vertical_alignment="bottom")
    values = {
        "two_people": wanted,
        "two_people_orders": orders.number_input(
            t("Runs of more orders than"), 0, 100_000, now.two_people_orders
        ),
        "two_people_minor": 100
        * limit.number_input(
            t("Runs of a larger sum than"), 0, 10_000_000, now.two_people_minor // 100
        ),
        "two_people_currency": currency.text_input(
            t("Currency of that sum"), now.two_people_currency, max_chars=3
        )
        .strip()
        .upper(),
    }
    st.caption(
        t("A run in another currency always waits, however small: Refuz knows no exchange rates.")
    )
    return values


def _other(now: Preferences) -> dict[str, object]:
    st.markdown("#### " + t("Language, time and costs"))
    names = {"auto": t("As the browser"), **language.LANGUAGES}
    costs = {
        "shipping_out_minor": t("Shipping out, lei"),
        "shipping_back_minor": t("Shipping back, lei"),
        "cod_fee_minor": t("Cash on delivery fee, lei"),
        "handling_minor": t("Handling, lei"),
    }
    values: dict[str, object] = {
        "language": st.selectbox(
            t("Language"),
            list(names),
            list(names).index(now.language),
            format_func=names.__getitem__,
        ),
        "time_zone": st.text_input(t("Time zone"), now.time_zone),
        "missing_after_days": st.number_input(
            t("Days until a refused parcel counts as missing"), 1, 120, now.missing_after_days
        ),
        "repeat_refuser_tag": st.text_input(
            t("Tag for customers who refuse again and again"),
            now.repeat_refuser_tag,
            max_chars=40,
        ),
    }
    st.caption(t("In the list for Shopify that Analytics exports. Empty: no such list."))
    for name, column in zip(COSTS, [*st.columns(2), *st.columns(2)], strict=True):
        lei = column.number_input(costs[name], 0.0, 10000.0, getattr(now, name) / 100, 0.5)
        values[name] = round(lei * 100)
    return values
