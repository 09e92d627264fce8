"""Finds every service by looking into shops/, invoicing/ and couriers/, and builds its adapter.

A service is one module or package with `INFO: ServiceInfo`, `CAPABILITIES: Capabilities` and
`make(settings, secrets, client)`; `TIMEOUT_SECONDS` says how long a call may take where 30 s are
not enough, and `FOLLOWS_RATE` that the service tells its rate itself, so that the declared one is
a guess. A form may ask for `calls_per_window`, to leave room for the owner's other programs.
Settings hidden from the form, for tests, trials and the sandbox: timeout_seconds, settle_seconds,
rate_per_second, rate_capacity, rate_faster (as many times as fast, windows as well), block_seconds.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import cast

import core.services.couriers
import core.services.invoicing
import core.services.shops
from core.errors import UserError
from core.services.codes import ConnectionCode, WrongField
from core.services.http.client import HttpClient
from core.services.limits.rate import key_of
from core.services.ports import (
    Capabilities,
    Courier,
    Invoicing,
    Rate,
    ServiceInfo,
    Shop,
    ShopCapabilities,
)
from core.services.shops.messages import Messages
from core.settings import addresses
from core.settings.connections import Connection

TIMEOUT_SECONDS = 30.0

_ROOMS = (core.services.shops, core.services.invoicing, core.services.couriers)


Adapter = Shop | Invoicing | Courier
Build = Callable[[Connection], Adapter]


class UnknownService(UserError):
    """No file speaks to this service; the message names those that exist."""


class WrongSetting(UserError):
    """A setting of a connection is missing or no number; the message names it."""


@functools.cache
def _modules() -> dict[str, ModuleType]:
    """The module of each service, by its slug: whatever lies in a room and has INFO and make."""
    found: dict[str, ModuleType] = {}
    for room in _ROOMS:
        for entry in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(entry.name)
            if hasattr(module, "INFO") and hasattr(module, "make"):
                found[module.INFO.service] = module
    return found


def services(kind: str | None = None) -> dict[str, ServiceInfo]:
    """Every service (of one kind: shop, invoicing, courier) by its slug, sorted by title."""
    infos = [cast("ServiceInfo", module.INFO) for module in _modules().values()]
    wanted = [info for info in infos if kind in (None, info.kind)]
    return {info.service: info for info in sorted(wanted, key=lambda info: info.title.casefold())}


def info(service: str) -> ServiceInfo:
    """How one service introduces itself. Raises UnknownService."""
    return cast("ServiceInfo", _module(service).INFO)


def title_of(service: str) -> str:
    """What people call a service; its slug where no module is there for it any more."""
    module = _modules().get(service)
    return str(module.INFO.title) if module else service


def messages(service: str) -> Messages | None:
    """How a shop's webhooks are read; None where it sends none. Raises UnknownService."""
    return cast("Messages | None", getattr(_module(service), "MESSAGES", None))


def shop_capabilities(service: str) -> ShopCapabilities:
    """What a shop can do about an order. Raises UnknownService."""
    return cast("ShopCapabilities", _module(service).CAPABILITIES)


def _module(service: str) -> ModuleType:
    try:
        return _modules()[service]
    except KeyError:
        names = ", ".join(sorted(_modules()))
        raise UnknownService(ConnectionCode.UNKNOWN_SERVICE, service=service, known=names) from None


def adapter(connection: Connection) -> Adapter:
    """The adapter of a connection. Raises UnknownService or WrongSetting."""
    module = _module(connection.service)
    settings = _with_defaults(module.INFO, connection.settings, connection.secrets)
    client = client_for(connection)
    try:
        made = module.make(settings, connection.secrets, client)
    except WrongField as error:
        code, title = ConnectionCode.WRONG_FIELD, module.INFO.title
        raise WrongSetting(code, title=title, why=error.reason) from error
    except ValueError as error:  # a text of Python's, for nobody's eyes
        raise WrongSetting(ConnectionCode.WRONG_SETTING, title=module.INFO.title) from error
    settle = _number(settings, "settle_seconds", made.capabilities.settle_seconds)
    made.capabilities = replace(made.capabilities, settle_seconds=settle)
    return cast("Adapter", made)


def shop(connection: Connection, build: Build | None = None) -> Shop:
    """The connection's adapter, which is a shop's. Raises as `adapter`; UnknownService for others.

    `build` makes the adapter, for who keeps those that were made.
    """
    return cast("Shop", _of_kind("shop", connection, build))


def invoicing(connection: Connection, build: Build | None = None) -> Invoicing:
    """The connection's adapter, which is an invoicing service's; else as `shop`."""
    return cast("Invoicing", _of_kind("invoicing", connection, build))


def courier(connection: Connection, build: Build | None = None) -> Courier:
    """The connection's adapter, which is a courier's; else as `shop`."""
    return cast("Courier", _of_kind("courier", connection, build))


def _of_kind(kind: str, connection: Connection, build: Build | None) -> Adapter:
    """The adapter of a connection, by `build` where it is given. Raises UnknownService where the
    connection is of another kind."""
    if connection.kind != kind:
        raise UnknownService(
            ConnectionCode.OTHER_KIND, name=connection.name, kind=connection.kind, kind2=kind
        )
    return (build or adapter)(connection)


def client_for(connection: Connection) -> HttpClient:
    """The HTTP client of a connection, with its address, rate, timeout and secrets to hide.

    Raises WrongSetting.
    """
    module = _module(connection.service)
    described: ServiceInfo = module.INFO
    settings = _with_defaults(described, connection.settings, connection.secrets)
    _check_host(described, settings)
    logins = (value for name, value in settings.items() if "mail" in name or "user" in name)
    declared: Capabilities = module.CAPABILITIES
    return HttpClient(
        connection.service,
        key_of(connection.id),
        settings["base_url"],
        _rate(settings, declared.rate),
        _number(settings, "timeout_seconds", getattr(module, "TIMEOUT_SECONDS", TIMEOUT_SECONDS)),
        block_seconds=_number(settings, "block_seconds", declared.block.seconds),
        secrets={*connection.secrets.values(), *logins},
        title=described.title,
        follows_rate=getattr(module, "FOLLOWS_RATE", False),
        effect_rate=declared.effect_rate and _rate(settings, declared.effect_rate),
    )


def _check_host(described: ServiceInfo, settings: Mapping[str, str]) -> None:
    """Here every call of a connection begins: its passwords go to no host that nobody chose."""
    try:
        addresses.check_host(settings, described.title, described.hosts)
    except addresses.UnsafeAddress as error:
        raise WrongSetting(error.reason) from error


def capabilities(service: str) -> Capabilities:
    """What the service declares that it can do. Raises UnknownService."""
    return cast("Capabilities", _module(service).CAPABILITIES)


def effect_rate(connection: Connection) -> Rate:
    """The rate that the effects of a connection keep to. Raises UnknownService, WrongSetting."""
    declared = capabilities(connection.service)
    described = info(connection.service)
    settings = _with_defaults(described, connection.settings, connection.secrets)
    return _rate(settings, declared.rate_of("effect"))


def _with_defaults(
    described: ServiceInfo, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    defaults = {one.name: one.default for one in described.fields if not one.secret}
    complete = {**defaults, **{name: value for name, value in settings.items() if value}}
    given = {**complete, **secrets}
    for one in described.fields:
        if one.required and not given.get(one.name, "").strip():
            raise WrongSetting(ConnectionCode.FILL_IN, title=described.title, label=one.label)
    return complete


def _rate(settings: Mapping[str, str], declared: Rate) -> Rate:
    if not settings.get("rate_per_second", "").strip():
        kept = _with_headroom(settings, declared)
        return replace(kept, capacity=_number(settings, "rate_capacity", kept.capacity))
    return Rate(
        _number(settings, "rate_per_second", declared.per_second),
        _number(settings, "rate_capacity", declared.capacity),
    )


def _with_headroom(settings: Mapping[str, str], declared: Rate) -> Rate:
    """The declared rate with as many calls in its window as the form allows."""
    if declared.window is None:
        return declared
    most, seconds = declared.window
    calls = max(1, int(_number(settings, "calls_per_window", most)))
    faster = _number(settings, "rate_faster", 1.0)
    seconds = seconds / faster
    return replace(declared, per_second=calls / seconds, window=(calls, seconds))


def _number(settings: Mapping[str, str], name: str, default: float) -> float:
    text = settings.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        raise WrongSetting(ConnectionCode.NO_NUMBER, name=name, text=text) from None
    if not 0 < number < 1e12:
        raise WrongSetting(ConnectionCode.NOT_ABOVE_0, name=name, text=text)
    return number


_modules()  # with them come the sentences of their codes
