"""Takes commands from the queue one at a time for each free hand, keeps them alive, and settles their fate."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from time import perf_counter

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from metarr_chassis.bus import Bus
from metarr_chassis.errors import ChassisError
from metarr_contracts.streams import HEARTBEAT_SECONDS

log = structlog.get_logger()

FETCH_SECONDS = 30.0
RETRY_SECONDS = 2.0
GRACE_SECONDS = 5.0
"""What runs when the service is asked to end has this long; then it is handed back."""


class Fate(Enum):
    """What becomes of a delivered command."""

    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True)
class Delivery:
    """A command as it was delivered; `seq` is the job id, `attempt` counts deliveries from 1."""

    subject: str
    seq: int
    attempt: int
    headers: dict[str, str]
    data: bytes
    stored_at: datetime


Handle = Callable[[Delivery], Awaitable[tuple[Fate, str]]]
Beat = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Queue:
    """A durable consumer and how its commands are handled; `beat` is called now and then while one is worked on."""

    stream: str
    durable: str
    hands: int
    handle: Handle
    beat: Beat


@contextlib.asynccontextmanager
async def work(bus: Bus, queue: Queue) -> AsyncIterator[None]:
    """Work on the queue while the context is open. On leaving, what runs may end; the rest is handed back."""
    stopping = asyncio.Event()
    busy: set[asyncio.Task[None]] = set()
    hands = [asyncio.create_task(_hand(bus, queue, stopping, busy)) for _ in range(queue.hands)]
    try:
        yield
    finally:
        stopping.set()
        if busy:
            await asyncio.wait(busy, timeout=GRACE_SECONDS)
        for task in (*busy, *hands):
            task.cancel()
        await asyncio.gather(*busy, *hands, return_exceptions=True)


async def _hand(bus: Bus, queue: Queue, stopping: asyncio.Event, busy: set[asyncio.Task[None]]) -> None:
    subscription: JetStreamContext.PullSubscription | None = None
    while not stopping.is_set():
        try:
            if subscription is None:
                subscription = await bus.js.pull_subscribe_bind(queue.durable, queue.stream)
            [message] = await subscription.fetch(1, timeout=FETCH_SECONDS)
        except (nats.errors.TimeoutError, TimeoutError):
            continue
        except nats.errors.Error as error:
            log.warning("queue unreachable", queue=queue.durable, error=repr(error))
            subscription = None
            await asyncio.sleep(1)
            continue
        task = asyncio.create_task(_one(queue, message))
        busy.add(task)
        task.add_done_callback(busy.discard)
        await asyncio.wait([task])


async def _one(queue: Queue, message: Msg) -> None:
    delivery = _delivery(message)
    started = perf_counter()
    line = log.bind(subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
    beating = asyncio.create_task(_keep_alive(queue, message, delivery.seq))
    try:
        fate, outcome = await queue.handle(delivery)
        await (message.ack_sync(timeout=2) if fate is Fate.DONE else message.term())
        line.info("command", fate=fate.value, outcome=outcome, ms=round((perf_counter() - started) * 1000))
    except asyncio.CancelledError:
        line.info("command handed back")
        await _hand_back(message, None)
        raise
    except ChassisError as error:
        line.warning("command failed", error=str(error))
        await _hand_back(message, RETRY_SECONDS)
    except Exception:
        log.exception("command failed", subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
        await _hand_back(message, RETRY_SECONDS)
    finally:
        beating.cancel()


async def _keep_alive(queue: Queue, message: Msg, seq: int) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        with contextlib.suppress(nats.errors.Error):
            await message.in_progress()
            await queue.beat(seq)


async def _hand_back(message: Msg, delay: float | None) -> None:
    # When this does not get through, the server delivers again after its acknowledgement time-out.
    with contextlib.suppress(nats.errors.Error):
        await message.nak(delay=delay)


def _delivery(message: Msg) -> Delivery:
    told = message.metadata
    return Delivery(
        subject=message.subject,
        seq=told.sequence.stream,
        attempt=told.num_delivered,
        headers=dict(message.headers or {}),
        data=message.data,
        stored_at=told.timestamp,
    )
