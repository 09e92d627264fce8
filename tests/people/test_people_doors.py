"""Every door of core asks for a right; what is open is named here with its reason."""

import ast
import inspect

import people_doors
import pytest

from core import rights
from core.rights import ROLES, Actor, NotAllowed, Right

TELL_WHO = {"by", "actor", "who", "author", "asked_by", "requested_by", "created_by"}

# A function of core that the edge calls and that asks for nothing.
OPEN = {
    "words of the program, nobody's data": (
        "core.i18n.language.choose", "core.i18n.language.money", "core.i18n.language.translate",
        "core.i18n.letters.escaped", "core.i18n.letters.visible",
        "core.i18n.language.number", "core.i18n.language.percent",
        "core.i18n.language.short_money",
        "core.i18n.reasons.action_sentence", "core.i18n.details.detail_line",
        "core.i18n.details.subject_line",
        "core.i18n.reasons.sentence", "core.i18n.scripts.script_words",
        "core.i18n.scripts.streamlits_words", "core.i18n.words.shown",
        "core.labels.names.courier_titles", "core.services.registry.info",
        "core.services.registry.services", "core.services.registry.title_of", "core.reasons.N_",
    ),
    "the process itself: its folder, its log, its clock, its readers": (
        "core.config.home", "core.config.keep_private", "core.config.readable_by_others",
        "core.audit.anchor.file_of", "core.audit.anchor.public_key",
        "core.audit.timestamps.configured", "core.audit.timestamps.file_of",
        "core.audit.timestamps.kept", "core.intake.guard.install",
        "core.logs.configure", "core.logs.through_ours",
        "core.logs.new_reference", "core.logs.what",
        "core.clock.now", "core.clock.day", "core.clock.today", "core.clock.sleep",
        "core.clock.uptime",
        "core.intake.doors.readers_available",
        "core.intake.doors.print_unavailable", "core.intake.doors.bars",
        "core.intake.process.close_shared", "core.reversal.worker.slots.worker_alive",
        "core.reversal.worker.heartbeat.worker_hangs", "core.reversal.worker.heartbeat.is_silent",
        "core.store.types.storable",
        "core.demo.world.wanted",
        "core.sandbox.process.running", "core.sandbox.process.start", "core.store.db.migrate",
        "core.store.disk.is_short", "core.store.disk.free_at",
        "core.insight.reports.mail.configured", "core.services.limits.rate.blocked_services",
    ),
    "hands out the database; what reads or writes with it is a door": (
        "core.store.desk.current",
        "core.store.db.engine", "core.store.db.schema", "core.store.db.reading",
        "core.store.db.writing",
        "core.insight.queries.engine",
    ),
    "rights themselves": (
        "core.rights.acting", "core.rights.actor", "core.rights.find_by", "core.rights.may",
        "core.rights.local_owner", "core.rights.named", "core.rights.of_process",
        "core.rights.refuse_unbound",
        "core.rights.require_pile",
    ),
    "works on what the caller has in hand": (
        "core.finding.boxes.number_of", "core.orders.judge.shown.of_text",
        "core.intake.doors.pages_unread",
        "core.audit.trail.as_line",
        "core.orders.piles.labels.box_of", "core.orders.piles.labels.gap",
        "core.insight.charts.plots.cohorts", "core.insight.charts.plots.dots",
        "core.insight.charts.plots.funnel", "core.insight.charts.plots.heat",
        "core.insight.charts.plots.incidence", "core.insight.charts.plots.ranked",
        "core.insight.charts.plots.lost", "core.insight.charts.plots.over_time",
        "core.insight.charts.plots.reasons", "core.insight.charts.plots.stacked",
        "core.insight.figures.funnel", "core.insight.figures.mix_adjusted",
        "core.insight.figures.money_lost", "core.insight.figures.trend",
        "core.insight.figures.time_to_process", "core.insight.figures.value_lost",
        "core.insight.filters.from_query", "core.insight.reports.export.to_csv",
        "core.insight.reports.export.as_may_leave",
        "core.insight.reports.export.to_xlsx", "core.insight.reports.scorecard_pages.html",
        "core.insight.reports.scorecard_pages.pdf", "core.matching.not_parcels.shape_of",
        "core.orders.judge.proof.line", "core.orders.judge.proof.sheet",
        "core.orders.judge.rules.judge", "core.orders.judge.reasons.rule_of",
        "core.orders.imports.courier_report.asks_for_day_order",
        "core.orders.imports.door.open_table",
        "core.orders.imports.importing.asks_for_day_order",
        "core.orders.imports.importing.guess_alias_columns",
        "core.orders.imports.importing.guess_columns",
        "core.orders.imports.importing.guess_invoice_columns",
        "core.people.neighbours.neighbours",
        "core.services.registry.adapter",
    ),
    "how each page is drawn: language, zone, costs; nobody's data": (
        "core.settings.preferences.load", "core.settings.preferences.note_of",
    ),
    "counts for monitoring, nobody's data; the gate says who may ask": (
        "core.reversal.checks.vitals.vitals",
    ),
    "makes codes that hide customers": ("core.audit.keyring.derived_key",),
    "a signed message: the signature is its right": ("core.orders.shop.webhooks.accept",),
    "a token, a secret or a password: it is its own proof": (
        "core.people.accounts.look_at_link", "core.people.accounts.use_link",
        "core.people.devices.admit", "core.people.devices.look_at_token",
        "core.people.devices.redeem",
        "core.people.devices.sign_in_failed",
        "core.people.sessions.actor_of", "core.people.sessions.cached_of_secret",
        "core.people.sessions.remembered",
        "core.people.sign_in.of_person", "core.people.sign_in.with_password",
        "core.people.sign_in.prove",
        "core.people.ways.badges.code_in", "core.people.ways.badges.is_by_badge",
        "core.people.ways.badges.sign_on",
        "core.people.ways.openid.begin", "core.people.ways.openid.begin_proof",
        "core.people.ways.openid.finish",
        "core.people.ways.passkeys.add_by_link", "core.people.ways.passkeys.prove",
        "core.people.ways.passkeys.to_add_by_link", "core.people.ways.passkeys.to_sign_in",
        "core.people.ways.passkeys.with_passkey",
    ),
    "what the other service is called, nobody's data": ("core.people.ways.openid.name",),
    "which roles there are, nobody's data": ("core.people.roles.all_roles",),
    "whether people must sign in here, nobody's data": (
        "core.people.presence.always_sign_in", "core.people.accounts.has_owner",
        "core.people.presence.sign_in_on", "core.people.presence.sign_in_seen",
        "core.people.presence.here",
    ),
    "shows and answers what one's own rights cover": (
        "core.audit.approvals.ask", "core.audit.approvals.answer", "core.audit.approvals.waiting",
        "core.audit.names.for_reader",
    ),
    "one's own session, or asks for a right itself": (
        "core.people.devices.may_invite",
        "core.people.sessions.moved", "core.people.sessions.own",
        "core.people.sessions.sign_out", "core.people.sign_in.change_password",
        "core.people.sign_in.ways", "core.people.ways.badges.end",
        "core.people.ways.badges.have", "core.people.ways.badges.make",
        "core.people.ways.passkeys.add",
        "core.people.ways.passkeys.own", "core.people.ways.passkeys.remove",
        "core.people.ways.passkeys.to_add", "core.people.ways.passkeys.to_prove",
    ),
    "each of its commands is a door of its own": ("core.reversal.runs.commands.obey",),
    "adds to the record; what it tells of is a door": (
        "core.audit.trail.file_exported", "core.audit.trail.record_names_seen",
        "core.audit.trail.names_shown", "core.audit.trail.record",
        "core.store.statements.cursors.save",
    ),
}  # fmt: skip

CALLED = people_doors.called()
DOORS = {name: one for name, one in CALLED.items() if rights.rights_of(one)}
ACTORS = {role: Actor(role, held) for role, held in ROLES.items()}


def test_whatever_the_edge_calls_asks_for_a_right_or_is_open_for_a_reason() -> None:
    open_ones = {name for names in OPEN.values() for name in names}
    assert sorted(set(CALLED) - set(DOORS) - open_ones) == []
    assert sorted(open_ones & set(DOORS)) == []
    assert sorted(open_ones - set(CALLED)) == [], "named as open, but nobody calls it"
    assert len(DOORS) > 60


@pytest.mark.parametrize("name", sorted(DOORS))
@pytest.mark.parametrize("role", ["nobody", *sorted(ROLES)])
def test_a_role_passes_a_door_exactly_when_it_has_one_of_its_rights(role: str, name: str) -> None:
    """Past the door the call lacks its arguments: TypeError, before anything is done."""
    who = ACTORS.get(role, rights.NOBODY)
    wanted = rights.rights_of(DOORS[name])
    needs = people_doors.lacks_arguments(DOORS[name])
    with rights.acting(who):
        if who.rights.isdisjoint(wanted):
            with pytest.raises(NotAllowed):
                DOORS[name]()
        elif needs:
            with pytest.raises(TypeError):
                DOORS[name]()


def test_the_roles_hold_what_their_names_say() -> None:
    table = {role: {right.value for right in held} for role, held in ROLES.items()}
    assert table["scanner"] == {"scan"}
    assert table["operator"] == {"scan", "pile", "names"}
    assert table["reviewer"] == table["operator"] | {"run", "follow_up", "import", "record"}
    assert table["analyst"] == {"figures"}
    assert table["finance"] == {"figures", "money", "record", "names", "export"}
    assert {right.value for right in Right} - table["admin"] == {"host"}


def test_what_a_door_calls_is_done_on_its_behalf_and_not_asked_again() -> None:
    inner = rights.door(Right.CONNECT)(lambda: "done")
    outer = rights.door(Right.SCAN)(lambda: inner())
    with rights.acting(ACTORS["scanner"]):
        assert outer() == "done"
        with pytest.raises(NotAllowed):
            inner()


def test_a_door_that_fails_does_not_stay_open() -> None:
    def fails() -> None:
        raise ValueError

    with rights.acting(ACTORS["scanner"]):
        with pytest.raises(ValueError):  # noqa: PT011
            rights.door(Right.SCAN)(fails)()
        with pytest.raises(NotAllowed):
            rights.require(Right.CONNECT)


def test_a_process_that_serves_strangers_does_nothing_for_nobody() -> None:
    rights.refuse_unbound()
    try:
        with pytest.raises(NotAllowed):
            rights.require(Right.SCAN)
    finally:
        rights.of_process(rights.HOST)


def test_nobody_is_told_who_acts_by_an_argument() -> None:
    """The actor is bound to the request, the page's run or the process; none is made up."""
    found = [
        f"{file.relative_to(people_doors.ROOT)}:{one.lineno} {one.name}"
        for room in ("core", "pages")
        for file in sorted((people_doors.ROOT / room).rglob("*.py"))
        for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in (*one.args.posonlyargs, *one.args.args, *one.args.kwonlyargs)
        if argument.arg in TELL_WHO and isinstance(argument.annotation, ast.Name)
        if argument.annotation.id == "str" and one.name != "search"  # of the record: a filter
    ]
    assert not found


OF_A_PILE = sorted(
    name for name, one in DOORS.items() if "pile_id" in inspect.signature(one).parameters
)


@pytest.mark.parametrize("name", OF_A_PILE)
def test_a_phone_of_one_pile_passes_no_door_of_another(name: str) -> None:
    """Whatever rights its person has; refused before anything is looked at."""
    bound = Actor("phone", ROLES["owner"], person_id=1, pile_id=1)
    asked = inspect.signature(DOORS[name]).parameters.values()
    wanted = {one.name: None for one in asked if one.default is one.empty}
    with rights.acting(bound), pytest.raises(NotAllowed):
        DOORS[name](**{**wanted, "pile_id": 2})


def test_there_are_doors_of_piles() -> None:
    assert len(OF_A_PILE) > 25
