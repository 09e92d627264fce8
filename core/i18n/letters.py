"""What strangers wrote, without the signs that would act on what stands around it.

Control characters move a terminal's cursor and colour its text; the explicit bidirectional ones
(Unicode's UAX #9: embeddings, overrides, isolates) turn the order of the letters after them, so
that "annul" may read as another word ("Trojan Source", CVE-2021-42574). Each becomes U+FFFD, so
that it is seen that something stood there.
"""

import html
import re

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SEEN = "\ufffd"


def visible(text: str) -> str:
    """The text with each acting sign as U+FFFD; tabs and line feeds stay."""
    return ACTING.sub(SEEN, text)


def escaped(text: str) -> str:
    """The same, safe in HTML, within an attribute too."""
    return html.escape(visible(text), quote=True)
