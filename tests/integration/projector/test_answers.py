"""Questions on the bus are answered from what was projected."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.projector.scenes import PATIENCE_SECONDS, Asker, Rows, Running, Stream
from tests.unit.metarr_projector.histories import START, Library, completeness_of, missing_of

from metarr_chassis.bus import Bus
from metarr_chassis.errors import RefusedError
from metarr_contracts import events, subjects
from metarr_contracts.base import Value
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, ProviderOutcome
from metarr_contracts.readmodels import (
    Job,
    JobQuery,
    LastJob,
    LibraryStats,
    MovieDetails,
    MovieListQuery,
    MoviePage,
    MovieQuery,
    MovieStatus,
    ProviderStates,
    Query,
)

pytestmark = pytest.mark.usefixtures("projecting")
PLOT = FieldValue(value="A hacker learns the truth", source="tmdb", fetched_at=START)


def _added(movie_id: int, title: str | None = "The Matrix", **changes: Any) -> events.MovieAdded:
    told = {"year": 1999, "ids": {"tmdb": movie_id}, "request": "r", "missing": missing_of(set())}
    return events.MovieAdded.model_validate({"movie_id": movie_id, "title": title, **told, **changes})


def _enriched(movie_id: int, job_id: int, completeness: int = 5, **changes: Any) -> events.MovieEnriched:
    told = {
        "movie_id": movie_id,
        "job_id": job_id,
        "started_at": START,
        "completed_at": START + timedelta(seconds=2, milliseconds=260),
        "partial": False,
        "changed": {"plot": PLOT},
        "providers": (ProviderOutcome(name="tmdb", outcome="found", fetched_at=START),),
        "completeness": Completeness(before=0, after=completeness),
        "missing": missing_of({"plot"}),
    }
    return events.MovieEnriched.model_validate({**told, **changes})


async def _refusal(ask: Asker, name: str, model: type[Value], query: Query) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        await ask(name, model, query)
    return refused.value


async def test_empty_library(ask: Asker) -> None:
    """An empty library has an average of 0 and empty lists."""
    assert await ask("library.stats", LibraryStats) == LibraryStats(
        total=0, enriched=0, partially_enriched=0, unenriched=0, average_completeness=0, top_incomplete=()
    )
    assert await ask("movie.list", MoviePage) == MoviePage(movies=(), total=0, next_cursor=None)


async def test_stats_count_all_films(ask: Asker, stream: Stream, library: Library) -> None:
    """After a long history the figures are those of counting every film."""
    last = await stream.tell_history(1_500)
    stats = await ask("library.stats", LibraryStats, Query(after=last))
    figures = {movie_id: completeness_of(present) for movie_id, present in library.fields.items()}
    assert stats.total == len(figures)
    assert stats.enriched == sum(figure >= 90 for figure in figures.values())
    assert stats.unenriched == sum(figure < 60 for figure in figures.values())
    assert stats.average_completeness == round(sum(figures.values()) / len(figures), 1)
    least = sorted((figure, movie_id) for movie_id, figure in figures.items() if figure < 90)[:10]
    assert [(film.completeness, film.id) for film in stats.top_incomplete] == least


async def test_film_before_its_first_refresh(ask: Asker, stream: Stream) -> None:
    """A new film misses everything in the order of the fields, and nobody was asked."""
    last = await stream.movie(1, _added(1, ids=ExternalIds()))
    status = await ask("movie.status", MovieStatus, MovieQuery(movie_id=1, after=last))
    assert [missing.field for missing in status.missing_fields] == [missing.field for missing in missing_of(set())]
    assert (status.completeness, status.last_enriched, status.last_job) == (0, None, None)
    assert [provider.outcome for provider in status.providers] == ["not_asked"] * 3
    assert status.identification == "pending"


async def test_film_after_a_refresh(ask: Asker, stream: Stream) -> None:
    """Duration, sources, outcomes and the last job are those of the refresh."""
    await stream.movie(1, _added(1))
    last = await stream.movie(1, _enriched(1, 9))
    status = await ask("movie.status", MovieStatus, MovieQuery(movie_id=1, after=last))
    ended = START + timedelta(seconds=2, milliseconds=260)
    assert (status.completeness, status.last_enriched, status.enrichment_duration) == (5, ended, 2.3)
    assert status.field_sources == {"plot": "tmdb"}
    assert [provider.outcome for provider in status.providers] == ["found", "not_asked", "not_asked"]
    assert status.last_job == LastJob(job_id=9, state="completed", completed_at=ended)
    job = await ask("job.get", Job, JobQuery(job_id=9))
    assert (job.kind, job.movie_id, job.state, job.progress) == ("enrichment", 1, "completed", 100)


async def test_failure_after_a_refresh(ask: Asker, stream: Stream) -> None:
    """A failed refresh keeps values and the time of the last answer, and says whose limit was hit."""
    await stream.movie(1, _added(1))
    await stream.movie(1, _enriched(1, 9))
    failed = events.EnrichmentFailed(
        movie_id=1,
        job_id=10,
        started_at=START,
        completed_at=START + timedelta(hours=1),
        code="all_providers_failed",
        error="All providers failed",
        providers=(ProviderOutcome(name="omdb", outcome="quota_exhausted", limited_until=START),),
        missing=missing_of({"plot"}),
    )
    last = await stream.movie(1, failed)
    status = await ask("movie.status", MovieStatus, MovieQuery(movie_id=1, after=last))
    assert (status.completeness, status.enrichment_duration) == (5, 2.3)
    assert (status.partial, status.rate_limited_providers) == (True, ("omdb",))
    assert status.providers[1].limited_until == START
    assert status.last_job == LastJob(
        job_id=10, state="failed", completed_at=failed.completed_at, error="All providers failed"
    )


async def test_title_of_a_film_known_by_id(ask: Asker, stream: Stream) -> None:
    """Until somebody tells the title a film is called by its id; a person's own title wins over a provider's."""
    last = await stream.movie(1, _added(1, None, year=None, ids={"imdb": "tt0133093"}))
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=1, after=last))
    assert (film.title, film.year) == ("tt0133093", None)

    found = {"title": replace(PLOT, value="Matrix"), "year": replace(PLOT, value=1999)}
    last = await stream.movie(1, _enriched(1, 9, changed=found))
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=1, after=last))
    assert (film.title, film.year) == ("Matrix", 1999)
    found_by_word = await ask("movie.list", MoviePage, MovieListQuery(search="matr"))
    assert [film.id for film in found_by_word.movies] == [1]

    own = events.MovieChanged(
        movie_id=1,
        title="Neo",
        year=None,
        changed={},
        cleared=(),
        locked=("plot",),
        completeness=Completeness(before=5, after=5),
        missing=(),
    )
    last = await stream.movie(1, own)
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=1, after=last))
    assert (film.title, film.year, film.locked) == ("Neo", 1999, ("plot",))
    assert (await ask("movie.list", MoviePage, MovieListQuery(search="matr"))).total == 0


async def test_values_of_a_film(ask: Asker, stream: Stream) -> None:
    """All values come with their sources; what belonged to another identity is gone, and so is the picture."""
    poster = FieldValue(value="https://image.tmdb.org/p.jpg", source="tmdb", fetched_at=START)
    await stream.movie(1, _added(1))
    last = await stream.movie(1, _enriched(1, 9, changed={"poster": poster, "plot": PLOT}))
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=1, after=last))
    assert list(film.fields.items()) == [("plot", PLOT), ("poster", poster)]
    assert film.has_poster
    identified = events.MovieIdentified(
        movie_id=1,
        ids=ExternalIds(tmdb=604),
        by="user",
        dropped=("poster",),
        completeness=Completeness(before=5, after=5),
        missing=(),
    )
    last = await stream.movie(1, identified)
    film = await ask("movie.get", MovieDetails, MovieQuery(movie_id=1, after=last))
    assert (film.fields, film.has_poster, film.tmdb_id) == ({"plot": PLOT}, False, 604)


async def test_removed_film_is_not_found(ask: Asker, stream: Stream) -> None:
    """A removed film leaves the lists and the figures; its job is still known."""
    await stream.movie(1, _added(1))
    await stream.movie(1, _enriched(1, 9))
    last = await stream.movie(1, events.MovieRemoved(movie_id=1, ids=ExternalIds(tmdb=1), completeness=5))
    assert (await ask("library.stats", LibraryStats, Query(after=last))).total == 0
    for name in ("movie.status", "movie.get"):
        refused = await _refusal(ask, name, MovieStatus, MovieQuery(movie_id=1))
        assert (refused.status, refused.refused.error, refused.refused.code) == (
            404,
            "Movie not found",
            "movie_not_found",
        )
    assert (await ask("job.get", Job, JobQuery(job_id=9))).state == "completed"


def _chunk(chunk: int) -> events.ImportProgressed:
    first = 150 * (chunk - 1) + 1
    return events.ImportProgressed(
        job_id=5,
        chunk=chunk,
        processed=150 * chunk,
        total=400,
        counts=events.ImportCounts(conflict=150 * chunk),
        noted=tuple(events.ImportedRow(row=row, result="conflict") for row in range(first, first + 150)),
        at=START + timedelta(seconds=chunk),
    )


async def test_import_job_in_pages(ask: Asker, stream: Stream) -> None:
    """A large import shows its counts while it runs, and the rows that a person wants to see page by page."""
    await stream.tell(subjects.job_event(5), _chunk(1))
    last = await stream.tell(subjects.job_event(5), _chunk(2))
    job = await ask("job.get", Job, JobQuery(job_id=5, after=last))
    assert (job.kind, job.state, job.progress, job.started_at) == (
        "import",
        "running",
        75,
        START + timedelta(seconds=1),
    )
    assert job.report is not None
    assert (job.report.counts.conflict, len(job.report.rows), job.report.next_row_offset) == (300, 200, 200)
    rest = (await ask("job.get", Job, JobQuery(job_id=5, row_offset=200))).report
    assert rest is not None
    assert ([row.row for row in rest.rows], rest.next_row_offset) == (list(range(201, 301)), None)
    failed = events.ImportFailed(job_id=5, error="Upload is gone", completed_at=START)
    last = await stream.tell(subjects.job_event(5), failed)
    job = await ask("job.get", Job, JobQuery(job_id=5, after=last))
    assert (job.state, job.progress, job.error) == ("failed", 75, "Upload is gone")


async def test_unknown_job(ask: Asker) -> None:
    """A job that has not ended, or never was, is not known here."""
    refused = await _refusal(ask, "job.get", Job, JobQuery(job_id=12345))
    assert (refused.status, refused.refused.code) == (404, "job_not_found")


async def test_pause_ends_with_the_clock(ask: Asker, stream: Stream, projecting: Running) -> None:
    """A pause is over when its time has come, without any event."""
    until = projecting.clock.now() + timedelta(hours=1)
    subject = subjects.provider_event("omdb")
    on = events.ProviderConfigured(provider="omdb", on=True, key_fingerprint="a", at=START)
    await stream.tell(subject, on)
    paused = events.ProviderPaused(provider="omdb", reason="quota", until=until, message="Limit", at=START)
    last = await stream.tell(subject, paused)
    omdb = (await ask("provider.status", ProviderStates, Query(after=last))).providers[1]
    assert (omdb.state, omdb.until, omdb.reason) == ("paused", until, "Limit")
    projecting.clock.shift(timedelta(hours=1, seconds=1))
    omdb = (await ask("provider.status", ProviderStates)).providers[1]
    assert (omdb.state, omdb.since) == ("on", until)


async def test_answer_that_would_be_old(bus: Bus, stream: Stream, rows: Rows) -> None:
    """Who waits for an event that does not reach its rows in time hears that the projection is behind."""
    async with rows.connection.transaction():
        await rows.connection.execute("LOCK TABLE live.library IN EXCLUSIVE MODE")
        last = await stream.movie(1, _added(1))
        with pytest.raises(RefusedError) as refused:
            await bus.request(subjects.query("library.stats"), Query(after=last).to_json(), timeout=PATIENCE_SECONDS)
    assert (refused.value.status, refused.value.refused.code) == (503, "projection_behind")


async def test_answer_from_the_future(ask: Asker) -> None:
    """Who waits for an event that nobody has stored made a mistake, and hears it at once."""
    refused = await _refusal(ask, "library.stats", LibraryStats, Query(after=10_000))
    assert (refused.status, refused.refused.code, refused.refused.field) == (400, "invalid_request", "after")


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b'{"limit":201}', "limit"),
        (b'{"limit":0}', "limit"),
        (b'{"sort":"size"}', "sort"),
        (b'{"filter":"best"}', "filter"),
        (b'{"missing":"soul"}', "missing"),
        (b'{"cursor":"e30="}', "cursor"),
        (b'{"cursor":"%"}', "cursor"),
        (b'{"colour":"red"}', "colour"),
        (b'{"after":-1}', "after"),
        (b'{"after":99999999999999999999}', "after"),
    ],
)
async def test_wrong_query_names_the_field(bus: Bus, payload: bytes, field: str) -> None:
    """400 says which part of the query is wrong."""
    with pytest.raises(RefusedError) as refused:
        await bus.request(subjects.query("movie.list"), payload, timeout=PATIENCE_SECONDS)
    assert (refused.value.status, refused.value.refused.field) == (400, field)
