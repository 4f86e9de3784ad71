"""`/metrics` of every service of a whole system: all that the page lists, and figures that follow what happens."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Callable

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tests.e2e.client import Api, api_of
from tests.e2e.system import SERVICES, System, running
from tests.metrics import Scrape, page, scrape

from metarr_chassis.bus import connect
from metarr_contracts.streams import EVENTS

PROMTOOL = shutil.which("promtool")
SECONDS = 60
FILM = {"title": "The Shawshank Redemption", "imdbId": "tt0111161"}
NAMES = {"gateway": "api-gateway"}
"""Of services whose processes are called otherwise."""


def at(system: System, process: str) -> str:
    """Where a process shows its metrics."""
    return f"http://127.0.0.1:{system.ports[process]}"


async def until(system: System, process: str, holds: Callable[[Scrape], bool]) -> Scrape:
    """The first scrape of which that is true."""
    async with asyncio.timeout(SECONDS):
        while not holds(shown := await scrape(at(system, process))):
            await asyncio.sleep(0.1)
    return shown


@pytest.mark.parametrize("process", SERVICES)
async def test_every_metric_of_the_page_is_served_and_no_other(system: System, process: str) -> None:
    """With its type; Prometheus' own classes beside them."""
    shown = await scrape(at(system, process))
    service = NAMES.get(process, process)
    served = shown.families()
    listed = {row.name: row.type for row in page()}
    assert served.items() <= listed.items()
    assert {row.name for row in page() if row.services == ("all",) or service in row.services} <= served.keys()
    assert shown.value("metarr_build_info", service=service, version="0.1.0") == 1
    assert shown.value("metarr_bus_connected") == 1
    assert shown.value("process_start_time_seconds") is not None


@pytest.mark.parametrize("process", SERVICES)
async def test_openmetrics_for_who_asks(system: System, process: str) -> None:
    """As Prometheus does."""
    headers = {"Accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"}
    async with aiohttp.ClientSession(headers=headers) as client, client.get(f"{at(system, process)}/metrics") as answer:
        assert answer.content_type == "application/openmetrics-text"
        assert list(text_string_to_metric_families(await answer.text()))  # type: ignore[no-untyped-call]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool, which comes with Prometheus, is not on the path")
@pytest.mark.parametrize("process", SERVICES)
async def test_promtool_finds_nothing(system: System, process: str) -> None:
    """Names, types and units are as Prometheus' own checker wants them."""
    shown = await scrape(at(system, process))
    ours = "\n".join(line for line in shown.text.splitlines() if "metarr_" in line) + "\n"
    tool = await asyncio.create_subprocess_exec(
        str(PROMTOOL), "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await tool.communicate(ours.encode())
    assert (tool.returncode, said.decode()) == (0, "")


async def test_one_refresh_is_counted_everywhere(system: System, api: Api) -> None:
    """At the gateway, on the bus, by the worker, by the providers, in the rows."""
    assert (await api.post("/api/movies", FILM)).status == 201
    async with api.socket() as socket:
        await api.refresh(socket, 1)
        gateway = await scrape(at(system, "gateway"))
        assert gateway.value("metarr_websocket_connections") == 1
        assert (gateway.value("metarr_websocket_messages_sent_total") or 0) >= 2
    refresh = {"method": "POST", "route": "/api/movies/{id}/enrich"}
    assert gateway.value("metarr_http_requests_total", **refresh, status="202") == 1
    assert gateway.value("metarr_http_request_duration_seconds_count", **refresh) == 1
    await until(system, "gateway", lambda shown: shown.value("metarr_websocket_closed_total", code="1000") == 1)

    enricher = await until(
        system, "enricher", lambda shown: shown.value("metarr_commands_in_progress", queue="enricher") == 0
    )
    assert enricher.value("metarr_jobs_total", kind="enrichment", outcome="completed") == 1
    assert enricher.value("metarr_commands_total", queue="enricher", outcome="done") == 1
    assert enricher.value("metarr_command_duration_seconds_count", queue="enricher") == 1
    assert enricher.value("metarr_endpoint_requests_total", endpoint="add", outcome="ok") == 1
    assert enricher.value("metarr_endpoint_request_duration_seconds_count", endpoint="add") == 1
    asked = await system.asked()
    for provider in asked:
        assert (enricher.value("metarr_provider_requests_total", provider=provider, outcome="found") or 0) >= 1
        assert enricher.value("metarr_provider_requests_total", provider=provider, outcome="unexpected") == 0
        assert enricher.value("metarr_provider_state", provider=provider, state="on") == 1
        assert enricher.value("metarr_provider_state", provider=provider, state="off") == 0

    async with connect(system.nats.url, "test") as bus:
        last = (await bus.stream_state(EVENTS)).last_seq
    # A scrape may come in the middle of a look.
    projector = await until(
        system,
        "projector",
        lambda shown: (
            [shown.value(f"metarr_projection_{name}") for name in ("position", "lag_events", "lag_seconds")]
            == [last, 0, 0]
        ),
    )
    assert (projector.value("metarr_projected_events_total") or 0) >= 1
    assert (projector.value("metarr_projection_batch_duration_seconds_count") or 0) >= 1
    scheduler = await until(
        system,
        "scheduler",
        lambda shown: (
            shown.value("metarr_stream_last_sequence", stream="METARR_EVENTS") == last
            and shown.value("metarr_queue_depth", queue="enricher") == 0
        ),
    )
    assert scheduler.value("metarr_schedule_next_run_timestamp_seconds") is None


async def test_an_address_that_does_not_exist_is_no_label(system: System, api: Api) -> None:
    """Nobody makes series by asking."""
    for path in ("/api/nothing", "/api/else"):
        assert (await api.get(path)).status == 404
    gateway = await scrape(at(system, "gateway"))
    unknown = {"method": "GET", "route": "unknown", "status": "404"}
    assert (gateway.value("metarr_http_requests_total", **unknown) or 0) >= 2
    assert "/api/nothing" not in gateway.text


async def _refresh(system: System, film: int) -> None:
    async with api_of(system.url) as api:
        # The refresh before may still be at work.
        async with asyncio.timeout(SECONDS):
            while (await api.post(f"/api/movies/{film}/enrich")).status != 202:
                await asyncio.sleep(0.05)


async def test_outages_show() -> None:
    """What waits while no enricher runs; how far the rows are behind without PostgreSQL; nothing stale without NATS."""
    async with running() as system:
        async with api_of(system.url) as api:
            assert (await api.post("/api/movies", FILM)).status == 201
        await _no_enricher(system)
        await _no_postgres(system)
        await _no_nats(system)


async def _no_enricher(system: System) -> None:
    await until(system, "scheduler", lambda shown: shown.value("metarr_queue_depth", queue="enricher") == 0)
    await system.stop("enricher")
    await _refresh(system, 1)
    await until(system, "scheduler", lambda shown: shown.value("metarr_queue_depth", queue="enricher") == 1)
    await system.start("enricher")
    await until(system, "scheduler", lambda shown: shown.value("metarr_queue_depth", queue="enricher") == 0)


async def _no_postgres(system: System) -> None:
    working = await until(
        system,
        "projector",
        lambda shown: (
            [shown.value(f"metarr_{name}") for name in ("projection_lag_events", "projection_active", "database_up")]
            == [0, 1, 1]
        ),
    )
    failures = working.value("metarr_projection_failures_total") or 0
    await system.postgres.stop()
    await _refresh(system, 1)
    behind = await until(
        system,
        "projector",
        lambda shown: (
            (shown.value("metarr_database_up"), shown.value("metarr_projection_active")) == (0, 0)
            and (shown.value("metarr_projection_failures_total") or 0) > failures
            and (shown.value("metarr_projection_lag_events") or 0) >= 1
            and bool(shown.value("metarr_projection_lag_seconds"))
        ),
    )
    age = behind.value("metarr_projection_lag_seconds") or 0
    await until(system, "projector", lambda shown: (shown.value("metarr_projection_lag_seconds") or 0) > age)
    await system.postgres.start()
    await until(
        system,
        "projector",
        lambda shown: (
            [shown.value(f"metarr_{name}") for name in ("database_up", "projection_active", "projection_lag_seconds")]
            == [1, 1, 0]
        ),
    )


async def _no_nats(system: System) -> None:
    await system.nats.stop()
    await until(
        system,
        "scheduler",
        lambda shown: (
            shown.value("metarr_bus_connected") == 0
            and shown.value("metarr_queue_depth", queue="enricher") is None
            and shown.value("metarr_stream_messages", stream="METARR_EVENTS") is None
        ),
    )
    await until(system, "projector", lambda shown: shown.value("metarr_projection_lag_events") is None)
    await system.nats.start()
    await until(
        system,
        "scheduler",
        lambda shown: (
            shown.value("metarr_bus_connected") == 1 and shown.value("metarr_queue_depth", queue="enricher") == 0
        ),
    )
