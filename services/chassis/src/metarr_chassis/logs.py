"""Structured logs: one line for each thing that happened, for a person on a terminal or as JSON for a machine."""

import logging
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from metarr_chassis import correlation, tracing
from metarr_chassis.log_output import OUTPUT, LibraryLines


def configure_logs(service: str, level: str, output: Literal["console", "json"]) -> None:
    """Send this process's log lines to standard output."""
    renderer: Processor = structlog.processors.JSONRenderer() if output == "json" else _for_terminals()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _say_ids,
            *([_say_service(service)] if output == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: OUTPUT,
        cache_logger_on_first_use=True,
    )
    # Libraries speak through `logging`; what they have to say below a warning is noise here.
    handlers = [LibraryLines(OUTPUT)]
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", handlers=handlers)


def _for_terminals() -> Processor:
    # Not sorted: what happened comes first, and the ids of what it belongs to last.
    render = structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)
    return lambda logger, method, line: _printable(render(logger, method, line))


def _printable(line: str) -> str:
    """What others have sent must not move the cursor of a terminal, or colour it; JSON is escaped already."""
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in line)


def _say_ids(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The trace and what the line belongs to, where there are any: by them the lines of all services find together."""
    for name, value in (("trace_id", tracing.trace_id()), ("correlation_id", correlation.current())):
        if value is not None:
            line.setdefault(name, value)
    return line


def _say_service(service: str) -> Processor:
    def say(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        return {**line, "service": service}

    return say
