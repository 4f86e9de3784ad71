"""Takes commands from the queue one at a time for each free hand, keeps them alive, and settles their fate."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from logging import DEBUG, INFO, WARNING
from time import monotonic, perf_counter
from typing import NamedTuple

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from metarr_chassis import correlation, tracing
from metarr_chassis.background import cancel
from metarr_chassis.bus import RECONNECT_SECONDS, Bus
from metarr_chassis.errors import BusUnavailableError, ChassisError
from metarr_contracts.streams import HEARTBEAT_SECONDS
from metarr_enricher.metrics import CommandOutcome, queue_metrics

log = structlog.get_logger()

FETCH_SECONDS = 5.0
"""The server keeps a request for work so long; after a restart it knows nothing of those from before."""
EXPIRED = "408"
RETRY_SECONDS = 2.0
MAX_DOUBLINGS = 5
PATIENCE_SECONDS = 60.0
"""The longest that a command waits for the bus in one delivery: an election of leaders takes five to ten seconds."""
HAND_BACK_SECONDS = 2.0
"""A hand that is disturbed while it hands back what it was just given leaves it to the acknowledgement time-out."""
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

    @property
    def id(self) -> str:
        """Not the sender's: sequence and time are unique even if a sender repeats itself."""
        return f"job/{self.seq}/{self.stored_at.timestamp()}"

    @property
    def belongs_to(self) -> str:
        """What it is a part of, as its sender says; else itself."""
        return correlation.told(self.headers) or self.id


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
    for queue in queues:
        queue_metrics(queue.durable)  # Its counters begin at 0.
    hands = [
        asyncio.create_task(_hand(bus, queue, stopping, at_work[queue.durable]))
        for queue in queues
        for _ in range(queue.hands)
    ]
    try:
        yield
    finally:
        stopping.set()
        await cancel(*hands, again=HAND_BACK_SECONDS)
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
            await _hand_back(message)
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
        await _hand_back_late(bus, queue, inbox, came)
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


async def _hand_back_late(bus: Bus, queue: Queue, inbox: Subscription, came: asyncio.Future[Msg]) -> None:
    """What was delivered to who leaves goes back at once, instead of after its acknowledgement time-out."""
    with contextlib.suppress(nats.errors.Error, ChassisError):
        # Only the server forgets the inbox for now: what it sent before comes before its answer to a request. Of
        # several servers it is the one that leads the consumer that delivers and that answers.
        await bus.nc._send_unsubscribe(inbox._id)  # noqa: SLF001
        await bus.api(f"CONSUMER.INFO.{queue.stream}.{queue.durable}")
        if came.done() and came.result().reply:
            await _hand_back(came.result())


async def _one(queue: Queue, message: Msg) -> None:
    delivery = _delivery(message)
    with correlation.belonging_to(delivery.belongs_to):
        await _work_on(queue, message, delivery)


async def _work_on(queue: Queue, message: Msg, delivery: Delivery) -> None:
    beating = asyncio.create_task(_keep_alive(queue, message, delivery.seq))
    said: tracing.Attributes = {
        "messaging.consumer.group.name": queue.durable,
        "metarr.job.id": delivery.seq,
        "metarr.attempt": delivery.attempt,
    }
    try:
        with tracing.processing(delivery.subject, delivery.headers, said):
            settled = await _settled(queue, message, delivery)
        if not settled:
            # The hand keeps it until it is tried again. One that waits at the server would be counted as handed out
            # while its hand asks for another: a run would take each film that fails for a hand more.
            await asyncio.sleep(_retry_after(queue, delivery.attempt))
            await _hand_back(message)
    except asyncio.CancelledError:
        log.info("command handed back", subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
        await _hand_back(message)
        raise
    finally:
        await cancel(beating)


async def _settled(queue: Queue, message: Msg, delivery: Delivery) -> bool:
    """Have a command carried out and tell the server its fate; False: that failed, and it is to be tried again."""
    started = perf_counter()
    line = log.bind(subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
    measured = queue_metrics(queue.durable)
    became: CommandOutcome = "failed"
    measured.begun()
    try:
        fate, outcome, routine = await _handled(queue, delivery)
        if fate is Fate.DONE:
            await message.ack_sync(timeout=2)
        elif fate is Fate.DEAD:
            await message.term()
        took = round((perf_counter() - started) * 1000)
        became = fate.value
        tracing.say("metarr.outcome", fate.value)
        line.log(DEBUG if routine else INFO, "command", fate=fate.value, outcome=outcome, ms=took)
    except asyncio.CancelledError:
        became = "handed_back"
        raise
    except (ChassisError, nats.errors.Error) as error:
        tracing.say_error(error)
        line.warning("command failed", error=repr(error))
        return False
    except Exception as error:
        tracing.say_error(error)
        log.exception("command failed", subject=delivery.subject, job=delivery.seq, attempt=delivery.attempt)
        return False
    else:
        return True
    finally:
        measured.ended(became, perf_counter() - started)


async def _handled(queue: Queue, delivery: Delivery) -> Handled:
    """Have it carried out; while the bus is away it waits here, since deliveries are counted and it is not to blame.

    For a minute from its first failure, however long it was at work before: it may be to blame all the same. What is
    long is handed back, and not given up as long as it gets further.
    """
    failed_at: float | None = None
    while True:
        try:
            return await queue.handle(delivery)
        except BusUnavailableError as error:
            first, failed_at = failed_at is None, failed_at or monotonic()
            if queue.long or monotonic() - failed_at >= PATIENCE_SECONDS:
                raise
            # Once for each of the dozens that wait, and not again at every try.
            level = WARNING if first else DEBUG
            log.log(level, "command waits for the bus", subject=delivery.subject, job=delivery.seq, error=str(error))
            await asyncio.sleep(RETRY_SECONDS)


def _retry_after(queue: Queue, attempt: int) -> float:
    """Seconds until a command that failed is handed back; what is long waits longer each time, a minute at most."""
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


async def _hand_back(message: Msg) -> None:
    # When this does not get through, the server delivers again after its acknowledgement time-out.
    with contextlib.suppress(nats.errors.Error):
        await message.nak()


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
