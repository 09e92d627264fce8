"""Why a proposed pile is not taken."""

from core.reasons import N_, ReasonCode


class ProposalCode(ReasonCode):
    """Why a proposed pile is not taken."""

    NOT_PROPOSED = "proposal_not_proposed", N_("This pile was not proposed by the couriers' word.")
