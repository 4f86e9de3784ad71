"""Spans that a test looks at when they have ended."""

import contextlib
from collections.abc import Iterator

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from metarr_chassis.tracing import traced_by


@contextlib.contextmanager
def kept_spans() -> Iterator[InMemorySpanExporter]:
    """Spans that are made while the context is open are kept, in the order in which they end."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with traced_by(provider.get_tracer("test")):
        yield kept
    provider.shutdown()
