"""Review, Follow-up and History do what their buttons say: pressed here, seen in the database."""

import pytest
from pages_support import HELD, ORDERS, ROOT, open_dialog, open_page
from sqlalchemy import Engine, select, update
from streamlit.testing.v1 import AppTest

from core import rights
from core.audit import trail
from core.clock import now
from core.config import home
from core.i18n.reasons import sentence
from core.orders.piles import edits, piles, review, scans
from core.reversal.runs import follow_up, run_control, runs
from core.store import db, disk
from core.store.tables import effects, orders, parcels, pile_orders, reversals
from core.store.tables import runs as runs_table
from pages.common.plain import plain
from pages.review import bar


def press(app: AppTest, label: str) -> AppTest:
    """Press the first button with this label."""
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def words(app: AppTest) -> str:
    said = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(one.value) for one in said)


def every_order(desk: Engine) -> list[int]:
    with db.reading(desk) as connection:
        return list(connection.scalars(select(pile_orders.c.order_id)))


def test_what_is_chosen_for_the_whole_pile_is_stored_for_each_order(desk: Engine) -> None:
    app = open_page("review")
    boxes = {one.label: one for one in app.selectbox}
    boxes["Reason"].select("FRAUD")
    boxes["Invoice"].select("none")
    app.text_input(key="bar-staff_note").input("Came back wet")
    press(app, "Set")
    press(app, "No restock")
    columns = (pile_orders.c.restock, pile_orders.c.reason, pile_orders.c.document)
    with db.reading(desk) as connection:
        rows = connection.execute(select(*columns, pile_orders.c.staff_note)).all()
    assert {tuple(row) for row in rows} == {(False, "FRAUD", "none", "Came back wet")}
    assert len(rows) == ORDERS


def test_a_run_starts_after_the_totals_are_confirmed_and_can_be_paused_resumed_and_stopped(
    desk: Engine,
) -> None:
    """No worker runs here, so nothing is sent: the buttons and what they store are looked at."""
    assert "cannot be taken back" in words(press(open_page("review"), f"Run these {ORDERS}"))
    app = open_dialog(f"run._question(1, seen({every_order(desk)}))")
    assert f"**{ORDERS} orders, 740.70 lei, {ORDERS} invoices**" in words(app)
    lines = [f"Not put back: {ORDERS}", f"Reversed by storno: {ORDERS}", "Money given back: 0"]
    assert [one for one in lines if one not in words(app)] == []
    assert runs.newest(1, 1) == []
    press(app, "Start")
    (run,) = runs.newest(1, 1)
    assert (run.state, run.total) == ("running", ORDERS)

    again = open_page("review")  # left and come back to
    assert {"Pause", "Stop"} <= set(labels(again))
    press(again, "Pause")
    assert runs.progress(run.id).run.state == "paused"
    press(open_page("review"), "Go on")
    assert runs.progress(run.id).run.state == "running"
    press(open_dialog(f"run._stop({run.id})"), "Stop the run")
    assert runs.progress(run.id).stopped == ORDERS


def test_a_run_is_about_the_orders_that_were_ready_when_it_was_asked_for(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What gets ready while the question stands there was not among its consequences."""
    asked: list[list[int]] = []
    monkeypatch.setattr(bar, "ask_to_run", lambda _pile, ids: asked.append(sorted(ids)))
    left_out, *others = every_order(desk)
    edits.set_options(1, [left_out], included=False)
    press(open_page("review"), f"Run these {ORDERS - 1}")
    assert asked == [sorted(others)]
    edits.set_options(1, [left_out], included=True)
    press(open_dialog(f"run._question(1, seen({asked[0]}))"), "Start")
    assert runs.newest(1, 1)[0].total == ORDERS - 1


def test_a_run_can_be_of_the_ticked_orders_alone(desk: Engine) -> None:
    with db.reading(desk) as connection:
        ids = list(connection.scalars(select(pile_orders.c.order_id).limit(2)))
    app = open_dialog(f"run._question(1, seen({ids}))")
    assert "**2 orders, 246.90 lei, 2 invoices**" in words(app)
    press(app, "Start")
    with db.reading(desk) as connection:
        begun = connection.scalars(select(reversals.c.order_id)).all()
    assert sorted(begun) == sorted(ids)
    assert "Run 1: 0 of 2" in [one.text for one in open_page("history").get("progress")]


def test_an_order_that_changed_while_the_question_stood_there_is_left_out_and_told(
    desk: Engine,
) -> None:
    ids = every_order(desk)
    app = open_dialog(f"run._question(1, seen({ids}))")
    edits.set_options(1, ids[:2], restock=True)
    press(app, "Start")
    with db.reading(desk) as connection:
        begun = connection.scalars(select(reversals.c.order_id)).all()
    assert sorted(begun) == sorted(ids[2:])
    said = " ".join(app.session_state["_done"])
    assert "Changed since they were shown, and left out: 2." in said


def test_held_orders_say_why_in_whole_and_one_press_helps_all_of_them(desk: Engine) -> None:
    with db.writing(desk) as connection:
        connection.execute(update(orders).values(financial_status="PAID"))
        connection.execute(update(pile_orders).values(cancel_fulfillments=True))
    app = open_page("review")
    app.segmented_control(key="review-group").set_value("held").run()
    why = "It is paid: say whether the money goes back."
    assert f"**{ORDERS} orders: {why}**" in words(app)
    press(app, "No refund")
    app.segmented_control(key="review-group").set_value("will run").run()
    assert f"Run these {ORDERS}" in labels(app)
    with db.reading(desk) as connection:
        chosen = set(connection.scalars(select(pile_orders.c.refund)))
    assert chosen == {False}


BAR = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from pages.common import session
from pages.common.plain import plain
from pages.review import bar
session.prepare()
bar.bar(1, st.session_state["picked"], dict.fromkeys(range(1, {ORDERS} + 1)))
"""


@pytest.mark.parametrize("label", ["Restock", "No restock", "Leave out", "Set"])
def test_a_press_on_a_bar_drawn_for_ticks_that_have_gone_is_about_no_other_order(
    desk: Engine, label: str
) -> None:
    """The page ran again without the ticks while the browser still showed the bar for them."""
    columns = (pile_orders.c.restock, pile_orders.c.included, pile_orders.c.document)
    query = select(pile_orders.c.order_id, *columns).order_by(pile_orders.c.order_id)

    def stored() -> dict[int, tuple[object, ...]]:
        with db.reading(desk) as connection:
            return {row[0]: tuple(row[1:]) for row in connection.execute(query)}

    ids = list(stored())[:2]
    with db.writing(desk) as connection:
        connection.execute(update(pile_orders).values(restock=label != "Restock"))
    app = AppTest.from_string(BAR, default_timeout=30)
    app.session_state["picked"] = ids
    app.run()
    app.selectbox(key="bar-document").select("none")
    before = stored()
    press(app, label)
    changed = {one for one, now in stored().items() if now != before[one]}
    assert changed == set(ids)  # it does what it says while the ticks are there

    old = next(one for one in app.button if one.label == label)
    with db.writing(desk) as connection:
        for order_id, (restock, included, document) in before.items():
            connection.execute(
                update(pile_orders)
                .where(pile_orders.c.order_id == order_id)
                .values(restock=restock, included=included, document=document)
            )
    app.session_state["picked"] = []
    app.run()
    old.click().run()
    untouched = set(before) - set(ids)
    assert {one: stored()[one] for one in untouched} == {one: before[one] for one in untouched}


def test_who_starts_a_run_goes_along_to_where_its_orders_are(desk: Engine) -> None:
    """The tab that it empties is left: for what is done, or for what needs a person instead."""
    app = open_page("review")
    tabs = app.segmented_control(key="review-group")
    assert tabs.value == "will run"
    runs.start_run(1)
    app.run()
    assert app.segmented_control(key="review-group").value == "done"
    with db.writing(desk) as connection:
        connection.execute(update(reversals).values(state="needs_person"))
        connection.execute(update(runs_table).values(finished_at=now(), state="finished"))
    app.run()
    assert app.segmented_control(key="review-group").value == "needs a person"
    app.segmented_control(key="review-group").set_value("held").run()  # a press on an empty one
    assert app.segmented_control(key="review-group").value == "held"
    assert "No order of this pile is in this group." in [one.value for one in app.caption]


def test_a_run_of_some_leaves_one_at_the_others(desk: Engine) -> None:
    app = open_page("review")
    ids = every_order(desk)
    runs.start_run(
        1, shown={one: what for one, what in review.shown_of(1).items() if one in ids[:2]}
    )
    app.run()
    tabs = app.segmented_control(key="review-group")
    assert (tabs.value, tabs.options[0]) == ("will run", f"Ready to run · {ORDERS - 2}")


def test_a_run_paused_by_a_full_disk_says_why_and_names_the_button_that_goes_on(
    desk: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.start_run(1)
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)
    run_control.pause_if_disk_is_short(home())
    app = open_page("review")
    (why,) = [str(one.value) for one in app.warning if "disk is almost full" in str(one.value)]
    assert why.split("“")[1].split("”")[0] in labels(app)  # the button that it names is there
    press(app, "Go on")
    stands = runs.progress(run.id).run
    assert (stands.state, stands.note) == ("running", None)
    assert not any("disk is almost full" in str(one.value) for one in open_page("review").warning)


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_the_result_of_a_run_can_be_searched_and_names_every_storno(desk: Engine) -> None:
    app = open_page("review")
    app.text_input(key="result-words").input("#3").run()
    (shown,) = [one.value for one in app.dataframe if "Storno number" in one.value]
    assert list(shown["Order"]) == ["#3"]
    assert shown["Storno number"].iloc[0].startswith("OB")
    assert shown["State"].iloc[0] == "Done"
    app.segmented_control(key="review-group").set_value("done").run()
    (listed,) = [one.value for one in app.dataframe if "what" in one.value]
    badges = dict(zip(listed["order"].str.split().str[0], listed["what"], strict=True))
    assert list(badges["#3"]) == ["Done", f"Storno {shown['Storno number'].iloc[0]}"]


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_a_held_storno_that_exists_is_written_down_with_its_number(desk: Engine) -> None:
    (held,) = follow_up.held()
    assert (held.order_name, held.state) == (HELD, "held"), held
    assert "The storno exists" in labels(open_page("follow_up"))
    app = open_dialog("for one in follow_up.held(): card._exists(one)")
    press(app, "Confirm")
    assert "Type the number of the storno" in words(app)  # nothing is taken without it
    fields = {one.label: one for one in app.text_input}
    fields["Series of the storno"].input("SB")
    fields["Number of the storno"].input("0077")
    press(app, "Confirm")
    assert follow_up.held() == []
    with db.reading(desk) as connection:
        state = connection.scalar(select(effects.c.state).where(effects.c.id == held.effect_id))
    assert state == "confirmed"


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_a_held_storno_is_sent_again_only_by_the_word_of_one_who_looked(desk: Engine) -> None:
    (held,) = follow_up.held()
    assert "I checked, there is no storno" in labels(open_page("follow_up"))
    app = open_dialog("for one in follow_up.held(): card._absent(one)")
    (button,) = [one for one in app.button if one.label == "Send once more"]
    assert button.disabled
    (sure,) = [one for one in app.checkbox if one.label.startswith("I looked at the service")]
    sure.check().run()
    press(app, "Send once more")
    with db.reading(desk) as connection:
        state = connection.scalar(select(effects.c.state).where(effects.c.id == held.effect_id))
        found = trail.search(connection, order_id=held.order_id, limit=5)
    assert state == "planned"
    assert found[0].actor == rights.actor().name


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_the_record_is_searched_and_its_seal_checked(desk: Engine) -> None:
    app = open_page("history")
    app.text_input(key="history-words").input("run started").run()
    (shown,) = [one.value for one in app.dataframe if "What" in one.value]
    assert set(shown["What"]) == {"run started"}
    for typed in ("#1", "OB 0001", "ob 0001", "Pop #1", "#1 123.45"):
        app.text_input(key="refuz-words").input(typed).run()
        (papers,) = [one.value for one in app.dataframe if "Storno number" in one.value]
        assert list(papers["Order"]) == ["#1"], typed
    number = str(papers["Storno number"].iloc[0])
    app.text_input(key="refuz-words").input(number).run()  # as the table itself shows it
    (papers,) = [one.value for one in app.dataframe if "Storno number" in one.value]
    assert list(papers["Order"]) == ["#1"]
    assert str(papers["Total"].iloc[0]) == "123.45 lei"
    app.text_input(key="refuz-words").input("nobody").run()
    assert "No storno fits" in words(app)
    assert f"{ORDERS - 1} reversed, 0 twice" in str(app.success[0].value)
    press(app, "Check the record")
    assert "none changed" in str(app.success[-1].value)


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_the_record_is_said_in_romanian(desk: Engine) -> None:
    app = open_page("history", "ro")
    (shown,) = [one.value for one in app.dataframe if "Ce" in one.value]
    assert {"procesare pornită", "stornare: confirmat"} <= set(shown["Ce"])


def test_a_condition_told_by_a_barcode_stays_when_the_page_is_drawn_again(desk: Engine) -> None:
    """The page sends along what it showed before: that is no choice of a person."""
    scans.take_scan(1, "7000100000001", source="scanner", key="again")
    app = open_page("scan")
    control = next(one for one in app.segmented_control if one.label == "Condition")
    order_id = int(str(control.key).split("-")[2])
    edits.set_options(1, [order_id], condition="damaged")
    for _ in range(2):
        app.run()
        assert edits.remarks(1, order_id) == ("damaged", "")
    control = next(one for one in app.segmented_control if one.label == "Condition")
    control.set_value("opened").run()
    assert edits.remarks(1, order_id) == ("opened", "")


@pytest.mark.parametrize(
    ("of_order", "of_parcel", "warnings"),
    [
        ({}, {"outcome": "delivered"}, ["The courier says it was delivered. Look at the parcel."]),
        (
            {"fulfillment_status": "UNFULFILLED"},
            {"fulfillment_gid": ""},
            ["This order has not been shipped."],
        ),
        (
            {"financial_status": "REFUNDED"},
            {},
            [
                "This parcel is in another open pile as well.",
                "It was refunded already.",
            ],
        ),
    ],
)
def test_a_card_says_once_what_the_scan_and_the_judge_both_say(
    desk: Engine, of_order: dict[str, str], of_parcel: dict[str, str], warnings: list[str]
) -> None:
    with db.writing(desk) as connection:
        connection.execute(update(orders).values(**of_order or {"note": ""}))
        connection.execute(update(parcels).values(**of_parcel or {"outcome": None}))
        connection.execute(update(pile_orders).values(refund=False))
    pile = piles.create("Tuesday")
    scans.take_scan(pile, "7000100000001", source="scanner", key="one")
    app = open_page("scan")
    assert [str(one.value) for one in app.warning[1:]] == warnings  # the first: no worker runs


def _needs_a_person_too(desk: Engine, names: tuple[str, ...]) -> str:
    """These orders of the run end as the held one did; gives its sentence."""
    held = select(reversals.c.why).join(orders, orders.c.id == reversals.c.order_id)
    with db.writing(desk) as connection:
        why = connection.scalar(held.where(orders.c.name == HELD))
        connection.execute(
            update(reversals)
            .where(reversals.c.order_id.in_(select(orders.c.id).where(orders.c.name.in_(names))))
            .values(state="needs_person", why=why)
        )
    return sentence(why)


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_what_needs_a_person_is_not_called_done(desk: Engine) -> None:
    _needs_a_person_too(desk, ("#4", "#5"))
    app = open_page("review")
    tabs = app.segmented_control(key="review-group")
    options = [one for one in tabs.options if one.startswith(("Needs a person", "Done"))]
    assert options == ["Needs a person · 3", f"Done · {ORDERS - 3}"]
    tabs.set_value("needs a person").run()
    assert "3 orders: Needs a person: see Follow-up." in words(app).replace("\\", "")


@pytest.mark.parametrize("desk", ["finished"], indirect=True)
def test_one_cause_is_told_once_with_its_orders(desk: Engine) -> None:
    why = _needs_a_person_too(desk, ("#4", "#5"))
    app = open_page("review")
    [line] = [one.value for one in app.markdown if plain(why) in one.value]
    assert "Needs a person · 3" in line
    assert any(all(one in said.value for one in (HELD, "#4", "#5")) for said in app.caption)
