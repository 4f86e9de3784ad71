"""METARR_EVENTS in order from a sequence on: an ordered push consumer whose flow control is answered as we take.

The client library's own ordered consumer answers flow control four times a second at most, and starts at 1 again when
it is reset before its first message. Here any doubt ends the feed, and the projection starts one at its checkpoint.
"""

import asyncio
import contextlib
import json
from collections import deque
from math import inf
from time import time_ns
from types import TracebackType
from typing import Self
from uuid import uuid4

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from metarr_chassis.bus import Bus
from metarr_contracts.streams import EVENTS
from metarr_projector.decoding import Received
from metarr_projector.errors import FeedBrokenError

HEARTBEAT_SECONDS = 1.0
SILENCE_SECONDS = 3.5
"""Longer than three heartbeats: the consumer is gone."""
INACTIVE_SECONDS = 30.0
"""The server forgets a consumer that nobody has listened to for so long."""
NANOSECONDS = 1_000_000_000
MAX_WAITING = 1_000
"""Messages that wait here; more wait in the client and then on the server."""
DATA_PREFIX = "$JS.ACK."
SHORT_REPLY = 9
"""Tokens of a reply that names neither domain nor account."""
LAST_CONSUMER = "Nats-Last-Consumer"
STALLED = "Nats-Consumer-Stalled"


class Feed:
    """Messages from `first_seq` on, while the context is open. One task takes them."""

    def __init__(self, bus: Bus, first_seq: int) -> None:
        self._bus = bus
        self._first_seq = first_seq
        self._name = f"projector-{uuid4().hex}"
        self._subscription: Subscription | None = None
        self._waiting: deque[Received] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._reconnects = bus.nc.stats["reconnects"]
        self._heard = 0.0
        self._consumer_seq = 0
        self._broken: str | None = None

    async def __aenter__(self) -> Self:
        inbox = self._bus.nc.new_inbox()
        self._subscription = await self._bus.nc.subscribe(inbox, cb=self._receive)
        self._heard = asyncio.get_running_loop().time()
        config = {
            "name": self._name,
            "deliver_subject": inbox,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._first_seq,
            "ack_policy": "none",
            "max_deliver": 1,
            "flow_control": True,
            "idle_heartbeat": int(HEARTBEAT_SECONDS * NANOSECONDS),
            "inactive_threshold": int(INACTIVE_SECONDS * NANOSECONDS),
            "mem_storage": True,
            "num_replicas": 1,
        }
        body = {"stream_name": EVENTS, "config": config, "action": "create"}
        await self._bus.api(f"CONSUMER.CREATE.{EVENTS}.{self._name}", json.dumps(body).encode())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._room.set()
        with contextlib.suppress(Exception):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            await self._bus.api(f"CONSUMER.DELETE.{EVENTS}.{self._name}")

    async def take(self, limit: int, *, patience: float, linger: float = 0, until: float = inf) -> list[Received]:
        """The next messages, `limit` at most, none after sequence `until`; none when none came for `patience` seconds.

        With fewer than `limit` there, `linger` seconds are waited for more.

        Raises:
            FeedBrokenError: messages are missing, or the server has fallen silent.
        """
        if not self._waiting:
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._arrived.wait()
        if linger and 0 < len(self._waiting) < limit:
            await asyncio.sleep(linger)
        self.require_whole()
        taken: list[Received] = []
        while self._waiting and len(taken) < limit and self._waiting[0].seq <= until:
            taken.append(self._waiting.popleft())
        if len(self._waiting) < MAX_WAITING:
            self._room.set()
        return taken

    def require_whole(self) -> None:
        """Nothing is missing so far, and the connection is the one that it was when the feed began.

        Raises:
            FeedBrokenError: otherwise.
        """
        if self._broken:
            raise FeedBrokenError(self._broken)
        if self._bus.nc.stats["reconnects"] != self._reconnects:
            raise FeedBrokenError("the connection to the bus was lost meanwhile")
        if not self._waiting and asyncio.get_running_loop().time() - self._heard > SILENCE_SECONDS:
            raise FeedBrokenError("no heartbeat from the stream of events")

    async def _receive(self, message: Msg) -> None:
        self._heard = asyncio.get_running_loop().time()
        if not message.reply.startswith(DATA_PREFIX):
            await self._control(message)
            return
        seq, consumer_seq = places(message.reply)
        if consumer_seq != self._consumer_seq + 1:
            self._break(f"a message is missing before sequence {seq}")
            return
        self._consumer_seq = consumer_seq
        self._waiting.append(Received(seq, message.subject, message.headers or {}, message.data, time_ns()))
        self._arrived.set()
        if len(self._waiting) >= MAX_WAITING:
            # While we wait here, nobody answers flow control and the server sends no more than its window.
            self._room.clear()
            await self._room.wait()

    async def _control(self, message: Msg) -> None:
        headers = message.headers or {}
        flow = message.reply or headers.get(STALLED)
        if flow:
            await self._bus.nc.publish(flow)
        if int(headers.get(LAST_CONSUMER, self._consumer_seq)) != self._consumer_seq:
            self._break("the last messages before a heartbeat are missing")

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        self._arrived.set()


def places(reply: str) -> tuple[int, int]:
    """The message's sequence in the stream and among those of the consumer.

    `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<time>.<pending>`, in newer servers' form
    with domain and account in front. The client's own reading of it makes times of all, which takes far longer.
    """
    tokens = reply.split(".")
    first = 5 if len(tokens) == SHORT_REPLY else 7
    return int(tokens[first]), int(tokens[first + 1])
