"""For readings that give many things one by one and so cannot give an outcome instead."""

from core.errors import RefuzError
from core.services.outcome import NotSent, Refused, RefusedForNow, Unknown


class CannotRead(RefuzError):
    """A reading ended early; `outcome` says why, the message is for people."""

    def __init__(self, outcome: NotSent | RefusedForNow | Refused | Unknown) -> None:
        """Keep the outcome, say its reason."""
        super().__init__(outcome.why)
        self.outcome = outcome
