"""What a service does with requests, and says of itself, when it is told to end."""

import asyncio
from typing import Any

import pytest

from metarr_chassis import micro
from metarr_chassis.bus import Bus, connect
from metarr_chassis.health import Readiness
from metarr_chassis.micro import Endpoint, serve

REQUESTS = 200
SUBJECT = "metarr.query.echo"


async def test_requests_that_were_sent_are_answered(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one that the server has handed to a replica is answered by it, also when it leaves at that moment."""

    async def echo(payload: bytes) -> bytes:
        await asyncio.sleep(0)
        return payload

    monkeypatch.setattr(micro, "DRAIN_SECONDS", 60.0)
    async with connect(nats_url, "asks") as asks, connect(nats_url, "answers") as answers:
        async with serve(answers, "echo", "Says it again", [Endpoint("echo", SUBJECT, echo)]):
            asked = [asyncio.create_task(asks.request(SUBJECT, str(number).encode())) for number in range(REQUESTS)]
            await asyncio.sleep(0)
            # Its answer says that the server has taken all that was sent before.
            await asks.api("INFO")
        assert await asyncio.gather(*asked) == [str(number).encode() for number in range(REQUESTS)]


def test_who_ends_is_not_ready() -> None:
    """Whatever its parts say, before and after."""
    readiness = Readiness()
    readiness.set("service", ready=True)
    assert readiness.problems() == {}
    readiness.stop()
    readiness.set("bus", ready=True)
    assert readiness.problems() == {"service": "stopping"}


async def test_who_answers_nothing_has_nothing_to_wait_for(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that ends while the bus hangs has its time for those who ask it over HTTP."""
    asked: list[str] = []

    async def api(_bus: Bus, call: str, _body: bytes = b"") -> dict[str, Any]:
        asked.append(call)
        return {}

    async with connect(nats_url, "mute") as bus:
        monkeypatch.setattr(Bus, "api", api)
        async with serve(bus, "mute", "Is there", []):
            pass
    assert asked == []
