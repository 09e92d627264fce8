"""The scan station's components: scripts of their own files, mounted by Streamlit."""

from pathlib import Path

import streamlit as st

from pages.common.session import t

ASSETS = Path(__file__).parents[1] / "components"


def _component(name: str):
    parts = {"css": "station.css", "js": "boot.js", "html": f"{name}.html"}
    texts = {kind: (ASSETS / file).read_text(encoding="utf-8") for kind, file in parts.items()}
    return st.components.v2.component(f"refuz_{name}", **texts)


_hand, _camera, _drop = _component("hand"), _component("camera"), _component("drop")


def hand_scanner(pile_id: int, by: str, on_scanned) -> None:
    """Listen to hand scanners whatever has the focus; `on_scanned` runs after new verdicts."""
    words = {
        "ready": t("Ready. Scan a parcel."),
        "ready_note": t("A hand scanner works at once, wherever the cursor is."),
        "no_pile": t("Choose a pile first."),
        "sending": "…",
        "garbled": t("The scanner types for another keyboard. Scan “US keyboard” in its manual."),
        "kept": t("No connection. The code is kept and sent again."),
        "sound_on": t("Sound on"),
        "sound_off": t("Sound off"),
    }
    data = {"module": "hand.js", "pile": pile_id, "by": by, "words": words}
    _hand(key="hand", data=data, on_scanned_change=on_scanned)


def live_camera(pile_id: int, by: str) -> None:
    """The live camera: every label held before it becomes a scan."""
    words = {
        "start": t("Start camera"),
        "stop": t("Stop camera"),
        "torch": t("Torch"),
        "idle": t("Hold each label before the camera for a moment."),
        "opening": t("Opening the camera…"),
        "aim": t("Hold the label in the picture."),
        "refused": t("The browser may not use the camera. Allow it beside the address, try again."),
        "none": t("No camera was found on this device."),
        "busy": t("Another program uses the camera. Close that one and try again."),
        "insecure": t("Cameras work only over HTTPS. Start Refuz with: make run HTTPS=1"),
        "offline": t("No connection to the desk. Trying again…"),
    }
    data = {"module": "camera.js", "pile": pile_id, "by": by, "words": words}
    _camera(key="camera", data=data)


def drop_zone(pile_id: int, by: str) -> None:
    """Take photos by the hundred, one by one, and show what was read in each."""
    words = {
        "ask": t("Drop photos or a folder here, or press to choose. Hundreds are fine."),
        "legend": t("Green: read. Amber: seen but not read; press it and type its code."),
        "progress": t("{sent} of {chosen} sent, {read} read, {failed} not taken"),
        "type": t("Type the code"),
    }
    data = {"module": "drop.js", "pile": pile_id, "by": by, "words": words}
    _drop(key="drop", data=data)
