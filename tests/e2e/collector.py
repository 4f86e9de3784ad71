"""An OpenTelemetry collector that keeps what it is sent: OTLP over HTTP, as the standard says it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.e2e.trace_tree import SeenSpan, read_spans

PATIENCE_SECONDS = 60


@dataclass
class Collector:
    """`bodies` are the requests as they came, `spans` what was in them."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    spans: list[SeenSpan] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        """`POST /v1/traces`."""
        self.bodies.append(await request.read())
        self.spans.extend(read_spans(ExportTraceServiceRequest.FromString(self.bodies[-1])))
        return web.Response(content_type="application/x-protobuf")

    def of(self, trace_id: str) -> list[SeenSpan]:
        """The spans of a trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    async def until(self, fits: Callable[[], bool]) -> None:
        """Wait for spans: they come in batches, from each process by itself."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not fits():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"not in what came: {_names(self.spans)}") from None


def _names(spans: Sequence[SeenSpan]) -> list[str]:
    return [f"{span.service}: {span.name}" for span in spans]


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens while the context is open."""
    collector = Collector()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/v1/traces", collector.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()
