"""The file that holds the key: it may be replaced at any time, by a rename, or by a link that leads elsewhere."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from metarr_gateway.api_key import ApiKey

log = structlog.get_logger()

LOOK_SECONDS = 1.0
LARGEST = 4096
"""Bytes; nothing longer is a key, whatever somebody has named as its file."""


def read_key(file: Path) -> ApiKey:
    """The key in a file. Blocks.

    Raises:
        OSError: it cannot be read.
        ValueError: what is in it is no key.
    """
    with file.open("rb") as content:
        return ApiKey.parse(content.read(LARGEST).decode(errors="replace"))


async def follow(file: Path, key: ApiKey, replace: Callable[[ApiKey], None]) -> None:
    """Tell of each other key that comes into the file, until cancelled; `key` is the one that is known.

    A key counts when it is there twice in a row, so that half a key that is still being written is none. While there is
    none the last one holds, and that is logged once.
    """
    seen, said = key, ""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await asyncio.to_thread(read_key, file)
        except (OSError, ValueError) as error:
            why = (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error)
            if why != said:
                log.warning("no API key in its file; the last one holds", file=str(file), error=why)
            said = why
            continue
        if found == seen and found != key:
            key = found
            replace(key)
        seen, said = found, ""
