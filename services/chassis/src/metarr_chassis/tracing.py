"""Traces by OpenTelemetry: what a service does, as spans. Off unless the standard variables ask for it.

Off, no span is made and no thread runs, and the `traceparent` of whoever calls is passed on all the same (W3C Trace
Context). Names of spans are of low cardinality, ids are attributes. No attribute holds a whole URL: some have a key in
their query.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NoOpTracer,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_trace_id,
    get_current_span,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from metarr_chassis import correlation
from metarr_chassis.errors import ConflictError, RefusedError, SubjectTakenError
from metarr_contracts.envelope import CORRELATION_ID
from metarr_contracts.subjects import template

TRACEPARENT = "traceparent"
SERVER_ERROR = 500

Attributes = Mapping[str, str | int]


class _Tracing:
    """Who makes the spans of this process."""

    tracer: Tracer = NoOpTracer()


_propagator = TraceContextTextMapPropagator()
_AS_BEFORE: AbstractContextManager[Span] = contextlib.nullcontext(INVALID_SPAN)


@contextlib.contextmanager
def traced_by(tracer: Tracer) -> Iterator[None]:
    """Spans are made by this tracer while the context is open."""
    before, _Tracing.tracer = _Tracing.tracer, tracer
    try:
        yield
    finally:
        _Tracing.tracer = before


def is_on() -> bool:
    """Whether spans are made."""
    return not isinstance(_Tracing.tracer, NoOpTracer)


def is_traced(headers: Mapping[str, str] | None) -> bool:
    """Whether what came with these headers needs a place in a trace, or to be kept out of the one that goes on here.

    It does not while no spans are made, its sender named no trace, and nothing that has one goes on here.
    """
    told = headers is not None and TRACEPARENT in headers
    return told or is_on() or get_current_span() is not INVALID_SPAN


def trace_id() -> str | None:
    """The trace of what is done here, as 32 hexadecimal digits; None without one."""
    current = get_current_span().get_span_context()
    return format_trace_id(current.trace_id) if current.is_valid else None


def carried() -> dict[str, str]:
    """The headers by which a message tells its receivers the trace, and what it belongs to."""
    headers: dict[str, str] = {}
    _propagator.inject(headers)
    if (belongs_to := correlation.current()) is not None:
        headers[CORRELATION_ID] = belongs_to
    return headers


def context_of(headers: Mapping[str, str] | None) -> Context:
    """The trace that a message's headers name; nothing of what is done here."""
    return _propagator.extract(headers, Context()) if headers and TRACEPARENT in headers else Context()


def start_span(
    name: str,
    kind: SpanKind,
    attributes: Attributes,
    *,
    context: Context | None = None,
    links: Sequence[Link] = (),
    start_time: int | None = None,
) -> Span:
    """A span that the caller ends; it is a child of `context`, else of what is done here. Times in nanoseconds."""
    return _Tracing.tracer.start_span(name, context, kind, attributes, links, start_time)


@contextlib.contextmanager
def span(
    name: str, kind: SpanKind, attributes: Attributes, *, context: Context | None = None, links: Sequence[Link] = ()
) -> Iterator[Span]:
    """What is done while the context is open is this span; what is raised is said on it."""
    with within(start_span(name, kind, attributes, context=context, links=links), end=True) as made:
        try:
            yield made
        except BaseException as error:
            say_error(error)
            raise


@contextlib.contextmanager
def within(made: Span, *, end: bool = False) -> Iterator[Span]:
    """What is done while the context is open is a part of this span."""
    with use_span(made, end_on_exit=end, record_exception=False, set_status_on_exception=False):
        yield made


def own_trace(name: str) -> AbstractContextManager[Span]:
    """A trace of its own, linked to what is done here: for the many parts of long work, which one trace cannot hold."""
    linked = get_current_span().get_span_context()
    links = (Link(linked),) if linked.is_valid else ()
    return span(name, SpanKind.INTERNAL, {}, context=Context(), links=links)


def sending(subject: str, message_id: str, message_type: str) -> AbstractContextManager[Span]:
    """A message is stored while the context is open."""
    if not is_on():
        # As in `requesting`.
        return _AS_BEFORE
    attributes = {
        **_messaging(subject, "send", "send"),
        "messaging.message.id": message_id,
        "metarr.message.type": message_type,
    }
    return span(f"send {template(subject)}", SpanKind.PRODUCER, attributes)


def requesting(subject: str) -> AbstractContextManager[Span]:
    """Somebody is asked on the bus while the context is open."""
    if not is_on():
        # The span would be the one that it is a child of.
        return _AS_BEFORE
    return span(f"request {template(subject)}", SpanKind.CLIENT, _messaging(subject, "request", "send"))


@contextlib.contextmanager
def answering(subject: str, headers: Mapping[str, str] | None) -> Iterator[None]:
    """A request on the bus is answered while the context is open."""
    with correlation.belonging_to(correlation.told(headers)):
        if not is_traced(headers):
            yield
            return
        name, attributes = f"answer {template(subject)}", _messaging(subject, "answer", "process")
        with span(name, SpanKind.SERVER, attributes, context=context_of(headers)):
            yield


def processing(subject: str, headers: Mapping[str, str], attributes: Attributes) -> AbstractContextManager[Span]:
    """A stored message is worked on while the context is open."""
    all_attributes = {**processed(subject, headers), **attributes}
    name = f"process {template(subject)}"
    return span(name, SpanKind.CONSUMER, all_attributes, context=context_of(headers))


def processed(subject: str, headers: Mapping[str, str]) -> Attributes:
    """What a span says of a message that is worked on."""
    named = {"messaging.message.id": headers.get("ce-id"), "metarr.message.type": headers.get("ce-type")}
    return {
        **_messaging(subject, "process", "process"),
        **{name: value for name, value in named.items() if value is not None},
    }


@contextlib.contextmanager
def delivering(subject: str, headers: Mapping[str, str] | None) -> Iterator[None]:
    """A live note is handed on while the context is open. One that belongs to no trace is not worth one of its own."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(correlation.belonging_to(correlation.told(headers)))
        if headers and TRACEPARENT in headers:
            name, attributes = f"deliver {template(subject)}", _messaging(subject, "deliver", "process")
            stack.enter_context(span(name, SpanKind.CONSUMER, attributes, context=context_of(headers)))
        yield


def say(name: str, value: str | int) -> None:
    """An attribute of the span of what is done here."""
    get_current_span().set_attribute(name, value)


def say_refusal(status: int, code: str) -> None:
    """What is done here ends with a refusal of this HTTP status; only a fault of ours is an error."""
    say("metarr.outcome", code)
    if status >= SERVER_ERROR:
        fail(code)


def say_error(error: BaseException) -> None:
    """What is done here ends with this. A lost race and a refusal are answers; who is cancelled did nothing wrong."""
    match error:
        case SubjectTakenError() | ConflictError():
            say("metarr.outcome", "conflict")
        case RefusedError():
            say_refusal(error.status, error.refused.code)
        case Exception():
            fail(type(error).__qualname__)
        case _:
            say("metarr.outcome", "cancelled")


def fail(kind: str) -> None:
    """What is done here failed; `kind` is a word of a closed set."""
    say("error.type", kind)
    get_current_span().set_status(StatusCode.ERROR)


def _messaging(subject: str, operation: str, kind: str) -> dict[str, str]:
    return {
        "messaging.system": "nats",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": subject,
        "messaging.destination.template": template(subject),
    }
