"""What goes over the wire: an answer as plain values, and a request that has been recognised but not yet answered."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A recognised request: its kind and the external id (or title) for the counts, and how to answer it."""

    kind: str
    external_id: str
    answer: Callable[[], Answer]


_MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that a parameter's plain digits stand for, else None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def to_bytes(value: object) -> bytes:
    """Compact UTF-8 JSON, as all three services send it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def weak_etag(body: bytes) -> str:
    """An ETag as TMDB's: ``W/"<32 hex>"``."""
    return f'W/"{blake2b(body, digest_size=16).hexdigest()}"'


def html(status: int, title: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The page of a proxy in front of the service."""
    head = f"<html>\r\n<head><title>{status} {title}</title></head>"
    body = f"<body>\r\n<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
    return Answer(status, f"{head}\r\n{body}".encode(), {"Content-Type": "text/html", **(headers or {})})
