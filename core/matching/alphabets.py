"""Codes that came in another alphabet: a scanner on a Cyrillic or Greek keyboard, whose keys nobody
saw, letters typed by their sound, letters that look like Latin ones. What they may have been is
asked about, never taken (rule 7).

Layouts by the Unicode CLDR keyboard charts; look-alikes by Unicode's confusables (UTS 39).
"""

_KEYS = "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,./"
_LAYOUTS = {
    "Russian": "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ.",
    "Ukrainian": "ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ.",
    "Bulgarian": ",УЕИШЩКСДЗЦ;ЬЯАОЖГТНВМЧЮЙЪЭФХПРЛБ",
    "Bulgarian by sound": "ЧШЕРТЪУИОПЯЩАСДФГХЙКЛ;'ЗЖЦВБНМ,./",
    "Bulgarian by sound, older": "ЯВЕРТЪУИОПШЩАСДФГХЙКЛ;'ЗЬЦЖБНМ,./",
    "Serbian": "ЉЊЕРТЗУИОПШЂАСДФГХЈКЛЧЋЅЏЦВБНМ,./",
    "Macedonian": "ЉЊЕРТЅУИОПШЃАСДФГХЈКЛЧЌЗЏЦВБНМ,./",
    "Greek": ";ΣΕΡΤΥΘΙΟΠ[]ΑΣΔΦΓΗΞΚΛ΄'ΖΧΨΩΒΝΜ,./",
}
_LIKE = ("АВСЕНІЈКМОРЅТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABCEHIJKMOPSTYXABEZHIKMNOPTYX")
_LOOKS = dict(zip(*_LIKE, strict=True))


def _reads() -> tuple[dict[str, str], ...]:
    """What each layout's letters are on a US keyboard; of two keys the later one."""
    pairs = (zip(row, _KEYS, strict=True) for row in _LAYOUTS.values())
    return tuple({one: key for one, key in pair if not one.isascii()} for pair in pairs)


_READS = _reads()


def latin(key: str) -> list[str]:
    """The codes in Latin letters that this one (as `normalise` gives it) may have been, once each.

    Latin letters beside the others cannot be from the same keyboard: then only look-alikes.
    """
    if key.isascii():
        return []
    mixed = any(one.isascii() and one.isalpha() for one in key)
    ways = (_LOOKS,) if mixed else (_LOOKS, *_READS)
    found = ("".join(way.get(one, one) for one in key) for way in ways)
    return [one for one in dict.fromkeys(found) if one.isascii() and one.isalnum()]
