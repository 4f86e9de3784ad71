"""What spans say, whose children they are, and what messages carry of it."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.unit.metarr_chassis.spans import kept_spans

from metarr_chassis import correlation, tracing
from metarr_chassis.errors import BusUnavailableError, ConflictError, RefusedError, SubjectTakenError

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}
SUBJECT = "metarr.cmd.enrich.7"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Spans of this test."""
    with kept_spans() as kept:
        yield kept


def test_a_message_goes_on_with_the_trace_of_its_sender(spans: InMemorySpanExporter) -> None:
    """`traceparent` and `tracestate` of a message name the parent of the span that works on it."""
    with tracing.processing(SUBJECT, HEADERS, {"metarr.attempt": 1}):
        carried = tracing.carried()

    [span] = spans.get_finished_spans()
    assert span.parent is not None
    assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    assert carried == {"traceparent": f"00-{TRACE}-{span.context.span_id:016x}-01", "tracestate": "vendor=1"}
    assert (span.name, span.kind) == ("process metarr.cmd.enrich", SpanKind.CONSUMER)


def test_off_the_trace_of_the_sender_is_passed_on() -> None:
    """No span of ours is in between, and who comes after us still knows the trace."""
    with tracing.processing(SUBJECT, HEADERS, {}), tracing.sending("metarr.evt.movie.7", "1", "metarr.movie.added.v1"):
        assert not tracing.is_on()
        assert tracing.carried() == HEADERS
        assert tracing.trace_id() == TRACE
    assert tracing.carried() == {}
    assert tracing.trace_id() is None


def test_off_a_message_without_a_trace_has_none() -> None:
    """What is done elsewhere in this process is not its trace; that one goes on afterwards."""
    with tracing.processing(SUBJECT, HEADERS, {}):
        with tracing.processing(SUBJECT, {}, {}), tracing.requesting("metarr.query.movie.get"):
            assert tracing.carried() == {}
        assert tracing.trace_id() == TRACE


def test_off_a_question_is_of_its_askers_trace_alone() -> None:
    """It goes on with the trace that it names; one that names none has none, whatever else is done here."""
    with tracing.answering("metarr.query.movie.get", HEADERS):
        assert tracing.trace_id() == TRACE
        with tracing.answering("metarr.query.movie.get", {"ce-correlationid": "7"}):
            assert tracing.trace_id() is None
            assert correlation.current() == "7"
        assert tracing.trace_id() == TRACE
    with tracing.answering("metarr.query.movie.get", None):
        assert tracing.carried() == {}


@pytest.mark.parametrize(("headers", "traced"), [(HEADERS, True), ({"ce-id": "1"}, False), (None, False)])
def test_off_only_what_names_a_trace_is_traced(headers: dict[str, str] | None, *, traced: bool) -> None:
    """Nothing is done for the others."""
    assert tracing.is_traced(headers) == traced


def test_a_message_without_a_trace_begins_one(spans: InMemorySpanExporter) -> None:
    """An operator's command has no headers; what is done elsewhere in this process is not its parent."""
    with tracing.requesting("metarr.query.movie.get"), tracing.processing(SUBJECT, {}, {}):
        pass
    with tracing.processing(SUBJECT, {"traceparent": "nonsense"}, {}):
        pass

    assert [span.parent for span in spans.get_finished_spans()] == [None] * 3


def test_a_note_of_no_trace_is_no_span(spans: InMemorySpanExporter) -> None:
    """A trace of nothing but a note would tell nothing; one with a trace goes on with it."""
    with tracing.delivering("metarr.live.movie.7", None):
        pass
    with tracing.delivering("metarr.live.movie.7", {"ce-correlationid": "x"}):
        assert correlation.current() == "x"
    with tracing.delivering("metarr.live.movie.7", HEADERS):
        pass

    assert [span.name for span in spans.get_finished_spans()] == ["deliver metarr.live.movie"]


def test_parts_of_long_work_have_traces_of_their_own(spans: InMemorySpanExporter) -> None:
    """Each part is a root with a link to the work."""
    with tracing.processing("metarr.cmd.bulk.run", HEADERS, {}), tracing.own_trace("film of a run"):
        inner = tracing.trace_id()

    film, run = spans.get_finished_spans()
    assert inner != TRACE
    assert film.parent is None
    assert [link.context.span_id for link in film.links] == [run.context.span_id]


@pytest.mark.parametrize(
    ("error", "outcome", "failed"),
    [
        (SubjectTakenError(SUBJECT), "conflict", None),
        (ConflictError(SUBJECT), "conflict", None),
        (RefusedError(404, "Movie not found", "movie_not_found"), "movie_not_found", None),
        (RefusedError(503, "Busy", "bus_unavailable"), "bus_unavailable", "bus_unavailable"),
        (BusUnavailableError("away"), None, "BusUnavailableError"),
        (asyncio.CancelledError(), "cancelled", None),
    ],
)
def test_what_is_raised_is_said(
    spans: InMemorySpanExporter, error: BaseException, outcome: str | None, failed: str | None
) -> None:
    """Lost races, refusals and cancellations are outcomes; faults are errors, by their type and without their text."""
    with pytest.raises(type(error)), tracing.requesting("metarr.lib.add"):
        raise error

    [span] = spans.get_finished_spans()
    said = dict(span.attributes or {})
    assert (said.get("metarr.outcome"), said.get("error.type")) == (outcome, failed)
    assert (span.status.status_code is StatusCode.ERROR) == (failed is not None)
    assert span.events == ()


def test_what_it_belongs_to_goes_along() -> None:
    """The correlation id is that of the message, else the message's own; it ends with the work."""
    with tracing.answering("metarr.lib.add", {"ce-correlationid": "request", "ce-id": "message"}):
        assert tracing.carried() == {"ce-correlationid": "request"}
    assert correlation.told({"ce-id": "message"}) == "message"
    assert correlation.told(None) is correlation.told({}) is None
    assert correlation.current() is None
