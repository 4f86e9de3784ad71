"""The life of a service process: connect, check, start, wait for a signal, end cleanly."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from metarr_chassis.background import CANCEL_SECONDS, cancel
from metarr_chassis.bus import Bus, connect
from metarr_chassis.clock import Clock, follow_sandbox
from metarr_chassis.errors import TopologyError
from metarr_chassis.health import Readiness, serve_health
from metarr_chassis.logs import configure_logs
from metarr_chassis.settings import REFUSED_EXIT_CODE, ServiceSettings
from metarr_chassis.topology import Store, verify

log = structlog.get_logger()

STOP_SECONDS = 8.0
"""Longer than a service needs to finish what runs, so that ending cleanly is not disturbed by another cancellation."""

S = TypeVar("S", bound=ServiceSettings)


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

    The process ends with code 2 when the bus is not set up as this version expects, or holds another kind of store.
    """
    configure_logs(name, settings.log_level, settings.log_format)
    try:
        asyncio.run(_run(name, settings, start))
    except TopologyError as error:
        sys.stderr.write(f"{name} does not start: {error}\n")
        sys.exit(REFUSED_EXIT_CODE)


async def _run(name: str, settings: S, start: Callable[[Context[S]], AbstractAsyncContextManager[None]]) -> None:
    stop, leaving = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.create_task(_work(name, settings, start, stop, leaving))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        log.info("stopping")
        logging.getLogger("nats.aio.client").addFilter(_tells_news)
    # Whatever it is at, waiting for the bus too; what it has opened is closed.
    await _leave(working, leaving)
    await cancel(working, stopping)
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


async def _work(
    name: str,
    settings: S,
    start: Callable[[Context[S]], AbstractAsyncContextManager[None]],
    stop: asyncio.Event,
    leaving: asyncio.Event,
) -> None:
    """Work until cancelled; `leaving` is set when the start is over and the end has begun."""
    readiness = Readiness()
    readiness.set("service", ready=False)
    clock = Clock()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serve_health(readiness, settings.health_host, settings.health_port))
        bus = await stack.enter_async_context(connect(settings.nats_url, f"metarr-{name}"))
        store = await verify(bus, demo=settings.sandbox_url is not None)
        await stack.enter_async_context(follow_sandbox(clock, settings.sandbox_url))
        await stack.enter_async_context(start(Context(settings, bus, clock, readiness, store)))
        # A start that lost the cancellation meets the next one below.
        if not stop.is_set():
            readiness.set("service", ready=True)
            log.info("ready", store=store.kind)
        try:
            await asyncio.Event().wait()
        finally:
            leaving.set()
