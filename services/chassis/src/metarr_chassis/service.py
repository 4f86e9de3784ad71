"""The life of a service process: connect, check, start, wait for a signal, end cleanly."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from metarr_chassis.background import CANCEL_SECONDS, cancel
from metarr_chassis.bus import UNAVAILABLE, Bus, connect
from metarr_chassis.clock import Clock, follow_sandbox
from metarr_chassis.errors import BusLostError, BusUnavailableError, TopologyError
from metarr_chassis.health import Readiness, serve_health
from metarr_chassis.logs import configure_logs
from metarr_chassis.metrics import BUS_CONNECTED, introduce
from metarr_chassis.settings import REFUSED_EXIT_CODE, ServiceSettings
from metarr_chassis.topology import verify
from metarr_chassis.trace_export import exporting
from metarr_contracts.store import Store

log = structlog.get_logger()

LOST_EXIT_CODE = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 8.0
"""Longer than a service needs to finish what runs, so that ending cleanly is not disturbed by another cancellation."""

S = TypeVar("S", bound=ServiceSettings)
T = TypeVar("T")


@dataclass(frozen=True)
class Context(Generic[S]):
    """What a service gets to work with."""

    settings: S
    bus: Bus
    clock: Clock
    readiness: Readiness
    store: Store


def run_service(name: str, settings: S, start: Callable[[Context[S]], AbstractAsyncContextManager[None]]) -> None:
    """Run until SIGTERM or SIGINT. `start` is open while the service works; what it began it finishes on leaving.

    The process ends with code 2 when the bus is not set up as this version expects, or holds another kind of store, and
    with code 1 when the bus turns it out.
    """
    configure_logs(name, settings.log_level, settings.log_format)
    introduce(name)
    try:
        with exporting(name):
            asyncio.run(_run(name, settings, start))
    except TopologyError as error:
        sys.stderr.write(f"{name} does not start: {error}\n")
        sys.exit(REFUSED_EXIT_CODE)
    except BusLostError as error:
        sys.stderr.write(f"{name} ends: {error}\n")
        sys.exit(LOST_EXIT_CODE)


def watch_bus(readiness: Readiness, bus: Bus) -> None:
    """No service can do its work without the bus."""
    readiness.watch("bus", lambda: bus.nc.is_connected, "not connected to NATS")


async def _run(name: str, settings: S, start: Callable[[Context[S]], AbstractAsyncContextManager[None]]) -> None:
    stop, leaving = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    readiness = Readiness()
    lost: asyncio.Future[str] = loop.create_future()
    working = asyncio.create_task(_work(name, settings, start, readiness, stop, leaving, lost))
    stopping = asyncio.create_task(stop.wait())
    ends: tuple[asyncio.Future[Any], ...] = (working, stopping, lost)
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set() or lost.done():
        log.info("stopping")
        readiness.stop()
        logging.getLogger("nats.aio.client").addFilter(_tells_news)
    # Whatever it is at, waiting for the bus too; what it has opened is closed.
    await _leave(working, leaving)
    await cancel(working, stopping)
    # Asked again when the loop is gone that listened, the process would die of it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    if lost.done():
        # What else has failed, failed for that.
        raise BusLostError(lost.result())
    if not working.cancelled():
        working.result()


async def _leave(working: asyncio.Task[None], leaving: asyncio.Event) -> None:
    """Cancel a start again and again, for it may lose a cancellation; but what works once, and leave it time to end."""
    left = asyncio.create_task(leaving.wait())
    while not (working.done() or leaving.is_set()):
        working.cancel()
        await asyncio.wait({working, left}, timeout=CANCEL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    await cancel(left)
    await asyncio.wait({working}, timeout=STOP_SECONDS)


def _tells_news(record: logging.LogRecord) -> bool:
    """While we stop, nats-py trips over the PONG of a PING that was cancelled, and logs its trace."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.InvalidStateError))


async def _once_answered(ask: Callable[[], Awaitable[T]]) -> T:
    """What the bus answers as soon as it does: a cluster may be without leaders for a while."""
    while True:
        try:
            return await ask()
        except (BusUnavailableError, *UNAVAILABLE) as error:
            log.warning("waiting for JetStream", error=repr(error))
            await asyncio.sleep(1)


async def _work(
    name: str,
    settings: S,
    start: Callable[[Context[S]], AbstractAsyncContextManager[None]],
    readiness: Readiness,
    stop: asyncio.Event,
    leaving: asyncio.Event,
    lost: asyncio.Future[str],
) -> None:
    """Work until cancelled; `leaving` is set when the start is over and the end has begun."""
    readiness.set("service", ready=False)
    clock = Clock()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serve_health(readiness, settings.health_host, settings.health_port))
        connection = connect(settings.nats_url, f"metarr-{name}", settings.nats_ca_file, lost)
        bus = await stack.enter_async_context(connection)
        BUS_CONNECTED.set_function(lambda: bus.nc.is_connected)
        watch_bus(readiness, bus)
        store = await _once_answered(lambda: verify(bus, demo=settings.sandbox_url is not None))
        await stack.enter_async_context(follow_sandbox(clock, settings.sandbox_url))
        context = Context(settings, bus, clock, readiness, store)
        # What a start in vain has opened it has closed.
        await _once_answered(lambda: stack.enter_async_context(start(context)))
        # A start that lost the cancellation meets the next one below.
        if not stop.is_set():
            # Modules and models stay to the end. Each time that the collector looked through them, some 30 ms, all
            # requests would wait.
            gc.collect()
            gc.freeze()
            readiness.set("service", ready=True)
            log.info("ready", store=store.kind)
        try:
            await asyncio.Event().wait()
        finally:
            leaving.set()
