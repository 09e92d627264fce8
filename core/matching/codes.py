"""Why a code is not kept as no parcel."""

from core.reasons import N_, ReasonCode


class NotParcelCode(ReasonCode):
    """Why a code is not kept as no parcel."""

    EMPTY = "not_parcel_empty", N_("This code is empty. Scan the parcel again.")
    LIKE_PARCELS = (
        "not_parcel_like_parcels",
        N_("Parcels have numbers like this one. Say it of this code only."),
    )
