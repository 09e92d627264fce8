"""A command by key or barcode about an order that is held: the judge's sentence, no error."""

import pytest
import requests
from sqlalchemy import Engine, func, insert, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from test_server_station import ASSETS, OURS, scan
from tests_server_world import put_orders

from core.i18n.reasons import sentence
from core.orders.judge.reasons import JudgeCode
from core.orders.piles import piles
from core.reasons import Reason
from core.reversal.runs.commands import Command, obey
from core.server.auth import Gate
from core.server.routes.table import routes
from core.store import db
from core.store.tables import order_questions, orders, parcels, reversals, runs
from core.store.types import now

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
    middleware = [Middleware(Gate, network=False, token="t")]
    return serve(Starlette(routes=routes(ASSETS), middleware=middleware))


@pytest.fixture
def pile(base: str) -> int:
    made = piles.create("Monday", "Ana")
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
    told = answer.json()
    assert (told["done"], told["sound"], told["pile"]) == (False, "bad", pile)
    assert told["say"] == sentence(why, "en")
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
    outcome = obey(command, pile, order_id(), "Ana")
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
    told = send(base, pile, Command.RESTOCK).json()
    assert told["say"] == sentence(Reason.of(JudgeCode.PARCELS_OUT, back=1, count=2), "en")
    assert begun() == 0


def test_an_order_that_nothing_holds_is_begun_once_and_told_so_the_second_time(
    base: str, pile: int
) -> None:
    assert send(base, pile, Command.RESTOCK).json()["done"] is True
    again = send(base, pile, Command.RESTOCK)
    assert (again.status_code, again.json()["done"]) == (200, False)
    assert begun() == 2  # one run, one reversal
