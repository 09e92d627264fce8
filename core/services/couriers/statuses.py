"""What a courier's status means: its code where we know it, else its words, else "unknown".

The order of the word rules is the point: "livrat la expeditor" (brought back to the sender)
contains "livrat" (delivered), so return and refusal are looked for first, failed tries next, and
"delivered" last. What no rule knows stays "unknown" with its text, and is never guessed.
"""

from collections.abc import Mapping
from typing import get_args

from core.services.http.texts import plain
from core.services.ports import ParcelStatus

# Words without diacritics, lower case; the first that is in the text decides.
RULES: tuple[tuple[str, ParcelStatus], ...] = (
    # Papers or money on their way back say nothing of the parcel.
    ("retur documente", "unknown"),
    ("retur ramburs", "unknown"),
    ("returnat la expeditor", "returned"),
    ("returnata la expeditor", "returned"),
    ("returnat expeditor", "returned"),
    ("livrat la expeditor", "returned"),
    ("livrata la expeditor", "returned"),
    ("livrat expeditor", "returned"),
    ("predat la expeditor", "returned"),
    ("predat expeditor", "returned"),
    ("retur livrat", "returned"),
    ("retur finalizat", "returned"),
    ("returned to sender", "returned"),
    ("returned to the sender", "returned"),
    ("delivered back", "returned"),
    ("delivered to sender", "returned"),
    ("refuz", "refused"),
    ("refused", "refused"),
    ("rejected", "refused"),
    ("respins", "refused"),
    ("retur", "returning"),  # also "return", "returned", "returning"
    ("pierdut", "lost"),
    ("parcel lost", "lost"),
    ("lost parcel", "lost"),
    ("is lost", "lost"),
    ("nelivrat", "failed"),
    ("nu a fost livrat", "failed"),
    ("nu a putut fi livrat", "failed"),
    ("livrare esuata", "failed"),
    ("livrare nereusita", "failed"),
    ("destinatar absent", "failed"),
    ("destinatar negasit", "failed"),
    ("adresa gresita", "failed"),
    ("adresa incompleta", "failed"),
    ("avizat", "failed"),
    ("reprogramat", "failed"),
    ("not delivered", "failed"),
    ("undelivered", "failed"),
    ("undeliverable", "failed"),
    ("unsuccessful", "failed"),
    ("delivery failed", "failed"),
    ("anulat", "cancelled"),
    ("cancelled", "cancelled"),
    ("canceled", "cancelled"),
    ("va fi livrat", "out"),
    ("urmeaza sa fie livrat", "out"),
    ("in curs de livrare", "out"),
    ("in livrare", "out"),
    ("spre livrare", "out"),
    ("out for delivery", "out"),
    ("to be delivered", "out"),
    ("in easybox", "out"),
    ("in locker", "out"),
    ("ridicat de destinatar", "delivered"),
    ("ridicata de destinatar", "delivered"),
    ("ridicat din easybox", "delivered"),
    ("livrat", "delivered"),
    ("delivered", "delivered"),
    ("tranzit", "transit"),
    ("transit", "transit"),
    ("depozit", "transit"),
    ("sortat", "transit"),
    ("ridicat", "transit"),
    ("preluat", "transit"),
    ("picked up", "transit"),
    ("expediat", "transit"),
    ("inregistrat", "created"),
    ("awb emis", "created"),
    ("created", "created"),
)

RETURN_SIDE: frozenset[ParcelStatus] = frozenset({"refused", "returning", "returned"})
STATUSES: frozenset[str] = frozenset(get_args(ParcelStatus))


def status_of_text(text: str) -> ParcelStatus:
    """What the courier's words mean, by the rules above; "unknown" where none fits."""
    words = plain(text)
    return next((status for pattern, status in RULES if pattern in words), "unknown")


def status_of(codes: Mapping[str, ParcelStatus], code: str, text: str) -> ParcelStatus:
    """What a code together with its words means.

    Words of return or refusal outweigh a code of another kind: a parcel that was "delivered back
    to the sender" must not count as delivered.
    """
    by_code, by_text = codes.get(code), status_of_text(text)
    if by_code not in RETURN_SIDE and by_text in RETURN_SIDE:
        return by_text
    return by_code or by_text
