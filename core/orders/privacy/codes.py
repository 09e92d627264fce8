"""Why a customer is not forgotten."""

from core.reasons import N_, ReasonCode


class PrivacyCode(ReasonCode):
    """Why a customer is not forgotten."""

    NO_ORDER = "privacy_no_order", N_("There is no such order.")
    UNDER_WAY = (
        "privacy_under_way",
        N_("An order of this customer is being processed. Wait until it is done."),
    )
