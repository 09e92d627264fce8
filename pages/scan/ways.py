"""The other ways in beside the hand scanner: camera, photos, one snapshot, a pasted list."""

import hashlib
import re
import uuid

import streamlit as st

from core.orders.photos import intake_queue
from core.server.scan_response import scan_code
from pages.common.plain import plain
from pages.common.session import t
from pages.scan.components import drop_zone, live_camera

ICONS = {
    "camera": ":material/videocam:",
    "photos": ":material/photo_library:",
    "snapshot": ":material/photo_camera:",
    "list": ":material/list:",
}
PICTURES = [
    "jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tif", "tiff", "bmp", "gif", "pdf",
]  # fmt: skip
EXAMPLES = ("7000201520995", "1ONB24303579965")  # the sandbox has both


def ways_in(pile_id: int) -> None:
    """One of four ways, chosen by the person; the camera runs only while it is shown."""
    names = {
        "camera": t("Camera"),
        "photos": t("Photos"),
        "snapshot": t("Snapshot"),
        "list": t("List"),
    }
    way = st.segmented_control(
        t("Way in"),
        list(names),
        default="photos",
        format_func=lambda name: f"{ICONS[name]} {names[name]}",
        key="way",
        label_visibility="collapsed",
    )
    shown = {"camera": live_camera, "snapshot": _snapshot, "list": _list}.get(way or "", _photos)
    with st.container(key=f"way-{way or 'photos'}"):
        shown(pile_id)


def _photos(pile_id: int) -> None:
    drop_zone(pile_id)
    with st.expander(t("Choose a few photos the plain way")):
        files = st.file_uploader(
            t("Photos"),
            accept_multiple_files=True,
            type=PICTURES,
            key=f"files-{pile_id}",
            label_visibility="collapsed",
        )
        for file in files or []:
            _take_once(pile_id, file.name, file.getvalue())


def _snapshot(pile_id: int) -> None:
    picture = st.camera_input(
        t("Photograph one or several labels"), resolution="1080p", key=f"snapshot-{pile_id}"
    )
    if picture is not None and _take_once(pile_id, "snapshot.jpg", picture.getvalue()):
        st.caption(t("Taken. What is read in it appears in the list."))


def _take_once(pile_id: int, name: str, data: bytes) -> bool:
    """Hand a picture over the first time this page sees it; a sentence where it is refused."""
    taken: set[tuple[int, str]] = st.session_state.setdefault("taken", set())
    picture = (pile_id, hashlib.sha256(data).hexdigest())
    if picture not in taken:
        try:
            intake_queue.add_picture(pile_id, data, name)
        except intake_queue.PictureRefused as refused:
            st.error(plain(f"{name}: {t(refused)}"))
            return False
        taken.add(picture)
    return True


def _list(pile_id: int) -> None:
    with st.form("list", clear_on_submit=True, border=False):
        text = st.text_area(t("Codes, one a line"), height=160, placeholder="\n".join(EXAMPLES))
        pressed = st.form_submit_button(t("Add to the pile"), icon=":material/add:")
    if pressed:
        _scan_list(pile_id, [code[:400] for code in codes_of(text)])


def codes_of(text: str) -> list[str]:
    """The codes of a pasted text, each once; a line with words in it ("AWB: 700…") is one code."""
    codes: list[str] = []
    for line in text.splitlines():
        parts = [part for part in re.split(r"[\s,;]+", line) if part]
        whole = all(re.search(r"\d", part) for part in parts)
        codes += parts if whole else [line.strip(" \t,;")]
    return list(dict.fromkeys(codes))


def _scan_list(pile_id: int, codes: list[str]) -> None:
    counts: dict[str, int] = {}
    with st.spinner(t("Looking up…")):
        paste = uuid.uuid4().hex
        for number, code in enumerate(codes):
            verdict = scan_code(pile_id, code, key=f"list-{paste}-{number}", source="list")
            counts[verdict.outcome] = counts.get(verdict.outcome, 0) + 1
    if not codes:
        st.warning(t("Paste at least one code."))
        return
    template = t("Codes: {all}. Matched: {matched}, to choose: {ambiguous}, not ours: {unmatched}.")
    each = {name: counts.get(name, 0) for name in ("matched", "ambiguous", "unmatched")}
    st.success(template.format(all=len(codes), **each))
