"""What anybody can send to a NATS server and no client of ours would: services go on reading."""

import asyncio

import pytest
from nats.aio.msg import Msg
from tests.integration.wire import send

from metarr_chassis.bus import Bus
from metarr_chassis.micro import Endpoint, serve
from metarr_contracts import streams


@pytest.mark.parametrize(
    ("lines", "reply"), [(b"", b"\xff\xfe"), (b"a\xff: \xff\r\n", b""), (b"a b: c\r\n: \r\n\r\n", b"_INBOX.x")]
)
async def test_a_service_answers_after_what_is_no_text(bus: Bus, bus_url: str, lines: bytes, reply: bytes) -> None:
    """To those who ask it properly."""
    came = asyncio.Queue[bytes]()

    async def told(payload: bytes) -> bytes:
        await came.put(payload)
        return payload

    async with serve(bus, "test", "Tells what it hears.", [Endpoint("add", "metarr.lib.add", told)]):
        await send(bus_url, b"metarr.lib.add", lines, b"odd", reply)
        assert await came.get() == b"odd"
        assert await bus.request("metarr.lib.add", b"even") == b"even"


async def test_a_subject_that_is_no_text(bus: Bus, bus_url: str) -> None:
    """Is heard with a mark in it, and so are those after it."""
    came = asyncio.Queue[Msg]()
    await bus.listen("metarr.live.>", came.put)
    for subject in (b"metarr.live.\xff", b"metarr.live.movie"):
        await send(bus_url, subject)
    async with asyncio.timeout(120):
        assert [(await came.get()).subject for _ in range(2)] == ["metarr.live.\ufffd", "metarr.live.movie"]


async def test_stored_headers_that_are_no_text(bus: Bus, bus_url: str) -> None:
    """Can be read like any others."""
    await send(bus_url, b"metarr.cmd.enrich.1", b"ce-id: a\xff\r\n", b"{}")
    # The server stores it after it has taken it.
    async with asyncio.timeout(120):
        while (stored := await bus.last_message(streams.COMMANDS, "metarr.cmd.enrich.1")) is None:
            await asyncio.sleep(0.01)
    assert (stored.headers, stored.data) == ({"ce-id": "a\ufffd"}, b"{}")
