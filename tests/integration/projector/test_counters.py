"""Counters are what a count of the rows says, also after events that nobody of ours would write."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.integration.projector.scenes import Projector, Rows, Stream
from tests.unit.metarr_projector.histories import START, missing_of

from metarr_chassis.bus import Bus
from metarr_contracts import events, subjects
from metarr_contracts.base import Value
from metarr_contracts.fields import TRACKED
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, band
from metarr_projector.batches import batch_of, commit
from metarr_projector.decoding import Item, Received, Recorded
from metarr_projector.schema import LIVE, REBUILD, read_models
from metarr_projector.writer import write


def _told(model: type[Value], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Of this model; `builds` would invent the parts anew by their names in JSON."""
    return st.fixed_dictionaries(parts).map(lambda values: model(**values))


FILMS = st.integers(1, 3)
PERCENT = st.integers(0, 100)
MISSING = st.sets(st.sampled_from([field.name for field in TRACKED])).map(missing_of)
MOVED = _told(Completeness, before=PERCENT, after=PERCENT)
TITLES = st.sampled_from([None, "Ran", "Seven Samurai"])
VALUES = st.dictionaries(
    st.sampled_from(["title", "plot", "poster"]),
    st.sampled_from(["Ran", "A king"]).map(lambda text: FieldValue(value=text, source="tmdb", fetched_at=START)),
)
END: dict[str, Any] = {"job_id": st.integers(1, 9), "started_at": st.just(START), "completed_at": st.just(START)}
EVENTS: st.SearchStrategy[Value] = st.one_of(
    _told(
        events.MovieAdded,
        movie_id=FILMS,
        title=TITLES,
        year=st.none(),
        ids=st.just(ExternalIds()),
        request=st.just("r"),
        missing=MISSING,
    ),
    _told(events.MovieRemoved, movie_id=FILMS, ids=st.just(ExternalIds()), completeness=PERCENT),
    _told(
        events.MovieEnriched,
        movie_id=FILMS,
        **END,
        partial=st.booleans(),
        changed=VALUES,
        providers=st.just(()),
        completeness=MOVED,
        missing=MISSING,
    ),
    _told(
        events.MovieChanged,
        movie_id=FILMS,
        title=TITLES,
        year=st.none(),
        changed=VALUES,
        cleared=st.just(("plot",)),
        locked=st.just(()),
        completeness=MOVED,
        missing=MISSING,
    ),
    _told(
        events.EnrichmentFailed,
        movie_id=FILMS,
        **END,
        code=st.just("gave_up"),
        error=st.just("Gave up"),
        providers=st.just(()),
        missing=MISSING,
    ),
    _told(
        events.CommandRejected,
        job_id=st.integers(1, 9),
        kind=st.just("enrichment"),
        movie_id=FILMS,
        code=st.just("movie_not_found"),
        error=st.just("Movie not found"),
    ),
)
CUTS = st.lists(st.integers(1, 8), min_size=1, max_size=5)
ADDED = events.MovieAdded(movie_id=1, title="Ran", year=None, ids=ExternalIds(), request="r", missing=missing_of(set()))
REJECTED = events.CommandRejected(
    job_id=1, kind="enrichment", movie_id=1, code="movie_not_found", error="Movie not found"
)
REMOVED = events.MovieRemoved(movie_id=1, ids=ExternalIds(), completeness=70)


def _items(told: Sequence[Value]) -> list[Item]:
    """The events as they are read from the stream."""
    return [
        Recorded(Received(seq, subjects.movie_event(1), {}, b""), str(seq), START + timedelta(seconds=seq), event)
        for seq, event in enumerate(told, 1)
    ]


async def _project(connection: asyncpg.Connection, schema: str, items: Sequence[Item], sizes: Sequence[int]) -> None:
    """In batches of these sizes, again and again; after each the counters are right."""

    async def written(batch: Any) -> None:
        staged = batch.staged
        async with connection.transaction():
            await write(connection, schema, staged)

    begin = 0
    while begin < len(items):
        for size in sizes:
            await commit(await batch_of(items[begin : begin + size]), written)
            begin += size
            await _require_counted(connection, schema)


async def _require_counted(connection: asyncpg.Connection, schema: str) -> None:
    films = await connection.fetch(f"SELECT missing, completeness FROM {schema}.movie")  # noqa: S608  # ours
    bands = Counter(band(film["completeness"]) for film in films)
    counters = await connection.fetchrow(f"SELECT * FROM {schema}.library")  # noqa: S608
    assert counters is not None
    assert {name: counters[name] for name in ("enriched", "partial", "unenriched", "completeness")} == {
        "enriched": bands["enriched"],
        "partial": bands["partial"],
        "unenriched": bands["unenriched"],
        "completeness": sum(film["completeness"] for film in films),
    }
    lacking = Counter((field, band(film["completeness"])) for film in films for field in film["missing"])
    told = await connection.fetch(f"SELECT field, band, films FROM {schema}.library_missing")  # noqa: S608
    assert {(row["field"], row["band"]): row["films"] for row in told if row["films"]} == lacking


async def _dump(connection: asyncpg.Connection, schema: str) -> dict[str, list[str]]:
    """All rows of films, and the counters."""
    tables = ("movie", "movie_words", "movie_detail", "library", "library_missing", "job")
    return {
        table: [line for (line,) in await connection.fetch(f"SELECT t::text FROM {schema}.{table} AS t ORDER BY 1")]  # noqa: S608
        for table in tables
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(told=st.lists(EVENTS, max_size=25), sizes=CUTS, others=CUTS)
@example(told=[ADDED, ADDED], sizes=[1], others=[2])
@example(told=[ADDED, REMOVED, REMOVED], sizes=[1], others=[3])
@example(told=[REJECTED, ADDED], sizes=[1], others=[2])
async def test_any_events_in_any_order(
    writing: asyncpg.Connection, told: Sequence[Value], sizes: Sequence[int], others: Sequence[int]
) -> None:
    """Given events that come twice, too early or too late, then after each batch the counters say what counting says.

    And a rebuild, whose batches are others, leaves the same rows.
    """
    for schema in (LIVE, REBUILD):
        await writing.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        await writing.execute(read_models(schema))
    items = _items(told)
    await _project(writing, LIVE, items, sizes)
    await _project(writing, REBUILD, items, others)
    assert await _dump(writing, LIVE) == await _dump(writing, REBUILD)


@pytest.mark.parametrize("repeated", [ADDED, REMOVED])
async def test_a_film_that_comes_or_goes_twice(
    bus: Bus, projector: Projector, rows: Rows, stream: Stream, repeated: Value
) -> None:
    """Given a foreign copy of an event on the stream, then the library has no film more or less than there are rows."""
    del bus
    async with projector() as running:
        await running.until(ready=True)
        await stream.movie(2, ADDED.model_copy(update={"movie_id": 2}))
        for event in (ADDED, repeated, repeated):
            await rows.reach(await stream.movie(1, event))
            await _require_counted(rows.connection, LIVE)
