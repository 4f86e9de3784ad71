"""Looks at everything when a run is over, and makes plain values of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

import aiohttp
import asyncpg
from pydantic import ValidationError
from tests.e2e.client import Api
from tests.e2e.library import films
from tests.faults.harness.injections import Site
from tests.faults.harness.kinds import PROVIDERS
from tests.faults.harness.observed import Asked, Dead, Fact, Stored
from tests.faults.harness.world import World
from tests.integration.projector.scenes import Rows

from metarr_chassis.bus import Bus, RawMessage
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams, subjects
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.base import Value
from metarr_contracts.envelope import read_envelope
from metarr_contracts.registry import UnknownTypeError, decode
from metarr_sandbox.provider import OTHER_FILM

REBUILD_SECONDS = 60
PATIENCE_SECONDS = 120
LOG = 2_000
LONG_TEXT = 20

T = TypeVar("T")


async def answered(ask: Callable[[], Awaitable[T]]) -> T:
    """What the bus says as soon as it answers in time."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except BusUnavailableError:
            if monotonic() > until:
                raise
        await asyncio.sleep(0.1)


async def facts(bus: Bus) -> list[Fact]:
    """All of METARR_EVENTS."""
    return [
        Fact(message.seq, message.headers.get("ce-id", ""), message.subject, _body(message))
        async for message in _messages(bus, streams.EVENTS)
    ]


async def stored_answers(bus: Bus) -> list[Stored]:
    """The answers of providers that METARR_ANSWERS holds."""
    found = []
    async for message in _messages(bus, streams.ANSWERS):
        body = _body(message)
        if isinstance(body, ProviderAnswered):
            found.append(Stored(body, message.time.timestamp()))
    return found


async def dead_letters(bus: Bus) -> list[Dead]:
    """What METARR_DEAD holds."""
    return [
        Dead(
            message.headers.get("metarr-origin", message.subject.removeprefix("metarr.dead.")),
            int(message.headers.get("metarr-deliveries", "0")),
            message.headers.get("metarr-reason", ""),
        )
        async for message in _messages(bus, streams.DEAD)
    ]


async def asked(site: Site) -> list[Asked]:
    """The last requests that providers got."""
    counts = await site.world.control("GET", f"/requests?log={LOG}")
    return [
        Asked(name, entry["id"], datetime.fromisoformat(entry["at"]), entry["realTime"])
        for name in PROVIDERS
        for entry in counts[name]["log"]
        if entry["id"]
    ]


async def lies(site: Site) -> frozenset[str]:
    """Long texts that the film has of which lying providers tell."""
    imdb, tmdb = (other for _, other in OTHER_FILM[:2])
    told: set[str] = set()
    async with aiohttp.ClientSession(site.world.sandbox_url) as session:
        for path in (
            f"/tmdb/3/movie/{tmdb}?api_key=sandbox-tmdb-key&append_to_response=images",
            f"/omdb/?apikey=sandbox-omdb-key&plot=full&i={imdb}",
            f"/fanart/v3/movies/{tmdb}?api_key=sandbox-fanart-key",
        ):
            async with session.get(path) as answer:
                told |= set(_texts(await answer.json(content_type=None)))
    return frozenset(told)


def raised(world: World) -> list[str]:
    """The errors that services have logged with all that led to them."""
    found = []
    for name in world.replicas:
        for line in world.log(name).splitlines():
            if '"exception"' in line or line.startswith("Traceback"):
                told = json.loads(line) if line.startswith("{") else {"event": line}
                found.append(f"{name}: {told.get('event')}: {told.get('exception', '')[-600:]}")
    return found


async def shown(api: Api) -> dict[int, Any]:
    """All films, as they are shown one by one."""
    return {film["id"]: (await api.get(f"/api/movies/{film['id']}")).data for film in await films(api)}


async def rows(site: Site) -> tuple[str, str]:
    """The read models, and what a rebuild makes of the same events."""
    connection = await asyncpg.connect(site.world.postgres.url)
    try:
        look = Rows(connection)
        await look.reach((await answered(lambda: site.bus.stream_state(streams.EVENTS))).last_seq)
        live = await look.dump()
        await answered(lambda: site.bus.request(subjects.REBUILD, timeout=REBUILD_SECONDS))
        return live, await look.dump()
    finally:
        await connection.close()


async def _messages(bus: Bus, stream: str) -> AsyncIterator[RawMessage]:
    seq = 0
    while (message := await answered(lambda: bus.next_message(stream, ">", seq + 1))) is not None:  # noqa: B023
        seq = message.seq
        yield message


def _body(message: RawMessage) -> Value | None:
    try:
        return decode(read_envelope(message.headers), message.data)
    except (ValidationError, UnknownTypeError):
        return None


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() if len(value) >= LONG_TEXT:
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
