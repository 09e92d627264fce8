"""The claim file for a courier: what was refused and never came back, with each parcel's trail."""

import io
import zipfile
from datetime import date
from typing import Any

import pandas as pd

from core.insight.export import to_csv

COLUMNS = [
    "tracking", "order_name", "courier", "shipped_on", "outcome_on", "days", "reason", "product",
    "value_minor", "currency",
]  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)


def claim_file(missing: pd.DataFrame, as_of: date) -> bytes:
    """A ZIP of `claim.csv` and one `trails/<tracking>.txt` a parcel; the same rows, the same bytes.

    `missing` is what `queries.missing` lists.  Nothing personal of a customer goes into it.
    """
    table = missing[COLUMNS].assign(value=missing["value_minor"] / 100).drop(columns="value_minor")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "claim.csv", to_csv(table))
        for row in missing.to_dict("records"):
            name = "".join(c if c.isalnum() else "_" for c in str(row["tracking"]))
            _add(archive, f"trails/{name}.txt", _trail(row, as_of).encode())
    return out.getvalue()


def _trail(row: dict[Any, Any], as_of: date) -> str:
    lines = [
        f"Parcel {row['tracking']} ({row['courier']}), order {row['order_name']}",
        f"Value {row['value_minor'] / 100:.2f} {row['currency']}: {row['product']}",
        f"{row['shipped_on']}  handed to the courier",
        f"{row['outcome_on']}  refused, by the courier's word {row['reason']}".rstrip(),
        f"{as_of}  never scanned at our desk, {row['days']} days after the refusal",
    ]
    return "\n".join(lines) + "\n"


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
