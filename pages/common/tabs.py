"""Tabs that are drawn when they are opened: all at once, the first would wait for the others."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.common.plain import plain
from pages.common.session import guard


def tabs(parts: Mapping[str, Callable[[], None]], key: str) -> None:
    """A tab a name, each drawn by its function from its first opening on.

    Once opened it stays drawn: what was typed there and not saved is still there.
    """
    opened = st.session_state.setdefault(f"{key}-opened", set())
    shown = st.tabs([plain(name) for name in parts], on_change="rerun", key=key)
    for at, (draw, tab) in enumerate(zip(parts.values(), shown, strict=True)):
        if tab.open:
            opened.add(at)
        if at in opened:
            with tab, guard():
                draw()


def folded(parts: Mapping[str, Sequence[Callable[[], None]]], key: str) -> None:
    """An expander a name, closed at first, whose parts are drawn from its first opening on."""
    for at, (name, draws) in enumerate(parts.items()):
        box = st.expander(plain(name), on_change="rerun", key=f"{key}-{at}")
        if box.open:
            with box:
                for draw in draws:
                    with guard():
                        draw()
