"""Boxes that no code led to an order: read, found, looked at again, answered.

The print is not kept: of a label stay the fields that may identify its order, and when the order is
found only the kinds of field that did.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select, update

from core.clock import now
from core.errors import UserError
from core.finding import senders
from core.finding.codes import BoxCode, FieldCode, FindCode
from core.finding.compare import AGREES, Level
from core.finding.fields import FieldKind, Fields, PrintedLine, as_json, fields_of, read_fields
from core.finding.known import Index
from core.finding.open_orders import lately, load
from core.finding.senders import Sender, without
from core.finding.weights import OrderCandidate, rank, takes_itself
from core.intake import PictureError, doors
from core.matching import not_parcels
from core.orders.photos import storage
from core.orders.piles import edits, questions
from core.orders.piles.labels import BESIDE
from core.orders.piles.questions import Question
from core.orders.piles.scans import take_scan
from core.reasons import Amount, Reason, Value
from core.rights import Right, actor, door, may, named
from core.settings import preferences
from core.store import db
from core.store.states import BoxState
from core.store.tables import boxes, parcels, pile_pictures, scans

ACTOR = "Refuz"
LEAST_SURE = 0.02  # an order below it is no candidate
UNANSWERED = (BoxState.OPEN, BoxState.WAITING)


@dataclass(frozen=True)
class ToLookAt:
    """What a pile asks a person: each label once, as a box or as a question about its codes."""

    boxes: tuple[Any, ...]  # as `waiting` gives them
    questions: tuple[Question, ...]
    beside_matched: tuple[str, ...]  # other codes of labels that matched, which ask nothing

    @property
    def count(self) -> int:
        """How many labels."""
        return len(self.boxes) + len(self.questions)


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
        own = senders.own_lines(connection) if box is not None else []
        before = senders.learnt(connection, box.pile_id) if box is not None else ()
    if box is None:
        return False
    if _settled(box):
        return True
    try:
        paper = tuple((float(x), float(y)) for x, y in box.paper)
        printed = doors.read_print(storage.path_of(box.sha256), box.page, paper)
    except PictureError as error:
        why = Reason.of(FindCode.CANNOT_READ, why=error.reason)
        _write_found(box.id, why=why, candidates=[], looked_at=now())
        return True
    lines = [PrintedLine(one.text, one.box, one.score) for one in printed.lines]
    fields = without(read_fields(lines), Sender(own))
    size = (printed.width, printed.height)
    paper_of = [list(one) for one in printed.paper]
    if not _write_found(box.id, BoxState.WAITING, paper=paper_of, fields=as_json(fields, size)):
        return True
    with db.reading() as connection:
        after = senders.learnt(connection, box.pile_id)
    _weigh(box, fields, size, lately(), Sender([*own, *after]))
    if after != before:  # the boxes before it were weighed without what is known now
        _weigh_all(_open(box.pile_id), lately())
    return True


def look_again() -> int:
    """Weigh every open box against the orders as they are now; gives how many there are."""
    waiting = [box for box in _open() if not _settled(box)]
    if waiting:
        _weigh_all(waiting, load())
    return len(waiting)


def _open(pile_id: int | None = None) -> Sequence[Any]:
    query = select(boxes).where(boxes.c.state == BoxState.OPEN, boxes.c.fields.is_not(None))
    if pile_id is not None:
        query = query.where(boxes.c.pile_id == pile_id)
    with db.reading() as connection:
        return connection.execute(query.order_by(boxes.c.id)).all()


def _weigh_all(waiting: Sequence[Any], index: Index) -> None:
    """Weigh each box against the open orders; what a pile's labels share is the sender's."""
    with db.reading() as connection:
        ours = senders.own_lines(connection)
        sender_of = {
            pile: Sender([*ours, *senders.learnt(connection, pile)])
            for pile in {box.pile_id for box in waiting}
        }
    for box in waiting:
        fields, size = fields_of(box.fields)
        _weigh(box, fields, size, index, sender_of[box.pile_id])


def _settled(box: Any) -> bool:
    """Whether its code, or one beside it, has found its order meanwhile; then the box has, too."""
    if box.scan_id is None:
        return False
    query = select(scans.c.order_id, scans.c.undone_at, scans.c.why)
    with db.reading() as connection:
        scan = connection.execute(query.where(scans.c.id == box.scan_id)).one()
    if scan.order_id is not None or scan.undone_at is not None or scan.why == BESIDE:
        state = BoxState.FOUND if scan.order_id is not None else BoxState.DISMISSED
        _write(
            box.id, state=state, order_id=scan.order_id, fields=None, candidates=None,
            refused=None, found_by=ACTOR,
        )  # fmt: skip
        return True
    return False


def _weigh(box: Any, fields: Fields, size: tuple[int, int], index: Index, sender: Sender) -> None:
    refused = set(box.refused or ())
    besides = without(fields, sender)
    found = [
        one
        for one in rank(besides, index, most=3 + len(refused))
        if one.order.order.order_id not in refused and one.sure >= LEAST_SURE
    ][:3]
    candidates = [_candidate(one, fields, size) for one in found]
    why = Reason.of(FindCode.FITS, count=len(candidates)) if candidates else _empty(besides)
    kept = as_json(fields, size)
    if not _write_found(box.id, fields=kept, candidates=candidates, why=why, looked_at=now()):
        return
    with db.reading() as connection:
        alone = preferences.load(connection).take_found_orders
    if alone and takes_itself(found):
        with named(ACTOR):
            take(box.id, found[0].order.order.order_id)


def _candidate(one: OrderCandidate, fields: Fields, size: tuple[int, int]) -> dict[str, object]:
    """An order as a box keeps it: how sure, why, and where on the label (shares of its `size`)."""
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


def _value(one: OrderCandidate, kind: FieldKind) -> Value:
    """The order's own value, which is what a person compares."""
    order = one.order.order
    values: dict[FieldKind, Value] = {
        FieldKind.TRACKING: ", ".join(key for _, key in order.trackings),
        FieldKind.REFERENCE: order.name,
        FieldKind.NAME: order.customer,
        FieldKind.STREET: order.street,
        FieldKind.TOWN: order.town,
        FieldKind.POSTCODE: order.postcode,
        FieldKind.PHONE: "…" + one.order.phone[-3:],
        FieldKind.CASH: tuple(
            Amount(a, order.currency) for a in order.cash if a or len(order.cash) == 1
        ),
    }
    return values[kind]


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


def _write_found(box_id: int, state: BoxState = BoxState.OPEN, **values: Any) -> bool:
    """Write what was found of a box; False, and nothing, where a person answered it meanwhile."""
    query = update(boxes).where(boxes.c.id == box_id, boxes.c.state.in_(UNANSWERED))
    with db.writing() as connection:
        written_id = connection.scalar(query.values(state=state, **values).returning(boxes.c.id))
    return written_id is not None


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
        sender = senders.learnt(connection, box.pile_id) if box is not None else ()
    if box is None or parcel is None:
        raise UserError(BoxCode.GONE)
    if box.state not in UNANSWERED:
        raise UserError(BoxCode.FOUND)
    scan_id = box.scan_id
    if scan_id is None:
        own = number_of(box_id)
        scan_id = take_scan(box.pile_id, own, source="photo", key=f"box/{box_id}").scan_id
    question = _question_of(box)
    for one in question.scan_ids if question else (scan_id,):
        edits.link_by_hand(one, parcel)
    kinds: list[str] = next(
        (one["kinds"] for one in box.candidates or () if one["order_id"] == order_id), []
    )
    _write(
        box_id, state=BoxState.FOUND, order_id=order_id, found_by=actor().name[:80],
        scan_id=scan_id, fields={"kinds": kinds} | ({"sender": list(sender)} if sender else {}),
        candidates=None, refused=None,
    )  # fmt: skip


def _question_of(box: Any) -> Question | None:
    """The question that the codes of this box ask; None where they ask nothing."""
    asked = questions.of_pile(box.pile_id).questions if box.scan_id is not None else ()
    return next((one for one in asked if box.scan_id in _scans_of(one)), None)


def _scans_of(question: Question) -> tuple[int, ...]:
    return (*question.scan_ids, *question.beside_ids)


@door(Right.PILE)
def none_of_these(box_id: int) -> None:
    """None of the candidates: they are not shown again; the box is looked at after each sync.

    Photos of the same label are boxes of their own: their candidates go along.
    """
    for box in _same_label(_box(box_id)):
        refused = sorted({*(box.refused or ()), *(o["order_id"] for o in box.candidates or ())})
        fields, _ = fields_of(box.fields or {})
        _write(
            box.id, refused=refused, candidates=[], why=_empty(fields), found_by=actor().name[:80]
        )


def _box(box_id: int) -> Any:
    with db.reading() as connection:
        box = connection.execute(select(boxes).where(boxes.c.id == box_id)).one_or_none()
    if box is None:
        raise UserError(BoxCode.GONE)
    return box


def _same_label(box: Any) -> Sequence[Any]:
    """The box, and what other photos of its label made."""
    also = _of_scans(_scans_of(question)) if (question := _question_of(box)) else ()
    return [box, *(one for one in also if one.id != box.id)]


def _of_scans(scan_ids: Collection[int]) -> Sequence[Any]:
    """The boxes without an answer that are made of these scans."""
    query = select(boxes).where(boxes.c.scan_id.in_(scan_ids), boxes.c.state.in_(UNANSWERED))
    with db.reading() as connection:
        return connection.execute(query.order_by(boxes.c.id)).all()


@door(Right.PILE)
def dismiss(box_id: int) -> None:
    """It is no parcel of the shop; what was read of it is forgotten, its codes ask no more."""
    question = _question_of(_box(box_id))
    if question is not None:
        no_parcel(question)
    _dismissed(box_id)


def _dismissed(box_id: int) -> None:
    _write(
        box_id, state=BoxState.DISMISSED, found_by=actor().name[:80], fields=None, candidates=None,
        refused=None,
    )  # fmt: skip


@door(Right.PILE)
def no_parcel(question: Question, *, all_like: bool = False) -> int:
    """This label is no parcel, with all its codes and boxes; gives how many scans ask no more.

    `all_like`: nor is any code like its telling one. Raises UserError.
    """
    count = not_parcels.say_not_parcel(question.code, all_like=all_like)
    for code in question.codes:
        if code != question.code:
            count += not_parcels.say_not_parcel(code)
    for box in _of_scans(_scans_of(question)):
        _dismissed(box.id)
    return count


@door(Right.SCAN, Right.PILE)
def to_look_at(pile_id: int | None) -> ToLookAt:
    """The labels of a pile, of all piles for None, that wait for whoever is here.

    A box that has candidates asks in place of its codes; one without leaves it to them, where an
    order can be searched for. Boxes are for who may see names and answer.
    """
    asked = questions.of_pile(pile_id)
    of_scan = {scan: one for one in asked.questions for scan in _scans_of(one)}
    shown, instead = [], set[tuple[int, ...]]()
    for box in waiting(pile_id) if may(Right.NAMES) and may(Right.PILE) else ():
        question = of_scan.get(box.scan_id)
        if question is None:
            shown.append(box)
        elif box.candidates and question.scan_ids not in instead:
            instead.add(question.scan_ids)
            shown.append(box)
    left = tuple(one for one in asked.questions if one.scan_ids not in instead)
    return ToLookAt(tuple(shown), left, asked.beside_matched)


@door(Right.NAMES)
def waiting(pile_id: int | None) -> Sequence[Any]:
    """The open boxes whose code found no order, those with candidates first.

    Each has id, page, paper, why, candidates, created_at, scan_id, sha256.
    """
    # Beside a match: not asked, not settled before the next round either.
    still = (scans.c.order_id.is_(None), scans.c.undone_at.is_(None), scans.c.why != BESIDE)
    query = (
        select(
            boxes.c.id, boxes.c.page, boxes.c.paper, boxes.c.why, boxes.c.candidates,
            boxes.c.created_at, boxes.c.scan_id, pile_pictures.c.sha256,
        )
        .join(pile_pictures, pile_pictures.c.id == boxes.c.picture_id)
        .outerjoin(scans, scans.c.id == boxes.c.scan_id)
        .where(boxes.c.state == BoxState.OPEN, or_(boxes.c.scan_id.is_(None), and_(*still)))
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
