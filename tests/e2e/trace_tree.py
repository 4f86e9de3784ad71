"""Spans as they come over the wire, and a trace of them as a text that a person can read. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

SHOWN = (
    "messaging.destination.name",
    "http.response.status_code",
    "server.address",
    "metarr.job.id",
    "metarr.outcome",
    "error.type",
)
Attribute = str | int | float | bool


@dataclass(frozen=True)
class SeenSpan:
    """A span; ids in hexadecimal, `parent_id` empty for a root, times in nanoseconds."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    start: int
    end: int
    is_error: bool
    attributes: dict[str, Attribute]
    linked: tuple[str, ...]


def read_spans(sent: ExportTraceServiceRequest) -> Iterator[SeenSpan]:
    """The spans of one request of an exporter."""
    for resource in sent.resource_spans:
        service = str(_attributes(resource.resource.attributes)["service.name"])
        for scope in resource.scope_spans:
            yield from (_read(service, span) for span in scope.spans)


def _read(service: str, span: Span) -> SeenSpan:
    return SeenSpan(
        service=service,
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        is_error=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
        linked=tuple(link.trace_id.hex() for link in span.links),
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Attribute]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}


def parents(spans: Sequence[SeenSpan]) -> set[tuple[str, str]]:
    """Name of parent and name of child for each span whose parent is among them."""
    names = {span.span_id: span.name for span in spans}
    return {(names[span.parent_id], span.name) for span in spans if span.parent_id in names}


def render(spans: Sequence[SeenSpan]) -> str:
    """The trace as a tree, each span with when it began and how long it took, in milliseconds."""
    ids = {span.span_id for span in spans}
    roots = sorted((span for span in spans if span.parent_id not in ids), key=lambda span: span.start)
    first = min(span.start for span in spans)
    return "\n".join(line for root in roots for line in _branch(root, spans, first, ""))


def _branch(span: SeenSpan, spans: Sequence[SeenSpan], first: int, indent: str) -> Iterator[str]:
    said = " ".join(f"{name}={span.attributes[name]}" for name in SHOWN if name in span.attributes)
    begun, took = (span.start - first) / 1e6, (span.end - span.start) / 1e6
    what = f"{indent}{span.name} [{span.kind}, {span.service}]"
    yield f"{what:<88} +{begun:7.1f} {took:7.1f} ms  {said}".rstrip()
    children = sorted((child for child in spans if child.parent_id == span.span_id), key=lambda child: child.start)
    for child in children:
        yield from _branch(child, spans, first, indent + "  ")
