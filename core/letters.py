"""Letters without what is written above and below them."""

import unicodedata


def without_marks(text: str) -> str:
    """Zburătoarea → Zburatoarea, ﬁ → fi: taken apart (NFKD), less the combining marks.

    Letters that Unicode does not take apart (ł, đ, ø) stay.
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one))
