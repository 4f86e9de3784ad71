"""Fetches pictures from their hosts, each at most once at a time, and keeps them."""

import asyncio
import hashlib

import aiohttp
import structlog

from metarr_gateway.errors import ApiError
from metarr_gateway.picture_cache import Picture, PictureCache

log = structlog.get_logger()

FETCH_SECONDS = 15.0
MAX_BYTES = 20 * 1024 * 1024
OK = 200
GONE = frozenset({404, 410})


def key_of(address: str) -> str:
    """Names the picture in the cache and to browsers; hosts give a changed picture another address."""
    return hashlib.sha256(address.encode()).hexdigest()


class Pictures:
    """Pictures by address, from the cache or the host."""

    def __init__(self, session: aiohttp.ClientSession, cache: PictureCache) -> None:
        self._session = session
        self._cache = cache
        self._getting: dict[str, asyncio.Task[Picture]] = {}

    async def get(self, address: str) -> Picture:
        """The picture.

        Raises:
            ApiError: the host has none, or failed.
        """
        key = key_of(address)
        if key not in self._getting:
            task = asyncio.create_task(self._get(address, key))
            self._getting[key] = task
            task.add_done_callback(lambda done: self._got(key, done))
        # Shielded: others may wait for the same picture.
        return await asyncio.shield(self._getting[key])

    def _got(self, key: str, done: asyncio.Task[Picture]) -> None:
        del self._getting[key]
        if not done.cancelled():
            done.exception()  # looked at here, in case nobody waits any more

    async def _get(self, address: str, key: str) -> Picture:
        # Who looks for it on his own may not see it yet when it has just been kept, and would fetch it again.
        cached = await asyncio.to_thread(self._cache.read, key)
        return cached or await self._fetch_and_keep(address, key)

    async def _fetch_and_keep(self, address: str, key: str) -> Picture:
        try:
            picture = await self._fetch(address)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("picture not fetched", address=address, error=repr(error))
            raise ApiError("picture_host_failed") from error
        try:
            await asyncio.to_thread(self._cache.write, key, picture)
        except OSError as error:
            log.warning("picture not kept", error=str(error))
        return picture

    async def _fetch(self, address: str) -> Picture:
        """A redirect counts as a failure: it could lead to any host."""
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with self._session.get(address, allow_redirects=False, timeout=timeout) as response:
            if response.status in GONE:
                raise ApiError("picture_not_found")
            if response.status != OK:
                raise ValueError(f"status {response.status}")
            if not response.content_type.startswith("image/"):
                raise ValueError(f"{response.content_type} is no picture")
            return Picture(response.content_type, await _read(response.content))


async def _read(content: aiohttp.StreamReader) -> bytes:
    chunks = bytearray()
    async for chunk in content.iter_any():
        chunks += chunk
        if len(chunks) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
    return bytes(chunks)
