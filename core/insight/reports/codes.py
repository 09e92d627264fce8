"""Why a report cannot be made."""

from core.reasons import N_, ReasonCode


class ReportCode(ReasonCode):
    """What is missing for it."""

    NO_PARCELS = "report_no_parcels", N_("There are no parcels yet: nothing to tell of.")
    NONE_GIVEN = (
        "report_none_given",
        N_("{courier} was given no parcel in {month}. Choose another month."),
    )  # month: 11.2026
