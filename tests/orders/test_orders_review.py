"""The page's quick look at a pile and the whole table never disagree about an order."""

import contextlib
import itertools
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from core.clock import now
from core.errors import UserError
from core.orders import judge
from core.orders.piles import edits, piles, review
from core.orders.piles.scans import take_scan
from core.store import db
from core.store.tables import connections, invoices, orders, parcels


@pytest.fixture
def pile(engine: Engine) -> int:
    """Orders in every combination of what the rules look at, each with a parcel scanned."""
    made = piles.create("Monday")
    facts = itertools.product(
        (None, "delivered"), ("PENDING", "PAID"), (1, 2), ("oblio", "fgo", ""), (False, True)
    )
    with db.writing(engine) as connection:
        account = {"settings": {}, "secrets": "", "created_at": now()}
        shop = connection.scalar(
            insert(connections)
            .values(kind="shop", service="shopify", name="Casa", **account)
            .returning(connections.c.id)
        )
        connection.execute(
            insert(connections).values(kind="invoicing", service="oblio", name="Oblio", **account)
        )
    for number, (outcome, paid, boxes, service, cancelled) in enumerate(facts):
        with db.writing(engine) as connection:
            order_id = connection.scalar(
                insert(orders)
                .values(
                    shop_id=shop, gid=f"test/{number}", name=f"#{number}", created_at=now(),
                    updated_at=now(), synced_at=now(), payment="cod", financial_status=paid,
                    fulfillment_status="FULFILLED", total_minor=100 + number, currency="RON",
                    tags=[], attributes={}, cancelled_at=now() if cancelled else None,
                )
                .returning(orders.c.id)
            )  # fmt: skip
            for box in range(boxes):
                code = f"7{number:06}{box:06}"
                connection.execute(
                    insert(parcels).values(
                        order_id=order_id, shop_id=shop, tracking=code, tracking_key=code,
                        courier="fan", payment="cod", outcome=outcome,
                    )
                )  # fmt: skip
            if service:
                connection.execute(
                    insert(invoices).values(
                        order_id=order_id, service=service, series="A", number=f"{number}",
                        source="attribute",
                    )
                )  # fmt: skip
        take_scan(made, f"7{number:06}{0:06}", source="hand", key=f"{number}")
        if number % 5 == 0:
            with contextlib.suppress(UserError):  # some are held by what nobody may go against
                edits.all_the_same(made, order_id, "the other box is lost")
        if number % 7 == 0:
            edits.set_options(made, [order_id], included=False)
        if number % 3 == 0:
            edits.set_options(made, [order_id], cancel_fulfillments=True)
    return made


def test_the_groups_are_those_of_the_whole_table(pile: int, engine: Engine) -> None:
    whole = review.review(pile)
    quick = review.groups(pile)
    drawn = quick.drop(columns="shown").to_dict("list")
    assert drawn == whole[["order_id", "group", "checking"]].to_dict("list")
    assert quick["shown"].notna().tolist() == (whole["group"] == "will run").tolist()
    assert set(whole["group"]) == {"will run", "held", "delivered", "done"}


def test_a_page_of_rows_is_a_part_of_the_whole_table(pile: int, engine: Engine) -> None:
    whole = review.review(pile)
    ids = whole["order_id"].tolist()[3:9]
    part = review.review(pile, order_ids=ids)
    assert part.to_dict("records") == whole.iloc[3:9].to_dict("records")


def test_the_totals_are_those_of_the_rows_that_will_run(pile: int, engine: Engine) -> None:
    whole = review.review(pile)
    run = whole[whole["group"] == "will run"]
    sums = review.totals(pile)
    assert (sums.orders, sums.money) == (len(run), {"RON": run["total_minor"].sum()})
    assert sums.invoices == (run["invoices"] != "").sum()
    assert review.runnable_orders(pile) == run["order_id"].tolist()


def test_the_rows_of_a_pile_have_every_column_that_the_judge_looks_at(
    pile: int, engine: Engine
) -> None:
    """Their query names its columns; one that a rule asks for and it lacks would end the run."""
    asked = {
        name
        for module in (Path(judge.__file__).parent).glob("*.py")
        for name in re.findall(r"\border\.([a-z_]+)\b", module.read_text(encoding="utf-8"))
    }
    with db.reading(engine) as connection:
        row, _ = next(iter(review.of_pile(connection, pile)))
    assert "billed_to" in asked
    assert asked <= set(row._fields)
