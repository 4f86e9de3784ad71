"""What the command line asks of the bus itself."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
import nats.errors
from nats.aio.client import Client

from metarr_contracts import streams, subjects
from metarr_local.errors import LocalError

REBUILD_SECONDS = 6 * 3600
# Without the last two the client tries the first connection for two minutes even when told not to reconnect.
ONCE = {"allow_reconnect": False, "connect_timeout": 5, "max_reconnect_attempts": 1, "reconnect_time_wait": 0.1}


@asynccontextmanager
async def connected(nats_url: str) -> AsyncIterator[Client]:
    """A connection that is given up soon; LocalError when there is no bus."""
    try:
        client = await nats.connect(nats_url, error_cb=_quiet, **ONCE)
    except (nats.errors.Error, OSError):
        raise LocalError(f"No NATS server answers at {nats_url}. Is Metarr running?") from None
    try:
        yield client
    finally:
        await client.close()


async def holds_films(nats_url: str) -> bool:
    """Tell whether any film was ever added."""
    async with connected(nats_url) as client:
        info = await client.jetstream().stream_info(streams.EVENTS, subjects_filter=subjects.MOVIE_EVENTS)
        return bool(info.state.subjects)


async def rebuild(nats_url: str) -> tuple[int, float]:
    """Have the read models built again from the events; return how many events and how many seconds it took."""
    async with connected(nats_url) as client:
        try:
            reply = await client.request(subjects.REBUILD, b"", timeout=REBUILD_SECONDS)
        except nats.errors.NoRespondersError:
            raise LocalError("No projector answers. Is Metarr running?") from None
        except nats.errors.Error as error:
            raise LocalError(f"The projector did not answer to the end: {type(error).__name__}.") from error
    refusal = (reply.headers or {}).get("Nats-Service-Error")
    answer = json.loads(reply.data or b"{}")
    if refusal or not answer.get("success"):
        raise LocalError(f"Not rebuilt: {refusal or answer.get('error')}")
    return int(answer["data"]["events"]), float(answer["data"]["seconds"])


async def _quiet(_error: Exception) -> None:
    """What went wrong is told once, by the call that it happened to."""
