"""Makes two writings of one sentence equal: services spell "stornată" in several ways."""

import unicodedata


def plain(text: str) -> str:
    """Lower case, without diacritics, single spaces: "  Factura este deja STORNATĂ. " reads
    "factura este deja stornata."."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.split())
