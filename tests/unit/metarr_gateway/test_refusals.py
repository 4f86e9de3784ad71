"""What is said of refused clients."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from metarr_gateway import refusals
from metarr_gateway.refusals import Refusals

DELETE = {"method": "DELETE", "route": "unknown"}


def test_a_flood_of_refusals_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes too often does not fill the log."""
    monkeypatch.setattr(refusals, "SAID_EVERY_SECONDS", 3_600)
    of_a_process = Refusals()
    with capture_logs() as lines:
        for _ in range(1_000):
            of_a_process.add("too_many_requests", "198.51.100.1", 429, "GET")
    assert [(line["event"], line["client"], line["refused"]) for line in lines] == [
        ("client over its limit", "198.51.100.1", 1)
    ]


def _sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_refusal_is_counted_and_not_timed() -> None:
    """A flood of refusals makes nothing look fast."""
    counted = _sample("metarr_http_requests_total", status="429", **DELETE)
    timed = _sample("metarr_http_request_duration_seconds_count", **DELETE)
    Refusals().add("too_many_requests", "198.51.100.1", 429, "DELETE")
    assert _sample("metarr_http_requests_total", status="429", **DELETE) == counted + 1
    assert _sample("metarr_http_request_duration_seconds_count", **DELETE) == timed
