"""Asks services about what was done: patiently, and never taking silence for an answer."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from core import clock
from core.clock import now
from core.errors import RefuzError
from core.reasons import Reason
from core.reversal.codes import ReversalCode
from core.reversal.steps.context import adapter
from core.services import registry
from core.services.outcome import (
    Confirmed,
    NotSent,
    Outcome,
    Refusal,
    Refused,
    RefusedForNow,
    Unknown,
)
from core.services.ports import Invoicing, Shop
from core.settings.connections import Connection

T = TypeVar("T")
A = TypeVar("A")  # an adapter

TRIES = 3
PAUSE_SECONDS = 1.0
LONGEST_PAUSE = 30.0
MOST_SILENCES = 2  # in a row: who waits for each order of a thousand waits all night
SHUT_OUT = (Refusal.NO_PERMISSION, Refusal.NO_PLAN, Refusal.CANNOT_BE_ASKED)


class NoAnswer(RefuzError):
    """No answer from this service; `why` says why."""

    def __init__(self, service: str, why: Reason) -> None:
        """`service` as the desk calls it."""
        super().__init__(str(why))
        self.why = why
        self.service = service


class Questions:
    """The questions of one round; a service that keeps silent is not asked again in it."""

    def __init__(self, accounts: Iterable[Connection]) -> None:
        """`accounts` are all connections, those switched off too."""
        self._accounts = {one.id: one for one in accounts}
        self._silences: dict[int, int] = {}
        self._given_up: dict[int, Reason] = {}

    def name(self, account_id: int) -> str:
        """What the desk calls this connection."""
        return self._accounts[account_id].name

    def account_of(self, service: str) -> int:
        """The connection by which this service would be used now. Raises NoAnswer without one."""
        fitting = [one for one in self._accounts.values() if one.service == service]
        if not fitting:
            raise NoAnswer(registry.title_of(service), ReversalCode.NOT_CONNECTED.of())
        return next((one.id for one in fitting if one.enabled), fitting[0].id)

    def shop(self, account_id: int) -> Shop:
        """The shop behind a connection. Raises NoAnswer where its settings are not complete."""
        return self._adapter(account_id, registry.shop)

    def invoicing(self, account_id: int) -> Invoicing:
        """The invoicing service behind a connection. Raises NoAnswer as `shop`."""
        return self._adapter(account_id, registry.invoicing)

    def _adapter(self, account_id: int, of_kind: Callable[[Connection, registry.Build], A]) -> A:
        try:
            return of_kind(self._accounts[account_id], adapter)
        except (registry.UnknownService, registry.WrongSetting) as error:
            raise NoAnswer(self.name(account_id), error.reason) from error

    def ask(self, account_id: int, question: Callable[[], Outcome[T]]) -> T | Refused:
        """What the service says, or its refusal about this one thing. Raises NoAnswer."""
        if not self._accounts[account_id].enabled:
            raise NoAnswer(self.name(account_id), ReversalCode.SWITCHED_OFF.of())
        if account_id in self._given_up:
            raise NoAnswer(self.name(account_id), self._given_up[account_id])
        match _patiently(question):
            case Confirmed(value):
                self._silences[account_id] = 0
                return value
            case Refused(why, code):
                if code in SHUT_OUT:
                    self._given_up[account_id] = why
                    raise NoAnswer(self.name(account_id), why)
                self._silences[account_id] = 0
                return Refused(why, code)
            case NotSent(why) | RefusedForNow(why) | Unknown(why):
                silences = self._silences.get(account_id, 0) + 1
                self._silences[account_id] = silences
                if silences >= MOST_SILENCES:
                    self._given_up[account_id] = why
                raise NoAnswer(self.name(account_id), why)


def _patiently(question: Callable[[], Outcome[T]]) -> Outcome[T]:
    for _ in range(TRIES - 1):
        answer = question()
        match answer:
            case NotSent() | Unknown():
                pause = PAUSE_SECONDS
            case RefusedForNow(_, until):
                pause = (until - now()).total_seconds()
            case _:
                return answer
        if pause > LONGEST_PAUSE:
            return answer
        clock.sleep(max(0.0, pause))
    return question()
