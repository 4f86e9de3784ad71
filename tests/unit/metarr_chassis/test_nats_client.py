"""How a question on the bus ends: with its answer, without one in time, or with the end of who asks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import nats.errors
import pytest
from nats.aio.msg import Msg

from metarr_chassis.nats_client import NatsClient

Heard = Callable[[Msg], Awaitable[None]]
PATIENCE = 60.0


@dataclass
class Wire:
    """What a client has sent, in place of a server; the test answers it."""

    client: NatsClient
    heard: list[Heard] = field(default_factory=list)
    inboxes: list[str] = field(default_factory=list)

    async def subscribe(self, _subject: str, cb: Heard) -> None:
        """Who hears the answers."""
        self.heard.append(cb)

    async def publish(self, _subject: str, _payload: bytes, reply: str, _headers: object) -> None:
        """Where an answer is wanted."""
        self.inboxes.append(reply)

    async def answer(self, question: int, data: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Answer the question of this number, from 0 on."""
        await self.heard[0](Msg(self.client, subject=self.inboxes[question], data=data, headers=headers))

    async def asked(self, count: int = 1, timeout: float = PATIENCE) -> list[asyncio.Task[Msg]]:  # noqa: ASYNC109
        """Questions that are under way."""
        questions = [asyncio.create_task(self.client.request("a.subject", timeout=timeout)) for _ in range(count)]
        # Each runs until it waits.
        await asyncio.sleep(0)
        return questions


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A client without a server."""
    wire = Wire(NatsClient())
    monkeypatch.setattr(wire.client, "subscribe", wire.subscribe)
    monkeypatch.setattr(wire.client, "publish", wire.publish)
    return wire


async def test_each_question_has_its_own_answer(wire: Wire) -> None:
    """In whatever order they come; all are heard by one subscription."""
    questions = await wire.asked(3)
    for number in (1, 2, 0):
        await wire.answer(number, b"%d" % number)
    assert [(await question).data for question in questions] == [b"0", b"1", b"2"]
    assert len(wire.heard) == 1


async def test_who_waited_long_enough_gives_up(wire: Wire) -> None:
    """An answer that comes later is nobody's, least of all that of the next question."""
    [late] = await wire.asked(timeout=0)
    with pytest.raises(nats.errors.TimeoutError):
        await late
    [question] = await wire.asked()
    await wire.answer(0, b"late")
    await wire.answer(1, b"in time")
    await wire.answer(1, b"again")
    assert (await question).data == b"in time"


async def test_that_nobody_listens_is_an_error(wire: Wire) -> None:
    """The server says so instead of an answer."""
    [question] = await wire.asked()
    await wire.answer(0, headers={"Status": "503"})
    with pytest.raises(nats.errors.NoRespondersError):
        await question


@pytest.mark.parametrize("answers", [0, 1])
async def test_no_cancellation_is_lost(wire: Wire, answers: int) -> None:
    """Also where it comes when the answer is there already and the one who asked has not gone on."""
    [question] = await wire.asked()
    for _ in range(answers):
        await wire.answer(0)
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question


async def test_what_could_not_be_sent_is_not_waited_for(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is told at once."""

    async def closed(*_: Any) -> None:
        raise nats.errors.ConnectionClosedError

    monkeypatch.setattr(wire.client, "publish", closed)
    with pytest.raises(nats.errors.ConnectionClosedError):
        await wire.client.request("a.subject", timeout=PATIENCE)
