"""The words of the station's scripts, from the same catalog as every other text."""

from collections.abc import Mapping

from core.i18n.language import translations
from core.i18n.sentences import N_

SIGNED_OUT = N_("This device is signed out. Sign in again.")
HAND: Mapping[str, str] = {
    "ready": N_("Scan a parcel."),
    "ready_note": N_("A hand scanner works at once, wherever the cursor is."),
    "no_pile": N_("Choose a pile first."),
    "garbled": N_("The scanner types for another keyboard. Scan “US keyboard” in its manual."),
    "word_ready": N_("Ready"),
    "word_good": N_("Good"),
    "word_seen": N_("Seen"),
    "word_bad": N_("Look"),
    "word_busy": N_("Reading"),
    "kept": N_("No connection. What was read is kept and sent again."),
    "ended": N_(
        "This device is not let in any more. What was read is kept here: sign in again, or scan a "
        "new code from the Scan page."
    ),
    "sound_on": N_("Sound on"),
    "sound_off": N_("Sound off"),
}
CAMERA: Mapping[str, str] = {
    "start": N_("Start camera"),
    "stop": N_("Stop camera"),
    "torch": N_("Torch"),
    "idle": N_("Hold each label before the camera for a moment."),
    "opening": N_("Opening the camera…"),
    "aim": N_("Hold the label in the picture."),
    "refused": N_("The browser may not use the camera. Allow it beside the address, try again."),
    "none": N_("No camera was found on this device."),
    "busy": N_("Another program uses the camera. Close that one and try again."),
    "insecure": N_("Cameras work only over HTTPS. Start Refuz with: make run HTTPS=1"),
    "offline": N_("No connection to the desk. Trying again…"),
    "signed_out": SIGNED_OUT,
}
DROP: Mapping[str, str] = {
    "ask": N_("Drop photos or a folder here, or press to choose. Hundreds are fine."),
    "legend": N_("Green: read. Amber: seen but not read; press it and type its code."),
    "folded": N_("Photos: {photos}, to look at: {look}"),
    "left_out": N_("No pictures, left out: {names}"),
    "close": N_("Close"),
    "progress": N_("{sent} of {chosen} sent, {read} read, {failed} not taken"),
    "type": N_("Type the code"),
    "lost": N_("No connection: it was not sent. Drop it again later."),
    "signed_out": SIGNED_OUT,
    "not_sent": N_("The desk cannot be reached. Press Enter to send it again."),
}
DESK: Mapping[str, str] = {
    "away": N_("The desk cannot be reached. What you scan is kept here and sent when it is back."),
}
# What Streamlit's own fields, tables and windows say in English only, as it says it.
OF_STREAMLIT = (
    N_("Upload"), N_("per file"), N_("Take Photo"), N_("Clear photo"),
    N_("This app would like to use your camera."), N_("Learn how to allow access."),
    N_("dd"), N_("mm"), N_("yyyy"), N_("Date range"), N_("Past Week"), N_("Past Month"),
    N_("Past 3 Months"), N_("Past 6 Months"), N_("Past Year"), N_("Past 2 Years"),
    N_("Choose date"), N_("Choose date range"), N_("start date"), N_("end date"),
    N_("day"), N_("month"), N_("year"), N_("Open"), N_("Skip to main content"), N_("Help"),
    N_("Close"), N_("Fullscreen"), N_("Close fullscreen"),
    N_("Download as CSV"), N_("Search"), N_("Type to search"), N_("Show/hide columns"),
    N_("Select all"), N_("Clear selection"), N_("Sort ascending"), N_("Sort descending"),
    N_("Autosize"), N_("Pin column"), N_("Unpin column"), N_("Hide column"), N_("Format"),
    N_("Automatic"), N_("Localized"), N_("Plain"), N_("Compact"), N_("Dollar"), N_("Euro"),
    N_("Yen"), N_("Percent"), N_("Scientific"), N_("Accounting"), N_("Distance"),
    N_("Calendar"), N_("Duration"),
    N_("Statistics"), N_("Count"), N_("Values"), N_("Empty"), N_("Distinct"), N_("Average"),
    N_("Median"), N_("Sum"), N_("Minimum"), N_("Maximum"), N_("Range"),
    N_("Standard deviation"), N_("Average length"), N_("Minimum length"), N_("Maximum length"),
)  # fmt: skip
PHONE: Mapping[str, str] = {
    **HAND,
    **CAMERA,
    "ready_note": N_("Point the camera at a label, or use a hand scanner."),
    "no_pile": N_("No pile chosen. Ask for a new code on the Scan page."),
    "type": N_("Type a code"),
    "add": N_("Add"),
    "pile": N_("Pile"),
    "photo": N_("Photo"),
    "photo_kept": N_("The photo is kept with this order."),
    "photo_lost": N_("No connection: the photo was not sent. Take it again later."),
    "do_undo": N_("Undo my last scan"),
    "do_opened": N_("Opened"),
    "do_damaged": N_("Damaged"),
    "do_missing_items": N_("Items missing"),
}


def script_words(words: Mapping[str, str], language: str) -> dict[str, str]:
    """These words in that language, as a script gets them; `sending` is no word."""
    catalog = translations(language)
    return {"sending": "…", **{name: str(catalog.gettext(text)) for name, text in words.items()}}


def streamlits_words(language: str) -> dict[str, str]:
    """What Streamlit says, and what that is in this language; nothing where it is the same."""
    catalog = translations(language)
    said = {text: str(catalog.gettext(text)) for text in OF_STREAMLIT}
    return {text: word for text, word in said.items() if word != text}
