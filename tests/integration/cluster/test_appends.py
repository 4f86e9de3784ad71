"""Optimistic concurrency on three nodes: one writer wins at each version, whoever leads."""

import asyncio
import contextlib
from datetime import UTC, datetime

from tests.integration.chassis.conftest import fact
from tests.integration.cluster.nats_cluster import NatsCluster, answered

from metarr_chassis.bus import Bus, connect
from metarr_chassis.errors import BusUnavailableError, ConflictError, SubjectTakenError
from metarr_chassis.event_store import EventStore, NewEvent, Recorded
from metarr_contracts.envelope import Envelope
from metarr_contracts.streams import COMMANDS, EVENTS
from metarr_contracts.subjects import enrich_command

SUBJECT = "metarr.evt.movie.1"
WRITERS = 20
TURNS = 5


def command(name: str) -> Envelope:
    """The headers of a refresh."""
    return Envelope(id=name, type="metarr.command.enrich.v1", source="/test", time=datetime.now(UTC))


async def append(store: EventStore, new: NewEvent, expected: int) -> Recorded:
    """Append until it is known what became of it."""
    return await answered(lambda: store.append(SUBJECT, new, expected))


async def history(store: EventStore) -> list[str]:
    """The ids of the subject's facts."""
    return [recorded.id async for recorded in store.read(SUBJECT)]


async def test_of_twenty_writers_one_wins_at_each_version(cluster: NatsCluster, bus: Bus) -> None:
    """Each has a connection of its own, spread over the nodes."""
    async with contextlib.AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(connect(cluster.nodes[number % 3].url, "writer"))
            for number in range(WRITERS)
        ]
        stores = {f"fact {number}": EventStore(own, "test") for number, own in enumerate(connections)}
        version, won = 0, []
        while stores:
            done = await asyncio.gather(
                *(append(store, fact(name), version) for name, store in stores.items()), return_exceptions=True
            )
            [winner] = [one for one in done if isinstance(one, Recorded)]
            assert sum(isinstance(one, ConflictError) for one in done) == len(stores) - 1, done
            version = winner.seq
            del stores[winner.id]
            won.append(winner.id)
    assert await answered(lambda: history(EventStore(bus, "test"))) == won


async def put(sender: Bus, film: int, name: str) -> int:
    """Put a refresh into the queue, until it is known what became of it: a repeated one has the place it was given."""
    return await answered(lambda: sender.publish_command(enrich_command(film), command(name), b"{}"))


async def test_of_twenty_commands_for_one_film_one_is_taken(cluster: NatsCluster, bus: Bus) -> None:
    """The queue is the lock on three nodes, too: the others are told that there is a job, in each of ten rounds."""
    async with contextlib.AsyncExitStack() as stack:
        senders = [await stack.enter_async_context(connect(node.url, "sender")) for node in cluster.nodes]
        for film in range(10):
            done = await asyncio.gather(
                *(put(senders[number % 3], film, f"{film}/{number}") for number in range(WRITERS)),
                return_exceptions=True,
            )
            [job] = [one for one in done if isinstance(one, int)]
            assert sum(isinstance(one, SubjectTakenError) for one in done) == WRITERS - 1, done
            queued = await answered(lambda film=film: bus.last_message(COMMANDS, enrich_command(film)))  # type: ignore[misc]
            assert queued is not None
            assert queued.seq == job


async def test_nothing_is_lost_or_doubled_while_leaders_go(cluster: NatsCluster, bus: Bus) -> None:
    """Who does not know whether it was stored asks again; what a writer was told is what is stored, in its place."""
    store = EventStore(bus, "test")
    told: list[Recorded] = []

    async def append_all(writer: int) -> None:
        for turn in range(TURNS):
            new = fact(f"fact {writer}/{turn}")
            while (recorded := await attempt(new)) is None:
                await asyncio.sleep(0.05)
            told.append(recorded)

    async def attempt(new: NewEvent) -> Recorded | None:
        """None: somebody else was first."""
        try:
            last = await store.last(SUBJECT)
        except BusUnavailableError:
            return None
        while True:
            with contextlib.suppress(BusUnavailableError):
                try:
                    return await store.append(SUBJECT, new, last.seq if last else 0)
                except ConflictError:
                    return None

    writing = asyncio.gather(*(append_all(writer) for writer in range(WRITERS)))
    for losses in range(1, 3):
        while len(told) < WRITERS * TURNS * losses / 3:
            await asyncio.sleep(0.01)
        node = await cluster.leader(EVENTS)
        await node.kill()
        await cluster.leader(EVENTS)
        await cluster.start(node)
    await writing
    assert await answered(lambda: history(store)) == [recorded.id for recorded in sorted(told, key=lambda one: one.seq)]
    assert len({recorded.id for recorded in told}) == WRITERS * TURNS
