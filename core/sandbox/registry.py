"""Finds every service of the sandbox by looking into core/sandbox/services.

A service is one module (or package) named by its slug, with `SERVICE: Service`, or with
`make(state, base_url) -> Service` where it keeps more than documents (`base_url` is for answers
that name an address). Beside it the module may say, for whoever makes a world for it:

    SIGN_IN           what it takes, by the names of the fields of the adapter's form
    ERROR             the body by which it says, with HTTP 200, that nothing was done
    INVOICE_NUMBER    how it writes an invoice's number, for `format`; "{:04d}" by default
    CURRENCY          of its invoices; "RON" by default
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import core.sandbox.services
from core.sandbox.calls import Service
from core.sandbox.state import State


@functools.cache
def modules() -> dict[str, ModuleType]:
    """The module of every service, by its slug."""
    return dict(sorted(_found(core.sandbox.services)))


def _found(room: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    for entry in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        module = importlib.import_module(entry.name)
        if hasattr(module, "SERVICE") or hasattr(module, "make"):
            yield entry.name.rpartition(".")[2], module
        elif entry.ispkg:
            yield from _found(module)


def services(state: State, base_url: str) -> dict[str, Service]:
    """Every service by its slug, on this state."""
    return {slug: _service(module, state, base_url) for slug, module in modules().items()}


def _service(module: ModuleType, state: State, base_url: str) -> Service:
    made: Service = module.make(state, base_url) if hasattr(module, "make") else module.SERVICE
    return made


def sign_in(slug: str) -> dict[str, str]:
    """What the service takes, by the field of the adapter's form. KeyError for an unknown slug."""
    return dict(getattr(modules()[slug], "SIGN_IN", {}))


def error(slug: str) -> dict[str, object]:
    """The body by which it says, with HTTP 200, that nothing was done; {} where it has none."""
    return dict(getattr(modules()[slug], "ERROR", {}))


def invoice_number(slug: str, number: int) -> str:
    """An invoice's number as the service writes it. KeyError for an unknown slug."""
    pattern: str = getattr(modules()[slug], "INVOICE_NUMBER", "{:04d}")
    return pattern.format(number)


def currency(slug: str) -> str:
    """The currency of the service's invoices in a made-up world. KeyError for an unknown slug."""
    return str(getattr(modules()[slug], "CURRENCY", "RON"))
