"""The server's own copies of streams: a compressed archive, in chunks, with an acknowledgement for each.

https://docs.nats.io/running-a-nats-service/nats_admin/jetstream_admin/disaster_recovery
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from metarr_local.errors import LocalError, StreamTakenError, reason

CHUNK = 128 * 1024
"""What the server sends at once too. It goes into a message of any server."""
SILENCE_SECONDS = 30.0
"""So long nothing comes before it is over; the server itself waits 5 s for an acknowledgement."""
BEGIN_SECONDS = 60.0
UNPACK_SECONDS = 1800.0
"""After the last chunk the server unpacks all of them before it answers."""
NEWS_SECONDS = 5.0
AGAIN_SECONDS = 0.05
ENDED_WELL = frozenset({None, "204"})
NAME_TAKEN = 10130
"""The server's code for a name that it cannot restore under; at the end of a restore it is in the text alone."""

Written = Callable[[int], None]
"""Called with the bytes so far."""


async def copy_stream(client: Client, stream: str, write: Callable[[bytes], None]) -> dict[str, Any]:
    """Have the server send a copy of the stream as it is now, without consumers; return its `config` and `state`.

    `write` is called for each chunk. Raises LocalError when the copy is not complete, and what `write` raises.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    patience = asyncio.timeout(None)

    async def receive(message: Msg) -> None:
        if done.done():
            return
        patience.reschedule(loop.time() + SILENCE_SECONDS)
        try:
            if not message.data:
                _require_end(message, stream)
                done.set_result(None)
                return
            write(message.data)
        except Exception as error:  # noqa: BLE001 (whatever it is, the one who waits has to hear of it)
            done.set_exception(error)
            return
        # The last chunk wants no acknowledgement.
        if message.reply:
            await client.publish(message.reply)

    subscription = await client.subscribe(client.new_inbox(), cb=receive)
    try:
        async with patience:
            patience.reschedule(loop.time() + BEGIN_SECONDS)
            wanted = {"deliver_subject": subscription.subject, "no_consumers": True, "chunk_size": CHUNK}
            begun = await _api(client, f"STREAM.SNAPSHOT.{stream}", wanted, stream, BEGIN_SECONDS)
            await done
    except TimeoutError:
        raise LocalError(f"The copy of {stream} broke off: nothing came for {SILENCE_SECONDS:.0f} s.") from None
    finally:
        done.cancel()
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
    return {"config": begun["config"], "state": begun["state"]}


async def restore_stream(
    client: Client, config: Mapping[str, Any], state: Mapping[str, Any], file: BinaryIO, written: Written
) -> dict[str, Any]:
    """Have the server make the stream of this `config` from a copy; return the stream's new state.

    Raises StreamTakenError when there is one of its name, and LocalError when the server does not take it or is not
    reached; then there may be a part of the stream, at once or a moment later.
    """
    stream = str(config["name"])
    wanted = {"config": config, "state": state}
    begun = await _api(client, f"STREAM.RESTORE.{stream}", wanted, stream, BEGIN_SECONDS)
    done = 0
    while chunk := file.read(CHUNK):
        _refuse_error(await _ask(client, begun["deliver_subject"], chunk, stream, SILENCE_SECONDS), stream)
        done += len(chunk)
        written(done)
    made = _refuse_error(await _ask(client, begun["deliver_subject"], b"", stream, UNPACK_SECONDS), stream)
    after: dict[str, Any] = made["state"]
    return after


def _require_end(message: Msg, stream: str) -> None:
    headers = message.headers or {}
    if headers.get("Status") not in ENDED_WELL:
        said = headers.get("Description") or headers.get("Status")
        raise LocalError(f"The copy of {stream} broke off: the server says {said!r}.")


async def _api(client: Client, call: str, body: Mapping[str, Any], stream: str, seconds: float) -> dict[str, Any]:
    payload = json.dumps(body).encode()
    return _refuse_error(await _ask(client, f"$JS.API.{call}", payload, stream, seconds), stream)


async def _ask(client: Client, subject: str, payload: bytes, stream: str, seconds: float) -> bytes:
    deadline = asyncio.get_running_loop().time() + NEWS_SECONDS
    while True:
        try:
            return (await client.request(subject, payload, timeout=seconds)).data
        except nats.errors.NoRespondersError as error:
            # In a cluster our server may not have heard yet of who listens at another one.
            if asyncio.get_running_loop().time() > deadline:
                raise LocalError(f"{stream}: no server answers.") from error
            await asyncio.sleep(AGAIN_SECONDS)
        except nats.errors.Error as error:
            raise LocalError(f"{stream}: the server does not answer: {reason(error)}") from error


def _refuse_error(answer: bytes, stream: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer) if answer else {}
    if "error" in said:
        error = said["error"]
        description = str(error.get("description") or error)
        is_taken = error.get("err_code") == NAME_TAKEN or f"({NAME_TAKEN})" in description
        raise (StreamTakenError if is_taken else LocalError)(f"{stream}: the server says: {description}")
    return said
