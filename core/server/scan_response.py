"""A scan's result as the station's scripts get it: what to say, and how it sounds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from core import rights
from core.audit.names import for_reader
from core.errors import UserError
from core.i18n.language import translate
from core.i18n.letters import visible
from core.i18n.reasons import sentence
from core.i18n.sentences import N_
from core.orders.piles.pulse import pulse
from core.orders.piles.scans import NoSuchPile, ScanResult, take_scan, taken
from core.reasons import Reason
from core.reversal.runs import runs
from core.rights import Right
from core.server.http_helpers import CallCode, Problem
from core.store import db
from core.store.states import ScanVerdict
from core.store.tables import orders

QUIET_SOURCES = ("frame", "photo")  # a label carries other codes too: no beep for those

WORDS = {
    ScanVerdict.MATCHED: N_("Good"),
    ScanVerdict.SEEN: N_("Seen already"),
    ScanVerdict.DONE: N_("Processed already"),
    ScanVerdict.OTHER_PILE: N_("In another pile"),
    ScanVerdict.CANCELLED: N_("Cancelled already"),
    ScanVerdict.DELIVERED: N_("Delivered"),
    ScanVerdict.NOT_SHIPPED: N_("Not shipped"),
    ScanVerdict.AMBIGUOUS: N_("Several fit"),
    ScanVerdict.UNKNOWN: N_("Not ours"),
    ScanVerdict.UNSURE: N_("Hard to read"),
    ScanVerdict.NOT_TRACKING: N_("Another code"),
}  # in one or two words, to be read from two metres
HELD = N_("Held")
CHECKING = N_("Its invoice is being checked.")


@dataclass(frozen=True)
class StationAnswer:
    """What the person at the station hears and reads. `total_minor` in `currency`.

    `held`: why the judge holds back an order whose scan is good. `checking`: what a service says
    of its invoice is still to be read. `pulse`: of the pile with this scan, so that its page does
    not follow the same change twice.
    """

    result: ScanResult
    sound: str
    customer: str = ""
    total_minor: int = 0
    currency: str = ""
    held: Reason | None = None
    checking: bool = False
    pulse: str = ""

    @property
    def outcome(self) -> str:
        """Matched, ambiguous or unmatched."""
        return self.result.outcome

    def say(self, language: str = "en") -> str:
        """One line: the order, and what is the matter with it if anything is."""
        named = (visible(self.result.order_name), visible(self.customer))
        parts = (*named, self.why(language))
        return " · ".join(filter(None, parts)) or sentence(CallCode.NOT_KNOWN.of(), language)

    def why(self, language: str = "en") -> str:
        """What is the matter with the scan, else with its order."""
        scan, order = sentence(self.result.why, language), sentence(self.held, language)
        checking = translate(CHECKING, language) if self.checking else ""
        return " ".join(filter(None, (scan, order, checking)))

    def as_json(self, language: str = "en") -> dict[str, object]:
        """The fields of the answer: `reason` as code and parameters, `why` its sentence."""
        result = self.result
        return {
            "id": result.scan_id,
            "verdict": result.verdict,
            "outcome": result.outcome,
            "sound": self.sound,
            "word": translate(HELD if self.held else WORDS[result.verdict], language),
            "say": self.say(language),
            "why": self.why(language),
            "reason": result.why.as_json() if result.why else None,
            "held": self.held.as_json() if self.held else None,
            "checking": self.checking,
            "code": result.code,
            "order": result.order_name,
            "order_id": result.order_id,
            "tracking": result.tracking,
            "customer": self.customer,
            "total_minor": self.total_minor,
            "currency": self.currency,
            "candidates": list(result.candidates),
            "repeated": result.repeated,
            "pulse": self.pulse,
        }


def scan_code(
    pile_id: int,
    code: str,
    *,
    key: str,
    source: str,
    format: str = "",  # noqa: A002 (the reader's own word)
    sha256: str = "",
    corners: Sequence[Sequence[float]] | None = None,
    weak: bool = False,
    sight: str = "",
) -> StationAnswer:
    """Store one scan and say what it is. Raises Problem with a sentence."""
    try:
        result = take_scan(
            pile_id,
            code,
            format,
            source=source,
            key=key,
            sha256=sha256 or None,
            corners=corners,
            weak=weak,
            sight=sight,
        )
    except NoSuchPile as error:
        raise Problem(404, error.reason) from error
    except UserError as error:
        raise Problem(400, error.reason) from error
    return _answer_of(result, source, pile_id)


def stored_verdict(pile_id: int, key: str, source: str) -> StationAnswer | None:
    """What a scan is by now: another code of its label may have matched since."""
    result = taken(pile_id, key)
    return None if result is None else _answer_of(replace(result, repeated=False), source, pile_id)


def _answer_of(result: ScanResult, source: str, pile_id: int) -> StationAnswer:
    quiet = result.verdict == ScanVerdict.NOT_TRACKING and source in QUIET_SOURCES
    answer = _with_order(result, "quiet" if quiet else result.sound, pile_id)
    return replace(answer, pulse=pulse(pile_id))


def _with_order(result: ScanResult, sound: str, pile_id: int) -> StationAnswer:
    if result.order_id is None:
        return StationAnswer(result, sound)
    with db.reading() as connection:
        row = connection.execute(
            select(orders.c.customer_name, orders.c.total_minor, orders.c.currency).where(
                orders.c.id == result.order_id
            )
        ).one()
    name = row.customer_name if rights.may(Right.NAMES) else ""
    answer = StationAnswer(result, sound, name, row.total_minor, row.currency)
    if result.verdict != ScanVerdict.MATCHED:
        return answer
    judged = runs.judged(result.order_id, pile_id)
    if judged.group in ("held", "delivered"):
        # Two tones: it lies on the pile, and somebody decides in Review.
        return replace(answer, sound="seen", held=for_reader(judged.reason))
    return replace(answer, checking=judged.checking)
