"""Events of a trace on their way into the rows."""

from datetime import UTC, datetime

import pytest
from tests.unit.metarr_chassis.spans import kept_spans

from metarr_chassis import correlation, tracing
from metarr_contracts.events import CancelRequested
from metarr_projector.decoding import Item, Received, Recorded, Undecodable
from metarr_projector.event_spans import projecting, telling_of

NOW = datetime(2025, 11, 22, 10, 30, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "ce-correlationid": "request"}
UNSAMPLED = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"}
RECEIVED_AT = 1_763_807_400_000_000_000


def _event(seq: int, headers: dict[str, str]) -> Item:
    message = Received(seq, "metarr.evt.movie.7", headers, b"", RECEIVED_AT)
    return Recorded(message, str(seq), NOW, CancelRequested(job_id=1))


def test_an_event_of_a_trace_is_a_span_until_it_is_committed() -> None:
    """It begins when it was received. Events of no trace, or of one that is not kept, are none."""
    with kept_spans() as kept:
        with projecting([_event(1, {}), _event(2, SAMPLED), _event(3, UNSAMPLED)]):
            assert kept.get_finished_spans() == ()
        [span] = kept.get_finished_spans()

    assert (span.name, span.start_time) == ("process metarr.job.cancel-requested.v1", RECEIVED_AT)
    assert f"{span.context.trace_id:032x}" == TRACE
    assert (span.attributes or {})["metarr.seq"] == 2


def test_what_cannot_be_read_is_named_by_its_subject() -> None:
    """It may call itself anything, and names of spans are few."""
    dead = Undecodable(Received(4, "metarr.evt.movie.7", SAMPLED | {"ce-type": "sung"}, b"?"), "no JSON")

    with kept_spans() as kept, projecting([dead]):
        pass

    assert [span.name for span in kept.get_finished_spans()] == ["process metarr.evt.movie"]


def test_a_batch_that_fails_is_said_on_its_spans() -> None:
    """The events come again, and then as new spans."""
    with kept_spans() as kept, pytest.raises(OSError, match="gone"), projecting([_event(2, SAMPLED)]):
        raise OSError("gone")

    [span] = kept.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "OSError"


def test_a_note_carries_the_span_of_its_event() -> None:
    """And without one, as when it is sent again or traces are off, what the event carried itself."""
    event = _event(2, SAMPLED)
    with kept_spans(), projecting([event]) as spans:
        pass
    with telling_of(event, spans):
        carried = tracing.carried()
    with telling_of(event, {}):
        again = tracing.carried()

    assert carried["traceparent"] == f"00-{TRACE}-{spans[2].get_span_context().span_id:016x}-01"
    assert again == SAMPLED
    assert correlation.current() is None
