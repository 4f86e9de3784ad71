"""The life of a service process: it waits for the bus, says when it is ready, and ends when it is told to."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from tests.integration.chassis.conftest import PATIENCE, Start, says

from metarr_chassis.topology import setup
from metarr_local.child import end
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.ports import free_port

DEAF = """
import asyncio, contextlib, logging, sys
from metarr_chassis import service
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings

service.STOP_SECONDS = 3_600


@contextlib.asynccontextmanager
async def start(context):
    print("starting", flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    try:
        raise asyncio.InvalidStateError("invalid state")
    except asyncio.InvalidStateError as error:
        logging.getLogger("nats.aio.client").error("nats: encountered error", exc_info=error)
    if sys.argv[1] == "for good":
        await asyncio.Event().wait()
    yield
    print("closed", flush=True)


run_service("deaf", load_settings(ServiceSettings), start)
"""
"""A service that loses the first cancellation while it starts, like `asyncio.wait_for` of Python 3.11.

It would be given an hour if the cancellation were not repeated.
"""
THOROUGH = """
import asyncio, contextlib
from metarr_chassis.background import CANCEL_SECONDS
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings


@contextlib.asynccontextmanager
async def start(context):
    try:
        yield
    finally:
        await asyncio.sleep(3 * CANCEL_SECONDS)
        print("finished", flush=True)


run_service("thorough", load_settings(ServiceSettings), start)
"""
"""A service that takes longer to end than it takes until a cancellation is repeated."""

EAGER = """
import contextlib
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings

tries = []


@contextlib.asynccontextmanager
async def start(context):
    tries.append(1)
    if len(tries) == 1:
        raise BusUnavailableError("JetStream did not answer INFO")
    yield


run_service("eager", load_settings(ServiceSettings), start)
"""
"""A service that starts while servers of a cluster do."""


LASTING = """
import contextlib, gc
from metarr_chassis.service import run_service
from metarr_chassis.settings import ServiceSettings, load_settings


@contextlib.asynccontextmanager
async def start(context):
    try:
        yield
    finally:
        print("left out" if gc.get_freeze_count() else "looked through", flush=True)


run_service("lasting", load_settings(ServiceSettings), start)
"""
"""A service that says at its end whether the collector looked through what was there when it was ready."""


async def test_it_ends_well_when_it_is_told_to(nats_url: str, start: Start, output: Path) -> None:
    """SIGTERM and SIGINT alike, exit code 0."""
    await setup(nats_url, demo=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        process = await start(nats_url=nats_url)
        await says(output, "ready")
        assert await end(process, number, patience=PATIENCE) == 0


async def test_it_ends_while_it_waits_for_the_bus(start: Start, output: Path) -> None:
    """A bus that never comes keeps nobody from ending it."""
    process = await start(nats_url=f"nats://127.0.0.1:{free_port()}")
    await says(output, "bus error")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0


@pytest.mark.parametrize("deaf", ["once", "for good"])
async def test_a_stop_while_it_starts_is_prompt(nats_url: str, start: Start, output: Path, deaf: str) -> None:
    """A cancellation that is lost is repeated; it does not say that it is ready, nor what the ending does to NATS."""
    await setup(nats_url, demo=False)
    process = await start("-c", DEAF, deaf, nats_url=nats_url)
    await says(output, "starting")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
    said = output.read_text()
    assert "stopping" in said
    assert "ready" not in said
    assert "InvalidStateError" not in said


async def test_what_runs_is_finished_undisturbed(nats_url: str, start: Start, output: Path) -> None:
    """Once a service works its end is not hurried by further cancellations."""
    await setup(nats_url, demo=False)
    process = await start("-c", THOROUGH, nats_url=nats_url)
    await says(output, "ready")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
    assert "finished" in output.read_text()


async def test_what_is_there_when_it_is_ready_is_left_out_by_the_collector(
    nats_url: str, start: Start, output: Path
) -> None:
    """It stays to the end, and to look through it again and again would hold up all that is asked."""
    await setup(nats_url, demo=False)
    process = await start("-c", LASTING, nats_url=nats_url)
    await says(output, "ready")
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0
    assert "left out" in output.read_text()


async def test_it_starts_again_where_the_bus_did_not_answer(nats_url: str, start: Start, output: Path) -> None:
    """Servers may be restarted while it starts; it does not end of that."""
    await setup(nats_url, demo=False)
    process = await start("-c", EAGER, nats_url=nats_url)
    await says(output, "ready")
    assert "did not answer INFO" in output.read_text()
    assert await end(process, signal.SIGTERM, patience=PATIENCE) == 0


async def test_it_waits_for_the_bus(nats_server: EmbeddedNats, start: Start, output: Path) -> None:
    """Services and servers may start in any order, and none is ready without the bus; /healthz and /readyz tell."""
    await setup(nats_server.url, demo=False)
    await nats_server.stop()
    port = free_port()
    await start(nats_url=nats_server.url, health_port=str(port))
    await says(output, "bus error")
    async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as http:
        async with http.get("/healthz") as healthy:
            assert healthy.status == 200
        async with http.get("/readyz") as ready:
            assert (ready.status, await ready.json()) == (
                503,
                {"status": "not ready", "problems": {"service": "starting"}},
            )
        await nats_server.start()
        await says(output, "ready")
        async with http.get("/readyz") as ready:
            assert ready.status == 200
        await nats_server.kill()
        async with asyncio.timeout(PATIENCE):
            while (said := await _problems(http)) is None:
                await asyncio.sleep(0.02)
        assert said == {"bus": "not connected to NATS"}


async def _problems(http: aiohttp.ClientSession) -> dict[str, str] | None:
    """What the service says that it lacks; None where it is ready."""
    async with http.get("/readyz") as ready:
        problems: dict[str, str] | None = (await ready.json()).get("problems")
        return problems


@pytest.mark.parametrize(
    ("demo", "settings", "words"),
    [
        (None, {}, "METARR_COMMANDS does not exist; run: metarr setup"),
        (True, {}, "this store holds demo data"),
        (False, {"sandbox_url": "http://127.0.0.1:1"}, "this store holds a real library"),
        (False, {"schedule": "daily"}, "METARR_SCHEDULE: "),
    ],
)
async def test_it_does_not_start_where_it_must_not(
    nats_url: str, start: Start, output: Path, *, demo: bool | None, settings: dict[str, str], words: str
) -> None:
    """Exit code 2, by which it is not started again, and why."""
    if demo is not None:
        await setup(nats_url, demo=demo)
    process = await start(nats_url=nats_url, **settings)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    assert words in output.read_text()
    assert "Traceback" not in output.read_text()
