"""What every log line says."""

import json
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from metarr_chassis import correlation, tracing
from metarr_chassis.logs import configure_logs

TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADERS = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "ce-correlationid": "request-1"}


@pytest.fixture(autouse=True)
def _default_logs() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_line_says_service_trace_and_correlation(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, by names that every service uses."""
    configure_logs("enricher", "info", "json")

    with tracing.delivering("metarr.live.movie.1", HEADERS):
        structlog.get_logger().info("note")

    line = json.loads(capsys.readouterr().out)
    assert (line["service"], line["trace_id"], line["correlation_id"]) == ("enricher", TRACE, "request-1")


def test_a_line_of_nothing_says_no_ids(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither is there where there is none."""
    configure_logs("enricher", "info", "json")

    structlog.get_logger().info("ready")

    assert not {"trace_id", "correlation_id"} & json.loads(capsys.readouterr().out).keys()


def test_on_a_terminal_the_ids_come_last(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads what happened first, in the order in which it was said."""
    configure_logs("gateway", "info", "console")

    with correlation.belonging_to("request-1"):
        structlog.get_logger().info("request", route="/api", status=200, ms=1.5)

    assert capsys.readouterr().out.split("request ", 1)[1].split() == [
        "route=/api",
        "status=200",
        "ms=1.5",
        "correlation_id=request-1",
    ]


@pytest.mark.parametrize("output", ["console", "json"])
def test_what_others_sent_commands_no_terminal(
    output: Literal["console", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as a subject or an id that is made of control characters."""
    configure_logs("enricher", "info", output)

    wrong = ValueError("bad \x1b[2J\x07")
    structlog.get_logger().error("failed", subject="a.\x1b[31mred", id="\x9b31m\u202e\x7f", exc_info=wrong)

    said = capsys.readouterr().out
    assert not [c for c in said if not c.isprintable() and c != "\n"]
    assert "x1b[31mred" in said or "u001b[31mred" in said
