"""One connection pool to one provider: sends a request, gives the response or why there is none.

No exception and no address leaves this module: aiohttp puts the whole URL, key and all, into many of its errors.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import aiohttp
from yarl import URL

from metarr_chassis import tracing
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import Unavailable

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MAX_BODY_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
USER_AGENT = f"Metarr/{version('metarr-enricher')}"


class Transport:
    """Sends requests below one base URL. Redirects are not followed: they would carry a key elsewhere."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._base = URL(base_url.rstrip("/"))

    async def send(self, request: ProviderRequest) -> Response | Unavailable:
        """The response with its whole body, or why there is none. Raises nothing but a cancellation."""
        tracing.say("server.address", self._base.host or "")
        tracing.say("server.port", self._base.port or 0)
        try:
            return await self._exchange(request)
        except TimeoutError:
            return Unavailable(f"{self._base.host} did not answer in time")
        except ssl.SSLError:
            return Unavailable(f"no safe connection to {self._base.host}: is its certificate trusted?")
        except aiohttp.ClientConnectorError:
            return Unavailable(f"{self._base.host} cannot be reached")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Unavailable(f"the connection to {self._base.host} failed ({type(error).__name__})")

    async def _exchange(self, request: ProviderRequest) -> Response | Unavailable:
        url = URL(f"{self._base}{request.path}").with_query({**request.query, **request.secret_query})
        headers = {**request.headers, **request.secret_headers}
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            body = await _read_body(answer.content)
            if body is None:
                return Unavailable(f"the answer of {self._base.host} is larger than {MAX_BODY_BYTES} bytes")
            tracing.say("http.response.status_code", answer.status)
            return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)


async def _read_body(content: aiohttp.StreamReader) -> bytes | None:
    """The body after decompression; None as soon as it is too large."""
    body = bytearray()
    async for chunk in content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


@asynccontextmanager
async def open_transport(
    base_url: str, connector: aiohttp.BaseConnector, total_seconds: float = TOTAL_SECONDS
) -> AsyncIterator[Transport]:
    """A transport that owns the connector; both are closed at the end. A request may last `total_seconds`."""
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        timeout=aiohttp.ClientTimeout(total=total_seconds, sock_connect=CONNECT_SECONDS),
    )
    async with session:
        yield Transport(session, base_url)
