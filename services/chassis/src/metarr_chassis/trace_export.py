"""Sends spans to whom the standard `OTEL_*` variables name, and never holds up the service for it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Literal
from uuid import uuid4

import structlog

from metarr_chassis.tracing import traced_by

log = structlog.get_logger()

FLUSH_SECONDS = 1.5
"""How long the end of a service waits for its last spans to be taken."""
REPEAT_SECONDS = 600.0
"""One and the same complaint of the SDK is shown this often at most."""
PROTOCOL = "http/protobuf"

Exporter = Literal["otlp", "console"]


def chosen_exporter(environment: Mapping[str, str]) -> Exporter | None:
    """Where spans go by these variables; None: nowhere. An empty variable is none.

    Raises:
        ValueError: they ask for something that there is not; the message names the variable.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    endpoint = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    match environment.get("OTEL_TRACES_EXPORTER", "").strip() or ("otlp" if endpoint else "none"):
        case "none":
            return None
        case "console":
            return "console"
        case "otlp":
            _require_protocol(environment)
            return "otlp"
        case other:
            raise ValueError(f"OTEL_TRACES_EXPORTER: expected otlp, console or none, found {other!r}")


def _require_protocol(environment: Mapping[str, str]) -> None:
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if protocol := environment.get(name):
            if protocol != PROTOCOL:
                raise ValueError(f"{name}: expected {PROTOCOL}, found {protocol!r}")
            return


@contextlib.contextmanager
def exporting(service: str) -> Iterator[None]:
    """Spans of this process are sent while the context is open; on leaving the last ones are, if somebody takes them.

    Variables that make no sense are named in a warning: a service does not stay away for its traces.
    """
    try:
        exporter = chosen_exporter(os.environ)
    except ValueError as error:
        log.warning("no traces", error=str(error))
        exporter = None
    if exporter is None:
        yield
        return
    with _sparing_complaints(), _provided(service, exporter):
        yield


@contextlib.contextmanager
def _provided(service: str, exporter: Exporter) -> Iterator[None]:
    # Loaded here, since most processes need neither the SDK nor its HTTP client.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter  # noqa: PLC0415

    given = OTELResourceDetector().detect().attributes
    own = {"service.name": f"metarr-{service}", "service.instance.id": uuid4().hex}
    provider = TracerProvider(resource=Resource.create({**own, **given}), shutdown_on_exit=False)
    if exporter == "otlp":
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    else:
        # A line for each, as the log's: the SDK would spread one over dozens.
        one_line = ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")
        provider.add_span_processor(BatchSpanProcessor(one_line))
    try:
        with traced_by(provider.get_tracer("metarr")):
            yield
    finally:
        # In a thread that nobody waits for at the end: its time-outs and repetitions take up to half a minute.
        ending = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)
        if ending.is_alive():
            log.warning("last traces not delivered", waited=FLUSH_SECONDS)


@contextlib.contextmanager
def _sparing_complaints() -> Iterator[None]:
    """The SDK's complaints are our own log lines, now and then: without a collector it has some every few seconds."""
    sdk, handler = logging.getLogger("opentelemetry"), _Sparing(logging.WARNING)
    sdk.addHandler(handler)
    sdk.propagate = False
    try:
        yield
    finally:
        # Nothing is said from here on: a thread that prints while the process ends would bring it down.
        sdk.removeHandler(handler)
        sdk.addHandler(logging.NullHandler())


class _Sparing(logging.Handler):
    """Shows each kind of message once in a while."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._shown: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show it, or not."""
        kind, now = str(record.msg), monotonic()
        if now - self._shown.get(kind, -REPEAT_SECONDS) >= REPEAT_SECONDS:
            self._shown[kind] = now
            log.warning("traces", said=record.getMessage())
