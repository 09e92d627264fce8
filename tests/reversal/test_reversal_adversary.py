"""The right document, or a person: worlds of trouble, and an oracle that knows only their truth.

The oracle reads what the generator wrote down and the ledgers of the outside worlds; of the desk
it reads which orders are done and which are asked about.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import adversary_proven
import adversary_world
import pytest
import requests
from adversary_proven import Proven
from adversary_rules import EVERY, take_away
from adversary_world import CLEAR, STRIPE, UNCLEAR, VAT, Key, World
from reversal_support import Desk
from sqlalchemy import select

from core.orders.documents.accounts import Accounts
from core.orders.imports.importing import guess_columns, import_orders, read_table
from core.orders.judge import rules
from core.orders.piles import piles, review, scans
from core.reversal.runs import runs
from core.sandbox import process
from core.settings import connections
from core.store import db
from core.store.tables import orders, reversals
from core.store.tables import scans as scans_table

QUICK = 60
WORST = 60  # orders of a world of nothing but trouble: each kind three times
HEAVY = int(os.environ.get("REFUZ_ADVERSARY_ORDERS", "5000"))
INVOICING = ("smartbill", "fgo", "oblio", "stripe")
COLUMNS = "Order;AWB;Total;Currency;Date;Payment;Courier;Invoice"
PATIENT = {"timeout_seconds": "30", "settle_seconds": "60"}  # nothing goes wrong out there
Name = tuple[int, str]


@dataclass
class Both:
    """A desk with two shops and two companies, each in an outside world of its own."""

    desk: Desk
    second: process.RunningSandbox

    def load(self, made: World) -> None:
        """Give both outside worlds what was drawn, and take the orders in."""
        for address, world in zip(self._addresses(), made.outside, strict=True):
            for method, path, body in (
                ("POST", "load", world),
                ("PUT", "settings", {"rate_limits": False, "job_delay": 0.0}),
            ):
                url = f"{address}/_sandbox/{path}"
                requests.request(method, url, json=body, timeout=120).raise_for_status()
        self.desk.follow_shops()
        for shop, rows in zip(self._shops(), made.lists, strict=True):
            if rows:
                table = read_table("\n".join([COLUMNS, *rows]).encode(), "orders.csv")
                import_orders(shop, table, guess_columns(table.headers))

    def _shops(self) -> list[int]:
        with db.reading(self.desk.engine) as connection:
            known = connections.all_connections(connection, "shop")
        return sorted(one.id for one in known if one.service == "shopify")

    def _addresses(self) -> tuple[str, str]:
        return self.desk.sandbox.base_url, self.second.base_url

    def connect(self) -> None:
        """The second shop and company; every Oblio account tells orders in its mentions."""
        with db.writing(self.desk.engine) as connection:
            for one in connections.all_connections(connection):
                if one.service not in ("shopify", *INVOICING):
                    continue
                settings = {**one.settings}
                if one.service == "oblio":
                    settings["order_field"] = "mentions"
                for number, name in enumerate((one.name, f"{one.name} 2")):
                    values = {**settings, **PATIENT}
                    if number:
                        values["base_url"] = settings["base_url"].replace(*self._addresses())
                        values |= {"vat_code": VAT[1]} if "vat_code" in settings else {}
                    if one.service == "stripe":
                        values["account"] = STRIPE[number]
                    connections.save(
                        connection, kind=one.kind, service=one.service, name=name,
                        settings=values, secrets_=one.secrets, sandbox=True,
                    )  # fmt: skip

    def work(self, made: World, without: str = "") -> None:
        """Scan the whole pile and run it with a real worker."""
        pile = piles.create("all")
        for number, code in enumerate(made.codes):
            scans.take_scan(pile, code, source="scanner", key=str(number))
        self.pile = pile
        runs.start_run(pile)
        started = self.desk.start_worker(**({"WITHOUT_RULE": without} if without else {}))

        def runs_still() -> None:
            assert started.poll() is None, "the worker ended"

        # On a machine that does much else.
        self.desk.wait(600 + 2 * len(made.codes), worker=runs_still)

    def reversed(self) -> dict[Key, int]:
        """How often each document was reversed or annulled out there."""
        found: dict[Key, int] = {}
        for number, address in enumerate(self._addresses()):
            ledger = requests.get(f"{address}/_sandbox/ledger", timeout=60).json()["invoices"]
            for key, one in ledger.items():
                if one["reversed"] + one.get("annulled", 0):
                    found[number, key] = one["reversed"] + one.get("annulled", 0)
        return found

    def cancelled(self, made: World) -> set[Name]:
        """The orders that were cancelled out there."""
        found: set[Name] = set()
        for number, address in enumerate(self._addresses()):
            ledger = requests.get(f"{address}/_sandbox/ledger", timeout=60).json()["orders"]
            for one in made.outside[number]["orders"]:
                if ledger.get(f"gid://shopify/Order/{one['id']}", {}).get("cancelled"):
                    found.add((number, one["name"]))
        return found

    def shown(self) -> tuple[set[Name], dict[Name, str]]:
        """Orders that are done, and those that are asked about with the reason's code."""
        number_of = {id_: number for number, id_ in enumerate(self._shops())}
        with db.reading(self.desk.engine) as connection:
            columns = select(orders.c.id, orders.c.shop_id, orders.c.name, reversals.c.state,
                          reversals.c.why)  # fmt: skip
            rows = connection.execute(
                columns.outerjoin(reversals, reversals.c.order_id == orders.c.id)
            ).all()
            several = connection.execute(
                select(scans_table.c.candidates, scans_table.c.why).where(
                    scans_table.c.outcome == "ambiguous"
                )
            ).all()
        shown = review.review(self.pile).to_dict("records")
        held = {one["order_id"]: one["held_by"] for one in shown if one["group"] == "held"}
        held |= {row.id: row.why for row in rows if row.state == "needs_person"}
        held |= {id_: row.why for row in several for id_ in row.candidates}
        name = {row.id: (number_of[row.shop_id], row.name) for row in rows}
        done = {name[row.id] for row in rows if row.state == "done"}
        return done, {name[id_]: str(why) for id_, why in held.items()}


@dataclass
class Verdict:
    """What the oracle says of a run."""

    wrong: set[Key]  # reversed, and not to be, or more than once
    open: set[Name]  # done, and a document of theirs stands
    questions: dict[Name, str]  # with what is asked
    unproved: set[Name]  # cancelled, though only a person can tell what is right
    left: set[Name]  # neither done nor asked about
    done: int

    @property
    def failed(self) -> bool:
        return bool(self.wrong or self.open or self.unproved)


def oracle(made: World, both: Both) -> Verdict:
    counted = both.reversed()
    done, asked = both.shown()
    truth = made.truth
    allowed = {key for name in done for key in truth.right[name]}
    wrong = {key for key, times in counted.items() if key not in allowed or times > 1}
    still = {name for name in done if not truth.right[name] <= set(counted)}
    # What nobody can know is not to be done, whichever way it would have come out.
    guessed = done & truth.unclear
    left = set(truth.right) - done - set(asked)
    unproved = both.cancelled(made) & truth.unclear
    return Verdict(wrong, still | guessed, asked, unproved, left, len(done))


def judged(both: Both, seed: int, count: int, **how: float) -> tuple[World, Verdict]:
    made = adversary_world.draw(seed, count, **how)
    both.load(made)
    both.work(made)
    return made, oracle(made, both)


def holds(made: World, verdict: Verdict) -> None:
    assert not verdict.wrong
    assert not verdict.open
    assert not verdict.unproved
    assert not verdict.left
    assert len(made.truth.unclear) <= 0.1 * len(made.truth.right) + 1
    asked = verdict.questions
    extra = {name: why for name, why in asked.items() if name not in made.truth.unclear}
    assert len(asked) <= 1.02 * len(made.truth.unclear), extra


def test_every_kind_of_trouble_is_drawn() -> None:
    made = adversary_world.draw(10, 1000)
    assert set(made.kinds) == {kind.__name__ for kind in (*CLEAR, *UNCLEAR)}
    papers = [paper for one in made.outside for paper in one["invoices"]]
    assert {one["service"] for one in papers} == set(INVOICING)
    assert {one["currency"] for one in papers} > {"RON"}
    assert any(one.get("credited_minor") for one in papers)


@pytest.fixture
def both(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    second = process.start(tmp_path_factory.mktemp("second"))
    made = Both(desk, second)
    made.connect()
    yield made
    desk.kill_workers()
    second.stop()


def test_of_a_world_of_trouble_the_right_documents_are_reversed_and_the_rest_is_asked_about(
    both: Both,
) -> None:
    holds(*judged(both, seed=1, count=QUICK))


def test_a_world_without_trouble_asks_nothing(both: Both) -> None:
    made, verdict = judged(both, seed=2, count=30, trouble=0.0)
    assert not made.truth.unclear
    assert verdict.questions == {}
    holds(made, verdict)


@pytest.mark.heavy
@pytest.mark.timeout(4 * 3600)  # minutes each, on a machine that does nothing else
@pytest.mark.parametrize("seed", range(10, 20))
def test_ten_large_worlds_of_trouble(seed: int, request: pytest.FixtureRequest) -> None:
    proven = Proven()
    known = proven.figures(seed, HEAVY)
    if known is not None:
        pytest.skip(f"proven already for this code: {known}")
    began = time.monotonic()
    made, verdict = judged(request.getfixturevalue("both"), seed, HEAVY)
    holds(made, verdict)
    proven.keep(
        seed, HEAVY, orders=len(made.truth.right), done=verdict.done, wrong=len(verdict.wrong),
        open=len(verdict.open), unclear=len(made.truth.unclear), asked=len(verdict.questions),
        seconds=round(time.monotonic() - began),
    )  # fmt: skip


def test_a_seed_counts_as_proven_for_the_code_it_was_proven_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUZ_ADVERSARY_PROVEN", str(tmp_path / "deep" / "proven.json"))
    assert Proven().figures(10, 60) is None
    Proven().keep(10, 60, wrong=0)
    figures = Proven().figures(10, 60)
    assert figures is not None
    assert figures["wrong"] == 0
    assert Proven().figures(10, 61) is None
    monkeypatch.setattr(adversary_proven, "revision", lambda: "of other code")
    assert Proven().figures(10, 60) is None


@pytest.mark.heavy
def test_with_every_rule_a_world_of_nothing_but_trouble_is_asked_about(both: Both) -> None:
    made, verdict = judged(both, seed=3, count=WORST, trouble=1.0)
    assert not verdict.failed
    assert made.truth.unclear - set(verdict.questions) == set()


@pytest.mark.heavy
@pytest.mark.parametrize("rule", EVERY)
def test_without_a_rule_a_wrong_document_is_reversed_or_a_guess_is_made(
    both: Both, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Accounts, "only", Accounts.only)  # put back afterwards
    monkeypatch.setattr(rules, "documents", rules.documents)
    take_away(rule)
    made = adversary_world.draw(3, WORST, trouble=1.0)
    both.load(made)
    both.work(made, without=rule)
    assert oracle(made, both).failed
