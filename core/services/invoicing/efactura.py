"""By when a storno must be filed with RO e-Factura.

Since 1 January 2026: within five working days of its issue, to companies, consumers and the state
alike (OUG 89/2025). The fines begin at 2,500 lei.
"""

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Literal, Protocol

from core.reasons import N_
from core.services.outcome import Outcome
from core.services.ports import InvoiceRef, SettingField

WORKING_DAYS = 5
FILES_ITSELF = SettingField(
    "files_itself",
    N_("Sends to e-Factura by itself"),
    N_(
        "A storno must be filed within five working days. SmartBill files by itself only where "
        "Configuration, e-Factura, automatic sending is on; Oblio where Settings, e-Factura says "
        "so. Switch it on there, then choose yes: its stornos are no longer listed in Follow-up, "
        "but for those that the service says were refused."
    ),
    default="no",
    choices=("no", "yes"),
    required=False,
)


@dataclass(frozen=True)
class Filing:
    """How far a document is on its way to RO e-Factura; `note`: the service's own words."""

    state: Literal["waiting", "refused", "filed"]
    note: str = ""


class TellsFiling(Protocol):
    """What an invoicing service offers besides, where `capabilities.tells.filing`."""

    def read_filing(self, document: InvoiceRef) -> Outcome[Filing]:
        """Whether this document was filed with e-Factura, as the service tells."""
        ...


def filing_deadline(issued_on: dt.date) -> dt.date:
    """The last day on which a document of this day is filed in time."""
    day, left = issued_on, WORKING_DAYS
    while left:
        day += dt.timedelta(days=1)
        left -= is_working_day(day)
    return day


def is_working_day(day: dt.date) -> bool:
    """Whether Romania works on this day: no weekend, no public holiday, Orthodox Easter's too."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@functools.cache
def _holidays(year: int) -> frozenset[dt.date]:
    import holidays  # takes a while, and few need it

    return frozenset(holidays.country_holidays("RO", years=year))
