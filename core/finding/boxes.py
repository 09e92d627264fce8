"""Boxes that no code led to an order: made of pictures, read, found, looked at again.

The print is not kept: of a label stay the fields that may identify its order, and when the order is
found only the kinds of field that did.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.clock import now
from core.errors import UserError
from core.finding import stored
from core.finding.codes import BoxCode, FieldCode, FindCode
from core.finding.compare import AGREES, Level
from core.finding.fields import FieldKind, Fields, PrintedLine, read_fields
from core.finding.known import Index
from core.finding.open_orders import lately, load
from core.finding.weights import OrderCandidate, rank, takes_itself
from core.intake import PictureError, doors
from core.intake.types import Corners
from core.orders.photos import storage
from core.orders.piles import edits
from core.orders.piles.scans import take_scan
from core.reasons import Reason
from core.rights import Right, actor, door, named
from core.settings import preferences
from core.store import db
from core.store.states import BoxState, MatchOutcome, ScanVerdict
from core.store.tables import boxes, parcels, pile_pictures, scans

ACTOR = "Refuz"
PICTURES_AT_ONCE = 20
CALLS = (ScanVerdict.UNKNOWN, ScanVerdict.UNSURE, ScanVerdict.AMBIGUOUS)
LEAST_SURE = 0.02  # an order below it is no candidate


def make() -> int:
    """Make a box of each label, in pictures that were read, that no code led to an order."""
    query = select(pile_pictures).where(
        pile_pictures.c.state == "read",
        pile_pictures.c.kind == "label",
        ~pile_pictures.c.boxes_made,
    )
    with db.reading() as connection:
        found = connection.execute(query.limit(PICTURES_AT_ONCE)).all()
    return sum(_make(row) for row in found)


def _make(picture: Any) -> int:
    rows = []
    with db.reading() as connection:
        known = _scans(connection, picture)
    for page in (picture.reading or {}).get("pages", []):
        try:
            rows += _of_page(picture, page, known)
        except PictureError:
            continue  # the picture's own state tells it
    with db.writing() as connection:
        done = (
            update(pile_pictures)
            .where(pile_pictures.c.id == picture.id, ~pile_pictures.c.boxes_made)
            .values(boxes_made=True)
            .returning(pile_pictures.c.id)
        )
        if connection.execute(done).all() and rows:
            connection.execute(insert(boxes), rows)
    return len(rows)


def _scans(connection: Connection, picture: Any) -> dict[str, Any]:
    query = select(scans.c.id, scans.c.code, scans.c.outcome, scans.c.verdict).where(
        scans.c.pile_id == picture.pile_id,
        scans.c.sha256 == picture.sha256,
        scans.c.undone_at.is_(None),
    )
    return {row.code: row for row in connection.execute(query)}


def _of_page(picture: Any, page: dict[str, Any], known: dict[str, Any]) -> list[dict[str, Any]]:
    told = [known.get(one["text"]) for one in page["codes"]]
    corners = [*(one["corners"] for one in page["codes"]), *page["unread"]]
    scanned = [*told, *(None for _ in page["unread"])]
    calls = [
        scan.verdict in CALLS if scan is not None else at >= len(told)
        for at, scan in enumerate(scanned)
    ]
    if corners and not any(calls):
        return []
    anchors: list[Corners | None] = [tuple((x, y) for x, y in one) for one in corners]
    anchors = anchors or [None]
    made = []
    for paper in doors.find_papers(storage.path_of(picture.sha256), int(page["number"]), anchors):
        on_it = [scanned[at] for at in paper.anchors] if corners else []
        matched = any(one is not None and one.outcome == MatchOutcome.MATCHED for one in on_it)
        if matched or not (any(calls[at] for at in paper.anchors) if corners else True):
            continue
        scan = next((one.id for one in on_it if one is not None and one.verdict in CALLS), None)
        made.append(
            {
                "pile_id": picture.pile_id, "picture_id": picture.id, "page": int(page["number"]),
                "paper": [list(one) for one in paper.paper], "scan_id": scan,
                "state": BoxState.WAITING, "created_at": now(),
            }
        )  # fmt: skip
    return made


def read_next() -> bool:
    """Read the print of the oldest box that waits, and weigh it; False where none waits."""
    query = (
        select(boxes, pile_pictures.c.sha256)
        .join(pile_pictures, pile_pictures.c.id == boxes.c.picture_id)
        .where(boxes.c.state == BoxState.WAITING)
        .order_by(boxes.c.id)
        .limit(1)
    )
    with db.reading() as connection:
        box = connection.execute(query).one_or_none()
        own = preferences.load(connection).sender_lines.splitlines()
    if box is None:
        return False
    paper = tuple((float(x), float(y)) for x, y in box.paper)
    try:
        told = doors.read_print(storage.path_of(box.sha256), box.page, paper)
    except PictureError as error:
        why = Reason.of(FindCode.CANNOT_READ, why=error.reason)
        _write(box.id, state=BoxState.OPEN, why=why, candidates=[], looked_at=now())
        return True
    fields = read_fields([PrintedLine(one.text, one.box, one.score) for one in told.lines], own)
    size = (told.width, told.height)
    _write(box.id, paper=[list(one) for one in told.paper])
    _weigh(box, fields, size, lately())
    return True


def look_again() -> int:
    """Weigh every open box against the orders as they are now; gives how many there are."""
    query = select(boxes).where(boxes.c.state == BoxState.OPEN, boxes.c.fields.is_not(None))
    with db.reading() as connection:
        waiting = connection.execute(query.order_by(boxes.c.id)).all()
    waiting = [box for box in waiting if not _settled(box)]
    if not waiting:
        return 0
    index = load()
    for box in waiting:
        fields, size = stored.fields_of(box.fields)
        _weigh(box, fields, size, index)
    return len(waiting)


def _settled(box: Any) -> bool:
    """Whether the code on it has found its order meanwhile; then the box has, too."""
    if box.scan_id is None:
        return False
    query = select(scans.c.order_id, scans.c.undone_at).where(scans.c.id == box.scan_id)
    with db.reading() as connection:
        scan = connection.execute(query).one()
    if scan.order_id is not None or scan.undone_at is not None:
        state = BoxState.FOUND if scan.order_id is not None else BoxState.DISMISSED
        _write(
            box.id, state=state, order_id=scan.order_id, fields=None, candidates=None,
            refused=None, found_by=ACTOR,
        )  # fmt: skip
        return True
    return False


def _weigh(box: Any, fields: Fields, size: tuple[int, int], index: Index) -> None:
    refused = set(box.refused or ())
    found = [
        one
        for one in rank(fields, index, most=3 + len(refused))
        if one.order.order.order_id not in refused and one.sure >= LEAST_SURE
    ][:3]
    told = [_candidate(one, fields, size) for one in found]
    why = Reason.of(FindCode.FITS, count=len(told)) if told else _empty(fields)
    _write(
        box.id, state=BoxState.OPEN, fields=stored.as_json(fields, size), candidates=told,
        why=why, looked_at=now(),
    )  # fmt: skip
    with db.reading() as connection:
        alone = preferences.load(connection).take_found_orders
    if alone and takes_itself(found):
        with named(ACTOR):
            take(box.id, found[0].order.order.order_id)


def _candidate(one: OrderCandidate, fields: Fields, size: tuple[int, int]) -> dict[str, Any]:
    order = one.order.order
    agreed = [a for a in one.agreements if a.level in AGREES]
    reasons = [
        Reason.of(
            FindCode.AGREES if a.level is Level.EXACT else FindCode.NEARLY,
            field=FieldCode[a.kind.name],
            value=_value(one, a.kind),
        )
        for a in agreed
    ]
    if order.coming_back:
        reasons.append(Reason(FindCode.COMING_BACK))
    wide, high = max(1, size[0]), max(1, size[1])
    marks = [
        [x0 / wide, y0 / high, x1 / wide, y1 / high]
        for x0, y0, x1, y1 in (fields.lines[line].box for line in sorted({a.line for a in agreed}))
    ]
    return {
        "order_id": order.order_id, "name": order.name, "sure": one.sure,
        "reasons": [reason.as_json() for reason in reasons],
        "kinds": [a.kind.value for a in agreed], "marks": marks,
    }  # fmt: skip


def _value(one: OrderCandidate, kind: FieldKind) -> str:
    """The order's own value, which is what a person compares."""
    order = one.order.order
    return {
        FieldKind.TRACKING: ", ".join(key for _, key in order.trackings),
        FieldKind.REFERENCE: order.name,
        FieldKind.NAME: order.customer,
        FieldKind.STREET: order.street,
        FieldKind.TOWN: order.town,
        FieldKind.POSTCODE: order.postcode,
        FieldKind.PHONE: "…" + one.order.phone[-3:],
        FieldKind.CASH: ", ".join(
            f"{a / 100:.2f}" for a in order.cash if a or len(order.cash) == 1
        ),
    }[kind]


def _empty(fields: Fields) -> Reason:
    """What was read, and what would help."""
    read = [
        (FieldCode.TRACKING, fields.numbers), (FieldCode.REFERENCE, fields.references),
        (FieldCode.NAME, [one for block in fields.blocks for one in block.lines]),
        (FieldCode.POSTCODE, [one for block in fields.blocks for one in block.postcodes]),
        (FieldCode.PHONE, fields.phones), (FieldCode.CASH, fields.cash),
    ]  # fmt: skip
    there = tuple(Reason(code) for code, values in read if values)
    return Reason.of(FindCode.NOTHING_FITS, read=there) if there else Reason(FindCode.NOTHING_READ)


def _write(box_id: int, **values: Any) -> None:
    with db.writing() as connection:
        connection.execute(update(boxes).where(boxes.c.id == box_id).values(**values))


# ---------------------------------------------------------------- what a person does


def number_of(box_id: int) -> str:
    """The box's own number, as its printed label says it in a code."""
    return f"BOX{box_id:07d}"


@door(Right.PILE)
def take(box_id: int, order_id: int) -> None:
    """This box is of this order: its code is learnt, so the next scan of it matches by itself.

    A box without a code that was read is learnt by its own number. Raises UserError.
    """
    with db.reading() as connection:
        box = connection.execute(select(boxes).where(boxes.c.id == box_id)).one_or_none()
        parcel = connection.scalar(
            select(parcels.c.id)
            .where(parcels.c.order_id == order_id)
            .order_by(parcels.c.void, parcels.c.scanned_on.is_not(None), parcels.c.id)
            .limit(1)
        )
    if box is None or parcel is None:
        raise UserError(BoxCode.GONE)
    if box.state not in (BoxState.OPEN, BoxState.WAITING):
        raise UserError(BoxCode.FOUND)
    scan_id = box.scan_id
    if scan_id is None:
        own = number_of(box_id)
        scan_id = take_scan(box.pile_id, own, source="photo", key=f"box/{box_id}").scan_id
    edits.link_by_hand(scan_id, parcel)
    kinds: list[str] = next(
        (one["kinds"] for one in box.candidates or () if one["order_id"] == order_id), []
    )
    _write(
        box_id, state=BoxState.FOUND, order_id=order_id, found_by=actor().name[:80],
        scan_id=scan_id, fields={"kinds": kinds}, candidates=None, refused=None,
    )  # fmt: skip


@door(Right.PILE)
def none_of_these(box_id: int) -> None:
    """None of the candidates: they are not shown again; the box is looked at after each sync."""
    with db.writing() as connection:
        box = connection.execute(select(boxes).where(boxes.c.id == box_id)).one_or_none()
        if box is None:
            raise UserError(BoxCode.GONE)
        refused = sorted({*(box.refused or ()), *(o["order_id"] for o in box.candidates or ())})
        fields, _ = stored.fields_of(box.fields or {})
        connection.execute(
            update(boxes)
            .where(boxes.c.id == box_id)
            .values(refused=refused, candidates=[], why=_empty(fields), found_by=actor().name[:80])
        )


@door(Right.PILE)
def dismiss(box_id: int) -> None:
    """It is no parcel of the shop; what was read of it is forgotten."""
    _write(
        box_id, state=BoxState.DISMISSED, found_by=actor().name[:80], fields=None, candidates=None,
        refused=None,
    )  # fmt: skip


@door(Right.NAMES)
def waiting(pile_id: int | None) -> Sequence[Any]:
    """The open boxes, those with candidates first: id, page, paper, why, candidates, sha256."""
    query = (
        select(
            boxes.c.id, boxes.c.page, boxes.c.paper, boxes.c.why, boxes.c.candidates,
            boxes.c.created_at, pile_pictures.c.sha256,
        )
        .join(pile_pictures, pile_pictures.c.id == boxes.c.picture_id)
        .where(boxes.c.state == BoxState.OPEN)
        .order_by(boxes.c.id)
    )  # fmt: skip
    if pile_id is not None:
        query = query.where(boxes.c.pile_id == pile_id)
    with db.reading() as connection:
        found = connection.execute(query).all()
    return sorted(found, key=lambda box: not box.candidates)


@door(Right.NAMES)
def picture(box: Any, marks: Sequence[Sequence[float]], side: int = 700) -> bytes:
    """The box's label upright as JPEG, the fields that agree marked. Raises PictureError."""
    paper = tuple((float(x), float(y)) for x, y in box.paper)
    boxes_of = [tuple(map(float, one)) for one in marks]
    return doors.cut_out(storage.path_of(box.sha256), box.page, paper, boxes_of, side)
