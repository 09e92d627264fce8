"""Takes tokens, passwords and sign-in names out of text before it is kept or shown."""

import re
from collections.abc import Iterable, Mapping

HIDDEN = "•••"
EXCERPT = 2000  # characters of a body that are kept as evidence
SHORTEST = 4  # a shorter value is no secret, and hiding it would eat the text

_SENSITIVE = re.compile(
    r"authorization|access[-_]?token|token|secret|passw|api[-_]?key|client_id|user[-_]?name|cookie",
    re.IGNORECASE,
)
# Each with words (lower case) of which a text that it fits has one: nearly all texts have none,
# and looking for words is a hundred times cheaper than for shapes.
_SHAPES = (
    (
        ("shp", "k_live_", "k_test_", "fgo_"),
        re.compile(r"(?:shp[a-z]{2}_|[sr]k_(?:live|test)_|fgo_(?:test_)?api_v\d)[\w-]+"),
    ),
    (
        ("bearer", "basic"),
        re.compile(r"\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE),
    ),
    (
        ("token", "client_secret", "password", "api_key"),
        re.compile(
            r"""(?<=["'])((?:access_|refresh_|id_)?token|client_secret|password|api_key)(["']\s*:\s*["'])[^"']+"""
        ),
    ),
)


def secrets_in(*places: Mapping[str, object] | None) -> set[str]:
    """The values of headers, form fields or JSON fields whose names say that they are secret."""
    found: set[str] = set()
    for place in places:
        for name, value in (place or {}).items():
            if isinstance(value, str) and _SENSITIVE.search(name):
                found.update((value, value.rpartition(" ")[2]))  # "Bearer abc" hides "abc" too
    return found


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with every known secret, and everything shaped like one, replaced by dots."""
    for secret in sorted({s for s in secrets if len(s) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    lower = text.lower()
    for words, shape in _SHAPES:
        if any(word in lower for word in words):
            text = shape.sub(_hide, text)
    return text


def excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """The beginning of a body, masked, at most 2,000 characters."""
    # A secret may lie across the cut, so more is masked than is kept.
    return mask(text[: 2 * EXCERPT], secrets)[:EXCERPT]


def _hide(found: re.Match[str]) -> str:
    if found.re.groups:
        return f"{found[1]}{found[2]}{HIDDEN}"
    return HIDDEN
