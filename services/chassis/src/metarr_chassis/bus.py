"""The connection to NATS, with the few ways in which services use it."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from pydantic import ValidationError

from metarr_chassis import tracing
from metarr_chassis.errors import BusUnavailableError, RefusedError, SubjectTakenError
from metarr_chassis.message_headers import read_headers
from metarr_chassis.nats_client import NatsClient
from metarr_chassis.nats_login import login, why_refused
from metarr_chassis.nats_servers import parse_servers
from metarr_contracts import streams
from metarr_contracts.envelope import Envelope
from metarr_contracts.library import Refused

log = structlog.get_logger()

RECONNECT_SECONDS = 0.25
REQUEST_SECONDS = 5.0
SAY_AGAIN_SECONDS = 60.0
TAKEN = 10077
"""Server error code: a message was not stored, as the subject of a work queue holds its one already; or as a disk is
full."""
TAKEN_SAID = "per subject"
CONFLICTS = frozenset({10071, 10164})
"""Server error codes: the subject's last sequence is not the expected one (10164: another replica is just writing)."""
OFFLINE = frozenset({10118, 10119})
"""Server error codes: too few of the servers with a copy of the stream, or of the consumer, are there."""
RESTORED = "metarr-restored"
"""In the metadata of a stream that came from a backup: which restore that was."""
ERROR_HEADER = "Nats-Service-Error"
ERROR_CODE_HEADER = "Nats-Service-Error-Code"
UNAVAILABLE = (
    nats.errors.NoRespondersError,
    nats.errors.TimeoutError,
    nats.errors.ConnectionClosedError,
    nats.errors.ConnectionReconnectingError,
    nats.errors.OutboundBufferLimitError,
    nats.errors.StaleConnectionError,
    nats.js.errors.NoStreamResponseError,
)


@dataclass(frozen=True)
class RawMessage:
    """A stored message."""

    seq: int
    subject: str
    headers: Mapping[str, str]
    data: bytes
    time: datetime


@dataclass(frozen=True)
class StreamState:
    """Where a stream stands. `created` tells two streams of the same name apart, as of before and after a restore."""

    created: str
    first_seq: int
    last_seq: int


@dataclass
class Bus:
    """A connection that comes back by itself. `on_reconnect` is called after each gap.

    `another` makes one more of the same user, named for what it is for: what comes there in great number does not hold
    up what comes here.
    """

    nc: Client
    js: JetStreamContext
    another: Callable[[str], AbstractAsyncContextManager["Bus"]]
    on_reconnect: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def request(self, subject: str, payload: bytes = b"", timeout: float = REQUEST_SECONDS) -> bytes:  # noqa: ASYNC109
        """Ask a service.

        Raises:
            BusUnavailableError: nobody answered.
            RefusedError: the service did not carry it out.
        """
        with tracing.requesting(subject):
            self._require_connection()
            # An empty block of headers would be made, sent and read, too.
            headers = tracing.carried() or None
            try:
                reply = await self.nc.request(subject, payload, timeout=timeout, headers=headers)
            except UNAVAILABLE as error:
                raise BusUnavailableError(f"no answer on {subject}: {type(error).__name__}") from error
            _raise_refusal(reply.headers or {}, reply.data)
            return reply.data

    async def publish_command(self, subject: str, envelope: Envelope, payload: bytes) -> int:
        """Put a command into the queue and return its job id.

        Raises:
            SubjectTakenError: the subject holds a command already.
            BusUnavailableError: it could not be stored.
        """
        with tracing.sending(subject, envelope.id, envelope.type):
            self._require_connection()
            headers = {**tracing.carried(), **envelope.headers()}
            try:
                ack = await self.js.publish(subject, payload, stream=streams.COMMANDS, headers=headers)
            except nats.js.errors.APIError as error:
                if error.err_code == TAKEN and TAKEN_SAID in (error.description or ""):
                    raise SubjectTakenError(subject) from error
                raise BusUnavailableError(f"{subject} was not stored: {error.description}") from error
            except UNAVAILABLE as error:
                raise BusUnavailableError(f"{subject} was not stored: {type(error).__name__}") from error
            return ack.seq

    async def publish_note(self, subject: str, payload: bytes) -> None:
        """Tell whoever listens, with the trace and what it belongs to; nothing is stored and nobody waits."""
        await self.publish_unconfirmed(subject, payload, tracing.carried())

    async def publish_unconfirmed(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a message, if that is possible just now, without knowing whether it arrives."""
        if self.nc.is_connected:
            await self.nc.publish(subject, payload, headers=dict(headers) if headers else None)

    async def listen(self, subject: str, heard: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Hear notes; returns when the server knows of it. Its answer to a request comes after the subscription."""
        subscription = await self.nc.subscribe(subject, cb=heard)
        await self.api("INFO")
        return subscription

    async def last_message(self, stream: str, subject: str) -> RawMessage | None:
        """The last message of a subject, from the stream's leader: never behind an own write."""
        return await self._get(stream, {"last_by_subj": subject})

    async def message(self, stream: str, seq: int) -> RawMessage | None:
        """The message with this sequence, from the stream's leader."""
        return await self._get(stream, {"seq": seq})

    async def next_message(self, stream: str, subject: str, seq: int) -> RawMessage | None:
        """The first message of a subject (wildcards allowed) from this sequence on, from the stream's leader."""
        return await self._get(stream, {"next_by_subj": subject, "seq": seq})

    async def stream_state(self, stream: str) -> StreamState:
        """Identity and ends of a stream."""
        info = await self.api(f"STREAM.INFO.{stream}")
        state = info["state"]
        # Not every server gives a stream that is restored from a backup a time of its own.
        restored = (info["config"].get("metadata") or {}).get(RESTORED)
        created = f"{info['created']} {restored}" if restored else info["created"]
        return StreamState(created=created, first_seq=state["first_seq"], last_seq=state["last_seq"])

    async def api(self, call: str, body: bytes = b"") -> dict[str, Any]:
        """A call of the JetStream API, with errors as exceptions.

        Raises:
            nats.js.errors.APIError: the server refused.
            BusUnavailableError: the server did not answer.
        """
        self._require_connection()
        try:
            answer: dict[str, Any] = await self.js._api_request(f"$JS.API.{call}", body, REQUEST_SECONDS)  # noqa: SLF001
        except (*UNAVAILABLE, nats.js.errors.ServiceUnavailableError) as error:
            raise BusUnavailableError(f"JetStream did not answer {call}") from error
        except nats.js.errors.ServerError as error:
            if error.err_code in OFFLINE:
                raise BusUnavailableError(f"JetStream cannot answer {call}: {error.description}") from error
            raise
        return answer

    async def _get(self, stream: str, wanted: Mapping[str, Any]) -> RawMessage | None:
        try:
            stored = (await self.api(f"STREAM.MSG.GET.{stream}", json.dumps(wanted).encode()))["message"]
        except nats.js.errors.NotFoundError:
            return None
        return RawMessage(
            seq=stored["seq"],
            subject=stored["subject"],
            headers=read_headers(base64.b64decode(stored["hdrs"])) if "hdrs" in stored else {},
            data=base64.b64decode(stored.get("data", "")),
            time=datetime.fromisoformat(stored["time"]),
        )

    def _require_connection(self) -> None:
        if not self.nc.is_connected:
            raise BusUnavailableError("not connected to NATS")


def _raise_refusal(headers: Mapping[str, str], data: bytes) -> None:
    if ERROR_CODE_HEADER not in headers:
        return
    status = int(headers[ERROR_CODE_HEADER])
    try:
        refused = Refused.model_validate_json(data)
    except ValidationError:
        refused = Refused(error=headers.get(ERROR_HEADER, "The service failed"), code="internal_error")
    raise RefusedError(status, refused.error, refused.code, refused.field, movie_id=refused.movie_id)


@contextlib.asynccontextmanager
async def connect(
    url: str, name: str, ca_file: Path | None = None, lost: asyncio.Future[str] | None = None
) -> AsyncIterator[Bus]:
    """A connection that waits for a server at first and after each loss; `url` may name several, with commas.

    A server that refuses us is waited for like one that is away, for its users may change. But when it turns us out the
    client gives up for good: then `lost` is told why.
    """
    servers = parse_servers(url)
    hooks: list[Callable[[], Awaitable[None]]] = []
    leaving = asyncio.Event()
    said: dict[str, float] = {}

    async def reconnected() -> None:
        log.info("bus back")
        said.clear()
        for hook in hooks:
            await hook()

    async def disconnected() -> None:
        if not leaving.is_set():
            log.warning("bus lost")

    async def failed(error: Exception) -> None:
        # Each attempt to come back fails in the same way, several times a second.
        now, what = monotonic(), why_refused(error, servers) or repr(error)
        if now - said.get(what, -inf) > SAY_AGAIN_SECONDS:
            log.warning("bus error", error=what, servers=str(servers))
            said[what] = now

    async def closed(client: NatsClient) -> None:
        if lost is not None and not lost.done() and not leaving.is_set():
            error = client.last_error
            why = why_refused(error, servers) if error else None
            lost.set_result(why or f"The connection to the NATS server at {servers} was closed: {error}")

    callbacks = {"reconnected_cb": reconnected, "disconnected_cb": disconnected, "error_cb": failed}
    client = await _dial({**login(servers, ca_file), **callbacks, "name": name}, closed)
    try:
        yield Bus(
            client,
            client.jetstream(timeout=REQUEST_SECONDS),
            lambda purpose: connect(url, f"{name}-{purpose}", ca_file),
            hooks,
        )
    finally:
        leaving.set()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.close(), 2)


async def _dial(options: Mapping[str, Any], closed: Callable[[NatsClient], Awaitable[None]]) -> NatsClient:
    while True:
        client = NatsClient()
        try:
            await client.connect(
                **options,
                closed_cb=partial(closed, client),
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]  # fractions are fine
                ping_interval=5,
                max_outstanding_pings=2,
                allow_reconnect=True,
            )
        except (OSError, nats.errors.Error) as error:
            log.warning("waiting for the bus", error=repr(error))
            await asyncio.sleep(1)
        else:
            return client
