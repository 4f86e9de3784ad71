"""The client of nats-py, mended where it would fail us, with a lighter request."""

import asyncio
import itertools
from typing import Any

import nats.errors
from nats.aio.client import NO_RESPONDERS_STATUS, Client
from nats.aio.msg import Msg
from nats.js.api import Header

from metarr_chassis.message_headers import as_headers, as_utf_8, ascii_headers
from metarr_chassis.nats_servers import TLS_SCHEMES

NO_TLS = "the server offers no TLS"


class NatsClient(Client):
    """The client of nats-py, with five things mended.

    It would send a password in the clear where `tls://` meets a server without TLS; where TLS fails it would wait for
    ever for the end of a connection that asyncio tells it nothing more of; it would lose the cancellation of who waits
    for an answer, where both come at once; it would lose the cancellation, and so the time-out, of who sends while the
    server takes nothing in and 2 MB wait for it; and it would read nothing any more, and say nothing of it, after a
    message whose subject, reply or headers are no UTF-8, which the server takes from anybody, and after a PONG that
    comes when the `flush()` that waits for it has given up.
    """

    def __init__(self) -> None:
        super().__init__()
        self._answers_to = ""
        self._asked: dict[str, asyncio.Future[Msg]] = {}
        self._numbers = itertools.count(1)

    async def request(  # type: ignore[override]  # nobody asks in the old style
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,  # noqa: ASYNC109 - as in nats-py
        *,
        headers: dict[str, str] | None = None,
    ) -> Msg:
        """Ask and wait for so many seconds; as in nats-py, one subscription hears the answers to all questions.

        A question has the next number and `asyncio.timeout` instead of a random name and `asyncio.wait_for`, which in
        Python 3.11 may lose a cancellation; that is also less processor time. The time to send it counts: while the
        server takes nothing in, that may last as long as it hangs.

        Raises:
            nats.errors.NoRespondersError: nobody listens there.
            nats.errors.TimeoutError: nobody answered in time.
        """
        number = str(next(self._numbers))
        answer: asyncio.Future[Msg]
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                if not self._answers_to:
                    self._answers_to = f"{self.new_inbox()}."
                    # Disturbed while it is sent, it is sent all the same.
                    await self.subscribe(f"{self._answers_to}*", cb=self._answered)
                await self.publish(subject, payload, self._answers_to + number, headers)
                message = await answer
        except TimeoutError:
            raise nats.errors.TimeoutError from None
        finally:
            del self._asked[number]
        if message.headers and message.headers.get(Header.STATUS) == NO_RESPONDERS_STATUS:
            raise nats.errors.NoRespondersError
        return message

    async def _answered(self, message: Msg) -> None:
        answer = self._asked.get(message.subject.removeprefix(self._answers_to))
        # One that nobody waits for any more comes to nothing.
        if answer is not None and not answer.done():
            answer.set_result(message)

    async def _flush_pending(self, force_flush: bool = False) -> Any:  # noqa: FBT001, FBT002, ANN401 - as in nats-py
        task = asyncio.current_task()
        asked_to_end = task.cancelling() if task else 0
        flushed = await super()._flush_pending(force_flush)
        # It ends as if it had flushed, and who called it would go on.
        if task and task.cancelling() > asked_to_end:
            raise asyncio.CancelledError
        return flushed

    async def _process_connect_init(self) -> None:
        try:
            await super()._process_connect_init()
        except BaseException:
            if self._transport is not None:
                self._transport.close()  # type: ignore[no-untyped-call]
                self._transport = None
            raise

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:  # noqa: FBT001, FBT002 - as in nats-py
        server = self._current_server
        if initial_connection and server and server.uri.scheme in TLS_SCHEMES and not info.get("tls_required"):
            raise nats.errors.Error(NO_TLS)
        await super()._process_info(info, initial_connection)

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        return ascii_headers(raw) if raw.isascii() else Client._parse_header_lines(raw)  # noqa: SLF001

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        block = as_headers(headers) if headers else None
        await super()._process_msg(sid, as_utf_8(subject), as_utf_8(reply), data, block)  # type: ignore[arg-type]
