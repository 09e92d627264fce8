"""What every shop's orders are read with: patience, money, customers and cash on delivery."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from core import clock
from core.clock import now
from core.errors import RefuzError
from core.reasons import N_, Reason, ReasonCode
from core.services import payments
from core.services.codes import ServiceCode
from core.services.http.failures import CannotRead
from core.services.outcome import NotSent, Refused, RefusedForNow, Unknown
from core.services.ports import SettingField

T = TypeVar("T")

TRIES = 6
LONGEST_WAIT = 20.0  # seconds that a reading waits for its turn before it gives up for now

# What the setting "cod_words" holds before anybody adds to it; `payments` knows many more.
COD_WORDS = "cash on delivery, cod, ramburs, plata la livrare, numerar la livrare"


PAYMENT_NAMES = (
    SettingField(
        "cod_words",
        N_("Names of cash on delivery"),
        N_("Words in the payment method's name, separated by commas."),
        default=COD_WORDS,
    ),
    SettingField(
        "prepaid_words",
        N_("Names of paying before"),
        N_(
            "Words in the names of other payment methods, separated by commas: Refuz asks about "
            "names of unpaid orders that it does not know."
        ),
        required=False,
    ),
)


class UnreadableOrder(RefuzError):
    """An order object without a field that every order has; `reason` names it."""

    def __init__(
        self, title: str, name: str, code: ReasonCode = ServiceCode.ORDER_UNREADABLE
    ) -> None:
        """`title`: the shop software's name; `name`: the order's, as far as it can be read."""
        self.reason = code.of(title=title, name=name)
        super().__init__(str(self.reason))


def patiently(ask: Callable[[], T | NotSent | RefusedForNow | Refused | Unknown]) -> T | Refused:
    """Ask until there is an answer: what fails for a moment is asked again. Raises CannotRead.

    Only for what changes nothing.
    """
    for attempt in itertools.count():
        outcome = ask()
        match outcome:
            case RefusedForNow(_, until):
                wait = (until - now()).total_seconds()
            case NotSent() | Unknown():
                wait = 0.2 * 2**attempt
            case _:
                return outcome
        if wait > LONGEST_WAIT or attempt >= TRIES:
            raise CannotRead(outcome)
        clock.sleep(max(0.0, wait))
    raise AssertionError("counting does not end")


def tell_unreadable(found: Sequence[Reason]) -> None:
    """Raise CannotRead with the first of them, and how many more; nothing where there is none."""
    if found:
        more = ServiceCode.AND_MORE_UNREADABLE.of(why=found[0], more=len(found) - 1)
        raise CannotRead(Unknown(more if len(found) > 1 else found[0]))


def lines_by_name(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by their name; of a name that comes again each other value has a line of its own."""
    found: dict[str, dict[str, None]] = {}
    for name, value in rows:
        found.setdefault(name, {})[value] = None
    return {name: "\n".join(values) for name, values in found.items()}


def minor(amount: object) -> int:
    """Money text such as "129.90" in hundredths. Raises decimal.InvalidOperation."""
    return int((Decimal(str(amount)) * 100).to_integral_value())


def names_cod(methods: Iterable[object], cod_words: str) -> bool:
    """Whether a payment method is collected at the door: by `payments`, or by these words."""
    return payments.names_cod(methods, cod_words)
