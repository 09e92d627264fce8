"""What couriers tell is written on the parcels, with its audit row, and cancels nothing."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from core import rights
from core.audit import trail
from core.audit.actions import Action
from core.clock import now
from core.i18n.reasons import sentence
from core.labels import normalise
from core.orders.couriers import tracking
from core.orders.imports.courier_report import ReportError, import_courier_report
from core.reasons import quoted
from core.reversal.runs import follow_up
from core.services import registry
from core.services.couriers.fan import INFO
from core.services.outcome import Confirmed, NotSent, Outcome
from core.services.ports import CourierEvent
from core.settings.connections import Connection
from core.store import db
from core.store.tables import aliases, connections, orders, parcels

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def shop(engine: Engine) -> int:
    with db.writing() as db_connection:
        return int(
            db_connection.execute(
                insert(connections)
                .values(
                    kind="shop",
                    service="shopify",
                    name="Casa Verde",
                    settings={},
                    secrets="",
                    created_at=now(),
                )
                .returning(connections.c.id)
            ).scalar_one()
        )


def add_parcel(shop: int, number: str, courier: str = "fan", **more: Any) -> int:
    """One order with one parcel; gives the parcel's id."""
    with db.writing() as db_connection:
        order = db_connection.execute(
            insert(orders)
            .values(
                shop_id=shop,
                gid=f"gid://{number}/{more.get('order', 1)}",
                name=f"#{number}",
                created_at=NOON,
                updated_at=NOON,
                payment="cod",
                total_minor=12100,
                currency="RON",
                tags=[],
                attributes={},
                synced_at=NOON,
            )
            .returning(orders.c.id)
        ).scalar_one()
        columns = {k: value for k, value in more.items() if k not in ("order", "tracking_key")}
        return int(
            db_connection.execute(
                insert(parcels)
                .values(
                    order_id=order,
                    shop_id=shop,
                    tracking=number,
                    tracking_key=more.get("tracking_key", number),
                    courier=courier,
                    payment="cod",
                    shipped_on=now().date(),
                    **columns,
                )
                .returning(parcels.c.id)
            ).scalar_one()
        )


def parcel(parcel_id: int) -> Any:
    with db.reading() as db_connection:
        return db_connection.execute(select(parcels).where(parcels.c.id == parcel_id)).one()


def event(number: str, status: Any, hours: int = 0, **more: str) -> CourierEvent:
    return CourierEvent(
        number, NOON + dt.timedelta(hours=hours), status, text=more.pop("text", status), **more
    )


def tell(*events: CourierEvent) -> tracking.EventsTaken:
    with db.writing() as db_connection:
        return tracking.write_events(db_connection, events, ["fan"], source="courier")


@dataclass
class Desk:
    """A courier that gives prepared events: polling is tested without one's network."""

    events_of: dict[str, list[CourierEvent]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    broken: bool = False

    def events(self, trackings: list[str]) -> Outcome[list[CourierEvent]]:
        self.asked.append(list(trackings))
        if self.broken:
            return NotSent(quoted("FAN Courier could not be reached."))
        return Confirmed([one for number in trackings for one in self.events_of.get(number, [])])


@pytest.fixture
def courier(shop: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk()
    monkeypatch.setattr(registry, "adapter", lambda connection: desk)
    return desk


def connection(shop: int) -> Connection:
    with db.writing() as db_connection:
        found = db_connection.scalar(select(connections.c.id).where(connections.c.service == "fan"))
        made = (
            found
            or db_connection.execute(
                insert(connections)
                .values(
                    kind="courier",
                    service="fan",
                    name="FAN",
                    settings={},
                    secrets="",
                    created_at=now(),
                )
                .returning(connections.c.id)
            ).scalar_one()
        )
    return Connection(int(made), "courier", "fan", "FAN", {}, {})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("delivered", "delivered"),
        ("refused", "refused"),
        ("returning", "refused"),
        ("returned", "refused"),
        ("lost", "lost"),
        ("transit", None),
        ("out", None),
        ("failed", None),
        ("unknown", None),
    ],
)
def test_the_newest_status_is_written_with_its_outcome(
    shop: int, status: str, outcome: str | None
) -> None:
    number = add_parcel(shop, "7001")
    tell(event("7001", status, 5, text="asa spune curierul"), event("7001", "created"))
    row = parcel(number)
    assert (row.status, row.status_text) == (status, "asa spune curierul")
    assert row.outcome == outcome
    assert row.outcome_on == (dt.date(2026, 11, 20) if outcome else None)


def test_the_day_of_the_outcome_is_the_sellers_day(shop: int) -> None:
    number = add_parcel(shop, "7001")
    tell(event("7001", "refused", 11))  # 23:00 UTC is 01:00 of the next day in Bucharest
    assert parcel(number).outcome_on == dt.date(2026, 11, 21)


def test_an_unknown_status_keeps_its_words_and_the_outcome_of_before(shop: int) -> None:
    number = add_parcel(shop, "7001")
    tell(event("7001", "refused"), event("7001", "unknown", 1, text="Cod 4711"))
    row = parcel(number)
    assert (row.status, row.status_text, row.outcome) == ("unknown", "Cod 4711", "refused")


def test_a_refused_parcel_may_be_delivered_after_all(shop: int) -> None:
    number = add_parcel(shop, "7001")
    tell(event("7001", "refused"))
    tell(event("7001", "delivered", 3))
    assert parcel(number).outcome == "delivered"


def test_a_parcel_that_was_scanned_here_stays_refused(shop: int) -> None:
    number = add_parcel(shop, "7001", outcome="refused", scanned_on=dt.date(2026, 11, 19))
    tell(event("7001", "delivered"))
    row = parcel(number)
    assert (row.outcome, row.status) == ("refused", "delivered")


def test_an_older_status_changes_nothing(shop: int) -> None:
    number = add_parcel(shop, "7001")
    tell(event("7001", "refused", 3))
    assert tell(event("7001", "out", 1)).changes == []
    assert parcel(number).status == "refused"


def test_the_same_status_twice_is_told_once_in_the_trail(shop: int) -> None:
    add_parcel(shop, "7001")
    with rights.named("FAN Courier"):
        assert len(tell(event("7001", "out")).changes) == 1
        assert tell(event("7001", "out")).changes == []
    with db.reading() as db_connection:
        rows = trail.search(db_connection, actions=[Action.PARCEL_STATUS])
    assert len(rows) == 1
    assert rows[0].actor == "FAN Courier"
    assert rows[0].detail["changes"][0]["to"] == "out"


def test_numbers_of_another_courier_are_left_alone(shop: int) -> None:
    number = add_parcel(shop, "7001", courier="cargus")
    result = tell(event("7001", "refused"))
    assert result.unknown == ["7001"]
    assert parcel(number).status == ""


def test_a_return_number_is_learnt_once_and_audited(shop: int) -> None:
    number = add_parcel(shop, "7001")
    refused = event("7001", "refused", return_number="7 001 999")
    assert tell(refused).learnt == 1
    assert tell(refused).learnt == 0
    with db.reading() as db_connection:
        [row] = db_connection.execute(select(aliases)).all()
        assert len(trail.search(db_connection, actions=[Action.RETURN_NUMBER_LEARNT])) == 1
    assert (row.code_key, row.parcel_id, row.source) == ("7001999", number, "courier")


def test_polling_asks_for_what_is_under_way_only(shop: int, courier: Desk) -> None:
    add_parcel(shop, "7001")
    add_parcel(shop, "7002", outcome="delivered", status="delivered")
    add_parcel(shop, "7003", outcome="refused", status="returning")
    add_parcel(shop, "7004", outcome="refused", status="returning", scanned_on=now().date())
    add_parcel(shop, "7005", courier="cargus")
    old = add_parcel(shop, "7006")
    with db.writing() as db_connection:
        long_ago = now().date() - dt.timedelta(days=tracking.ASK_FOR_DAYS + 1)
        db_connection.execute(
            update(parcels).where(parcels.c.id == old).values(shipped_on=long_ago)
        )
    courier.events_of = {"7001": [event("7001", "refused", return_number="7999")]}
    report = tracking.poll_parcels(connection(shop))
    assert courier.asked == [["7001", "7003"]]
    assert report == tracking.PollReport(asked=2, changed=1, learnt=1)


def test_polling_goes_on_where_it_stopped_and_round_again(shop: int, courier: Desk) -> None:
    for number in range(5):
        add_parcel(shop, f"700{number}")
    for _ in range(3):
        tracking.poll_parcels(connection(shop), limit=2)
    assert courier.asked == [["7000", "7001"], ["7002", "7003"], ["7004", "7000"]]


def test_a_courier_that_does_not_answer_is_asked_the_same_again(shop: int, courier: Desk) -> None:
    add_parcel(shop, "7001")
    courier.broken = True
    report = tracking.poll_parcels(connection(shop))
    assert report.failed == quoted("FAN Courier could not be reached.")
    [alarm] = follow_up.open_alarms()
    assert (alarm.kind, alarm.subject) == ("courier", "courier FAN")
    assert "FAN Courier could not be reached." in sentence(alarm.reason)
    courier.broken = False
    assert tracking.poll_parcels(connection(shop)).asked == 1
    assert follow_up.open_alarms() == []


REPORT = """AWB;Status;Data status;AWB retur;Motiv
7001;Refuzat de destinatar;19.11.2026 09:30;7999;Nu are bani

7002;Livrat;19.11.2026;;
7003;Livrat la expeditor;altădată;;
8888;Livrat;19.11.2026;;
;Livrat;19.11.2026;;
7004;;19.11.2026;;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_a_courier_report_is_read_as_excel_writes_it(shop: int, encoding: str) -> None:
    first, second = add_parcel(shop, "7001"), add_parcel(shop, "7002")
    report = import_courier_report(REPORT.encode(encoding))
    assert (report.rows, report.changed, report.learnt) == (6, 2, 1)
    assert report.unknown == ["8888"]
    assert [problem.partition(":")[0] for problem in report.problems] == [
        "Line 5",
        "Line 7",
        "Line 8",
    ]
    refused = parcel(first)
    assert (refused.status, refused.outcome, refused.reason) == (
        "refused",
        "refused",
        "Nu are bani",
    )
    assert refused.outcome_on == dt.date(2026, 11, 19)
    assert parcel(second).outcome == "delivered"


def test_a_report_may_be_limited_to_one_courier(shop: int) -> None:
    other = add_parcel(shop, "7001", courier="cargus")
    report = import_courier_report(REPORT.encode(), courier="fan")
    assert report.changed == 0
    assert parcel(other).status == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"AWB;Suma\n7001;12\n",
        b"Status;Data\nLivrat;19.11.2026\n",
        b"PK\x03\x04\x00\x00 an Excel file",
        b'AWB;Status\n"' + b"x" * 200_000,
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(shop: int, data: bytes) -> None:
    with pytest.raises(ReportError, match=r"\.$"):
        import_courier_report(data)


# ---------------------------------------------------------------- numbers as a shop writes them

# What a shop shows, its courier, and the number that the courier itself has for the parcel.
WRITTEN = [
    ("7000 1299 00013", "fan", "7000129900013"),
    ("7000129900014001", "fan", "7000129900014"),
    ("urgc10875299", "cargus", "URGC10875299"),
    ("URGC10875298002", "cargus", "URGC10875298"),
    ("1ONB24222308999001", "sameday", "1ONB24222308999"),
    (" 1onb24222308998 ", "sameday", "1ONB24222308998"),
]
INSIDE = ("%010123413054001000099101642", "dpd", "13054001000099")  # not at the code's beginning


@pytest.mark.parametrize(("written", "slug", "known"), [*WRITTEN, INSIDE])
def test_a_courier_is_asked_for_the_number_as_it_counts(
    shop: int, courier: Desk, monkeypatch: pytest.MonkeyPatch, written: str, slug: str, known: str
) -> None:
    number = add_parcel(shop, written, courier=slug, tracking_key=normalise(written))
    monkeypatch.setattr(registry, "info", lambda _: replace(INFO, tracks=(slug,)))
    courier.events_of = {known: [event(known, "refused")]}
    assert tracking.poll_parcels(connection(shop)).changed == 1
    assert parcel(number).outcome == "refused"
    assert known in courier.asked[0]
    assert all(one == normalise(one) for one in courier.asked[0])


@pytest.mark.parametrize(("written", "slug", "known"), WRITTEN)
def test_a_report_finds_the_parcel_by_the_couriers_own_number(
    shop: int, written: str, slug: str, known: str
) -> None:
    number = add_parcel(shop, written, courier=slug, tracking_key=normalise(written))
    with db.writing() as db_connection:
        result = tracking.write_events(db_connection, [event(known, "refused")], [], source="csv")
    assert (result.unknown, parcel(number).outcome) == ([], "refused")


def test_an_answer_in_the_couriers_own_writing_is_believed(shop: int, courier: Desk) -> None:
    number = add_parcel(shop, "7000129900021")
    courier.events_of = {"7000129900021": [event("7000 1299 00021 ", "returning")]}
    tracking.poll_parcels(connection(shop))
    assert parcel(number).status == "returning"


def test_a_shorter_number_of_another_order_is_not_asked_about_for_this_one(
    shop: int, courier: Desk
) -> None:
    longer = add_parcel(shop, "7000129900031001", order=1)
    own = add_parcel(shop, "7000129900031", order=2)
    courier.events_of = {"7000129900031": [event("7000129900031", "refused")]}
    tracking.poll_parcels(connection(shop))
    assert (parcel(own).outcome, parcel(longer).outcome) == ("refused", None)
