"""One connection of a client: refused where it has too many, ended where it sends or takes nothing.

By itself aiohttp waits for a head as long as it keeps idle connections, for a body and for a client that does not read
for ever, and it knows nothing of clients. This is its protocol with those limits, by what asyncio calls of it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from aiohttp import StreamReader, web
from aiohttp.http import HttpProcessingError
from aiohttp.http_exceptions import LineTooLong

from metarr_gateway.answer_headers import ALWAYS
from metarr_gateway.client_address import client_of, trusts
from metarr_gateway.errors import ApiError
from metarr_gateway.limits import Limits
from metarr_gateway.raw_answer import last_answer
from metarr_gateway.refusals import Refusals
from metarr_gateway.responses import fail

LOOKS: Final = 2
"""Whether a client reads is looked at so often: while the process is held up nothing can be sent, whoever reads."""
HARD_FACTOR: Final = 2
"""A client that has so many times as many connections as it may is not even told why."""


class Clients:
    """The connections of this process by client."""

    def __init__(self, limits: Limits, refusals: Refusals) -> None:
        self.limits = limits
        self.refusals = refusals
        self._open: Counter[str] = Counter()

    def enter(self, client: str) -> int:
        """A connection more; returns how many it has now."""
        self._open[client] += 1
        return self._open[client]

    def leave(self, client: str) -> None:
        """A connection less; who has none is forgotten."""
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    def __len__(self) -> int:
        return len(self._open)


class ClientConnection(web.RequestHandler):
    """A connection that is counted and watched."""

    def __init__(self, server: web.Server, clients: Clients) -> None:
        self._timers = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=self._timers,
            keepalive_timeout=clients.limits.idle_seconds,
            lingering_time=clients.limits.linger_seconds,
            # A small body can be unpacked into any size, and what is left of a refused one would be, too.
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # none is kept
        )
        self._clients = clients
        self._client: str | None = None
        self._refusal: ApiError | None = None
        self._parting = False
        self._serving = False
        self._heard = False
        self._body: StreamReader | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self.on_writable: Callable[[], object] | None = None
        """Called when the client has caught up after it took less than it was sent."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        super().connection_made(transport)
        limits = self._clients.limits
        peer = _host(transport)
        if not trusts(peer, limits.trusted):
            self._client = client_of(peer, (), ())
            count = self._clients.enter(self._client)
            if count > limits.connections:
                self._refuse(count)
                return
        self._expect_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is gone, by whichever side."""
        super().connection_lost(exc)
        self.on_writable = None
        self._stop_waiting()
        if self._unread is not None:
            self._unread.cancel()
        if self._client is not None:
            self._clients.leave(self._client)
            self._client = None

    def data_received(self, data: bytes) -> None:
        """The client sent something, or what was held back is looked at again."""
        if self._parting:
            return
        if data:
            self._heard = True
            if self._refusal is not None:
                self._part(self._refusal)
                return
        begins_head = bool(data) and self._deadline is None and self._is_idle
        super().data_received(data)
        # Most heads come whole; only for the rest of one a timer is needed.
        if begins_head and not self._messages:
            self._expect_head()

    def request_began(self, body: StreamReader) -> None:
        """A head was read."""
        self._stop_waiting()
        self._serving = True
        self._body = body

    def request_ended(self) -> None:
        """Its answer is ready to be sent."""
        self._serving = False
        self._heard = False

    def pause_writing(self) -> None:
        """The client takes less than it is sent."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.on_writable is not None:
            self.on_writable()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP is answered in the one form of failures too, and is nothing of ours to be logged."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        too_long = isinstance(exc, LineTooLong)
        response = fail(ApiError("headers_too_large") if too_long else ApiError("invalid_request", "This is no HTTP"))
        response.headers.update(ALWAYS)
        response.force_close()
        return response

    @property
    def _is_idle(self) -> bool:
        """No request is at work, and of the last one nothing is still to come."""
        return not self._serving and (self._body is None or self._body.is_eof())

    @property
    def _waits_for_head(self) -> bool:
        """No head was read that is not answered; as aiohttp itself tells whether a connection is idle."""
        return self._waiter is not None and not self._waiter.done()

    def _refuse(self, count: int) -> None:
        """Answer what it asks, for an answer to no question is lost on most clients; but do not wait for it long."""
        limits = self._clients.limits
        self._refusal = ApiError("too_many_connections", headers={"Retry-After": "1"})
        self._clients.refusals.add(self._refusal.code, self._client or "", self._refusal.http_status)
        if count > HARD_FACTOR * limits.connections:
            self._abort()
        else:
            self._deadline = self._timers.call_later(limits.parting_seconds, self._part, self._refusal)

    def _expect_head(self) -> None:
        self._deadline = self._timers.call_later(self._clients.limits.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._deadline = None
        if self.transport is None:
            return
        if self.transport.get_write_buffer_size() or not self._waits_for_head:
            # The last answer is still on its way: whether the client reads it is watched elsewhere. Or a head has come
            # after all, while the process was held up, and is about to be answered.
            self._expect_head()
        elif self._heard:
            self._part(ApiError("request_timeout"))
        else:
            # Browsers connect in advance; they would take an answer to nothing for a fault.
            self.force_close()

    def _part(self, why: ApiError) -> None:
        """Say why and close; what still comes is thrown away, so that the answer is not lost by a reset."""
        self._stop_waiting()
        if self._parting or self.transport is None:
            return
        self._parting = True
        self.transport.write(last_answer(why))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._deadline = self._timers.call_later(self._clients.limits.parting_seconds, self._abort)

    def _watch_reader(self, looks: int = LOOKS) -> None:
        if self.transport is not None:
            waiting = self.transport.get_write_buffer_size()
            seconds = self._clients.limits.unread_seconds / LOOKS
            self._unread = self._timers.call_later(seconds, self._look_whether_it_reads, waiting, looks)

    def _look_whether_it_reads(self, waited: int, looks: int) -> None:
        if self.transport is None or self.transport.get_write_buffer_size() < waited:
            self._watch_reader()
        elif looks > 1:
            self._watch_reader(looks - 1)
        else:
            self._abort()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class ClientSite(web.BaseSite):
    """Listens at an address with that protocol; else as `aiohttp.web.TCPSite`."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, clients: Clients) -> None:
        super().__init__(runner)
        self._host = host
        self._port = port
        self._clients = clients

    @property
    def name(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            RuntimeError: the runner was not set up.
            OSError: the address cannot be had.
        """
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: ClientConnection(server, self._clients), self._host, self._port)


def connection_of(request: web.Request) -> ClientConnection:
    """The connection that a request came on.

    Raises:
        TypeError: it did not come by a `ClientSite`.
    """
    connection = request.protocol
    if not isinstance(connection, ClientConnection):
        raise TypeError("expected a request that came by a ClientSite")
    return connection


def _host(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""
