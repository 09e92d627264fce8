"""The claim file for a courier: what was refused and never came back, with each parcel's trail.

Nothing personal of a customer goes into it, only what the courier needs to look for its parcels.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import structlog
from sqlalchemy import Engine, select

from core.audit import trail
from core.audit.actions import Action
from core.audit.redact import Words
from core.audit.trail import Entry
from core.i18n.reasons import action_sentence
from core.insight.reports.export import to_csv
from core.insight.reports.paper import font_file
from core.intake import PictureError, doors
from core.orders.photos import intake_queue, storage
from core.rights import Right, door
from core.store import db
from core.store.tables import audit as trail_table

log = structlog.get_logger(__name__)

COLUMNS = [
    "tracking", "order_name", "courier", "shipped_on", "outcome_on", "days", "reason", "product",
    "value_minor", "currency",
]  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)
LONGEST_SIDE = 1600  # pixels of a photo in the file

Events = dict[str, list[str]]


@door(Right.EXPORT, Right.FOLLOW_UP, proved=True)
def claim_file(engine: Engine, missing: pd.DataFrame, as_of: date, zone: str) -> bytes:
    """A ZIP of `claim.csv`, `trails/<tracking>.txt` and `photos/<tracking>-<n>.jpg`.

    `missing` is what `queries.missing` lists; `zone` the seller's time zone.  Every photo that
    shows a parcel of the order has the tracking number, the time and the person burnt in.  The
    same rows give the same bytes.
    """
    missing = _without_customers(engine, missing)
    table = missing[COLUMNS].assign(value=missing["value_minor"] / 100).drop(columns="value_minor")
    events = _courier_events(engine, set(missing["tracking"]), ZoneInfo(zone))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "claim.csv", to_csv(table))
        for row, name in zip(missing.to_dict("records"), _names(missing), strict=True):
            shown = list(_photos(row, ZoneInfo(zone)))
            lines = [*_facts(row, as_of), *_entries(engine, row, events, ZoneInfo(zone))]
            lines += [f"photo {n}: {caption}" for n, (caption, _) in enumerate(shown, 1)]
            _add(archive, f"trails/{name}.txt", ("\n".join(lines) + "\n").encode())
            for number, (_, data) in enumerate(shown, 1):
                _add(archive, f"photos/{name}-{number}.jpg", data)
    return out.getvalue()


def _without_customers(engine: Engine, missing: pd.DataFrame) -> pd.DataFrame:
    """The courier's reason and the goods may name whoever was to have them."""
    with db.reading(engine) as connection:
        words = [
            Words(trail.known_by(connection, [int(order_id)])) for order_id in missing["order_id"]
        ]
    clean = {
        column: [
            of.of(text) if isinstance(text, str) else text
            for of, text in zip(words, missing[column], strict=True)
        ]
        for column in ("reason", "product")
    }
    return missing.assign(**clean)


def _names(missing: pd.DataFrame) -> list[str]:
    """File names: the tracking number, and the order where two orders share one."""
    shared = missing["tracking"].duplicated(keep=False)
    names = missing["tracking"].where(~shared, missing["tracking"] + "-" + missing["order_name"])
    return ["".join(c if c.isalnum() or c == "-" else "_" for c in name) for name in names]


def _facts(row: dict[Any, Any], as_of: date) -> list[str]:
    refused = f"{row['outcome_on']}  refused, by the courier's word {row['reason']}".rstrip()
    return [
        f"Parcel {row['tracking']} ({row['courier']}), order {row['order_name']}",
        f"Value {row['value_minor'] / 100:.2f} {row['currency']}: {row['product']}",
        f"{row['shipped_on']}  handed to the courier",
        refused,
        f"{as_of}  never scanned at our desk, {row['days']} days after the refusal",
    ]


# ---------------------------------------------------------------- the audit trail


def _courier_events(engine: Engine, wanted: set[Any], zone: ZoneInfo) -> Events:
    """What the courier said of each parcel and when we took it in; one row tells of many."""
    events: Events = {}
    columns = (trail_table.c.id, trail_table.c.at, trail_table.c.detail, trail_table.c.hash)
    query = select(*columns).where(trail_table.c.action == Action.PARCEL_STATUS)
    with db.reading(engine) as connection:
        for row in db.in_parts(connection, query, trail_table.c.id, 500):
            for change in row.detail.get("changes", ()):
                if change.get("tracking") in wanted:
                    words = (
                        f"the courier said: {change.get('to')} {change.get('text', '')}".rstrip()
                    )
                    line = _line(row.at, zone, words, row.hash)
                    events.setdefault(change["tracking"], []).append(line)
    return events


def _entries(engine: Engine, row: dict[Any, Any], events: Events, zone: ZoneInfo) -> list[str]:
    """The parcel's rows of the audit trail, each with the beginning of its hash."""
    with db.reading(engine) as connection:
        found = trail.search(connection, order_id=row["order_id"], limit=1000)
        subject = f"parcel {row['tracking']}"
        found += [one for one in trail.search(connection, subject) if one.subject == subject]
    lines = events.get(row["tracking"], []) + [_entry(one, zone) for one in found]
    return ["", "From the audit trail:", *sorted(set(lines))] if lines else []


def _entry(entry: Entry, zone: ZoneInfo) -> str:
    what = action_sentence(entry.action, entry.detail)
    return _line(entry.at, zone, f"{what}: {entry.subject}, by {entry.actor}", entry.hash)


def _line(at: Any, zone: ZoneInfo, text: str, digest: str) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {text}  [{digest[:12]}]"


# ---------------------------------------------------------------- photos


def _photos(row: dict[Any, Any], zone: ZoneInfo) -> Iterator[tuple[str, bytes]]:
    """Each photo of the parcel's order: what is written on it, and its JPEG."""
    for picture in intake_queue.proofs(row["order_id"]):
        caption = f"{row['tracking']}  {picture.added_at.astimezone(zone):%Y-%m-%d %H:%M}  "
        caption += picture.added_by
        try:
            file = storage.path_of(picture.sha256)
            made = doors.captioned(file, caption, font_file(), LONGEST_SIDE)
        except PictureError:
            log.warning("photo_left_out_of_claim", sha256=picture.sha256, order=row["order_id"])
            continue  # the trail names the photos that are in the file
        yield caption, made


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
