"""Whether a service refuses because the invoice is reversed, or annulled, already.

Where the service cannot be asked its sentence alone ends the matter, so it is read whole: every
part of it has to be one of the forms below. "Un produs a fost deja stornat", "este stornata pe
jumatate", "este deja stornata sau inchisa" have a word too many and are a refusal for a person
(rule 13).
"""

import re
from dataclasses import dataclass

from core.services.invoicing.reading import same_number
from core.services.phrases import words

_PAPER = (
    r"(?:(?:aceasta|acest|the|this|your) )?(?:factura|facturii|document|documentul|invoice)"
    r"(?: (?:fiscala|curenta|selectata|selectat|mentionata|curent))?"
)
_MARK = (
    r"(?:(?:(?:seria|serie|series) [a-z]{1,10}|seria|serie|series|nr|numar|numarul|no|number|cu|si|"
    r"and|with|din|data|de) )*"
)
_NO_SERIES = (
    r"(?:nu|not|no|avans|linia|produs|pozitia|rand|randul|bon|aviz|plata|suma|lei|ron|item|line)"
)
_ID = rf"(?:(?!{_NO_SERIES} )[a-z]{{1,8}} (?:(?:nr|numar|numarul|no|number) )?)?[a-z]*\d\w*"
_SUBJECT = rf"{_PAPER}(?: {_MARK}{_ID}){{0,3}}"
_BE = r"(?:este|e|a fost|fusese|s a|is|was|has been|had been|has already been)"
_MONTH = r"\b\d{1,2} (?!din\b|data\b)[a-z]{3,12} \d{4}\b"
_DAY = rf"(?:\d{{6,8}}|{_MONTH})(?: (?:la )?(?:ora )?\d{{4,6}})?"
_BY = (
    r"(?:cu|prin|de|by|with) (?:(?:factura|documentul|document|stornoul|storno|stornare|de|nota|"
    r"credit|note|invoice|the) )+" + _MARK + _ID
)
_ADVERB = (
    r"(?:deja|anterior|integral|total|complet|in totalitate|in intregime|odata|o data|already|"
    r"previously|fully|completely|in full)"
)
_TAIL = rf"(?:{_ADVERB}|(?:la|din|in|pe|on|at)(?: data)?(?: de)? {_DAY}|{_BY})"
_ASIDE = re.compile(
    rf"(?:(?:eroare|error|atentie|warning|mesaj|motiv|motivul|{_MARK}{_ID}|cod(?:ul)? \d+|\d+)|"
    rf"(?:{_SUBJECT} )?(?:nu (?:mai )?(?:poate fi|se poate|o puteti|puteti)|cannot be|can not be|"
    r"can t be)(?: stornat[ae]?| storna| anulat[ae]?| anula| reversed| annulled| cancelled)"
    rf"(?: {_SUBJECT})?(?: din nou| again| inca o data| a doua oara)?|"
    r"(?:stornarea|anularea|operatia|operatiunea) nu (?:este|e) (?:permisa|posibila)|"
    # The text of a link beside the sentence.
    r"(?:(?:vezi|afla|click|apasa|see|view) )?(?:mai multe )?(?:detalii(?:le)?|details|aici|here))"
)
# Within a number or a date these part nothing.
_JOINTS = re.compile(r"(?<=\d)[.:/-](?=\d)|(?<=[a-z])[-/](?=\d)")
_SHORT = re.compile(r"\b(nr|no|num)\.")
_BECAUSE = re.compile(r"\b(?:pentru ca|caci|as it|because it)\b")


@dataclass(frozen=True)
class Before:
    """The words of one deed: its participles, as regular expressions of plain words."""

    participles: tuple[str, ...]
    already: bool = False  # only with "deja": what is said cannot be asked about

    def said(self, text: str, number: str) -> bool:
        """Whether the whole text says that it had been done, to the invoice of this number."""
        if "?" in text:
            return False
        joined = _JOINTS.sub("", text.casefold()).replace("%", " percent ")
        parts = words(_BECAUSE.sub(" | ", _SHORT.sub(r"\1 ", joined))).split("|")
        listed = [part.strip() for part in parts if part.strip()]
        done = [part for part in listed if self._done(part, number)]
        return bool(done) and all(part in done or _ASIDE.fullmatch(part) for part in listed)

    def _done(self, part: str, number: str) -> bool:
        participle = f"(?:{'|'.join(self.participles)})"
        found = re.fullmatch(
            rf"(?:(?:eroare|error|atentie) )?(?P<subject>{_SUBJECT} )?(?P<be>{_BE} )?"
            rf"(?P<adverbs>(?:{_ADVERB} )*){participle}(?P<tail>(?: {_TAIL})*)",
            part,
        )
        if found is None or not _is_of(found["subject"] or "", number):
            return False
        soon = re.search(
            r"\b(?:deja|already)\b", f"{found['be']} {found['adverbs']} {found['tail']}"
        )
        return bool(soon) if self.already else bool(soon or found["be"])


def _is_of(subject: str, number: str) -> bool:
    """Whether the numbers beside the paper's name are this invoice's, or there are none."""
    numbers = re.findall(r"\d+", re.sub(rf"\b(?:din|data|de|la|on) {_DAY}", "", subject))
    ours = re.findall(r"\d+", number)
    return not numbers or any(same_number(one, other) for one in numbers for other in ours)


REVERSED = ("stornat[ae]?", "reversed")
ANNULLED = ("anulat[ae]?", "annulled", "cancelled")
REVERSED_BEFORE, ANNULLED_BEFORE = Before(REVERSED), Before(ANNULLED)
REVERSED_ALREADY, ANNULLED_ALREADY = Before(REVERSED, True), Before(ANNULLED, True)
