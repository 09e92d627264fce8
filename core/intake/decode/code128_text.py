"""Symbols of Code 128 to text (ISO/IEC 15417): the check character, code sets and shifts."""

from collections.abc import Iterator

STARTS = (103, 104, 105)
PRIME = 103  # of the check character: the weighted sum of the symbols, modulo this


def text_of(symbols: list[int]) -> str | None:
    """The text of start, data and check symbols (without stop); None where the check character
    disagrees, or where the text holds control characters."""
    start, *data, check = symbols
    total = _sum(symbols)
    if start not in STARTS or total % PRIME != check:
        return None
    text = "".join(_characters(start, data))
    return text if len(text) >= 4 and text.isprintable() else None


def one_changed(symbols: list[int]) -> Iterator[tuple[int, int, str]]:
    """The place, the symbol and the text of each way to make the check character agree by changing
    one symbol after the start."""
    check = symbols[-1]
    total = _sum(symbols)
    for place in range(1, len(symbols)):
        if place == len(symbols) - 1:
            other = total % PRIME
        else:
            other = (symbols[place] + (check - total) * pow(place, -1, PRIME)) % PRIME
        text = text_of([*symbols[:place], other, *symbols[place + 1 :]])
        if text is not None:
            yield place, other, text


def _sum(symbols: list[int]) -> int:
    start, *data, _ = symbols
    return start + sum(place * value for place, value in enumerate(data, 1))


def _characters(start: int, data: list[int]) -> Iterator[str]:
    """Code sets A, B and C with their shifts; FNC1 and FNC2 give nothing, FNC3 and 4 a NUL."""
    mode, shift = "ABC"[start - 103], ""
    for value in data:
        now, shift = shift or mode, ""
        if now == "C":
            if value < 100:
                yield f"{value:02d}"
            elif value in (100, 101):
                mode = "B" if value == 100 else "A"
            continue
        if value == 98:
            shift = "A" if now == "B" else "B"
        elif value == 99:
            mode = "C"
        elif value in (100, 101) and "BA"[value - 100] != now:
            mode = "BA"[value - 100]
        elif value in (96, 100, 101):
            yield "\0"
        elif value < 96:
            yield chr(value + 32) if now == "B" or value < 64 else chr(value - 64)
