"""Where to look before answering: a plain drawing of the service's own list, with our values."""

from html import escape

import streamlit as st

from core.i18n.letters import visible
from core.reversal.runs.follow_up import HeldReversal
from pages.common.pictures import shown_svg
from pages.common.plain import plain
from pages.common.session import money, t

LONGEST = 26  # characters that fit a cell of the drawing
ROW = """
<rect x="116" y="{y}" width="316" height="30" rx="4" class="{kind}"/>
<text x="126" y="{text}">{left}</text><text x="422" y="{text}" text-anchor="end">{right}</text>"""
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" class="where" viewBox="0 0 448 196">
<style>
.where {{ color-scheme: light dark; font: 13px "Source Sans", sans-serif; }}
.where text {{ fill: light-dark(#16211f, #e6efed); }}
.where .page {{ fill: light-dark(#fff, #182221); stroke: light-dark(#8a9a96, #52605d); }}
.where .head {{ fill: light-dark(#e4ebe9, #2c3a38); }}
.where .row {{ fill: light-dark(#f3f6f5, #0f1716); }}
.where .look {{ fill: light-dark(#ecfdf5, #0b3b34); stroke: light-dark(#0f766e, #2dd4bf);
  stroke-width: 2.5; stroke-dasharray: 6 4; }}
</style>
<rect x="1" y="1" width="446" height="194" rx="8" class="page"/>
<path d="M1 29V9a8 8 0 0 1 8-8h430a8 8 0 0 1 8 8v20z" class="head"/>
<circle cx="16" cy="15" r="4" class="row"/><circle cx="30" cy="15" r="4" class="row"/>
<text x="46" y="20">{title}</text>
<rect x="12" y="42" width="92" height="142" rx="4" class="row"/>
<text x="20" y="64" font-weight="700">{menu}</text>
<text x="116" y="58" font-weight="700">{heading}</text>
{rows}
<text x="116" y="180">{hint}</text>
</svg>"""


def where_to_look(one: HeldReversal) -> None:
    """The drawing, and the same in a sentence, for who does not see it."""
    if one.kind in ("storno", "annul"):
        asked = t("the storno of {target}?") if one.kind == "storno" else t("{target}, annulled?")
        looked = asked.format(target=one.target)
        menu, heading = t("Invoices"), t("Invoices and stornos")
        amount = money(-one.total_minor if one.kind == "storno" else 0, one.currency)
        rows = [(one.target, money(one.total_minor, one.currency), "row"), (looked, amount, "look")]
        hint = t("Search for the invoice's number or the customer.")
    else:
        menu, heading = t("Orders"), t("Orders")
        state = t("tagged?") if one.kind == "tag" else t("cancelled?")
        total = money(one.total_minor, one.currency)
        rows = [(f"{one.order_name} {one.customer}", total, "row"),
                (f"{one.order_name} · {state}", "", "look")]  # fmt: skip
        hint = t("Open the order and look at its state.")
    title = one.service or t("the shop")
    words = t("Look at {service}: {menu}, and there for the row that is marked.")
    label = words.format(service=title, menu=menu)
    st.write(plain(label))
    drawing = DRAWING.format(
        title=_cell(title), menu=_cell(menu, 12), hint=_cell(hint, 60),
        heading=_cell(heading), rows="".join(_row(at, *row) for at, row in enumerate(rows)),
    )  # fmt: skip
    # Not by `st.html`, which takes drawings out.
    st.image(shown_svg(drawing), width=448, alt=heading)


def _row(place: int, left: str, right: str, kind: str) -> str:
    y = 72 + 42 * place
    return ROW.format(y=y, text=y + 20, kind=kind, left=_cell(left), right=_cell(right, 18))


def _cell(text: str, most: int = LONGEST) -> str:
    """What strangers wrote is no markup, and does not leave its cell."""
    one_line = visible(" ".join(text.split()))
    return escape(one_line if len(one_line) <= most else one_line[: most - 1] + "…")
