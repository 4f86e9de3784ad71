"""Wraps answers. What the bus said is joined byte by byte and not parsed again. Pure."""

from metarr_contracts.base import Value


def success(answer: bytes | Value) -> bytes:
    """`{"success":true,"data":…}`."""
    return b'{"success":true,"data":' + (answer if isinstance(answer, bytes) else answer.to_json()) + b"}"
