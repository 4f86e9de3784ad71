"""NATS micro services whose requests run side by side: nats-py itself serves one request at a time per endpoint."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter

import structlog
from nats import micro
from nats.micro.request import Request
from nats.micro.service import Service
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from metarr_chassis import tracing
from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError, ConflictError, RefusedError
from metarr_chassis.metrics import ENDPOINT_REQUESTS, ENDPOINT_SECONDS

log = structlog.get_logger()

MAX_IN_FLIGHT = 256
VERSION = "0.1.0"
DRAIN_SECONDS = 2.0


@dataclass(frozen=True)
class Endpoint:
    """A subject and what answers it; the handler raises `RefusedError` for what it does not carry out."""

    name: str
    subject: str
    handle: Callable[[bytes], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def serve(bus: Bus, name: str, description: str, endpoints: Sequence[Endpoint]) -> AsyncIterator[None]:
    """Answer the endpoints while the context is open; on leaving, what was begun is finished."""
    tasks: set[asyncio.Task[None]] = set()
    limit = asyncio.Semaphore(MAX_IN_FLIGHT)
    service = await micro.add_service(bus.nc, name=name, version=VERSION, description=description)
    for endpoint in endpoints:
        await service.add_endpoint(
            name=endpoint.name, subject=endpoint.subject, handler=_dispatcher(endpoint, tasks, limit)
        )
    # Once this context is open others may ask; the server must know of us by then. A request to ourselves goes out
    # after the subscriptions, while the PING of nats-py's flush() overtakes them.
    await bus.request(f"$SRV.PING.{name}.{service.id}")
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(DRAIN_SECONDS):
                await _drain(bus, service)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(service.stop(), 2)
        if tasks:
            await asyncio.wait(tasks, timeout=5)


async def _drain(bus: Bus, service: Service) -> None:
    """Let no more requests come and begin those that the server has sent us: nats-py's own stop drops them."""
    subscriptions = [endpoint._subscription for endpoint in service._endpoints if endpoint._subscription]  # noqa: SLF001
    for subscription in subscriptions:
        await bus.nc._send_unsubscribe(subscription._id)  # noqa: SLF001
    if subscriptions:
        # Its answer to a request comes after all that it has sent before.
        await bus.api("INFO")
    for subscription in subscriptions:
        await subscription._pending_queue.join()  # noqa: SLF001


def _dispatcher(
    endpoint: Endpoint, tasks: set[asyncio.Task[None]], limit: asyncio.Semaphore
) -> Callable[[Request], Awaitable[None]]:
    async def dispatch(request: Request) -> None:
        await limit.acquire()
        task = asyncio.create_task(_answer(endpoint, request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: limit.release())

    return dispatch


async def _answer(endpoint: Endpoint, request: Request) -> None:
    with tracing.answering(request.subject, request.headers):
        await _handle(endpoint, request)


async def _handle(endpoint: Endpoint, request: Request) -> None:
    started = perf_counter()
    outcome = "ok"
    try:
        await request.respond(await endpoint.handle(request.data))
    except RefusedError as refusal:
        outcome = refusal.refused.code
        await _refuse(request, refusal)
    except ValidationError as error:
        outcome = "invalid_request"
        await _refuse(request, invalid(error))
    except (BusUnavailableError, ConflictError) as error:
        outcome = "bus_unavailable"
        await _refuse(request, RefusedError(503, str(error) or "The bus is busy", "bus_unavailable"))
    except Exception:
        outcome = "internal_error"
        log.exception("request failed", endpoint=endpoint.name)
        await _refuse(request, RefusedError(500, "Internal error", "internal_error"))
    took = perf_counter() - started
    _requests(endpoint.name, outcome).inc()
    _seconds(endpoint.name).observe(took)
    log.debug("request", endpoint=endpoint.name, outcome=outcome, ms=round(took * 1000, 1))


@cache
def _requests(endpoint: str, outcome: str) -> Counter:
    # Looked up once: labels() checks and locks each time, and there are only so many words.
    return ENDPOINT_REQUESTS.labels(endpoint, outcome)


@cache
def _seconds(endpoint: str) -> Histogram:
    return ENDPOINT_SECONDS.labels(endpoint)


async def _refuse(request: Request, refusal: RefusedError) -> None:
    tracing.say_refusal(refusal.status, refusal.refused.code)
    with contextlib.suppress(Exception):
        await request.respond_error(str(refusal.status), refusal.refused.error, refusal.refused.to_json())


def invalid(error: ValidationError) -> RefusedError:
    """The first problem of a body, said for a person with the name of the field."""
    problem = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    sentence = problem["msg"].removeprefix("Value error, ")
    return RefusedError(400, f"{field}: {sentence}" if field else sentence, "invalid_request", field or None)
