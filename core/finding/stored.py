"""Fields as they are kept with a box: what may identify its order, without the print."""

from collections.abc import Mapping
from typing import Any

from core.finding.fields import AddressBlock, Fields, PrintedLine, PrintedNumber, Value


def as_json(fields: Fields, size: tuple[int, int]) -> dict[str, Any]:
    """The fields and where they stand; the words of other lines are left out."""
    return {
        "size": list(size),
        "numbers": [[one.key, one.sure, one.line] for one in fields.numbers],
        "references": _pairs(fields.references),
        "cash": _pairs(fields.cash),
        "phones": _pairs(fields.phones),
        "blocks": [
            [one.role, _pairs(one.lines), _pairs(one.postcodes)] for one in fields.blocks
        ],
        "boxes": [list(one.box) for one in fields.lines],
    }  # fmt: skip


def fields_of(data: Mapping[str, Any]) -> tuple[Fields, tuple[int, int]]:
    """The reverse of `as_json`; nothing for nothing."""
    if "size" not in data:
        return Fields(), (1, 1)
    fields = Fields(
        tuple(
            PrintedNumber(str(key), bool(sure), int(line)) for key, sure, line in data["numbers"]
        ),
        _values(data["references"]),
        _values(data["cash"]),
        _values(data["phones"]),
        tuple(
            AddressBlock(role, _values(rows), _values(codes))
            for role, rows, codes in data["blocks"]
        ),
        lines=tuple(PrintedLine("", (x0, y0, x1, y1)) for x0, y0, x1, y1 in data["boxes"]),
    )
    return fields, (int(data["size"][0]), int(data["size"][1]))


def _pairs(values: tuple[Value, ...]) -> list[list[Any]]:
    return [[one.text, one.line] for one in values]


def _values(pairs: list[list[Any]]) -> tuple[Value, ...]:
    return tuple(Value(str(text), int(line)) for text, line in pairs)
