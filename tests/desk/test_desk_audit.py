"""The audit trail only grows, and a change to it is seen."""

import ast
import datetime as dt
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_clock import SetClock
from sqlalchemy import Engine, delete, exc, select, update

from core import rights
from core.audit import alarms
from core.audit import trail as audit
from core.audit.actions import Action
from core.i18n.details import detail_line, subject_line
from core.i18n.reasons import action_sentence, detail_sentences
from core.reasons import Reason, quoted
from core.rights import Actor, Way
from core.services.outcome import Refusal
from core.store import db
from core.store.states import EffectOutcome
from core.store.tables import alarms as alarm_table
from core.store.tables import audit as trail


def test_each_row_carries_the_hash_of_the_one_before(engine: Engine) -> None:
    for number in range(5):
        with db.writing(engine) as connection:
            audit.record(
                connection, "tested", f"order {number}", {"n": number, "ș": "ț"}, name="ana"
            )
    with db.reading(engine) as connection:
        assert audit.verify(connection) == audit.ChainVerdict(rows=5)
        newest, second, *_ = audit.search(connection)
    assert newest.previous_hash == second.hash


def test_the_database_itself_refuses_to_change_or_delete_a_row(engine: Engine) -> None:
    with db.writing(engine) as connection:
        audit.record(connection, "tested", "order 1", {}, name="ana")
    for statement in (update(trail).values(actor="bob"), delete(trail)):
        with (
            pytest.raises(exc.IntegrityError, match="only grows"),
            db.writing(engine) as connection,
        ):
            connection.execute(statement)


def test_a_row_changed_behind_the_triggers_is_found(engine: Engine, home_dir: Path) -> None:
    for number in range(3):
        with db.writing(engine) as connection:
            audit.record(connection, "tested", f"order {number}", {}, name="ana")
    with sqlite3.connect(home_dir / "refuz.db") as raw:
        raw.execute("DROP TRIGGER audit_no_UPDATE")
        raw.execute("UPDATE audit SET actor = 'bob' WHERE id = 2")
    with db.reading(engine) as connection:
        assert audit.verify(connection).broken_at == 2


def test_a_record_vanishes_with_the_transaction_it_tells_of(engine: Engine) -> None:
    def record_and_fail() -> None:
        with db.writing(engine) as connection:
            audit.record(connection, "tested", "order 1", {}, name="ana")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record_and_fail()
    with db.reading(engine) as connection:
        assert audit.search(connection) == []


def test_search_finds_by_words_action_and_order(engine: Engine) -> None:
    with db.writing(engine) as connection:
        audit.record(connection, "scanned", "order #1001", {}, order_id=7, name="ana")
        audit.record(connection, "cancelled", "order #1002", {}, order_id=8, name="bob")
    with db.reading(engine) as connection:
        assert [entry.actor for entry in audit.search(connection, "#1001")] == ["ana"]
        assert [entry.actor for entry in audit.search(connection, actions=["cancelled"])] == ["bob"]
        assert [entry.actor for entry in audit.search(connection, order_id=8)] == ["bob"]


def test_no_room_writes_an_action_as_a_text() -> None:
    """What was done is a member of `Action`, which has a sentence; never a literal."""
    written: list[str] = []
    seen = 0
    for file in (Path(__file__).resolve().parents[2] / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name in ("trail.record", "_tell") and isinstance(node, ast.Call):
                texts = [arg for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
                written += [f"{file.name}:{arg.lineno}" for arg in texts]
                seen += any("Action." in ast.unparse(arg) for arg in node.args[1:2])
    assert written == []
    assert seen > 40


def test_what_was_done_is_said_in_the_reader_s_language() -> None:
    """An action of an effect names its kind; a reason in the detail becomes its sentence."""
    detail = {"kind": "storno", "why": Reason("stopped_with_run").as_json(), "attempt": 1}
    assert action_sentence(Action.EFFECT_CONFIRMED, detail) == "storno confirmed"
    assert action_sentence(Action.EFFECT_CONFIRMED, detail, "ro") == "stornare: confirmat"
    sentences = detail_sentences(detail)
    assert sentences == {"kind": "storno", "why": "The run was stopped.", "attempt": 1}


def test_the_record_tells_what_one_person_did_in_a_span_of_time(engine: Engine) -> None:
    for actor in ("Ana", "Anatol", "Ana"):
        with db.writing(engine) as connection:
            audit.record(connection, "tested", "order 1", {}, name=actor)
    with db.reading(engine) as connection:
        assert audit.actors(connection) == ["Ana", "Anatol"]
        last, first = audit.search(connection, actor="Ana")
        assert audit.search(connection, actor="Ana", since=first.at, before=last.at) == [first]


def test_an_export_is_written_down_with_who_took_it(engine: Engine) -> None:
    who = Actor("Ana", person_id=7, session_id=3, way=Way.BROWSER, address="10.0.0.7")
    with rights.acting(who):
        audit.file_exported("refuz-record.csv", 12)
    with db.reading(engine) as connection:
        [row] = audit.search(connection)
        assert audit.verify(connection).ok
    assert (row.actor, row.person_id, row.session_id, row.way, row.address) == (
        "Ana", 7, 3, "browser", "10.0.0.7",
    )  # fmt: skip
    assert (row.action, row.subject, row.detail) == (
        Action.FILE_EXPORTED, "refuz-record.csv", {"rows": 12},
    )  # fmt: skip


def test_a_person_who_signed_in_goes_by_their_own_name_whatever_is_told(engine: Engine) -> None:
    with rights.acting(Actor("Ana", person_id=7)), db.writing(engine) as connection:
        audit.record(connection, "tested", "order 1", {}, name="Maria (not me)")
    with db.reading(engine) as connection:
        [row] = audit.search(connection)
    assert row.actor == "Ana"


@pytest.mark.parametrize("called", ["Storno", "Shopify", "judge_delivered", "0042"])
def test_a_customer_s_name_that_is_a_word_of_ours_leaves_the_row_s_own_fields(
    engine: Engine, called: str
) -> None:
    """`doctor` compares them with the tables; what a service or a person wrote loses the name."""
    result = {"series": "CVZ", "number": "0042", "said": f"made for {called}"}
    detail = {
        "kind": "storno", "target": "gid://shopify/Order/1", "result": result,
        "why": Reason("judge_delivered", {"who": called}),
        "evidence": {"answer": called, "number": called},
    }  # fmt: skip
    with db.writing(engine) as connection:
        audit.record(connection, Action.EFFECT_CONFIRMED, "order #1", detail, customer=[called])
    with db.reading(engine) as connection:
        [row] = [one for one in audit.search(connection) if one.subject == "order #1"]
    kept = row.detail
    assert (kept["kind"], kept["target"]) == ("storno", "gid://shopify/Order/1")
    assert (kept["result"]["series"], kept["result"]["number"]) == ("CVZ", "0042")
    assert kept["why"]["code"] == "judge_delivered"
    elsewhere = [kept["result"]["said"], kept["why"]["parameters"], kept["evidence"]]
    assert called not in str(elsewhere)


def test_a_detail_is_told_on_one_line_and_what_holds_nothing_is_left_out() -> None:
    detail = {"target": "CVZ 0042 ș", "attempt": 0, "seen": False, "why": None, "note": ""}
    assert detail_line(detail) == "CVZ 0042 ș · attempt: 0 · seen: no"
    assert detail_line({"restocked": None}) == detail_line({}) == ""
    assert detail_line({"answer": {"status": 422}}) == "answer: status: 422"
    assert "{" not in detail_line({"why": Reason("quoted", {"text": "No answer."}).as_json()})


def test_a_detail_is_told_in_words_and_without_what_only_machines_know() -> None:
    """A storno by its number, a time as the page writes it, the answer by who gave it."""
    detail = {
        "kind": "storno", "target": "gid://shopify/Order/1", "key": "a1b2", "attempt": 1,
        "outcome": "confirmed", "why": None,
        "evidence": {"service": "SmartBill", "request": "POST /x", "status": 200, "excerpt": "{}"},
        "result": {"series": "CVZ", "number": "0337", "by": "Ana", "restocked": True,
                   "cancelled_at": "2026-11-27T01:24:00+00:00"},
    }  # fmt: skip
    assert detail_line(detail, "en", ZoneInfo("Europe/Bucharest")) == (
        "SmartBill answered 200 · CVZ 0337 · restocked: yes · cancelled at: 27.11.2026 03:24"
    )
    again = {**detail, "attempt": 2, "outcome": "found_by_asking", "result": {}, "evidence": None}
    assert detail_line(again, "ro") == "încercarea: 2 · găsit prin întrebare"
    assert detail_line({"orders": list(range(20))}).endswith("10, 11 …")


LETTERS = st.text("abcș ", max_size=5)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | LETTERS,
    lambda inner: st.lists(inner) | st.dictionaries(LETTERS, inner), max_leaves=12,
))  # fmt: skip
def test_whatever_a_row_holds_it_is_told_without_the_signs_of_json(value: object) -> None:
    line = detail_line({"changes": value})
    assert not set(line) & set('{}[]"')


def test_a_parcel_s_way_is_told_in_the_reader_s_words() -> None:
    moved = {"tracking": "7000", "from": "failed", "to": "returning", "text": "Retur \u202eexp"}
    detail = {"changes": [moved, {**moved, "tracking": "7001", "from": None, "text": ""}]}
    assert detail_line(detail) == "7000: failed → returning (Retur �exp), 7001: – → returning"
    assert detail_line(detail, "ro").startswith("7000: eșuat → se întoarce (Retur �exp)")
    assert detail_line({"source": "courier"}, "ro") == "sursa: curier"
    kept = {"from": {"address": "one"}, "to": {"address": "two"}}
    assert "→" not in detail_line(kept)


@pytest.mark.parametrize(
    ("subject", "english", "romanian"),
    [
        ("order #100084", "#100084", "#100084"),
        ("parcel 7000121", "parcel 7000121", "coletul 7000121"),
        ("35 parcels", "35 parcels", "35 de colete"),
        ("3 parcels", "3 parcels", "3 colete"),
        ("fan FAN Courier", "FAN Courier", "FAN Courier"),
        ("shopify Casa Verde", "shopify Casa Verde", "shopify Casa Verde"),
        ("preferences", "preferences", "preferințe"),
        ("first owner", "first owner", "primul proprietar"),
        ("pile Luni \u202eGLS", "pile Luni �GLS", "teancul Luni �GLS"),
    ],
)
def test_what_a_row_is_about_is_told_in_the_reader_s_words(
    subject: str, english: str, romanian: str
) -> None:
    assert (subject_line(subject), subject_line(subject, "ro")) == (english, romanian)


def test_a_cleared_alarm_is_let_go_after_a_year_and_an_open_one_never(
    engine: Engine, set_clock: SetClock
) -> None:
    with db.writing(engine) as connection:
        for subject in ("cleared", "open", "newest"):
            alarms.ring(connection, "disk", subject, quoted("full"))
        alarms.settle(connection, "disk", "cleared")
        alarms.settle(connection, "disk", "newest")
    set_clock.passed += (alarms.KEPT - dt.timedelta(hours=1)).total_seconds()
    with db.writing(engine) as connection:
        assert alarms.forget(connection) == 0
    set_clock.passed += 7200
    with db.writing(engine) as connection:
        assert alarms.forget(connection) == 1
        left = connection.scalars(select(alarm_table.c.subject)).all()
    assert sorted(left) == ["newest", "open"], "the newest keeps its number from another"


@pytest.mark.parametrize("outcome", [*EffectOutcome, *filter(None, Refusal)])
def test_every_outcome_of_an_effect_is_told_in_the_readers_words(
    outcome: EffectOutcome | Refusal,
) -> None:
    line = detail_line({"outcome": outcome}, "ro")
    assert "_" not in line
    assert line or outcome == EffectOutcome.CONFIRMED
    assert line != detail_line({"outcome": outcome}) or not line
