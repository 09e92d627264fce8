"""What the answers of all invoicing services have in common: words, numbers, evidence."""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from core.services.codes import ServiceCode
from core.services.http.client import Answer
from core.services.http.texts import plain
from core.services.invoicing.codes import InvoicingCode, InvoicingTest
from core.services.outcome import Confirmed, Evidence, Refusal, Refused, Unknown
from core.services.phrases import Phrases
from core.services.ports import Finding, InvoiceRef, Storno

# (words as `plain` writes them, our code); the last word of each may have any ending. Longer
# phrases are read first; where several hold, the one that stands first in the table decides.
Rules = tuple[tuple[str, Refusal], ...]

# 408 may come from a gateway that had passed the request on already.
_MAYBE_DONE = frozenset({408})


# What is said not to be there, where it is no invoice: "Seria nu a fost gasita", "Cota tva 19 nu
# a fost gasita", "Firma nu exista in contul tau".
_COMPANY = re.compile(r"(?:firma|compania|societatea|company|cif|cui|codul fiscal)\b")
_OTHER_THING = re.compile(
    r"(?:seria|series|cota|gestiunea|moneda|clientul|produsul|contul|utilizatorul|punctul)\b"
)


# What a service says of itself for now, and that it did nothing: nobody need press a button again.
_LATER = Phrases[None](
    (words, None)
    for words in (
        "eroare temporar@", "problema temporar@", "indisponibil@ temporar",
        "temporar indisponibil@",
        "incercati mai tarziu", "incercati din nou mai tarziu", "reincercati mai tarziu",
        "reveniti mai tarziu", "try again later", "retry later", "temporarily unavailable",
        "temporary error", "temporary failure",
    )
)  # fmt: skip


def code_for(message: str, rules: Rules) -> Refusal:
    """Our code for the service's words; `invalid` when no rule knows them, or they are denied.

    `not_found` is of the invoice alone: without the company nobody may be let in. `later` is what
    no rule knows and the service calls temporary itself.
    """
    code = _code_for(message, rules)
    return Refusal.LATER if code == Refusal.INVALID and _LATER.holding(message) else code


def _code_for(message: str, rules: Rules) -> Refusal:
    found = [place.meaning for place in _phrases(rules).read(message) if not place.denied]
    code = rules[min(found)][1] if found else Refusal.INVALID
    if code == Refusal.NOT_FOUND and _COMPANY.match(plain(message)):
        return Refusal.NO_PERMISSION
    if code == Refusal.NOT_FOUND and _OTHER_THING.match(plain(message)):
        return Refusal.INVALID
    return code


@cache
def _phrases(rules: Rules) -> Phrases[int]:
    return Phrases((f"{words}*", place) for place, (words, _) in enumerate(rules))


def same_number(one: str, other: str) -> bool:
    """Whether two numbers name the same document: "0055" and "55" do."""
    return one.strip().lstrip("0") == other.strip().lstrip("0")


def same_series(one: str, other: str) -> bool:
    """Whether two writings name one series: "cv z" and "CVZ" do (rule 11)."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def storno_of(invoice: InvoiceRef, made: Storno, evidence: Evidence) -> Confirmed[Storno] | Unknown:
    """Success only with evidence (rule 3): a storno has a number, and is another document."""
    if not (made.series and made.number):
        return Unknown(InvoicingCode.NO_NUMBER.of(), evidence)
    if not _is_another(made, invoice):
        return Unknown(InvoicingCode.OWN_NUMBER.of(), evidence)
    return Confirmed(made, evidence)


def _is_another(made: Storno, invoice: InvoiceRef) -> bool:
    """Whether a document is named that is not the invoice itself."""
    same = same_series(made.series, invoice.series) and same_number(made.number, invoice.number)
    return bool(made.series and made.number) and not same


def refused_or_doubt(
    invoice: InvoiceRef, named: Storno, refused: Refused | Unknown
) -> Refused | Unknown:
    """A refusal, unless the same answer names a new document: then nobody knows what was done."""
    if isinstance(refused, Unknown) or not _is_another(named, invoice):
        return refused
    why = InvoicingCode.REFUSED_AND_NAMED.of(series=named.series, number=named.number)
    return Unknown(why, refused.evidence)


def without_words(title: str, answer: Answer) -> Refused | Unknown:
    """An answer in which the service itself says nothing that can be understood.

    By HTTP's meaning a 4xx was not carried out; anything else may have been.
    """
    evidence = answer.evidence
    if not 400 <= answer.status < 500 or answer.status in _MAYBE_DONE:
        return Unknown(ServiceCode.UNREADABLE.of(title=title, status=answer.status), evidence)
    if answer.status in (401, 403):
        return Refused(ServiceCode.NO_ENTRY.of(title=title), Refusal.NO_PERMISSION, evidence)
    why = ServiceCode.NO_REASON.of(title=title, status=answer.status)
    return Refused(why, Refusal.INVALID, evidence)


def efactura_finding(title: str, where: str, *, reports_filing: bool = False) -> Finding:
    """A reminder: a storno is to be filed in five working days; `reports_filing`: it says if so."""
    code = InvoicingTest.EFACTURA_ASKED if reports_filing else InvoicingTest.EFACTURA_NOT_TOLD
    return Finding(InvoicingTest.EFACTURA, True, code.of(title=title, where=where))


def unclear(said: Mapping[str, object], known: Mapping[str, Collection[object]]) -> str:
    """What fields say beyond the words that are known of each: "status_plata: partial"."""
    values = {name: said.get(name) for name in known}
    return ", ".join(
        f"{name}: {str(value)[:60]}"
        for name, value in values.items()
        if value not in (None, "") and value not in known[name]
    )


def money(text: object) -> int | None:
    """An amount as services write it ("123.45", 123.45) in minor units; None where it is none."""
    try:
        return int((Decimal(str(text)) * 100).to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def day(text: str) -> dt.date | None:
    """A date as services write it, with or without a time; None where it is none."""
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def day_before(text: str) -> str:
    """The day before an ISO date, "" where it is none."""
    read = day(text)
    return (read - dt.timedelta(days=1)).isoformat() if read else ""
