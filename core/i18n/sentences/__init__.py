"""The English sentence of every code, one file a room; Babel finds them by `N_` and `NN_`.

A sentence names its parameters in braces: `"Order {order} has {count} parcels."`. One that counts
is a pair `NN_("{count} parcel", "{count} parcels")`, chosen by the parameter `count`.
"""

import importlib
import pkgutil
from functools import cache
from typing import TypeAlias

Sentence: TypeAlias = str | tuple[str, str]


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for a text to find and not to translate)
    """Mark a text for extraction; it is translated when it is shown."""
    return text


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802
    """Mark a text that counts for extraction."""
    return singular, plural


@cache
def sentences() -> dict[str, Sentence]:
    """Code -> English sentence, of every file of this folder. ValueError for a double one."""
    found: dict[str, Sentence] = {}
    for module in pkgutil.iter_modules(__path__):
        theirs = importlib.import_module(f"{__name__}.{module.name}").SENTENCES
        if twice := found.keys() & theirs.keys():
            raise ValueError(f"codes with two sentences: {', '.join(sorted(twice))}")
        found |= theirs
    return found
