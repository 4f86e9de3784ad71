"""What the rules share: how an input is divided, and what holds for every refusal."""

import json
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from metarr_gateway.errors import ApiError

T = TypeVar("T")

LARGEST_ERROR = 4_000


def chosen(data: bytes, choices: Sequence[T]) -> tuple[T, bytes]:
    """What the first byte chooses, and the rest."""
    return choices[data[0] % len(choices) if data else 0], data[1:]


def as_text(data: bytes) -> str:
    """What was sent as text, whatever it is."""
    return data.decode("utf-8", "replace")


def pairs(data: bytes) -> dict[str, str]:
    """Lines of names and values."""
    parts = (line.partition("=") for line in data.decode("utf-8", "surrogateescape").split("\n"))
    return {name: value for name, _, value in parts}


def can_be_answered(error: ApiError) -> None:
    """A refusal is of the caller's making, in the one form, and of bounded length."""
    said = json.loads(error.body())
    assert said["success"] is False
    assert 400 <= error.http_status < 500
    assert len(said["error"]) < LARGEST_ERROR, len(said["error"])


def is_said(text: str, most: int) -> None:
    """A sentence, of bounded length."""
    assert text.strip()
    assert len(text) < most, len(text)


def must_be_json(text: bytes | str) -> None:
    """JSON as browsers read it, which know of no NaN."""
    json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """What comes of something that waits for nothing; no event loop is needed."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits")
