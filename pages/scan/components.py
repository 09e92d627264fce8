"""The scan station's components: scripts of their own files, mounted by Streamlit."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.i18n import scripts
from core.reversal.runs.commands import BARCODES
from core.server import reach
from pages.common.session import person, tongue

ASSETS = Path(__file__).parents[1] / "components"


def _component(name: str) -> Callable[..., Any]:
    parts = {"css": "station.css", "js": "boot.js", "html": f"{name}.html"}
    texts: dict[str, Any] = {
        kind: (ASSETS / file).read_text(encoding="utf-8") for kind, file in parts.items()
    }
    return st.components.v2.component(f"refuz_{name}", **texts)


_hand, _camera, _drop = _component("hand"), _component("camera"), _component("drop")


def _script(name: str) -> str:
    return f"{reach.base()}/station/{name}"


def _data(pile_id: int, words: Mapping[str, str]) -> dict[str, object]:
    """What each of the scripts gets."""
    return {"pile": pile_id, "by": person(), "words": scripts.script_words(words, tongue())}


def hand_scanner(pile_id: int, on_scanned: Callable[[], None]) -> None:
    """Listen to hand scanners whatever has the focus; `on_scanned` runs after new verdicts."""
    commands = {code: command.value for command, code in BARCODES.items()}
    words = _data(pile_id, scripts.HAND)
    data = {"module": _script("hand.js"), "commands": commands, **words}
    _hand(key="hand", data=data, on_scanned_change=on_scanned)


def live_camera(pile_id: int) -> None:
    """The live camera: every label held before it becomes a scan."""
    data = {"module": _script("camera.js"), **_data(pile_id, scripts.CAMERA)}
    _camera(key="camera", data=data)


def drop_zone(pile_id: int) -> None:
    """Take photos by the hundred, one by one, and show what was read in each."""
    data = {"module": _script("drop.js"), **_data(pile_id, scripts.DROP)}
    _drop(key="drop", data=data)
