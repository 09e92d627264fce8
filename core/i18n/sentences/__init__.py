"""The English sentence of every code, one file a room; Babel finds them by `N_` and `NN_`.

A sentence names its parameters in braces: `"Order {order} has {count} parcels."`. One that counts
is a pair `NN_("{count} parcel", "{count} parcels")`, chosen by the parameter `count`.
"""

import importlib
import pkgutil

from core.reasons import N_, NN_, SENTENCES, Sentence

__all__ = ["NN_", "N_", "Sentence", "sentence_of"]


def sentence_of(code: str) -> Sentence | None:
    """The English sentence of a code; None for an unknown one."""
    return SENTENCES.get(code)


def _load() -> None:
    """Lay the sentences of this folder beside those of the codes. ValueError for a double one."""
    for module in pkgutil.iter_modules(__path__):
        theirs = importlib.import_module(f"{__name__}.{module.name}").SENTENCES
        if twice := SENTENCES.keys() & theirs.keys():
            raise ValueError(f"codes with two sentences: {', '.join(sorted(twice))}")
        SENTENCES.update(theirs)


_load()
