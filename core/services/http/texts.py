"""Texts of services: two writings of one sentence made equal, markup taken away."""

import html
import re
import unicodedata

from core.letters import without_marks

# One that never ends hides the rest: looking for its end anew at each would take for ever.
_HIDDEN = re.compile(
    r"<(?:style|script)\b.*?(?:</(?:style|script)\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# Letters with a stroke or without their dot, which Unicode does not take apart.
_STROKES = str.maketrans("łđøħŧı", "ldohti")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


def plain(text: str) -> str:
    """Lower case, without diacritics, single spaces: "  Factura este deja STORNATĂ. " reads
    "factura este deja stornata."."""
    if text.isascii():  # as most are, and lists of thousands of them are compared
        return " ".join(text.casefold().split())
    bare = without_marks(unicodedata.normalize("NFKD", text).casefold())
    return " ".join(bare.translate(_STROKES).split())


def without_tags(text: str) -> str:
    """The words of a text that may be HTML: "Seria <b>X</b><br>lipse&#537;te" reads
    "Seria X lipsește"."""
    if "<" not in text and "&" not in text:
        return text
    bare = _TAG.sub(" ", _HIDDEN.sub(" ", text))
    return " ".join(html.unescape(bare).split())
