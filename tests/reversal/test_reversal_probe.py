"""Services are asked about what was done: patiently, and silence is no answer."""

from collections.abc import Callable
from typing import Any

import pytest
from effects_model import SAID, later
from set_clock import SetClock

from core.reasons import quoted
from core.reversal.checks.probe import PAUSE_SECONDS, NoAnswer, Questions
from core.reversal.codes import ReversalCode
from core.services.outcome import Confirmed, NotSent, Outcome, Refusal, Refused, Unknown
from core.settings.connections import Connection

YES: Outcome[str] = Confirmed("yes", SAID)
LOST: Outcome[str] = Unknown(quoted("no answer"), SAID)
UNSENT: Outcome[str] = NotSent(quoted("no network"))
NO: Outcome[str] = Refused(quoted("no such invoice"), Refusal.NOT_FOUND, SAID)


def connection(number: int, service: str = "oblio", *, enabled: bool = True) -> Connection:
    return Connection(
        id=number, kind="invoicing", service=service, name=f"{service} {number}", settings={},
        secrets={}, sandbox=True, enabled=enabled,
    )  # fmt: skip


class Service:
    """It answers each question with the next of these."""

    def __init__(self, *answers: Outcome[str] | Callable[[], Outcome[str]]) -> None:
        self.answers = list(answers)

    def __call__(self) -> Outcome[str]:
        answer: Any = self.answers.pop(0)
        return answer() if callable(answer) else answer


@pytest.fixture
def slept(set_clock: SetClock) -> list[float]:
    """The pauses that were made, in seconds."""
    set_clock.stand_still()
    pauses: list[float] = []
    set_clock.on_sleep = pauses.append
    return pauses


@pytest.fixture
def questions() -> Questions:
    return Questions([connection(1), connection(2, "fgo"), connection(3, enabled=False)])


def no_answer(questions: Questions, service: Service, account: int = 1) -> NoAnswer:
    with pytest.raises(NoAnswer) as missing:
        questions.ask(account, service)
    return missing.value


@pytest.mark.parametrize("silence", [LOST, UNSENT])
def test_a_service_is_asked_three_times_with_a_pause_before_it_counts_as_silent(
    questions: Questions, slept: list[float], silence: Outcome[str]
) -> None:
    assert questions.ask(1, Service(silence, silence, YES)) == "yes"
    assert slept == [PAUSE_SECONDS] * 2
    service = Service(silence, silence, silence, YES)
    missing = no_answer(questions, service)
    assert (missing.service, missing.why) == ("oblio 1", silence.why)
    assert len(service.answers) == 1


def test_a_limit_is_waited_out_where_it_is_short(questions: Questions, slept: list[float]) -> None:
    assert questions.ask(1, Service(lambda: later(12), YES)) == "yes"
    assert slept == [12]


def test_a_limit_of_more_than_half_a_minute_is_not_waited_out(
    questions: Questions, slept: list[float]
) -> None:
    service = Service(lambda: later(31), YES)
    no_answer(questions, service)
    assert (slept, len(service.answers)) == ([], 1)


def test_a_refusal_is_an_answer_about_this_one_thing(
    questions: Questions, slept: list[float]
) -> None:
    found = questions.ask(1, Service(NO))
    assert isinstance(found, Refused)
    assert (found.why, found.code, slept) == (quoted("no such invoice"), Refusal.NOT_FOUND, [])
    assert questions.ask(1, Service(YES)) == "yes"


def test_after_two_silences_in_a_row_a_service_is_asked_nothing_more(
    questions: Questions, slept: list[float]
) -> None:
    for _ in range(2):
        no_answer(questions, Service(LOST, LOST, LOST))
    service = Service(YES)
    assert no_answer(questions, service).why == quoted("no answer")
    assert len(service.answers) == 1
    assert questions.ask(2, Service(YES)) == "yes"  # the others are asked on


@pytest.mark.parametrize("between", [YES, NO])
def test_an_answer_between_two_silences_shows_that_the_service_is_there(
    questions: Questions, slept: list[float], between: Outcome[str]
) -> None:
    no_answer(questions, Service(LOST, LOST, LOST))
    questions.ask(1, Service(between))
    no_answer(questions, Service(LOST, LOST, LOST))
    assert questions.ask(1, Service(YES)) == "yes"


@pytest.mark.parametrize("code", [Refusal.NO_PERMISSION, Refusal.NO_PLAN, Refusal.CANNOT_BE_ASKED])
def test_a_service_that_shuts_us_out_is_asked_once(
    questions: Questions, slept: list[float], code: Refusal
) -> None:
    shut: Outcome[str] = Refused(quoted("no access"), code, SAID)
    assert no_answer(questions, Service(shut)).why == quoted("no access")
    service = Service(YES)
    assert no_answer(questions, service).why == quoted("no access")
    assert (len(service.answers), slept) == (1, [])


def test_a_connection_that_is_switched_off_is_not_asked(questions: Questions) -> None:
    service = Service(YES)
    missing = no_answer(questions, service, 3)
    assert missing.why == ReversalCode.SWITCHED_OFF.of()
    assert len(service.answers) == 1


def test_a_service_is_asked_by_its_connection_that_is_on() -> None:
    assert Questions([connection(1, enabled=False), connection(2)]).account_of("oblio") == 2
    assert Questions([connection(1, enabled=False)]).account_of("oblio") == 1
    with pytest.raises(NoAnswer) as missing:
        Questions([connection(1, "fgo")]).account_of("oblio")
    assert (missing.value.service, missing.value.why) == ("Oblio", ReversalCode.NOT_CONNECTED.of())


def test_settings_that_are_not_complete_are_no_answer_and_no_error() -> None:
    questions = Questions([connection(1, "no such service")])
    for kind in (questions.invoicing, questions.shop):
        with pytest.raises(NoAnswer) as missing:
            kind(1)
        assert missing.value.service == "no such service 1"
