"""A command by key or barcode about an order that is held: the judge's sentence, no error."""

import datetime as dt

import pytest
import requests
from sqlalchemy import Engine, func, insert, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from test_server_station import ASSETS, OURS, scan
from tests_server_world import put_orders

from core import rights
from core.clock import now
from core.i18n.reasons import sentence
from core.orders.judge.reasons import JudgeCode
from core.orders.piles import edits, piles
from core.reasons import Reason
from core.reversal.runs import commands
from core.reversal.runs.commands import Command, obey
from core.server.auth import AuthMiddleware
from core.server.routes.table import routes
from core.settings import preferences
from core.store import db
from core.store.tables import order_questions, orders, parcels, reversals, runs, scans

TRACKING = "1ONB24222300031"
CANCEL = [Command.RESTOCK, Command.NO_RESTOCK]
HELD = [
    ({"financial_status": "REFUNDED"}, Reason(JudgeCode.REFUNDED)),
    ({"has_returns": True}, Reason(JudgeCode.RETURN_IN_PROGRESS)),
    ({"gateways": "gift_card"}, Reason.of(JudgeCode.STORE_CREDIT, gateways="gift_card")),
]


@pytest.fixture
def base(serve, engine: Engine) -> str:
    put_orders(engine, [TRACKING])
    middleware = [Middleware(AuthMiddleware, network=False, token="t")]
    return serve(Starlette(routes=routes(ASSETS), middleware=middleware))


@pytest.fixture
def pile(base: str) -> int:
    made = piles.create("Monday")
    assert scan(base, pile=made, code=TRACKING, key="1").ok
    return made


def order_id() -> int:
    with db.reading() as connection:
        return connection.scalar(select(orders.c.id)) or 0


def begun() -> int:
    with db.reading() as connection:
        count = select(func.count())
        made = connection.scalar(count.select_from(reversals)) or 0
        return made + (connection.scalar(count.select_from(runs)) or 0)


def send(base: str, pile: int, command: str, **headers: str) -> requests.Response:
    body = {"pile": pile, "command": command, "order_id": order_id(), "by": "Ana"}
    return requests.post(f"{base}/api/commands", json=body, headers=OURS | headers, timeout=10)


@pytest.mark.parametrize("command", CANCEL)
@pytest.mark.parametrize(("changes", "why"), HELD)
def test_a_held_order_is_answered_with_the_judges_sentence(
    base: str, pile: int, command: Command, changes: dict[str, object], why: Reason
) -> None:
    with db.writing() as connection:
        connection.execute(update(orders).values(**changes))
    answer = send(base, pile, command)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["done"], body["sound"], body["pile"]) == (False, "bad", pile)
    assert body["say"] == sentence(why, "en")
    assert begun() == 0


@pytest.mark.parametrize("command", CANCEL)
def test_the_sentence_has_its_parameters_and_can_be_told_in_another_tongue(
    pile: int, command: Command
) -> None:
    """What is answered is the judge's reason itself, never its English text."""
    with db.writing() as connection:
        row = {"order_id": order_id(), "code": JudgeCode.IMPORT_ROW_REFUSED, "source": "x"}
        text = {"text": "7 total: cheap", "created_at": now()}
        connection.execute(insert(order_questions).values(**row, **text))
    outcome = obey(command, pile, order_id())
    assert outcome.why == Reason.of(JudgeCode.IMPORT_ROW_REFUSED, text="7 total: cheap")
    assert sentence(outcome.why, "ro") != sentence(outcome.why, "en")
    assert "7 total: cheap" in sentence(outcome.why, "ro")


def test_an_order_with_a_parcel_still_out_is_not_cancelled_by_a_barcode(
    base: str, pile: int
) -> None:
    with db.writing() as connection:
        box = connection.execute(select(parcels)).one()._asdict() | {"tracking": "1ONB24222300032"}
        other = box | {"tracking_key": "1ONB24222300032", "scanned_on": None}
        connection.execute(insert(parcels).values({k: v for k, v in other.items() if k != "id"}))
    body = send(base, pile, Command.RESTOCK).json()
    assert body["say"] == sentence(Reason.of(JudgeCode.PARCELS_OUT, back=1, count=2), "en")
    assert begun() == 0


def test_an_order_that_nothing_holds_is_begun_once_and_told_so_the_second_time(
    base: str, pile: int
) -> None:
    assert send(base, pile, Command.RESTOCK).json()["done"] is True
    answer = send(base, pile, Command.RESTOCK)  # the same wish once more: it is being done
    assert (answer.status_code, answer.json()["done"]) == (200, True)
    answer = send(base, pile, Command.NO_RESTOCK)
    assert (answer.status_code, answer.json()["done"]) == (200, False)
    assert begun() == 2  # one run, one reversal


def again(base: str, **body: object) -> dict[str, object]:
    """A command, and the same once more because its answer was lost: the second answer."""
    for _ in range(2):
        answer = requests.post(
            f"{base}/api/commands", json={"by": "Ana", **body}, headers=OURS, timeout=10
        )
        assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_command_is_about_the_scan_that_it_names(base: str, pile: int) -> None:
    """Another order is named beside it: the scan decides."""
    body = again(base, pile=pile, command="damaged", scan="1", order_id=999_999)
    assert body["done"] is True
    assert edits.remarks(pile, order_id()) == ("damaged", "")
    assert again(base, pile=pile, command="opened", scan="never")["done"] is False


def test_a_command_that_is_sent_again_is_done_once(base: str, pile: int) -> None:
    for key in ("2", "3"):
        assert scan(base, pile=pile, code=TRACKING, key=key).ok
    assert again(base, pile=pile, command="undo", key="u-1")["done"] is True
    with db.reading() as connection:
        gone = connection.scalars(select(scans.c.key).where(scans.c.undone_at.is_not(None))).all()
    assert gone == ["3"]
    assert again(base, pile=pile, command="restock", scan="1")["done"] is True
    assert begun() == 2  # one run with one order
    made = again(base, pile=pile, command="new_pile", key="n-1")["pile"]
    assert [one.id for one in piles.open_piles()] == [made, pile]


def test_a_cancel_with_another_wish_than_the_one_under_way_is_refused(base: str, pile: int) -> None:
    assert obey(Command.RESTOCK, pile, order_id()).done
    assert not obey(Command.NO_RESTOCK, pile, order_id()).done
    with rights.named("somebody else"):
        assert not obey(Command.RESTOCK, pile, order_id()).done


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Bucharest", "01.12.2026 00:40"),
        ("America/New_York", "30.11.2026 17:40"),
        ("UTC", "30.11.2026 22:40"),
    ],
)
def test_a_pile_begun_by_a_command_has_the_minute_of_the_seller_s_clock(
    base: str, pile: int, zone: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing() as connection:
        preferences.save(connection, time_zone=zone)
    moment = dt.datetime(2026, 11, 30, 22, 40, tzinfo=dt.UTC)
    monkeypatch.setattr(commands, "now", lambda: moment)
    made = obey(Command.NEW_PILE, pile, None).pile_id
    assert {one.id: one.name for one in piles.open_piles()}[made] == name
