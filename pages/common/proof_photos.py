"""The photos kept with a parcel: those its label was read in, and those a person adds as proof."""

import hashlib

import streamlit as st

from core.orders.photos import intake_queue, storage
from pages.common.pictures import shown_jpeg
from pages.common.plain import plain
from pages.common.session import draw_part_again, moment, t

WIDTH = 132  # pixels
KINDS = ["jpg", "jpeg", "png", "webp", "heic", "heif", "tif", "tiff"]


def show_proofs(order_id: int) -> None:
    """Small pictures in a row, each with time and person."""
    kept = [(one, storage.thumbnail(one.sha256)) for one in intake_queue.proofs(order_id)]
    drawn = [(one, shown_jpeg(file.read_bytes())) for one, file in kept if file is not None]
    if drawn:
        with st.container(horizontal=True, key=f"proofs-{order_id}"):
            for one, picture in drawn:
                caption = plain(f"{moment(one.added_at)} · {one.added_by}")
                st.image(picture, caption=caption, width=WIDTH)


def add_proof(pile_id: int, order_id: int) -> None:
    """Take a photo of how the parcel came back; a phone offers its camera."""
    mark = f"proof-{pile_id}-{order_id}"
    file = st.file_uploader(t("Photo of the parcel"), KINDS, key=mark)
    if file is None:
        return
    data = file.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    if st.session_state.get(f"kept-{mark}") == digest:
        return
    try:
        intake_queue.add_picture(pile_id, data, file.name, order_id)
    except intake_queue.PictureRefused as refused:
        st.error(plain(t(refused)))
        return
    st.session_state[f"kept-{mark}"] = digest
    st.toast(t("The photo is kept with this order."))
    draw_part_again()
