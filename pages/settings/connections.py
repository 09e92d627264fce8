"""Connections: one form a service, drawn from what the service says it needs."""

import streamlit as st

from core.errors import UserError
from core.reasons import Reason
from core.services import connecting, registry
from core.services.ports import ServiceInfo, SettingField
from core.settings import connections
from core.settings.addresses import UnsafeAddress
from core.settings.connections import Connection
from core.store import db
from pages.common.plain import plain
from pages.common.proof import proved
from pages.common.session import guarded, said, t
from pages.settings.webhooks import webhooks_form

KINDS = ("shop", "invoicing", "courier")


def connections_tab(by: str) -> None:
    """What is connected, then a form for something new."""
    if not proved("connections"):
        return
    with db.reading() as connection:
        known = connections.all_connections(connection, enabled=False)
        troubles = {one.id: connections.trouble(connection, one) for one in known}
    if not known:
        st.info(t("Nothing is connected. Begin with the shop, then the invoicing service."))
    for one in known:
        _connection(one, troubles[one.id], by)
    st.markdown("#### " + t("Connect a service"))
    infos = registry.services()
    names = {"shop": t("Shop"), "invoicing": t("Invoicing"), "courier": t("Courier")}
    service = st.selectbox(
        t("Service"),
        sorted(infos, key=lambda slug: KINDS.index(infos[slug].kind)),
        None,
        format_func=lambda slug: f"{infos[slug].title} ({names[infos[slug].kind]})",
        key="new-service",
    )
    if service:
        _form(infos[service], None, by)


def _connection(one: Connection, trouble: Reason | None, by: str) -> None:
    info = registry.info(one.service)
    label = one.name if one.name == info.title else f"{info.title} · {one.name}"
    label += " · " + t("sandbox") if one.sandbox else ""
    label += "" if one.enabled else " · " + t("off")
    label += " · :red[" + t("cannot be read") + "]" if trouble else ""
    icon = ":material/alarm:" if trouble else ":material/cable:"
    fresh = st.session_state.get("_test") == one.id
    with st.expander(plain(label), expanded=fresh, icon=icon):
        if trouble:
            st.error(plain(t(trouble)), icon=":material/alarm:")
        _form(info, one, by)
        _test(one)
        if one.kind == "shop":
            webhooks_form(one, by)
        _remove(one, by)


def _remove(one: Connection, by: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        sure = st.checkbox(t("I want to remove this connection"), key=f"sure-{one.id}")
        pressed = st.button(
            t("Remove"), key=f"remove-{one.id}", icon=":material/delete:", disabled=not sure
        )
    if not pressed:
        return
    try:
        with db.writing() as connection:
            connections.remove(connection, by, one.id)
    except UserError as error:
        st.error(plain(t(error)))
        return
    said(t("{name} is removed.").format(name=one.name))
    st.rerun()


def _form(info: ServiceInfo, old: Connection | None, by: str) -> None:
    mark = f"{info.service}-{old.id if old else 'new'}"
    with st.form(f"connection-{mark}", border=False):
        name = old.name if old else st.text_input(t("Name"), info.title, key=f"name-{mark}")
        given = {one.name: _field(one, old, mark) for one in info.fields}
        enabled = st.toggle(t("In use"), old.enabled if old else True, key=f"on-{mark}")
        if not st.form_submit_button(t("Save"), type="primary", key=f"save-{mark}"):
            return
    found = connecting.wanted(info, old, given)
    gaps = found.gaps
    if gaps or not name.strip():
        st.error(plain(t("Fill in: {fields}.").format(fields=", ".join(map(t, gaps or ["Name"])))))
        return
    try:
        with db.writing() as connection:
            saved = connections.save(
                connection,
                by,
                kind=info.kind,
                service=info.service,
                name=name.strip(),
                settings=found.settings,
                secrets_=found.secrets,
                sandbox=old.sandbox if old else False,
                enabled=enabled,
            )
    except UnsafeAddress as error:
        st.error(plain(t(error)))
        return
    _forget_form(mark)
    said(t("{name} is saved, and is being tested.").format(name=name))
    st.session_state["_test"] = saved
    st.rerun()


def _forget_form(mark: str) -> None:
    """Passwords leave the page's state once they are saved, so does what began a connection."""
    for key in list(st.session_state):
        if str(key).startswith((f"field-{mark}", f"name-{mark}")) or key == "new-service":
            del st.session_state[key]


def _field(one: SettingField, old: Connection | None, mark: str) -> str:
    key = f"field-{mark}-{one.name}"
    help_text = t(one.help) or None
    if one.secret:
        saved = t("saved") if old and old.secrets.get(one.name) else ""
        return st.text_input(
            plain(t(one.label)),
            type="password",
            placeholder=saved,
            help=plain(help_text) or None,
            key=key,
        ).strip()
    value = (old.settings.get(one.name) if old else None) or one.default
    if one.choices:
        options = list(one.choices)
        index = options.index(value) if value in options else 0
        return str(
            st.selectbox(
                plain(t(one.label)), options, index, help=plain(help_text) or None, key=key
            )
        )
    return st.text_input(plain(t(one.label)), value, help=plain(help_text) or None, key=key).strip()


@st.fragment
@guarded
def _test(one: Connection) -> None:
    pressed = st.button(t("Test connection"), key=f"test-{one.id}", icon=":material/network_check:")
    # Scopes and the like are checked on connecting, not only when somebody thinks of it.
    if st.session_state.get("_test") == one.id:
        del st.session_state["_test"]
        pressed = one.enabled
    if not pressed:
        return
    try:
        findings = registry.adapter(one).check()
    except (registry.UnknownService, registry.WrongSetting) as error:
        st.error(plain(t(error)))
        return
    with st.container(key=f"findings-{one.id}"):
        for finding in findings:
            mark = ":green[:material/check_circle:]" if finding.ok else ":red[:material/error:]"
            said = f": {t(finding.say)}" if finding.say else ""
            st.markdown(f"{mark} **{plain(t(finding.what))}**{plain(said)}")
