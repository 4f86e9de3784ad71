"""One film is refreshed: what is asked, what is said, and what a second refresh asks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.enricher.conftest import Held, World, eventually

from metarr_contracts import events, streams
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.envelope import Envelope
from metarr_contracts.websocket import EnrichmentProgress
from metarr_enricher import answer_store, gathering, worker
from metarr_enricher.answer_store import AnswerStore
from metarr_enricher.cause import Cause
from metarr_enricher.lane import Lane
from metarr_enricher.pacing import Pacing
from metarr_enricher.providers.registry import Tmdb

MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}


async def test_a_film_is_refreshed_from_all_three(world: World) -> None:
    """One request to each provider, one terminal event, and a film that has what they said."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert [(fared.name, fared.outcome) for fared in end.providers] == [
        ("tmdb", "found"),
        ("omdb", "found"),
        ("fanart", "found"),
    ]
    assert not end.partial
    assert end.completeness.after > 90
    film = await world.film(movie_id)
    assert film.fields.keys() >= {"plot", "imdb_rating", "clearlogo"}
    assert [film.fields[name].source for name in ("plot", "imdb_rating", "clearlogo")] == ["tmdb", "omdb", "fanart"]
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_an_operators_message_without_headers_is_a_command(world: World) -> None:
    """`nats pub metarr.cmd.enrich.1 ''` means the defaults."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    ack = await world.bus.js.publish(f"metarr.cmd.enrich.{movie_id}", b"")
    assert isinstance(await world.end_of(ack.seq, movie_id), events.MovieEnriched)


async def test_progress_is_told_in_thirds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 at the start, then after each provider; 100 before the end."""
    # A job that lasts repeats its progress.
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 3_600)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await running.stop()
    notes = await world.bus.nc.subscribe(f"metarr.live.movie.{movie_id}")
    job_id = await world.refresh(movie_id)
    await world.enricher()
    await world.end_of(job_id, movie_id)
    told = [EnrichmentProgress.model_validate_json((await notes.next_msg()).data) for _ in range(notes.pending_msgs)]
    assert [note.progress for note in told] == [0, 33, 66, 100]
    assert {note.job_id for note in told} == {job_id}


async def test_a_fresh_refresh_asks_nobody(world: World) -> None:
    """For seven days; it says so and changes nothing."""
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.refreshed(movie_id)
    await world.advance(timedelta(days=6, hours=23), [running])
    end = await world.refreshed(movie_id, at=running.clock.now())
    assert isinstance(end, events.MovieEnriched)
    assert all(fared.cached for fared in end.providers)
    assert (end.changed, end.completeness.before) == ({}, end.completeness.after)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}
    await world.advance(timedelta(days=1, hours=1), [running])
    end = await world.refreshed(movie_id, at=running.clock.now())
    assert isinstance(end, events.MovieEnriched)
    assert not any(fared.cached for fared in end.providers)
    assert await world.requests() == {"tmdb": 2, "omdb": 2, "fanart": 2}


async def test_what_another_replica_has_stored_meanwhile_is_not_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was away while its request waited looks once more before it asks: its job may have been taken over."""
    waiting: list[Pacing] = []
    opened = asyncio.Event()
    gate = Pacing.gate

    @asynccontextmanager
    async def held(pacing: Pacing, lane: Lane) -> AsyncIterator[None]:
        waiting.append(pacing)
        await opened.wait()
        async with gate(pacing, lane):
            yield

    monkeypatch.setattr(Pacing, "gate", held)
    monkeypatch.setattr(gathering, "HEARTBEAT_SECONDS", 0)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    job_id = await world.refresh(movie_id)

    async def all_wait() -> bool:
        return len(waiting) == 3

    await eventually(all_wait)
    answer = ProviderAnswered(
        provider="omdb",
        movie_id=movie_id,
        job_id=job_id,
        asked_with="imdb:tt0133093",
        outcome="not_found",
        fetched_at=running.clock.now(),
    )
    await AnswerStore(world.bus).put(answer, Cause("another replica"))
    opened.set()
    end = await world.end_of(job_id, movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.name for fared in end.providers if fared.cached} == {"omdb"}
    assert await world.requests() == {"tmdb": 1, "omdb": 0, "fanart": 1}


async def test_an_answer_that_cannot_be_stored_is_not_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the bus takes no answers, as with a full disk, the job waits, and then goes on with what it has."""
    monkeypatch.setattr(answer_store, "ATTEMPTS", 3)
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.05)
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    config = (await world.bus.api(f"STREAM.INFO.{streams.ANSWERS}"))["config"]
    refusing = json.dumps({**config, "max_msg_size": 1}).encode()
    await world.bus.api(f"STREAM.UPDATE.{streams.ANSWERS}", refusing)
    tried: list[str] = []
    publish = AnswerStore._publish

    async def all_tried() -> bool:
        return len(set(tried)) == 3

    async def counted(store: AnswerStore, subject: str, envelope: Envelope, payload: bytes) -> None:
        tried.append(subject)
        # The first one that cannot be stored ends the requests that are still under way.
        await eventually(all_tried)
        await publish(store, subject, envelope, payload)

    monkeypatch.setattr(AnswerStore, "_publish", counted)
    job_id = await world.refresh(movie_id)

    async def all_tried_twice() -> bool:
        return len(tried) > len(set(tried)) and len(tried) >= 6

    await eventually(all_tried_twice)
    await world.bus.api(f"STREAM.UPDATE.{streams.ANSWERS}", json.dumps(config).encode())
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 1}


async def test_a_forced_refresh_asks_again(world: World) -> None:
    """Answers older than the command are not fresh."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.refreshed(movie_id)
    await world.refreshed(movie_id, force=True)
    assert await world.requests() == {"tmdb": 2, "omdb": 2, "fanart": 2}


async def test_a_forced_refresh_that_is_delivered_again_asks_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this job has stored already is as new as it can be, although the command is younger than it."""
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    running = await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.provider("fanart", fault={"kind": "timeout"})
    job_id = await world.refresh(movie_id, force=True, at=datetime.now(UTC) + timedelta(hours=1))
    await eventually(lambda: world.bus.last_message("METARR_ANSWERS", f"metarr.ans.omdb.{movie_id}"))
    await eventually(lambda: world.bus.last_message("METARR_ANSWERS", f"metarr.ans.tmdb.{movie_id}"))
    await eventually(lambda: _all_asked(world))
    await running.stop()
    await world.provider("fanart", fault=None)
    await world.enricher()
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    assert await world.requests() == {"tmdb": 1, "omdb": 1, "fanart": 2}


async def _all_asked(world: World) -> bool:
    return all((await world.requests()).values())


async def test_omdb_without_a_key_is_off(real_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two providers: 0, 50, 100; its fields say so, and the film is not partial."""
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 3_600)
    running = await real_world.enricher(tmdb_key="sandbox-tmdb-key", fanart_key="sandbox-fanart-key")
    movie_id = await real_world.add(**MATRIX)
    await running.stop()
    notes = await real_world.bus.nc.subscribe(f"metarr.live.movie.{movie_id}")
    job_id = await real_world.refresh(movie_id)
    await real_world.enricher(tmdb_key="sandbox-tmdb-key", fanart_key="sandbox-fanart-key")
    end = await real_world.end_of(job_id, movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert {fared.name: fared.outcome for fared in end.providers} == {"tmdb": "found", "omdb": "off", "fanart": "found"}
    assert not end.partial
    assert {lack.field: lack.reason for lack in end.missing}["imdb_rating"] == "provider_off"
    told = [json.loads((await notes.next_msg()).data)["progress"] for _ in range(notes.pending_msgs)]
    assert told == [0, 50, 100]
    assert (await real_world.requests())["omdb"] == 0


async def test_all_providers_down(world: World) -> None:
    """The refresh fails, the film stays as it was."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.refreshed(movie_id)
    before = await world.film(movie_id)
    await world.provider(fault={"kind": "http", "status": 503})
    end = await world.refreshed(movie_id, force=True)
    assert isinstance(end, events.EnrichmentFailed)
    assert (end.code, end.error) == ("all_providers_failed", "All providers failed")
    assert {lack.reason for lack in end.missing} <= {"provider_error"}
    assert (await world.film(movie_id)).fields == before.fields


async def test_nobody_can_be_asked_while_tmdb_is_down(world: World) -> None:
    """A film known by its title alone: without TMDB nobody knows the id with which to ask the others."""
    await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999)
    await world.provider("tmdb", fault={"kind": "http", "status": 503})
    end = await world.refreshed(movie_id)
    assert isinstance(end, events.EnrichmentFailed)
    assert [fared.outcome for fared in end.providers] == ["unavailable", "not_found", "not_found"]
    assert (await world.requests())["omdb"] == 0


async def test_a_refresh_of_a_film_that_is_not_there_is_rejected(world: World) -> None:
    """Neither one that never was nor one that was removed."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.ask("remove", movieId=movie_id)
    for nobody in (movie_id, 999):
        job_id = await world.refresh(nobody)
        assert await world.end_of(job_id, nobody) == events.CommandRejected(
            job_id=job_id, kind="enrichment", movie_id=nobody, code="movie_not_found", error="Movie not found"
        )
    assert await world.requests() == {"tmdb": 0, "omdb": 0, "fanart": 0}


async def test_a_film_that_is_removed_while_it_is_refreshed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job ends as a rejected command, after its removal is the film's last event."""
    held = Held(monkeypatch, Tmdb)
    await world.enricher()
    movie_id = await world.add(title="The Matrix", imdbId="tt0133093")
    job_id = await world.refresh(movie_id)
    await eventually(lambda: world.bus.last_message("METARR_ANSWERS", f"metarr.ans.omdb.{movie_id}"))
    await held.reached.wait()
    await world.ask("remove", movieId=movie_id)
    held.go_on.set()
    assert isinstance(await world.end_of(job_id, movie_id), events.CommandRejected)
    assert isinstance((await world.story(movie_id))[-1], events.MovieRemoved)
