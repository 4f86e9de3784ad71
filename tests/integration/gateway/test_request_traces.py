"""Requests as spans, and what they tell those who go on with their work."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.test_enrich_route import add_film
from tests.integration.gateway.test_web_socket import complete
from tests.round_trip import round_trip
from tests.unit.metarr_chassis.spans import kept_spans

from metarr_chassis.errors import RefusedError
from metarr_contracts import streams, subjects

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


@pytest.fixture
def spans(gateway: Gateway) -> Iterator[InMemorySpanExporter]:
    """Spans that are made once the gateway is ready."""
    del gateway
    with kept_spans() as kept:
        yield kept


def _requests(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if "http.request.method" in (span.attributes or {})]


async def test_a_command_carries_trace_and_correlation(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    """The trace is that of who asks, the correlation id the request's own."""
    await add_film(gateway, 7)

    await gateway.post("/api/movies/7/enrich", headers=CALLER)

    command = await gateway.bus.last_message(streams.COMMANDS, "metarr.cmd.enrich.7")
    assert command is not None
    sent = next(span for span in spans.get_finished_spans() if span.name == "send metarr.cmd.enrich")
    assert command.headers["traceparent"] == f"00-{TRACE}-{sent.context.span_id:016x}-01"
    assert command.headers["ce-correlationid"] != command.headers["ce-id"]


async def test_off_a_command_carries_the_trace_of_who_asks(gateway: Gateway) -> None:
    """Others in front of us and behind us may keep traces."""
    await add_film(gateway, 7)

    await gateway.post("/api/movies/7/enrich", headers=CALLER)

    command = await gateway.bus.last_message(streams.COMMANDS, "metarr.cmd.enrich.7")
    assert command is not None
    assert command.headers["traceparent"] == CALLER["traceparent"]


async def test_names_of_spans_are_few(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    """An address that is none and a method that nobody knows are in no name."""
    await gateway.get("/api/nothing/17")
    await gateway.ask("PROPFIND", "/api/about")

    assert [span.name for span in _requests(spans)] == ["GET", "HTTP /api/about"]
    assert [span.status.status_code for span in _requests(spans)] == [StatusCode.UNSET] * 2


async def test_a_fault_of_ours_is_an_error(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    """Status 500 and above; what the asker did wrong is none."""
    gateway.stand_in.on(subjects.query("library.stats"), RefusedError(500, "Database error", "database_error"))

    await gateway.get("/api/movies/enrichment/stats")

    [request] = _requests(spans)
    assert (request.name, request.status.status_code) == ("GET /api/movies/enrichment/stats", StatusCode.ERROR)
    assert (request.attributes or {})["error.type"] == "500"


async def test_a_note_is_one_span_and_a_socket_none(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    """However many clients hear it; what is asked every few seconds is none either."""
    async with gateway.http.ws_connect("/ws") as one, gateway.http.ws_connect("/ws") as other:
        for client in (one, other):
            await client.send_json({"type": "ping"})
            await client.receive_json()
        note = complete()
        await gateway.bus.nc.publish(subjects.live_movie(123), note.to_json(), headers=CALLER)
        await gateway.note(complete(job_id=8), 123)
        await round_trip(gateway.bus.nc)
        for client in (one, other):
            assert [(await client.receive_json())["jobId"] for _ in range(2)] == [7, 8]
    async with gateway.http.get("/healthz"):
        pass

    assert [span.name for span in spans.get_finished_spans()] == ["deliver metarr.live.movie"]
