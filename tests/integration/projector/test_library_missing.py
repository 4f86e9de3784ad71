"""How many films of each band lack each field: counters that move with each batch, and what is asked of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, get_args

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.projector.scenes import Asker, Rows, Stream
from tests.unit.metarr_projector.histories import START, Library, missing_of

from metarr_contracts import events, subjects
from metarr_contracts.base import Value
from metarr_contracts.fields import TRACKED
from metarr_contracts.movie import Band, Completeness, ExternalIds, band
from metarr_contracts.readmodels import MovieListQuery, MoviePage
from metarr_projector.decoding import Received, Recorded
from metarr_projector.fold import fold
from metarr_projector.listing import COUNTED
from metarr_projector.schema import LIVE, REBUILD, read_models
from metarr_projector.staging import Staged, movie_rows
from metarr_projector.writer import write

SEEDS = st.integers(0, 2**32)
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=20)
Told = tuple[str, Value]
Counts = dict[tuple[str, str], int]


async def _write(connection: asyncpg.Connection, schema: str, told: Sequence[Told]) -> None:
    """One batch."""
    changes = fold(
        Recorded(Received(seq, subject, {}, b""), str(seq), START + timedelta(seconds=seq), event)
        for seq, (subject, event) in enumerate(told, 1)
    )
    async with connection.transaction():
        await write(connection, schema, Staged(changes, movie_rows(changes.movies.values())))


async def _counters(connection: asyncpg.Connection, schema: str) -> Counts:
    rows = await connection.fetch(f"SELECT field, band, films FROM {schema}.library_missing")  # noqa: S608  # ours
    return {(row["field"], row["band"]): row["films"] for row in rows}


async def _counted(connection: asyncpg.Connection, schema: str) -> Counts:
    """The same by looking at every film."""
    films = await connection.fetch(f"SELECT missing, completeness FROM {schema}.movie")  # noqa: S608  # ours
    counted = Counter((field, band(film["completeness"])) for film in films for field in film["missing"])
    return {(field.name, name): counted[field.name, name] for field in TRACKED for name in get_args(Band)}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(seed=SEEDS, sizes=CUTS)
async def test_counters_equal_a_count_of_the_films(
    writing: asyncpg.Connection, seed: int, sizes: Sequence[int]
) -> None:
    """Given any history in any batches, then after it the counters say what counting all films says."""
    await writing.execute(f"DROP SCHEMA IF EXISTS {REBUILD} CASCADE")
    await writing.execute(read_models(REBUILD))
    history = iter(Library(seed).history(250))
    while told := [batch for size in sizes if (batch := list(islice(history, size)))]:
        for batch in told:
            await _write(writing, REBUILD, batch)
    assert await _counters(writing, REBUILD) == await _counted(writing, REBUILD)


def _added(movie_id: int) -> Told:
    event = events.MovieAdded(
        movie_id=movie_id, title="Ran", year=None, ids=ExternalIds(), request="r", missing=missing_of(set())
    )
    return subjects.movie_event(movie_id), event


def _enriched(movie_id: int, before: int, after: int, *present: str) -> Told:
    event = events.MovieEnriched(
        movie_id=movie_id,
        job_id=movie_id,
        started_at=START,
        completed_at=START,
        partial=False,
        changed={},
        providers=(),
        completeness=Completeness(before=before, after=after),
        missing=missing_of(set(present)),
    )
    return subjects.movie_event(movie_id), event


def _removed(movie_id: int, completeness: int) -> Told:
    event = events.MovieRemoved(movie_id=movie_id, ids=ExternalIds(), completeness=completeness)
    return subjects.movie_event(movie_id), event


async def _plot(connection: asyncpg.Connection) -> dict[str, int]:
    """Films without a plot by band; bands that have none are left out."""
    counters = await _counters(connection, LIVE)
    assert counters == await _counted(connection, LIVE)
    return {name: films for (field, name), films in counters.items() if field == "plot" and films}


async def test_each_batch_moves_them(writing: asyncpg.Connection) -> None:
    """A film comes, gets better without the field, gets the field, loses it, goes; alone or all in one batch."""
    film = [
        (_added(1), {"unenriched": 1}),
        (_enriched(1, 0, 70, "tagline"), {"partial": 1}),
        (_enriched(1, 70, 70, "tagline"), {"partial": 1}),
        (_enriched(1, 70, 95, "tagline"), {"enriched": 1}),
        (_enriched(1, 95, 100, "plot"), {}),
        (_enriched(1, 100, 20), {"unenriched": 1}),
        (_removed(1, 20), {}),
    ]
    for told, expected in film:
        await _write(writing, LIVE, [told])
        assert await _plot(writing) == expected
    await _write(writing, LIVE, [told for told, _ in film])
    assert await _plot(writing) == {}


async def test_a_film_that_goes_and_one_that_is_not_there(writing: asyncpg.Connection) -> None:
    """One that was removed and added in one batch counts once, one that nobody added or that is gone not at all."""
    await _write(writing, LIVE, [_added(1), _added(2)])
    await _write(writing, LIVE, [_removed(1, 0), _added(1), _enriched(1, 0, 70), _enriched(7, 0, 70), _removed(8, 0)])
    assert await _plot(writing) == {"unenriched": 1, "partial": 1}
    await _write(writing, LIVE, [_removed(2, 0), _enriched(2, 0, 70)])
    assert await _plot(writing) == {"partial": 1}


@pytest.mark.usefixtures("projecting")
async def test_totals_of_missing_fields_equal_a_count(ask: Asker, stream: Stream, rows: Rows) -> None:
    """Whatever the filter, the total of the films that lack a field is that of the films that are listed."""
    last = await stream.tell_history(400)
    await ask("movie.list", MoviePage, MovieListQuery(after=last))
    films: list[Any] = await rows.connection.fetch("SELECT missing, completeness FROM live.movie")
    for field in TRACKED:
        lacking = [band(film["completeness"]) for film in films if field.name in film["missing"]]
        for chosen, bands in COUNTED.items():
            query = MovieListQuery.model_validate({"missing": field.name, "filter": chosen, "limit": 1})
            page = await ask("movie.list", MoviePage, query)
            assert page.total == sum(name in bands for name in lacking), (field.name, chosen)
