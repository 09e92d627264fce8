"""Why a photo is not taken in."""

from core.reasons import N_, ReasonCode


class PhotoCode(ReasonCode):
    """Why a photo is not taken in."""

    NO_PILE = "photo_no_pile", N_("This pile does not exist any more. Choose another one.")
    OF_ANOTHER = (
        "photo_of_another",
        N_("This photo is kept with another parcel. Take one of this parcel."),
    )
    EMPTY = "photo_empty", N_("This file is empty. Take the photo again.")
    TOO_LARGE = "photo_too_large", N_("This photo is larger than {limit} MB.")
    ORDER_NOT_HERE = (
        "photo_order_not_here",
        N_("This order is not in the pile. Scan its parcel first."),
    )
    GONE = "photo_gone", N_("There is no such picture.")
