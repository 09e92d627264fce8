"""A customer who is forgotten is found in no byte of database, engine, pictures or logs."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reversal_support import Desk, order, paper, scan_each
from sqlalchemy import Engine, select, update

from core import rights
from core.audit import alarms, approvals, trail
from core.audit.names import without_names
from core.audit.redact import Words, code_for_record
from core.clock import now
from core.orders.judge.reasons import JudgeCode
from core.orders.photos import intake_queue
from core.orders.piles import edits
from core.orders.privacy import forget, retention, subject_access
from core.orders.shop import sync
from core.reasons import Reason
from core.reversal.runs import runs
from core.rights import ROLES, Actor, NotAllowed, NotProved
from core.settings import connections, preferences
from core.store import db
from core.store.scrub import scrub
from core.store.tables import effects, orders, pile_pictures
from core.store.tables import preferences as preference_table

CANARY = {
    "name": "Zburătoarea Canariu", "phone": "0799123457", "email": "canariu.zb@example.test",
    "street": "Strada Canarilor 77", "city": "Canareni",
    "company": "Canara Impex SRL",
}  # fmt: skip
OTHER = "Mihai Eminescu"


def customer(number: int, canary: bool) -> dict[str, Any]:
    made = order(number, invoice="oblio")
    if canary:
        first, last = CANARY["name"].split()
        made["customer"] = {"id": 7, "first_name": first, "last_name": last,
                            "email": CANARY["email"], "phone": CANARY["phone"]}  # fmt: skip
        made["address"] = {"city": CANARY["city"], "province": "Cluj", "zip": "400987",
                           "address1": CANARY["street"]}  # fmt: skip
        made["billing"] = {"name": CANARY["name"], "company": CANARY["company"]}
        made["note"] = f"Call {CANARY['name']} first"
    else:
        made["customer"] = {"id": 8, "first_name": "Mihai", "last_name": "Eminescu",
                            "email": "mihai@example.test", "phone": "0722000111"}  # fmt: skip
    return made


@pytest.fixture
def done(desk: Desk) -> tuple[Desk, int]:
    """Two orders of the canary and one of somebody else went through a run; one was held."""
    made = [customer(1, True), customer(2, True), customer(3, False)]
    named = (CANARY["name"], "Somebody Else SRL", OTHER)
    papers = [paper(n, customer=one) for n, one in enumerate(named, 1)]
    desk.load_papers(made, papers)
    pile = scan_each(1, 2, 3)
    held = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(held, "JPEG")
    ids = the_ids()
    edits.set_options(pile, [ids[0]], remark=f"{CANARY['name']} rang")
    intake_queue.add_picture(pile, held.getvalue(), f"{CANARY['name']}.jpg", order_id=ids[0])
    runs.start_run(pile)
    desk.start_worker()
    desk.wait()
    for order_id in ids:  # what is held by the judge names two customers
        with db.writing() as connection:
            reason = Reason.of(JudgeCode.CUSTOMER_DIFFERS, invoice="OB 1",
                               theirs="Canariu Zburătoarea", ours=CANARY["name"])  # fmt: skip
            alarms.ring(connection, "test", f"order {order_id}", reason)
    return desk, ids[0]


def the_ids() -> list[int]:
    with db.reading() as connection:
        return list(connection.scalars(select(orders.c.id).order_by(orders.c.name)))


def found_in(root: Path) -> dict[str, list[str]]:
    """Every file below that holds a word of the canary, in any usual form, and which."""
    forms = {}
    for kind, text in CANARY.items():
        words = {text, text.upper(), text.lower(), json.dumps(text)[1:-1]}
        if kind == "name":
            words |= {" ".join(reversed(text.split())), "Canariu"}
        forms[kind] = {word.encode(coding) for word in words for coding in ("utf-8", "utf-16-le")}
    there: dict[str, list[str]] = {}
    for file in root.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            kinds = [kind for kind, some in forms.items() if any(one in held for one in some)]
            if kinds:
                there[str(file.relative_to(root))] = kinds
    return there


def test_no_byte_names_a_customer_who_was_forgotten(done: tuple[Desk, int], home_dir: Path) -> None:
    _, order_id = done
    assert set(found_in(home_dir)) & {"refuz.db", "refuz.db-wal"}, "the canary is there before"
    gone = forget.forget_customer(order_id)  # while the worker goes on
    assert gone.files_clean
    assert gone.orders == 2
    assert gone.pictures == 1
    assert found_in(home_dir) == {}
    assert list((home_dir / "pictures").rglob("*.*")) == []
    with db.reading() as connection:
        assert trail.verify(connection).ok
        rows = connection.execute(select(orders).order_by(orders.c.name)).all()
    assert [row.customer_name for row in rows] == ["", "", OTHER]
    assert [row.total_minor for row in rows] == [12345] * 3
    assert rows[0].customer_key == rows[1].customer_key != ""


def test_a_shop_that_still_knows_the_customer_does_not_bring_them_back(
    done: tuple[Desk, int], home_dir: Path
) -> None:
    desk, order_id = done
    desk.kill_workers()
    forget.forget_customer(order_id)
    with db.writing() as connection:
        connection.execute(update(orders).values(updated_at=now().replace(year=2020)))
        [shop] = [one for one in connections.all_connections(connection, "shop")
                  if one.service == "shopify"]  # fmt: skip
    sync.sync_shop(shop)
    scrub()
    assert found_in(home_dir) == {}


def test_the_customer_is_told_all_that_is_known(done: tuple[Desk, int]) -> None:
    _, order_id = done
    found = json.loads(subject_access.everything_about(order_id))
    assert len(found["orders"]) == 2
    for text in CANARY.values():
        assert text in json.dumps(found["orders"], ensure_ascii=False)
    assert OTHER not in json.dumps(found, ensure_ascii=False)
    assert found["invoices"]
    assert found["pictures"]
    assert f"{CANARY['name']} rang" in {one["remark"] for one in found["piles"]}
    assert len(found["scans"]) == 2
    assert found["answers"]["calls"]


def evidence_kept() -> int:
    """How many calls still have what their service answered."""
    with db.reading() as connection:
        return sum(one is not None for one in connection.scalars(select(effects.c.evidence)))


def test_by_time_contacts_go_first_then_names_then_evidence_and_pictures(
    done: tuple[Desk, int], home_dir: Path
) -> None:
    desk, _ = done
    desk.kill_workers()
    with db.writing() as connection:
        preferences.save(connection, keep_contacts_months=6, keep_names_months=24)
        connection.execute(update(orders).values(created_at=now().replace(year=now().year - 1)))
    retention.expire()
    with db.reading() as connection:
        rows = connection.execute(select(orders)).all()
    assert {row.phone + row.email + row.street for row in rows} == {""}
    assert {row.customer_name for row in rows} == {CANARY["name"], OTHER}
    with db.writing() as connection:
        preferences.save(connection, keep_names_months=1, keep_photos_months=1,
                         keep_evidence_months=1)  # fmt: skip
    assert evidence_kept() > 0
    retention.expire()
    with db.reading() as connection:
        assert set(connection.scalars(select(orders.c.customer_name))) == {""}
    assert evidence_kept() > 0, "what services said is no month old"
    with db.writing() as connection:
        long_ago = now() - dt.timedelta(days=365)
        connection.execute(update(effects).values(updated_at=long_ago))
        connection.execute(update(pile_pictures).values(added_at=long_ago))
    assert retention.expire()["evidence"] > 0
    assert evidence_kept() == 0
    assert found_in(home_dir) == {}
    assert not any(retention.expire().values()), "each night what is gone is gone"


def test_one_needs_the_right_a_fresh_password_and_a_second_person(done: tuple[Desk, int]) -> None:
    _, order_id = done
    with rights.acting(Actor("x", ROLES["reviewer"])), pytest.raises(NotAllowed):
        forget.forget_customer(order_id)
    owner = Actor("x", ROLES["owner"], person_id=1, proved=False)
    with rights.acting(owner), pytest.raises(NotProved):
        forget.forget_customer(order_id)
    with rights.acting(owner), pytest.raises(NotProved):
        subject_access.everything_about(order_id)
    with db.writing() as connection:
        connection.execute(
            preference_table.insert().values(key="two_people", value=True, updated_at=now())
        )
    with pytest.raises(approvals.WaitsForAnother):
        forget.forget_customer(order_id)


def test_the_record_never_takes_a_customers_name() -> None:
    reason = Reason.of(JudgeCode.CUSTOMER_DIFFERS, invoice="OB 1", theirs="A B", ours="C D")
    for kept in (reason.as_json(), {"against": [reason.as_json()]}, {"waived": [reason.dumps()]},
                 {"customer": "A B", "phone": "0722"}):  # fmt: skip
        told_of = json.dumps(without_names(kept))
        assert not any(name in told_of for name in ("A B", "C D", "0722"))


def test_words_are_taken_out_wherever_they_stand_and_no_others() -> None:
    words = Words(["Ana Pop", "0722 000 111", "", "Pop"])
    assert words.of(["ANA POP", {"x": "Pop Ana, 40722000111"}, "Popeye"]) == [
        "…", {"x": "…, 40…"}, "Popeye"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "as_it_is"),
    [
        ("7000121000750", True), ("RR 473 124 829 RO", True), ("1Z999AA10123456784", True),
        ("JJD014600003123456789", True), ("EXPRESS", True), ("0722-123-456", True),
        ("Strada Canarilor 77, 400987", False), ("STRADACANARILOR77400987", False),
        ("AWB|Ana Pop|0722123456", False), ("https://track.example/7000121000750", False),
        ("Zburătoarea 0722123456789", False),
    ],
)  # fmt: skip
def test_the_record_names_numbers_and_no_code_that_spells_words(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, code: str, as_it_is: bool
) -> None:
    """Nor can the digest of a guessed one be made without this desk's key."""
    kept = code_for_record(code)
    with monkeypatch.context() as another:
        another.setenv("REFUZ_SECRET_KEY", "another desk's key")
        assert (code_for_record(code) == kept) is as_it_is
    assert (code_for_record(code) == code) is as_it_is
    assert code_for_record(code) != code_for_record(f"{code}x"), "two codes are two"
