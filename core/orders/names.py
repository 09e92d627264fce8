"""An order's name in one writing: lists and people leave its "#" out, or a blank behind it."""

import re
import unicodedata

LONGEST_KEY = 60
_SIGNS = str.maketrans("＃﹟", "##")  # as East Asian keyboards and fonts write them
_SIGN = re.compile(r"^#\s*")


def written(name: str) -> str:
    """In one line, no blank behind its "#": " # 1001 " is "#1001". "##1001" is another name.

    Marks that nobody sees (widthless blanks, soft hyphens) are no part of a name, and digits are
    digits in whatever script they are written.
    """
    seen = "".join(_digit(one) for one in name if unicodedata.category(one) != "Cf")
    return _SIGN.sub("#", " ".join(seen.translate(_SIGNS).split()))


def _digit(one: str) -> str:
    return str(unicodedata.decimal(one)) if one.isdecimal() else one


def bare(name: str) -> str:
    """The same without its "#"."""
    return written(name).removeprefix("#")


def key(name: str) -> str:
    """What two writings of one name share, for a column of 60 characters."""
    return bare(name).casefold()[:LONGEST_KEY]


def variants(name: str) -> tuple[str, ...]:
    """The ways in which a shop may write the name, as given first: "#1001" and "1001"."""
    short = bare(name)
    signed = f"#{short}"
    both = (short, signed) if written(name) == short else (signed, short)
    return tuple(dict.fromkeys((name.strip(), *both)))
