"""What a failure of the connection means, and the error of a reading that ended early."""

import requests

from core.errors import RefuzError, TooLate
from core.services.codes import ServiceCode
from core.services.http.wire import UnknownName
from core.services.outcome import NotSent, Refused, RefusedForNow, Unknown


class CannotRead(RefuzError):
    """A reading ended early; `outcome` says why, the message is for people."""

    def __init__(self, outcome: NotSent | RefusedForNow | Refused | Unknown) -> None:
        """Keep the outcome, say its reason."""
        super().__init__(str(outcome.why))
        self.outcome = outcome


def not_sent(error: BaseException) -> ServiceCode:
    """Why a request could not leave."""
    if isinstance(error, (requests.ConnectTimeout, TooLate)):
        return ServiceCode.NOT_REACHED_IN_TIME
    if isinstance(error, requests.exceptions.SSLError):
        return ServiceCode.CERTIFICATE
    return ServiceCode.UNKNOWN_HOST if isinstance(error, UnknownName) else ServiceCode.NOT_REACHED


def unknown(error: BaseException) -> ServiceCode:
    """Why nothing is known of a request that had left."""
    late = isinstance(error, requests.Timeout)
    return ServiceCode.NO_ANSWER_IN_TIME if late else ServiceCode.BROKE_OFF
