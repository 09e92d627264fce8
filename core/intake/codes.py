"""Why a picture, or a code in it, could not be read."""

from core.reasons import N_, ReasonCode


class PictureCode(ReasonCode):
    """Why a picture, or a code in it, could not be read."""

    UNSURE = "picture_unsure", N_("The readers are not sure about this code.")
    UNREADABLE = "picture_unreadable", N_("This looks like a barcode and could not be read.")
    NOT_LOOKED_AT = (
        "picture_not_looked_at",
        N_("There are too many codes in this picture: this one was looked at only briefly."),
    )
    CRASHED = (
        "picture_crashed",
        N_("The reader stopped at this picture. Save or take it again; the others were read."),
    )
    TOO_SLOW = (
        "picture_too_slow",
        N_(
            "This picture took longer than {seconds} seconds to read. Take it again from "
            "another side."
        ),
    )
    TOO_MUCH_MEMORY = (
        "picture_too_much_memory",
        N_("This picture needs too much memory. Send a smaller one."),
    )
    TOO_MANY_PAGES = (
        "picture_too_many_pages",
        N_("This file has more than {limit} pages. Split it."),
    )
    NO_BARS = "picture_no_bars", N_("This text cannot be drawn as a barcode.")
    CANNOT_BE_OPENED = "picture_cannot_be_opened", N_("{name} cannot be opened ({said}).")
    NO_CAMERA_PICTURE = (
        "picture_no_camera_picture",
        N_("This is no camera picture. Load the page again."),
    )
    TOO_LARGE = (
        "picture_too_large",
        N_("This picture is too large. Take it again with a lower resolution."),
    )
    TOO_SMALL = (
        "picture_too_small",
        N_("This picture is too small to show a label. Send the photo itself."),
    )
    BROKEN = "picture_broken", N_("This picture is damaged. Take or copy it again.")
    CUT_OFF = (
        "picture_cut_off",
        N_("This file ends too early: only a part of the picture is there. Copy or send it again."),
    )
    NO_PICTURE = (
        "picture_no_picture",
        N_("This file is no picture. Send a photo (JPEG, PNG, HEIC, AVIF, WebP, TIFF) or a PDF."),
    )
    NO_PAGE = "picture_no_page", N_("This file has no such page.")
    BROKEN_PDF = "picture_broken_pdf", N_("This PDF cannot be opened. Save or print it again.")
    LOCKED_PDF = (
        "picture_locked_pdf",
        N_("This PDF asks for a password. Save or print it without one."),
    )
    SOME_PAGES = (
        "picture_some_pages",
        N_("Pages not read: {pages}. The rest was; send what is missing as photos."),
    )
    EMPTY = "picture_empty", N_("This file is empty. Copy or send it again.")
    FILE_TOO_LARGE = (
        "picture_file_too_large",
        N_("This file is larger than 40 MB. Send a smaller one."),
    )
    DRAWING = "picture_drawing", N_("This is a drawing or a web page, not a photo. Send a photo.")
    NO_PRINT_HERE = (
        "picture_no_print_here",
        N_("Printed text cannot be read here: install Refuz with its extra `text`."),
    )
    NOT_IN_PICTURE = (
        "picture_not_in_picture",
        N_("This code does not lie in its picture."),
    )
    NO_CUT_OUT = "picture_no_cut_out", N_("The label could not be cut out of its picture.")
