"""Why a courier's answer is as it is. `title`: the courier's own name."""

from core.reasons import N_, ReasonCode


class CourierTest(ReasonCode):
    """What "Test connection" finds at couriers."""

    CLIENT_ID = "test_client_id", N_("Use client id {client_id}")
    CLIENT_ID_NOT_TAKEN = "test_client_id_not_taken", N_("{title} does not take this client id.")
