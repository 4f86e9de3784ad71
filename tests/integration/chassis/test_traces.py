"""A service and its collector: the last spans are sent, and whoever is to take them holds up nobody."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

import pytest
from tests.e2e.collector import collecting

from metarr_chassis.topology import setup
from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port

PATIENCE = 120
BUSY = """
import asyncio, contextlib
from metarr_chassis import tracing
from metarr_chassis.background import running
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings


async def work():
    for number in range(1_000_000):
        with tracing.sending("metarr.evt.movie.1", str(number), "metarr.movie.added.v1"):
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def start(context):
    async with running(work()):
        yield


run_service("busy", load_settings(ServiceSettings), start)
"""
"""A service that makes spans all the time."""
PATIENT = f"from metarr_chassis import trace_export\ntrace_export.FLUSH_SECONDS = 60\n{BUSY}"
"""One that waits longer for its last spans to be taken."""
OFF = """
import sys, threading
from metarr_chassis import service
from metarr_chassis.trace_export import exporting
from metarr_chassis.tracing import is_on
with exporting("test"):
    print(is_on(), threading.active_count(), "opentelemetry.sdk" in sys.modules, "requests" in sys.modules)
"""


@contextlib.asynccontextmanager
async def service(
    program: str, output: Path, environment: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program as a process; its end is up to the test."""
    with output.open("wb") as log:
        process = await spawn(Command((sys.executable, "-c", program), {**os.environ, **environment}), log)
    try:
        yield process
    finally:
        await end(process, signal.SIGKILL, patience=1)


async def says(output: Path, words: str) -> None:
    """Wait until the process has said so."""
    async with asyncio.timeout(PATIENCE):
        while words not in output.read_text():
            await asyncio.sleep(0.02)


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes everything and never answers."""
    talks: set[asyncio.Task[None]] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with contextlib.suppress(ConnectionError):
            await reader.read()
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.wait(talks)


@pytest.mark.parametrize(
    "environment", [{}, {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}]
)
async def test_off_there_is_no_thread_and_no_sdk(tmp_path: Path, environment: dict[str, str]) -> None:
    """By default nothing is exported, nothing runs, and the SDK is not even loaded."""
    output = tmp_path / "off.log"
    async with service(OFF, output, environment) as process:
        assert await process.wait() == 0

    assert output.read_text().split() == ["False", "1", "False", "False"]


async def test_the_last_spans_are_sent(nats_url: str, tmp_path: Path) -> None:
    """What waits for its batch goes out when the service ends; the service is named."""
    await setup(nats_url, demo=False)
    output = tmp_path / "service.log"
    async with collecting() as collector:
        rarely = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
        # A full batch would go out before.
        large = {"OTEL_BSP_MAX_QUEUE_SIZE": "1000000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1000000"}
        async with service(PATIENT, output, {"METARR_NATS_URL": nats_url, **rarely, **large}) as process:
            await says(output, "ready")
            assert collector.spans == []
            assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
        assert {(span.service, span.name) for span in collector.spans} == {("metarr-busy", "send metarr.evt.movie")}


async def test_without_a_collector_it_works_and_ends_in_time(nats_url: str, tmp_path: Path) -> None:
    """It is said once, and not with each of the batches that are lost."""
    await setup(nats_url, demo=False)
    output = tmp_path / "service.log"
    nobody = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    often = {"OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_BSP_MAX_QUEUE_SIZE": "64"}
    limits = {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "16"}
    async with service(BUSY, output, {"METARR_NATS_URL": nats_url, **nobody, **often, **limits}) as process:
        await says(output, "Failed to export")
        await says(output, "Queue full")
        assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0

    complaints = [line for line in output.read_text().splitlines() if "traces" in line or "opentelemetry" in line]
    assert len(complaints) <= 5, complaints
    assert "Traceback" not in output.read_text()


async def test_a_collector_that_hangs_holds_up_nobody(nats_url: str, tmp_path: Path, silent: str) -> None:
    """The end waits a moment for the last spans, and says that they were not taken."""
    await setup(nats_url, demo=False)
    output = tmp_path / "service.log"
    hanging = {"OTEL_EXPORTER_OTLP_ENDPOINT": silent, "OTEL_BSP_SCHEDULE_DELAY": "20"}
    for_long = {"OTEL_EXPORTER_OTLP_TIMEOUT": "3600"}
    async with service(BUSY, output, {"METARR_NATS_URL": nats_url, **hanging, **for_long}) as process:
        await says(output, "ready")
        assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0

    assert "last traces not delivered" in output.read_text()


async def test_a_span_on_the_console_is_a_line(nats_url: str, tmp_path: Path) -> None:
    """Among the log's lines, which a machine reads line by line."""
    await setup(nats_url, demo=False)
    output = tmp_path / "service.log"
    console = {"OTEL_TRACES_EXPORTER": "console", "OTEL_BSP_SCHEDULE_DELAY": "20", "METARR_LOG_FORMAT": "json"}
    async with service(BUSY, output, {"METARR_NATS_URL": nats_url, **console}) as process:
        await says(output, "trace_state")
        assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0

    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert any("context" in line for line in lines)
    assert any(line.get("event") == "ready" for line in lines)


async def test_a_wrong_variable_is_named(nats_url: str, tmp_path: Path) -> None:
    """And the service works without traces."""
    await setup(nats_url, demo=False)
    output = tmp_path / "service.log"
    async with service(BUSY, output, {"METARR_NATS_URL": nats_url, "OTEL_TRACES_EXPORTER": "zipkin"}):
        await says(output, "ready")

    assert "OTEL_TRACES_EXPORTER: expected otlp, console or none, found 'zipkin'" in output.read_text()
