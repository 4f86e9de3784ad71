"""A person cancels a refresh: queued, running, ended, or none at all."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.integration.enricher.conftest import Held, World, eventually

from metarr_chassis.errors import RefusedError
from metarr_contracts import events, streams, subjects
from metarr_enricher.providers.registry import Fanart

MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}
OTHER = {"title": "Inception", "year": 2010, "imdbId": "tt1375666", "tmdbId": 27205}


async def test_a_queued_refresh_ends_when_it_is_delivered(world: World) -> None:
    """It waits behind another one; nobody is asked for it."""
    await world.enricher(concurrency=1)
    first, second = await world.add(**MATRIX), await world.add(**OTHER)
    await world.provider("fanart", fault={"kind": "timeout"})
    running = await world.refresh(first)
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, subjects.answer("tmdb", first)))
    await eventually(lambda: _all_asked(world))
    queued = await world.refresh(second)
    await world.ask("cancel", jobId=queued)
    await world.ask("cancel", jobId=running)
    assert isinstance(await world.end_of(queued, second), events.EnrichmentCancelled)
    assert isinstance(await world.end_of(running, first), events.EnrichmentCancelled)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_a_running_refresh_ends_at_once_wherever_it_runs(world: World) -> None:
    """The enricher that is asked is not the one that works on it; what was there stays, and the next refresh works."""
    await world.enricher()
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("fanart", fault={"kind": "timeout"})
    for _ in range(3):
        job_id = await world.refresh(movie_id, force=True)
        await eventually(partial(_answered, world, movie_id, job_id))
        reply = await world.ask("cancel", jobId=job_id)
        assert (reply["movieId"], reply["jobId"]) == (movie_id, job_id)
        end = await world.end_of(job_id, movie_id)
        assert isinstance(end, events.EnrichmentCancelled)
    story = await world.story(movie_id)
    assert sum(isinstance(said, events.CancelRequested) for said in story) == 3
    assert (await world.film(movie_id)).fields == {}
    await world.provider("fanart", fault=None)
    assert isinstance(await world.refreshed(movie_id), events.MovieEnriched)


async def _all_asked(world: World) -> bool:
    return all((await world.requests()).values())


async def _answered(world: World, movie_id: int, job_id: int) -> bool:
    last = await world.bus.last_message(streams.ANSWERS, subjects.answer("tmdb", movie_id))
    return last is not None and f'"jobId":{job_id}' in last.data.decode()


async def test_a_cancel_whose_note_is_lost_counts_at_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note makes it prompt; the fact on the film's subject makes it so. Said five times, it is there once."""
    monkeypatch.setattr("metarr_enricher.enrichment.Enrichment.cancel", lambda *_: None)
    held = Held(monkeypatch, Fanart)
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)
    await eventually(lambda: _answered(world, movie_id, job_id))
    await asyncio.gather(*(world.ask("cancel", jobId=job_id) for _ in range(5)))
    held.go_on.set()
    assert isinstance(await world.end_of(job_id, movie_id), events.EnrichmentCancelled)
    assert (await world.film(movie_id)).fields == {}
    story = await world.story(movie_id)
    assert sum(isinstance(said, events.CancelRequested) for said in story) == 1


@pytest.mark.parametrize("job_id", [99, 0, -1, 2**70])
async def test_an_unknown_job_is_not_found(world: World, job_id: int) -> None:
    """Whatever number it is."""
    await world.enricher()
    with pytest.raises(RefusedError, match="Job not found") as refused:
        await world.ask("cancel", jobId=job_id)
    assert (refused.value.status, refused.value.refused.code) == (404, "job_not_found")


async def test_an_ended_job_cannot_be_cancelled(world: World) -> None:
    """409, and nothing is said on the film."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)
    await world.end_of(job_id, movie_id)
    story = await world.story(movie_id)
    with pytest.raises(RefusedError, match="already ended") as refused:
        await world.ask("cancel", jobId=job_id)
    assert (refused.value.status, refused.value.refused.code) == (409, "job_ended")
    assert await world.story(movie_id) == story


@pytest.mark.parametrize("token", ["012", "twelve"])
async def test_a_refresh_of_no_film_is_left_to_its_rejection(world: World, token: str) -> None:
    """409 while it is queued, and no cancellation is recorded for it, neither as a job nor on a film."""
    await world.enricher(concurrency=1)
    movie_id = await world.add(**MATRIX)
    await world.provider("tmdb", fault={"kind": "timeout"})
    running = await world.refresh(movie_id)
    await eventually(lambda: _requested(world))
    queued = await world.command(f"metarr.cmd.enrich.{token}", b"{}")
    with pytest.raises(RefusedError, match="already ended") as refused:
        await world.ask("cancel", jobId=queued)
    assert refused.value.refused.code == "job_ended"
    assert await world.history(subjects.job_event(queued)) == []
    await world.ask("cancel", jobId=running)
    assert isinstance(await world.end_of(queued), events.CommandRejected)


async def _requested(world: World) -> bool:
    return (await world.requests())["tmdb"] > 0


async def test_a_note_that_makes_no_sense_is_passed_over(world: World) -> None:
    """Given one that somebody made up, then a line says so, and cancelling works afterwards."""
    await world.enricher()
    with capture_logs() as logs:
        await world.bus.nc.publish(subjects.LIVE_CANCEL, b"all of them")
        await eventually(lambda: _said(logs))
    movie_id = await world.add(**MATRIX)
    await world.provider("fanart", fault={"kind": "timeout"})
    job_id = await world.refresh(movie_id)
    await eventually(lambda: _answered(world, movie_id, job_id))
    await world.ask("cancel", jobId=job_id)
    assert isinstance(await world.end_of(job_id, movie_id), events.EnrichmentCancelled)


async def _said(logs: Sequence[Mapping[str, Any]]) -> bool:
    said = {"event": "note not understood", "log_level": "warning", "subject": subjects.LIVE_CANCEL}
    return said in logs
