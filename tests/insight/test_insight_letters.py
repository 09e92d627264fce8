"""Plotly takes some HTML for markup; what strangers wrote is drawn letter for letter."""

import datetime as dt
import html

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n.letters import visible
from core.insight.charts.style import Style, dress, letters

EVIL = '<a href="https://evil.example/x">Vas</a> <b>bold</b> A&B &lt; <img src=x onerror=alert(1)>'


@given(st.text())
def test_a_text_is_spelled_so_that_its_letters_come_back(text: str) -> None:
    spelled = letters(text)
    assert "<" not in spelled
    assert spelled.replace("&lt;", "<").replace("&amp;", "&") == visible(text)


def dressed(figure: go.Figure) -> go.Figure:
    return dress(figure, f"What is refused? {EVIL}", Style(t=lambda text: text), 7)


@pytest.mark.parametrize("kind", ["bar", "scatter", "heatmap"])
def test_no_label_of_any_kind_of_trace_is_markup(kind: str) -> None:
    figure = go.Figure()
    match kind:
        case "bar":
            figure.add_bar(x=[1, 2], y=[EVIL, "Vas"], name=EVIL, orientation="h", text=[EVIL, "a"])
        case "scatter":
            figure.add_scatter(x=[EVIL], y=[1.5], name="plain", hovertext=[EVIL])
        case "heatmap":
            figure.add_heatmap(x=[EVIL], y=[EVIL], z=[[1]])
    figure.add_annotation(text=EVIL)
    made = dressed(figure)
    drawn = made.to_plotly_json()
    strings: list[str] = []

    def collect(part: object) -> None:
        if isinstance(part, dict):
            for name, one in part.items():
                if name not in ("title", "template"):
                    collect(one)
        elif isinstance(part, list | tuple):
            for one in part:
                collect(one)
        elif isinstance(part, str):
            strings.append(part)

    collect(drawn)
    about = [one for one in strings if "evil.example" in one]
    assert about
    assert all("<" not in one and html.unescape(one) == EVIL for one in about)
    title = made.layout.title.text
    assert "<a" not in title
    assert "evil.example" in title
    assert title.startswith("<b>What is refused?")


def test_numbers_and_dates_stay_what_they_are() -> None:
    figure = go.Figure().add_bar(x=[dt.date(2026, 11, 1)], y=[3.5])
    made = dressed(figure)
    assert list(made.data[0].y) == [3.5]
    assert str(made.data[0].x[0]).startswith("2026-11-01")
