"""What the command line asks of the bus itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats.errors

from metarr_chassis.nats_client import NatsClient
from metarr_chassis.nats_login import login, why_refused
from metarr_chassis.nats_servers import parse_servers
from metarr_contracts import streams, subjects
from metarr_local.errors import LocalError

REBUILD_SECONDS = 6 * 3600
# Without the last two the client tries the first connection for two minutes even when told not to reconnect.
ONCE: dict[str, Any] = {
    "allow_reconnect": False,
    "connect_timeout": 15,
    "max_reconnect_attempts": 1,
    "reconnect_time_wait": 0.1,
}


@asynccontextmanager
async def connected(nats_url: str, ca_file: Path | None = None) -> AsyncIterator[NatsClient]:
    """A connection that is given up soon; LocalError when there is no bus, when it refuses us, when it is lost."""
    servers = parse_servers(nats_url)
    patience = asyncio.timeout(None)
    is_open = False

    async def closed() -> None:
        # The client lets whoever waits for an answer wait on, for as long as they were ready to.
        if is_open:
            patience.reschedule(asyncio.get_running_loop().time())

    client = NatsClient()
    try:
        await client.connect(**login(servers, ca_file), error_cb=_quiet, closed_cb=closed, **ONCE)
    except (nats.errors.Error, OSError) as error:
        if why := why_refused(error, servers):
            raise LocalError(f"{why}.") from None
        raise LocalError(f"No NATS server answers at {servers}. Is Metarr running?") from None
    try:
        async with patience:
            is_open = True
            try:
                yield client
            finally:
                is_open = False
                await client.close()
    except TimeoutError:
        if patience.expired():
            raise LocalError("The connection to NATS was lost.") from None
        raise


async def holds_films(nats_url: str, ca_file: Path | None = None) -> bool:
    """Tell whether any film was ever added."""
    async with connected(nats_url, ca_file) as client:
        info = await client.jetstream().stream_info(streams.EVENTS, subjects_filter=subjects.MOVIE_EVENTS)
        return bool(info.state.subjects)


async def rebuild(nats_url: str, ca_file: Path | None = None) -> tuple[int, float]:
    """Have the read models built again from the events; return how many events and how many seconds it took."""
    async with connected(nats_url, ca_file) as client:
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
