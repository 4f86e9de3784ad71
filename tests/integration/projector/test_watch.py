"""What the metrics show of the database: that it answers, and the library while this projector projects."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from tests.integration.projector.scenes import PATIENCE_SECONDS, Running, Stream
from tests.integration.projector.test_metrics import projected

from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_projector.database import Database, open_database
from metarr_projector.metrics import LIBRARY_COMPLETENESS, LIBRARY_MOVIES
from metarr_projector.position import Position
from metarr_projector.reader import library_stats, projected_seq
from metarr_projector.schema import migrate
from metarr_projector.watch import BANDS, look_at_database, look_at_library


def films() -> dict[str, float | None]:
    """Films by band."""
    return {band: REGISTRY.get_sample_value("metarr_library_movies", {"band": band}) for band in BANDS}


def completeness() -> float | None:
    """The mean."""
    return REGISTRY.get_sample_value("metarr_library_completeness_ratio")


UNKNOWN = dict.fromkeys(BANDS)


@pytest.fixture
async def database(tables: str) -> AsyncIterator[Database]:
    """The read models."""
    async with open_database(tables) as opened:
        yield opened


@pytest.fixture
def position(database: Database) -> Position:
    """That of who projects."""
    position = Position(lambda: projected_seq(database))
    position.projecting = True
    return position


async def test_the_library_is_what_the_dashboard_says(
    projecting: Running, stream: Stream, database: Database, position: Position
) -> None:
    """Films by band, and their mean completeness as a ratio."""
    del projecting
    before = REGISTRY.get_sample_value("metarr_projected_events_total") or 0
    await stream.tell_history(200)
    await projected(before + 200)
    stats = await library_stats(database)
    await look_at_library(database, position)
    assert films() == {"enriched": stats.enriched, "partial": stats.partially_enriched, "unenriched": stats.unenriched}
    shown = completeness()
    assert shown is not None
    assert round(100 * shown, 1) == stats.average_completeness


async def test_an_empty_library_has_no_mean(database: Database, position: Position) -> None:
    """And no films."""
    await look_at_library(database, position)
    assert films() == dict.fromkeys(BANDS, 0)
    assert completeness() is None


async def test_who_does_not_project_shows_no_library(database: Database, position: Position) -> None:
    """Not that of before either."""
    await look_at_library(database, position)
    position.projecting = False
    await look_at_library(database, position)
    assert films() == UNKNOWN


async def test_the_database_is_away(server_folder: Path) -> None:
    """It is down at once, and nothing of it is shown any more; and up again when it is back."""
    async with EmbeddedPostgres(server_folder / "postgres") as postgres:
        await migrate(postgres.url)
        async with open_database(postgres.url) as database:
            position = Position(lambda: projected_seq(database))
            position.projecting = True
            await look_at_database(database)
            assert REGISTRY.get_sample_value("metarr_database_up") == 1
            await postgres.stop()
            LIBRARY_MOVIES.replace({("enriched",): 5})
            LIBRARY_COMPLETENESS.set(0.5)
            await look_at_database(database)
            await look_at_library(database, position)
            assert REGISTRY.get_sample_value("metarr_database_up") == 0
            assert (films(), completeness()) == (UNKNOWN, None)
            await postgres.start()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while REGISTRY.get_sample_value("metarr_database_up") == 0:
                    await asyncio.sleep(0.02)
                    await look_at_database(database)
