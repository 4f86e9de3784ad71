"""No two films share an id, and no id is lost: claims and facts that overtake each other, or stop half-way."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.integration.enricher.conftest import Held, World, eventually

from metarr_chassis.clock import Clock
from metarr_chassis.event_store import EventStore
from metarr_contracts import events, streams, subjects
from metarr_contracts.movie import ExternalIds
from metarr_enricher.aggregates import Snapshot, _key
from metarr_enricher.cause import Cause
from metarr_enricher.claims import Claims
from metarr_enricher.identities import Identities
from metarr_enricher.keys import Key
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Movies
from metarr_enricher.providers.registry import Fanart
from metarr_enricher.rules import Rules


async def another_enricher(world: World) -> tuple[Identities, Claims, Clock]:
    """The identities of a second replica, in this process."""
    clock = Clock()
    store = EventStore(world.bus, "enricher")
    movies = Movies(world.bus, store, clock, (await world.bus.stream_state(streams.EVENTS)).created)
    claims = Claims(store, clock)
    return Identities(movies, claims, clock, Rules()), claims, clock


async def test_an_undo_that_overtakes_the_release_keeps_its_claim(world: World, monkeypatch: Any) -> None:
    """Identified away and back while the first still releases: the id stays the film's."""
    await world.enricher()
    movie_id = await world.add(tmdbId=603)
    slow, _, _ = await another_enricher(world)
    reached, go_on, release = asyncio.Event(), asyncio.Event(), slow.release_former

    async def late(*arguments: Any) -> None:
        reached.set()
        await go_on.wait()
        await release(*arguments)

    monkeypatch.setattr(slow, "release_former", late)
    away = asyncio.create_task(slow.identify(movie_id, ExternalIds(tmdb=27205), "user", Cause("away")))
    await reached.wait()
    await world.ask("identify", movieId=movie_id, tmdbId=603)
    go_on.set()
    await away
    again = await world.ask("add", tmdbId=603)
    assert again["result"] | {"result": "unchanged", "movieId": movie_id} == again["result"]


async def test_a_claim_left_by_a_crash_is_free_after_a_minute(world: World) -> None:
    """An identification that died between claim and fact blocks nobody for long."""
    await world.enricher()
    movie_id = await world.add(tmdbId=603)
    _, claims, clock = await another_enricher(world)
    clock.shift(-timedelta(hours=1))
    assert await claims.take(await claims.holder(Key("tmdb", "27205")), movie_id, Cause("crashed"))
    added = await world.ask("add", tmdbId=27205)
    assert added["result"]["result"] == "added"
    assert (await claims.holder(Key("tmdb", "27205"))).movie_id == added["result"]["movieId"]


async def test_a_claim_of_a_film_that_never_came_blocks_no_identification(world: World) -> None:
    """An addition that died after its claim: a person can still give the id to a film."""
    await world.enricher()
    _, claims, clock = await another_enricher(world)
    clock.shift(-timedelta(hours=1))
    assert await claims.take(await claims.holder(Key("imdb", "tt1375666")), 700, Cause("crashed"))
    movie_id = await world.add(title="Inception", year=2010)
    await world.ask("identify", movieId=movie_id, imdbId="tt1375666")
    assert (await world.film(movie_id)).ids.imdb == "tt1375666"


async def test_a_snapshot_of_events_that_are_no_more_is_of_no_use(world: World) -> None:
    """After a restore the stream may be shorter than a snapshot: the film is read from its events."""
    await world.enricher()
    movie_id = await world.add(title="A", year=2000)
    film = await world.film(movie_id)
    stream = (await world.bus.stream_state(streams.EVENTS)).created
    ghost = Snapshot[MovieState](stream=stream, version=1_000_000, state=film.model_copy(update={"removed": True}))
    await world.bus.js.publish(_key(subjects.movie_event(movie_id)), ghost.to_json())
    await world.ask("change", movieId=movie_id, title="B")
    assert (await world.film(movie_id)).title == "B"


async def test_a_cancel_note_without_the_fact_says_nothing(world: World) -> None:
    """Only what is in the film's story ends a job."""
    await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999, imdbId="tt0133093")
    await world.provider("tmdb", latencyMs=700)
    job_id = await world.refresh(movie_id)
    for _ in range(5):
        await world.bus.nc.publish(subjects.LIVE_CANCEL, str(job_id).encode())
        await asyncio.sleep(0.05)
    end = await world.end_of(job_id, movie_id)
    assert isinstance(end, events.MovieEnriched)
    assert [fared.outcome for fared in end.providers] == ["found"] * 3


async def test_a_film_corrected_while_it_is_refreshed_is_refreshed_as_the_new_one(
    world: World, monkeypatch: Any
) -> None:
    """The answers about the film that it was count for nothing; the new one's providers are asked."""
    held = Held(monkeypatch, Fanart)
    await world.enricher()
    movie_id = await world.add(title="The Matrix", year=1999, imdbId="tt0133093", tmdbId=603)
    job_id = await world.refresh(movie_id)
    await eventually(lambda: world.bus.last_message(streams.ANSWERS, subjects.answer("tmdb", movie_id)))
    await held.reached.wait()
    await world.ask("identify", movieId=movie_id, tmdbId=550)
    held.go_on.set()
    end = await world.end_of(job_id, movie_id)
    assert isinstance(end, events.MovieEnriched)
    film = await world.film(movie_id)
    assert film.ids == ExternalIds(imdb="tt0137523", tmdb=550)
    assert {value.asked_with for value in film.fields.values()} <= film.ids.asked_with()
    assert film.fields["imdb_rating"].asked_with == "imdb:tt0137523"
