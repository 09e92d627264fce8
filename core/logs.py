"""How every process of Refuz logs: one line an event, as text or JSON, on standard error.

REFUZ_LOG_FORMAT is `text` (default) or `json`; REFUZ_LOG_LEVEL is debug, info (default), warning
or error. Ids of request, run, reversal and effect are bound where they begin (structlog's
contextvars), so that every line below them carries them. What libraries log goes the same way.
"""

import logging
import os
import sys
from collections.abc import Mapping

import structlog
from structlog.typing import Processor

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
FORMATS = ("text", "json")


def configure(environment: Mapping[str, str] | None = None) -> None:
    """Set up logging of this process; an unknown format or level counts as the default."""
    told = os.environ if environment is None else environment
    level = LEVELS.get(told.get("REFUZ_LOG_LEVEL", "").strip().lower(), logging.INFO)
    as_json = told.get("REFUZ_LOG_FORMAT", "").strip().lower() == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
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


def _as_text() -> structlog.dev.ConsoleRenderer:
    """Plain tracebacks: where `rich` is installed structlog would show each frame's variables."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        sort_keys=False,
        exception_formatter=structlog.dev.plain_traceback,
    )


def _on_standard_error(*_names: object) -> structlog.PrintLogger:
    # Looked up for each logger: standard output belongs to --json.
    return structlog.PrintLogger(sys.stderr)


def _libraries(shared: list[Processor], last: list[Processor], level: int) -> None:
    """What libraries say, from warning up, in the same form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not getattr(one, "of_refuz", False)]
    handler.of_refuz = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(max(level, logging.WARNING))
