"""The shop's own choices, typed, with defaults that are safe."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency
from sqlalchemy import Connection, delete, insert, select

from core.audit import approvals, trail
from core.audit.actions import Action
from core.clock import now
from core.errors import UserError
from core.i18n.language import translate
from core.i18n.words import shown
from core.rights import Right, door
from core.settings.codes import SettingsCode
from core.store.statements.signing import able
from core.store.tables import preferences


@dataclass(frozen=True)
class Preferences:
    """Everything that Settings → Preferences can change. Money in minor units."""

    restock_default: bool = False
    reason_default: str = "DECLINED"
    notify_default: bool = False
    revert_invoice_on_cancel: bool = True
    document: Literal["storno", "annul"] = "storno"
    allow_fulfillment_cancel: bool = False
    tag_after: str = "refused-returned"
    staff_note: str = shown("Refused parcel, scanned at the return desk")
    invoice_attribute: str = "invoice"
    time_zone: str = "Europe/Bucharest"
    language: Literal["auto", "en", "ro"] = "auto"
    missing_after_days: int = 14
    shipping_out_minor: int = 1800
    shipping_back_minor: int = 1500
    cod_fee_minor: int = 400
    handling_minor: int = 500
    repeat_refuser_tag: str = "refuses-parcels"
    propose_returned: bool = False
    take_found_orders: bool = False
    sender_lines: str = ""
    keep_contacts_months: int = 0
    keep_names_months: int = 0
    keep_photos_months: int = 0
    keep_photos_gb: int = 0
    keep_evidence_months: int = 0
    keep_scans_months: int = 0
    two_people: bool = False
    two_people_orders: int = 20
    two_people_minor: int = 500_000
    two_people_currency: str = "RON"

    @property
    def zone(self) -> ZoneInfo:
        """Where the merchant is: the day of every moment is the day there."""
        return ZoneInfo(self.time_zone)

    def __post_init__(self) -> None:
        """Refuse what could not work later. Raises UserError with a sentence for the page."""
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UserError(SettingsCode.NO_ZONE, zone=self.time_zone) from error
        if self.document not in ("storno", "annul"):
            raise UserError(SettingsCode.NO_DOCUMENT)
        if not is_currency(self.two_people_currency):  # ended ones too: they were saved once
            raise UserError(SettingsCode.NO_CURRENCY, currency=self.two_people_currency)
        if len(self.staff_note) > 200:
            raise UserError(SettingsCode.NOTE_TOO_LONG)


def note_of(wanted: Preferences) -> str:
    """The staff note that goes to the shop: the default one in the desk's language, if it has one.

    With "auto" there is none: each reader's browser has its own, so the note is English.
    """
    if wanted.staff_note != Preferences.staff_note or wanted.language == "auto":
        return wanted.staff_note
    return translate(wanted.staff_note, wanted.language)


_ALL = select(preferences.c.key, preferences.c.value)


def load(connection: Connection) -> Preferences:
    """The preferences as saved; what was never saved has its default."""
    known = {field.name for field in fields(Preferences)}
    saved = {row.key: row.value for row in connection.execute(_ALL)}
    return Preferences(**{key: value for key, value in saved.items() if key in known})


@door(Right.PREFER)
def save(connection: Connection, **changes: Any) -> Preferences:
    """Change some preferences; audited with the old and the new value. Raises UserError.

    The two-person rule is changed by two (`approvals.WaitsForAnother`), and begun only where two
    could say yes to everything: else nobody could end it again.
    """
    before = load(connection)
    after = replace(before, **changes)
    old, new = asdict(before), asdict(after)
    changed = {key: [old[key], new[key]] for key in new if old[key] != new[key]}
    rule = {key: new for key, (_, new) in changed.items() if key.startswith("two_people")}
    if rule:
        approvals.need(connection, approvals.ApprovalKind.RULE, "preferences", rule, rule)
    if rule.get("two_people") and able(connection, Right.PEOPLE) < 2:
        raise UserError(SettingsCode.TWO_PEOPLE)
    for key, (_, value) in changed.items():
        connection.execute(delete(preferences).where(preferences.c.key == key))
        connection.execute(insert(preferences).values(key=key, value=value, updated_at=now()))
    if changed:
        trail.record(connection, Action.PREFERENCES_CHANGED, "preferences", changed)
    return after
