"""Structured logs: one line for each thing that happened, for a person on a terminal or as JSON for a machine."""

import logging
import sys
from typing import Literal

import structlog


def configure_logs(service: str, level: str, output: Literal["console", "json"]) -> None:
    """Send this process's log lines to standard output."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if output == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    if output == "json":
        structlog.contextvars.bind_contextvars(service=service)
    # Libraries speak through `logging`; what they have to say below a warning is noise here.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stdout)
