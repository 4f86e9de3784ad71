"""Each event that belongs to a trace is a span of it, from when it was received until its rows are committed."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from time import time_ns

from opentelemetry.trace import Span, SpanKind, get_current_span

from metarr_chassis import correlation, tracing
from metarr_contracts.registry import type_of
from metarr_contracts.subjects import template
from metarr_projector.decoding import Item, Recorded

Spans = Mapping[int, Span]
"""By sequence."""


@contextlib.contextmanager
def projecting(items: Sequence[Item]) -> Iterator[Spans]:
    """Rows are made of these events while the context is open. Most events belong to no trace and cost a look."""
    spans = {item.seq: _begin(item) for item in items if _is_traced(item)} if tracing.is_on() else {}
    try:
        yield spans
    except BaseException as error:
        for made in spans.values():
            with tracing.within(made):
                tracing.say_error(error)
        raise
    finally:
        for made in spans.values():
            made.end()


@contextlib.contextmanager
def telling_of(item: Item, spans: Spans) -> Iterator[None]:
    """What is sent or logged while the context is open belongs to the event, and to its trace."""
    headers = item.message.headers
    with correlation.belonging_to(correlation.told(headers)):
        if not tracing.is_traced(headers):
            yield
            return
        with tracing.within(spans.get(item.seq) or get_current_span(tracing.context_of(headers))):
            yield


def _is_traced(item: Item) -> bool:
    return tracing.TRACEPARENT in item.message.headers


def _begin(item: Item) -> Span:
    message = item.message
    # What cannot be read may call itself anything.
    kind = type_of(item.body) if isinstance(item, Recorded) else template(message.subject)
    return tracing.start_span(
        f"process {kind}",
        SpanKind.CONSUMER,
        {
            **tracing.processed(message.subject, message.headers),
            "metarr.seq": message.seq,
            "metarr.outcome": "projected" if isinstance(item, Recorded) else "dead_letter",
        },
        context=tracing.context_of(message.headers),
        start_time=message.received_at or time_ns(),
    )
