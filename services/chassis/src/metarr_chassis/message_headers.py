"""Pure: headers of messages, and what else stands around them, which a sender may have filled with anything."""

import re
from collections.abc import Mapping

FOR_THE_SERVER = "nats-"
"""What a sender told the server, such as an expected sequence: meant for the stream that the message was in."""
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A name that can be sent; of others the server takes any, our client none."""
MOST_PASSED_ON = 2**15
"""Bytes of names and values: in a stream the server takes no more than 64 KiB, and some are added."""
MOST = 2**16
SPACES = " \t\n\r\v\f"
VERSION = b"NATS/1.0"
"""How a block of headers begins; in the same line a status may follow."""


def as_utf_8(sent: bytes) -> bytes:
    """What was sent with what is no UTF-8 replaced: the server takes any bytes as a subject, our client does not."""
    return sent if sent.isascii() else sent.decode(errors="replace").encode()


def as_headers(sent: bytes) -> bytes:
    """A block of headers that our client can read, with as much of the one that was sent as can be."""
    first, end, _ = sent.partition(b"\r\n")
    if not (end and first.startswith(VERSION)):
        return VERSION + b"\r\n\r\n"
    # Where there is a status the client cuts the block by bytes, so each letter has to be one.
    return as_utf_8(sent) if first == VERSION else sent.decode("ascii", "replace").encode("ascii", "replace")


def ascii_headers(lines: bytes) -> dict[str, str]:
    """What the lines of a block say, as nats-py reads them in three times the time.

    For each message it looks at each letter of each name: whether it is a space, which no name may hold.
    """
    headers: dict[str, str] = {}
    for line in lines.decode("ascii").split("\r\n"):
        name, colon, value = line.partition(":")
        name = name.strip(SPACES)
        if colon and (not name or name.split() == [name]):
            headers[name] = value.strip(SPACES)
    return headers


def read_headers(stored: bytes) -> dict[str, str]:
    """The headers of a stored message."""
    lines = stored.decode(errors="replace").split("\r\n")[1:]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that go on with a message into another stream: without what cannot be sent, and not too many."""
    kept: dict[str, str] = {}
    room = MOST_PASSED_ON
    for name, value in headers.items():
        room -= len(f"{name}: {value}\r\n".encode())
        if room < 0:
            break
        if NAME.fullmatch(name) and not name.lower().startswith(FOR_THE_SERVER):
            kept[name] = value
    return kept


def cut(data: bytes, max_payload: int) -> bytes:
    """As much of a body as fits beside the headers of a message that goes on, where `max_payload` bytes may be sent."""
    return data[: max(0, max_payload - MOST)]
