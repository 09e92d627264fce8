"""Connections: one form a service, drawn from what the service says it needs."""

from collections.abc import Sequence

import streamlit as st

from core.errors import UserError
from core.services import connecting, connection_state, registry
from core.services.connection_state import ConnectionState
from core.services.ports import Finding, ServiceInfo, SettingField
from core.settings import connections
from core.settings.addresses import OTHER_HOST, UnsafeAddress
from core.settings.connections import Connection
from core.store import db
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import guarded, moment, note_done, t
from pages.settings.webhooks import webhooks_form

KINDS = ("shop", "invoicing", "courier")


def connections_tab() -> None:
    """What is connected, then a form for something new."""
    if not proved("connections"):
        return
    with db.reading() as connection:
        connected = connections.all_connections(connection, enabled=False)
        states = {one.id: connection_state.state_of(connection, one) for one in connected}
    if not connected:
        st.info(t("Nothing is connected. Begin with the shop, then the invoicing service."))
    names = {"shop": t("Shop"), "invoicing": t("Invoicing"), "courier": t("Courier")}
    for kind in KINDS:
        group = [one for one in connected if one.kind == kind]
        if group:
            st.markdown("#### " + plain(names[kind]))
        for one in group:
            _connection(one, states[one.id])
    st.markdown("#### " + t("Connect a service"))
    infos = registry.services()
    service = st.selectbox(
        t("Service"),
        sorted(infos, key=lambda slug: KINDS.index(infos[slug].kind)),
        None,
        format_func=lambda slug: f"{infos[slug].title} ({names[infos[slug].kind]})",
        key="new-service",
        placeholder="–",
    )
    if service:
        _form(infos[service], None)


def _connection(one: Connection, state: ConnectionState) -> None:
    info = registry.info(one.service)
    name = one.name if one.name == info.title else f"{info.title} · {one.name}"
    name += " · " + t("sandbox") if one.sandbox else ""
    fresh = one.id in (
        st.session_state.get("_test"),
        st.session_state.get("_tested"),
    ) or f"_failed-{_mark(info, one)}" in (st.session_state)
    icon = ":material/alarm:" if state.trouble else ":material/cable:"
    label = f"{plain(name)} · {_short_state(one, state)}"
    with st.expander(label, expanded=fresh, icon=icon):
        if state.trouble:
            st.error(plain(t(state.trouble)), icon=":material/alarm:")
        _state(one, state)
        _form(info, one)
        _test(one)
        if one.kind == "shop":
            webhooks_form(one)
        _remove(one)


def _short_state(one: Connection, state: ConnectionState) -> str:
    """What stands beside a connection's name: the worst that is known of it."""
    if not one.enabled:
        return plain(t("off"))
    if state.trouble:
        words = t("cannot be read")
        return f":red[{plain(words)}]"
    if state.missing:
        words = t("{count} missing").format(count=len(state.missing))
        return f":orange[{plain(words)}]"
    if state.asked_at is None and state.tested_at is not None:
        return plain(t("tested {time}").format(time=moment(state.tested_at)))
    if state.asked_at is None:
        return plain(t("never asked"))
    return plain(t("last asked {time}").format(time=moment(state.asked_at)))


def _state(one: Connection, state: ConnectionState) -> None:
    """When it was asked, read and tested last, and what the test found missing."""
    moments = [(t("Last asked"), moment(state.asked_at))]
    if one.kind != "invoicing":
        moments.append((t("Last read for changes"), moment(state.read_at)))
    moments.append((t("Last tested"), moment(state.tested_at)))
    st.markdown(" · ".join(f"{plain(name)}: **{plain(at)}**" for name, at in moments))
    for why in state.missing:
        st.markdown(f":orange[:material/warning:] {plain(t(why))}")


def _remove(one: Connection) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        sure = st.checkbox(t("I want to remove this connection"), key=f"sure-{one.id}")
        pressed = st.button(
            t("Remove"), key=f"remove-{one.id}", icon=":material/delete:", disabled=not sure
        )
    if not pressed:
        return
    try:
        with db.writing() as connection:
            connections.remove(connection, one.id)
    except UserError as error:
        st.error(plain(t(error)))
        return
    note_done(t("{name} is removed.").format(name=one.name))
    st.rerun()


def _form(info: ServiceInfo, old: Connection | None) -> None:
    mark = _mark(info, old)
    with st.form(f"connection-{mark}", border=False):
        name = old.name if old else st.text_input(t("Name"), info.title, key=f"name-{mark}")
        given = _fields(info, old, mark) | _advanced(info, old, mark)
        enabled = st.toggle(t("In use"), old.enabled if old else True, key=f"on-{mark}")
        untested = _in_spite(mark)
        if not st.form_submit_button(t("Save"), type="primary", key=f"save-{mark}"):
            return
    found = connecting.wanted(info, old, given)
    gaps = found.gaps
    if gaps or not name.strip():
        st.error(plain(t("Fill in: {fields}.").format(fields=", ".join(map(t, gaps or ["Name"])))))
        return
    try:
        if old is not None and enabled and not untested and not _well(old, found, mark):
            st.rerun()  # where the way around it is offered
        with db.writing() as connection:
            saved = connecting.save(connection, info, old, name.strip(), found, enabled=enabled)
    except (UnsafeAddress, registry.WrongSetting) as error:
        st.error(plain(t(error)))
        return
    _forget_form(mark)
    note_done(t("{name} is saved, and is being tested.").format(name=name))
    st.session_state["_test"] = saved
    st.rerun()


def _mark(info: ServiceInfo, old: Connection | None) -> str:
    return f"{info.service}-{old.id if old else 'new'}"


def _fields(info: ServiceInfo, old: Connection | None, mark: str) -> dict[str, str]:
    """The fields, two beside each other, no wider than what is written in them."""
    given: dict[str, str] = {}
    for start in range(0, len(info.fields), 2):
        for one, column in zip(info.fields[start : start + 2], st.columns(2), strict=False):
            with column:
                given[one.name] = _field(one, old, mark)
    return given


def _advanced(info: ServiceInfo, old: Connection | None, mark: str) -> dict[str, str]:
    """The one host beside the service's own that its passwords may go to, a deliberate choice."""
    chosen = old.settings.get(OTHER_HOST, "") if old else ""
    with st.expander(t("Advanced"), expanded=bool(chosen)):
        host = st.text_input(t("Other host"), chosen, key=f"field-{mark}-{OTHER_HOST}")
        words = t(
            "Leave it empty. Only where the address above is not {title}'s own (a test system, "
            "a tunnel of yours): its host once more, since the passwords go there."
        )
        st.caption(plain(words.format(title=info.title)))
    return {OTHER_HOST: host.strip()}


def _well(old: Connection, found: connecting.ConnectionDraft, mark: str) -> bool:
    """Whether what is to replace a working connection works; what does not is kept to be told."""
    failed = [one for one in connecting.tried(old, found) if not one.ok]
    if failed:
        st.session_state[f"_failed-{mark}"] = [
            ": ".join(part for part in (t(one.what), t(one.say)) if part) for one in failed
        ]
    return not failed


def _in_spite(mark: str) -> bool:
    """After a test that failed: what it said, and whether to save all the same."""
    failed = st.session_state.get(f"_failed-{mark}")
    if not failed:
        return False
    st.error(
        plain(t("Not saved: the test failed, and the old one stays in use. {why}").format(
            why=" ".join(failed))),
        icon=":material/error:",
    )  # fmt: skip
    return st.checkbox(t("Save although the test failed"), key=f"in-spite-{mark}")


def _forget_form(mark: str) -> None:
    """Passwords leave the page's state once they are saved, so does what began a connection."""
    for key in list(st.session_state):
        begins = (f"field-{mark}", f"name-{mark}", f"_failed-{mark}", f"in-spite-{mark}")
        if str(key).startswith(begins) or key == "new-service":
            del st.session_state[key]


def _field(one: SettingField, old: Connection | None, mark: str) -> str:
    given = _input(one, old, f"field-{mark}-{one.name}")
    if one.help:
        st.caption(plain(t(one.help)))
    return given


def _input(one: SettingField, old: Connection | None, key: str) -> str:
    if one.secret:
        saved = t("saved") if old and old.secrets.get(one.name) else ""
        return st.text_input(
            plain(t(one.label)),
            type="password",
            placeholder=saved,
            key=key,
        ).strip()
    value = (old.settings.get(one.name) if old else None) or one.default
    if one.choices:
        # What was set elsewhere (the sandbox's address) stays, or saving would change it unseen.
        options = [*one.choices, *([value] if value not in one.choices else [])]
        return str(
            st.selectbox(
                plain(t(one.label)),
                options,
                options.index(value),
                format_func=lambda name: name or "–",
                key=key,
            )
        )
    return st.text_input(plain(t(one.label)), value, key=key).strip()


@st.fragment
@guarded
def _test(one: Connection) -> None:
    pressed = st.button(t("Test connection"), key=f"test-{one.id}", icon=":material/network_check:")
    # Scopes and the like are checked on connecting, not only when somebody thinks of it.
    if st.session_state.get("_test") == one.id:
        del st.session_state["_test"]
        pressed = one.enabled
    key = f"_findings-{one.id}"
    if pressed:
        try:
            st.session_state[key] = registry.adapter(one).check()
        except (registry.UnknownService, registry.WrongSetting) as error:
            st.error(plain(t(error)))
            return
        with db.writing() as connection:
            connection_state.keep_test(connection, one.id, st.session_state[key])
        st.session_state["_tested"] = one.id
        st.rerun()  # what stands beside its name and above is of this test as well
    _findings(one, st.session_state.get(key, ()))


def _findings(one: Connection, findings: Sequence[Finding]) -> None:
    """What the newest test of this visit said, a line each."""
    with st.container(key=f"findings-{one.id}"):
        for finding in findings:
            mark = ":green[:material/check_circle:]" if finding.ok else ":red[:material/error:]"
            note_done = f": {t(finding.say)}" if finding.say else ""
            st.markdown(f"{mark} **{plain(t(finding.what))}**{plain(note_done)}")
