"""Takes commands from the queue one at a time for each free hand, keeps them alive, and settles their fate."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from logging import DEBUG, INFO
from time import perf_counter
from typing import NamedTuple

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from metarr_chassis.background import cancel
from metarr_chassis.bus import RECONNECT_SECONDS, Bus
from metarr_chassis.errors import ChassisError
from metarr_contracts.streams import HEARTBEAT_SECONDS

log = structlog.get_logger()

FETCH_SECONDS = 5.0
"""The server keeps a request for work so long; after a restart it knows nothing of those from before."""
EXPIRED = "408"
RETRY_SECONDS = 2.0
MAX_DOUBLINGS = 5
GRACE_SECONDS = 5.0
"""What runs when the service is asked to end and may end by itself has this long; then it is handed back."""


class Fate(Enum):
    """What becomes of a delivered command."""

    DONE = "done"
    DEAD = "dead"
    LEFT = "left"
    """Somebody else works on it and will say."""


@dataclass(frozen=True)
class Delivery:
    """A command as it was delivered; `seq` is the job id, `attempt` counts deliveries from 1."""

    subject: str
    seq: int
    attempt: int
    headers: dict[str, str]
    data: bytes
    stored_at: datetime


class Handled(NamedTuple):
    """What became of a command. A `routine` one, of which there are thousands, is told at level debug."""

    fate: Fate
    outcome: str
    routine: bool = False


Handle = Callable[[Delivery], Awaitable[Handled]]
Beat = Callable[[int], Awaitable[None]]
AtWork = dict[int, asyncio.Task[None]]
"""What is worked on here, by job."""


@dataclass(frozen=True)
class Queue:
    """A durable consumer and how its commands are handled; `beat` is called now and then while one is worked on.

    `long` commands are not worth waiting for when the service is asked to end: they are handed back at once.
    """

    stream: str
    durable: str
    hands: int
    handle: Handle
    beat: Beat
    long: bool = False


@contextlib.asynccontextmanager
async def work(bus: Bus, queues: Sequence[Queue]) -> AsyncIterator[None]:
    """Work on the queues while the context is open. On leaving, what is short may end; the rest is handed back."""
    stopping = asyncio.Event()
    at_work: dict[str, AtWork] = {queue.durable: {} for queue in queues}
    hands = [
        asyncio.create_task(_hand(bus, queue, stopping, at_work[queue.durable]))
        for queue in queues
        for _ in range(queue.hands)
    ]
    try:
        yield
    finally:
        stopping.set()
        await cancel(*hands)
        await cancel(*(task for queue in queues if queue.long for task in at_work[queue.durable].values()))
        if rest := [task for tasks in at_work.values() for task in tasks.values()]:
            await asyncio.wait(rest, timeout=GRACE_SECONDS)
            await cancel(*rest)


async def _hand(bus: Bus, queue: Queue, stopping: asyncio.Event, at_work: AtWork) -> None:
    while not stopping.is_set():
        try:
            message = await _next(bus, queue)
        except nats.errors.Error as error:
            log.warning("queue unreachable", queue=queue.durable, error=repr(error))
            await asyncio.sleep(1)
            continue
        if message is None:
            continue
        seq = message.metadata.sequence.stream
        if stopping.is_set():
            await _hand_back(message, None)
        # One that is worked on here can be delivered again, after an outage: whoever works on it acknowledges it.
        elif seq not in at_work:
            at_work[seq] = asyncio.create_task(_one(queue, message))
            at_work[seq].add_done_callback(partial(_forget, at_work, seq))
            await asyncio.wait([at_work[seq]])


def _forget(at_work: AtWork, seq: int, _ended: asyncio.Task[None]) -> None:
    del at_work[seq]


async def _next(bus: Bus, queue: Queue) -> Msg | None:
    """The next command; None when there was none for a while.

    Each request has an inbox of its own, which goes with it: what nobody waits for any more is not delivered. On the
    one inbox of a pull subscription a request from before an outage could bring a command that no hand is free for.
    """
    if not bus.nc.is_connected:
        await asyncio.sleep(RECONNECT_SECONDS)
        return None
    came: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

    async def comes(message: Msg) -> None:
        came.set_result(message)

    inbox = await bus.nc.subscribe(bus.nc.new_inbox(), max_msgs=1, cb=comes)
    try:
        ask = {"batch": 1, "expires": int(FETCH_SECONDS * 1_000_000_000)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{queue.stream}.{queue.durable}"
        await bus.nc.publish(subject, json.dumps(ask).encode(), reply=inbox.subject)
        # Not the subscription's own waiting: it loses a message that comes together with a cancellation.
        await asyncio.wait({came}, timeout=FETCH_SECONDS + 1)
    except asyncio.CancelledError:
        await _hand_back_late(bus, inbox, came)
        raise
    finally:
        # With its one message the inbox is gone by itself.
        if not came.done():
            with contextlib.suppress(nats.errors.Error):
                await inbox.unsubscribe()
    if not came.done():
        return None
    message = came.result()
    if message.reply:
        return message
    if message.headers and message.headers.get("Status") == EXPIRED:
        return None
    raise nats.errors.Error(f"the server says {dict(message.headers or {})}")


async def _hand_back_late(bus: Bus, inbox: Subscription, came: asyncio.Future[Msg]) -> None:
    """What was delivered to who leaves goes back at once, instead of after its acknowledgement time-out."""
    with contextlib.suppress(nats.errors.Error, ChassisError):
        # Only the server forgets the inbox for now: what it sent before comes before its answer to a request.
        await bus.nc._send_unsubscribe(inbox._id)  # noqa: SLF001
        await bus.api("INFO")
        if came.done() and came.result().reply:
            await _hand_back(came.result(), None)


async def _one(queue: Queue, message: Msg) -> None:
    delivery = _delivery(message)
    started = perf_counter()
    line = log.bind(subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
    beating = asyncio.create_task(_keep_alive(queue, message, delivery.seq))
    try:
        fate, outcome, routine = await queue.handle(delivery)
        if fate is Fate.DONE:
            await message.ack_sync(timeout=2)
        elif fate is Fate.DEAD:
            await message.term()
        took = round((perf_counter() - started) * 1000)
        line.log(DEBUG if routine else INFO, "command", fate=fate.value, outcome=outcome, ms=took)
    except asyncio.CancelledError:
        line.info("command handed back")
        await _hand_back(message, None)
        raise
    except (ChassisError, nats.errors.Error) as error:
        line.warning("command failed", error=repr(error))
        await _hand_back(message, _retry_after(queue, delivery.attempt))
    except Exception:
        log.exception("command failed", subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
        await _hand_back(message, _retry_after(queue, delivery.attempt))
    finally:
        await cancel(beating)


def _retry_after(queue: Queue, attempt: int) -> float:
    """Seconds until a command that failed is delivered again; what is long waits longer each time, a minute at most."""
    return RETRY_SECONDS * 2 ** min(attempt - 1, MAX_DOUBLINGS) if queue.long else RETRY_SECONDS


async def _keep_alive(queue: Queue, message: Msg, seq: int) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await message.in_progress()
            await queue.beat(seq)
        except nats.errors.Error as error:
            log.warning("not kept alive", job=seq, error=repr(error))
        except Exception:
            # Without the signals the command would be delivered again while it is worked on.
            log.exception("not kept alive", job=seq)


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
