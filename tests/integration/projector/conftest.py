"""A bus with all streams, a database with all tables, and projectors to run."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.integration.projector.scenes import Asker, Notes, Projector, Rows, Running, Stream, projector_here
from tests.round_trip import round_trip
from tests.unit.metarr_projector.histories import Library

from metarr_chassis import bus as chassis_bus
from metarr_chassis.bus import Bus, connect
from metarr_chassis.topology import setup
from metarr_local import embedded_postgres
from metarr_projector import database, feed, projection
from metarr_projector.schema import migrate
from metarr_projector.writer import prepare

SLOW_SECONDS = 30


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is slow is none that is away: no question fails for it, and nothing is begun, or told, again."""
    for module, name in (
        (chassis_bus, "REQUEST_SECONDS"),
        (database, "CONNECT_SECONDS"),
        (database, "QUERY_SECONDS"),
        (embedded_postgres, "ENDING_SECONDS"),
        (feed, "SILENCE_SECONDS"),
        (projection, "CONNECT_SECONDS"),
        (projection, "COMMAND_SECONDS"),
    ):
        monkeypatch.setattr(module, name, SLOW_SECONDS)


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[Bus]:
    """A connection to a bus that is set up."""
    await setup(nats_url, demo=False)
    async with connect(nats_url, "test") as bus:
        yield bus


@pytest.fixture
async def tables(database_url: str) -> str:
    """The address of a database that is set up."""
    await migrate(database_url)
    return database_url


@pytest.fixture
async def writing(tables: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that writes as the projector does."""
    connection = await asyncpg.connect(tables)
    await prepare(connection)
    yield connection
    await connection.close()


@pytest.fixture
async def rows(tables: str) -> AsyncIterator[Rows]:
    """A look into the database."""
    connection = await asyncpg.connect(tables)
    yield Rows(connection)
    await connection.close()


@pytest.fixture
def library() -> Library:
    """The same films in each run."""
    return Library(7)


@pytest.fixture
def stream(bus: Bus, library: Library) -> Stream:
    """The stream of events, open for appending."""
    return Stream(bus, library)


@pytest.fixture
async def notes(bus: Bus) -> AsyncIterator[Notes]:
    """What is said on the live subjects during the test."""
    notes = Notes()
    # One subscription: what comes on two may be heard in another order than it was said in.
    subscription = await bus.nc.subscribe("metarr.live.>", cb=notes.hear)
    await round_trip(bus.nc)
    yield notes
    await subscription.unsubscribe()


@pytest.fixture
def ask(bus: Bus) -> Asker:
    """Asks the projector."""
    return Asker(bus)


@pytest.fixture
def projector(bus: Bus, nats_url: str, tables: str) -> Projector:
    """Runs a projector while the context is open; several may run at once."""
    del bus  # the bus is set up
    return lambda: projector_here(nats_url, tables)


@pytest.fixture
async def projecting(projector: Projector) -> AsyncIterator[Running]:
    """A projector at work."""
    async with projector() as running:
        await running.until(ready=True)
        yield running
