"""Whatever stands around a message, our client reads it, and what goes on into another stream can be sent."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from metarr_chassis.message_headers import MOST_PASSED_ON, NAME, ascii_headers, cut, passed_on, read_headers
from metarr_chassis.nats_client import NatsClient

ASCII = st.characters(min_codepoint=32, max_codepoint=126)
HEADS = st.sampled_from((b"", b"NATS/1.0", b"NATS/1.0\r\n", b"NATS/1.0 1", b"NATS/1.0 100\r\n"))
BLOCKS = st.tuples(HEADS, st.binary(max_size=60), st.sampled_from((b"", b"\r\n\r\n"))).map(b"".join)


def received(subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> list[Msg]:
    """What the client hands on when it is sent this."""

    async def read() -> list[Msg]:
        client = NatsClient()
        subscription = Subscription(client, 1, "metarr.>")
        client._subs[1] = subscription
        await client._process_msg(1, subject, reply, data, headers)
        queue = subscription._pending_queue
        return [queue.get_nowait() for _ in range(queue.qsize())]

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("subject", "reply", "headers"),
    [
        (b"metarr.cmd.enrich.\xff", b"", None),
        (b"metarr.lib.add", b"\xff", None),
        (b"metarr.lib.add", b"", b"NATS/1.0 \xff\xff\xff \xff\r\n\r\n"),
        (b"metarr.lib.add", b"", b"NATS/1.0\r\n\xff: \xff\r\n\r\n"),
        (b"metarr.lib.add", b"", b"NATS"),
    ],
)
def test_bytes_that_are_no_text_are_read(subject: bytes, reply: bytes, headers: bytes | None) -> None:
    """The message comes, with a mark in the place of each."""
    [message] = received(subject, reply, b"{}", headers)
    assert message.data == b"{}"
    assert message.subject == subject.decode(errors="replace")


@given(st.binary(max_size=20), st.binary(max_size=20), st.none() | BLOCKS)
def test_each_message_is_read(subject: bytes, reply: bytes, headers: bytes | None) -> None:
    """Bytes of any kind."""
    assert len(received(subject, reply, b"{}", headers)) == 1


async def test_a_late_pong_is_read() -> None:
    """After it the client reads on, and whoever waits for the next one hears of that."""
    client = NatsClient()
    gave_up, waits = (asyncio.get_running_loop().create_future() for _ in range(2))
    gave_up.cancel()
    client._pongs = [gave_up, waits]
    await client._ps.parse(b"PONG\r\nPONG\r\n")
    assert waits.result() is True


@given(st.dictionaries(st.text(ASCII.filter(lambda letter: letter != ":"), min_size=1), st.text(ASCII)))
def test_headers_are_read_as_they_were_sent(headers: Mapping[str, str]) -> None:
    """By their names; values without the space around them."""
    block = "NATS/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    assert read_headers(block.encode()) == {name: value.strip() for name, value in headers.items()}


@given(st.lists(st.text(st.sampled_from("aB-1: \t\r\n\v\f\0\x1c\x1f~"), max_size=12)).map("\r\n".join))
def test_headers_are_read_as_the_client_reads_them(lines: str) -> None:
    """Whatever a sender of ASCII has put there: spaces of all kinds, no colon, no name, one name twice."""
    assert ascii_headers(lines.encode()) == Client._parse_header_lines(lines.encode())


def test_headers_of_a_stored_message_are_read() -> None:
    """As NATS writes them; a value may hold a colon, and what has no end is read all the same."""
    block = b"NATS/1.0\r\nce-time: 2026-11-22T12:00:00Z\r\nce-source:/metarr/enricher\r\nempty:\r\n\r\n"
    assert read_headers(block) == {"ce-time": "2026-11-22T12:00:00Z", "ce-source": "/metarr/enricher", "empty": ""}


def test_headers_that_are_no_text_are_read() -> None:
    """As those that are delivered."""
    assert read_headers(b"NATS/1.0\r\nce-id: a\xff\r\n\r\n") == {"ce-id": "a\ufffd"}


def test_what_was_meant_for_the_server_stays_behind() -> None:
    """And what cannot be sent."""
    headers = {"ce-id": "mine", "Nats-Expected-Last-Sequence": "7", "a b": "x", "ö": "x", "": "x", "note": "größer"}
    assert passed_on(headers) == {"ce-id": "mine", "note": "größer"}


@given(st.dictionaries(st.text(), st.text(max_size=50)))
def test_what_goes_on_can_be_sent(headers: Mapping[str, str]) -> None:
    """Its names are such as may be sent."""
    assert all(NAME.fullmatch(name) for name in passed_on(headers))


def test_what_goes_on_is_not_too_much() -> None:
    """A message that was just small enough must fit with why it is there."""
    kept = passed_on({f"h{number}": "x" * 1_000 for number in range(1_000)})
    assert 0 < len("".join(f"{name}: {value}\r\n" for name, value in kept.items())) <= MOST_PASSED_ON


def test_a_body_makes_room_for_the_headers() -> None:
    """The end of one that is nearly too large is left out."""
    assert cut(b"x" * 2**20, 8 * 2**20) == b"x" * 2**20
    assert len(cut(b"x" * 2**20, 2**20)) == 2**20 - 2**16
    assert cut(b"x", 0) == b""
