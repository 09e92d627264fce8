"""Brings a code's text to the one form in which numbers are compared."""

import re

from core.labels.digits import gs1
from core.labels.layouts import straighten

# Symbology identifiers that scanners put in front (ISO/IEC 15424): ]C0 and ]C1 Code 128,
# ]A0 Code 39, ]I0 and ]I1 ITF, ]d2 Data Matrix, ]Q3 QR.
_IDENTIFIER = re.compile(r"^\][A-Za-z][0-9]")
_GS1 = ("]C1", "]d2", "]Q3", "]e0", "]e1", "]e2", "]J1")
_SHIFTED = ("]c1", "]D2", "]q3", "]j1")  # the same with Caps Lock on; "]E0" is an EAN's own
# An SSCC, by itself or with what follows on a logistic label (GS1 General Specifications, 3.2).
_SSCC = re.compile(
    r"(00[0-9]{18})(?:(?:40[0-3]|420|421|410|413|02|37|10|11|13|15|17|21)[0-9A-Z].*)?"
)
# As GS1 prints it under the bars, and some scanners give it: "(00)123456789012345675".
_PRINTED = re.compile(r"(?:\(\d{2,4}\)[^()]+)+")
_NOISE = re.compile(r"[\s\x00-\x1f]+")  # FNC1 arrives as the control character GS


def normalise(text: str) -> str:
    """Upper case, without spaces, control characters, symbology identifier or Code 39 stars.

    What a scanner typed for another keyboard is read as it was meant (`layouts`).
    """
    bare = _NOISE.sub("", _IDENTIFIER.sub("", straighten(text.strip()))).upper()
    if _PRINTED.fullmatch(bare):
        bare = re.sub(r"[()]", "", bare)
    if len(bare) > 2 and bare.startswith("*") and bare.endswith("*"):
        return bare[1:-1]
    return bare


def is_gs1(text: str) -> bool:
    """Whether the code says that it is GS1 (its scanner's identifier, separators, brackets), or
    begins as nothing else does: with an SSCC whose check digit fits, its FNC1 lost."""
    bare = straighten(text.strip())
    says = bare.startswith(_GS1 + _SHIFTED) or "\x1d" in text.strip()
    if says or _PRINTED.fullmatch(bare):
        return True
    begins = _SSCC.fullmatch(normalise(text))
    if begins is None:
        return False
    return begins.end(1) == begins.end() or gs1(begins[1][2:])


def gs1_fields(text: str) -> tuple[str, bool]:
    """A GS1 text without its scanner's identifier, with its separators; whether its application
    identifiers stand in brackets."""
    bare = _IDENTIFIER.sub("", straighten(text.strip()).lstrip("\x1d")).lstrip("\x1d")
    bare = re.sub(r"[ \x00-\x1c\x1e\x1f]+", "", bare).upper()
    return bare, bool(_PRINTED.fullmatch(bare))
