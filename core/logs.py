"""How every process of Refuz logs: one line an event, as text or JSON, on standard error.

REFUZ_LOG_FORMAT is `text` (default) or `json`; REFUZ_LOG_LEVEL is debug, info (default), warning
or error. Ids of request, run, reversal and effect are bound where they begin (structlog's
contextvars), so that every line below them carries them. What libraries log goes the same way.

No customer is named: a reason is told by its codes (its parameters are services' own words), and
of an error that tells a value (a text that is no number, a key that is missing) only its kind and
place are. What it was about is on the desk's pages, for whoever may see it.
"""

import logging
import os
import re
import secrets
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from core.errors import UserError
from core.reasons import CommonCode, Reason

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
FORMATS = ("text", "json")
# Errors whose text is made of what was given: it may be of a customer.
TELL_VALUES = (ValueError, LookupError, ArithmeticError)
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
OF_TRACEBACKS = ("exc_info", "exception", "stack")


def configure(environment: Mapping[str, str] | None = None) -> None:
    """Set up logging of this process; an unknown format or level counts as the default."""
    variables = os.environ if environment is None else environment
    level = LEVELS.get(variables.get("REFUZ_LOG_LEVEL", "").strip().lower(), logging.INFO)
    as_json = variables.get("REFUZ_LOG_FORMAT", "").strip().lower() == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _reasons_by_codes,
    ]
    last: list[Processor] = (
        [
            structlog.processors.ExceptionRenderer(_in_one_text),
            structlog.processors.JSONRenderer(default=str),
        ]
        if as_json
        else [_as_text()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_on_standard_error,
        cache_logger_on_first_use=False,
    )
    _libraries(shared, last, level)


def _as_text() -> Processor:
    """A line an event, whatever a library's message holds; a traceback stands indented below it.

    Tracebacks are plain: where `rich` is installed structlog would show each frame's variables.
    """
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        sort_keys=False,
        exception_formatter=_write,
    )

    def render(logger: Any, name: str, event: EventDict) -> str:
        whole = {_one_line(key): _value(key, of) for key, of in event.items()}
        return str(renderer(logger, name, whole)).rstrip("\n").replace("\n", "\n  ")

    return render


def _value(key: str, value: object) -> object:
    if key in OF_TRACEBACKS or isinstance(value, int | float | None):
        return value
    return _one_line(value if isinstance(value, str) else repr(value))


def _one_line(text: str) -> str:
    """What ends a line or moves the cursor, as a program writes it (a backslash and an n)."""
    if text.isprintable():  # nearly all of them; none of CONTROLS is
        return text
    return CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def _reasons_by_codes(_logger: object, _name: str, event: EventDict) -> EventDict:
    return {key: of.codes() if isinstance(of, Reason) else of for key, of in event.items()}


def _in_one_text(exc_info: ExcInfo) -> str:
    return "".join(_lines(exc_info[1], set())).rstrip()


def _write(out: TextIO, exc_info: ExcInfo) -> None:
    out.write("\n" + _in_one_text(exc_info))


def _lines(error: BaseException, before: set[int]) -> Iterator[str]:
    """As Python tells an error and those before it, without variables and values."""
    before.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in before:
        yield from _lines(cause, before)
        yield "\nThat led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    room = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    yield f"{room}{kind.__qualname__}: {what(error)}\n"
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        if id(one) not in before:
            yield from _lines(one, before)


def what(error: BaseException) -> str:
    """What an error says, without values that it may have been given."""
    if isinstance(error, UserError) and error.reason.code != CommonCode.PLAIN:
        return error.reason.codes()
    return "…" if isinstance(error, TELL_VALUES) else _one_line(str(error))


def new_reference() -> str:
    """A number under which an error is logged (`reference=`).

    It is all that a person is ever shown of an error that is not a `UserError`.
    """
    return secrets.token_hex(3).upper()


def _on_standard_error(*_names: object) -> structlog.WriteLogger:
    # Looked up for each logger: standard output belongs to --json. Its end goes out with the line:
    # where Python does not buffer (containers), another process would write between the two.
    return structlog.WriteLogger(sys.stderr)


def _libraries(shared: list[Processor], last: list[Processor], level: int) -> None:
    """What libraries say, from warning up, in the same form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.setLevel(max(level, logging.WARNING))
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not getattr(one, "of_refuz", False)]
    handler.of_refuz = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(max(level, logging.WARNING))


def through_ours(logger: logging.Logger) -> None:
    """Have a library's logger that writes by itself (Streamlit's) go the way of all others."""
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True
