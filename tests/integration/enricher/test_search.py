"""A person searches for a film: TMDB is asked once, and the films that the library has are named."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.enricher.conftest import World

from metarr_chassis.errors import RefusedError
from metarr_contracts import events, streams, subjects
from metarr_contracts.events import ClaimTaken

MATRIX = {"title": "The Matrix", "year": 1999, "tmdbId": 603}
DUNES = {841, 438631, 693134}


async def found(world: World, **wanted: object) -> dict[int, dict[str, Any]]:
    """The candidates by their TMDB ids, in order."""
    candidates = (await world.ask("search", **wanted))["candidates"]
    return {candidate["tmdbId"]: candidate for candidate in candidates}


async def refused(world: World, **wanted: object) -> RefusedError:
    """Why nothing was searched for."""
    with pytest.raises(RefusedError) as told:
        await world.ask("search", **{"title": "Dune", **wanted})
    return told.value


async def test_part_of_a_title(world: World) -> None:
    """TMDB is asked once and nobody else is; nothing is stored."""
    await world.enricher()
    before = (await world.bus.stream_state(streams.EVENTS)).last_seq
    candidates = await found(world, title=" godfather ")
    assert list(candidates) == [238, 240]
    godfather = candidates[238]
    assert (godfather["title"], godfather["year"], godfather["movieId"]) == ("The Godfather", 1972, None)
    assert godfather["poster"].startswith("https://image.tmdb.org/t/p/w342/")
    assert await world.requests() == {"tmdb": 1, "omdb": 0, "fanart": 0}
    assert (await world.bus.stream_state(streams.EVENTS)).last_seq == before
    assert (await world.bus.stream_state(streams.ANSWERS)).last_seq == 0


async def test_the_year(world: World) -> None:
    """It narrows the list; a title that is one film's alone is a list of one, and one of nobody is an empty one."""
    await world.enricher()
    assert set(await found(world, title="dune")) == DUNES
    assert list(await found(world, title="Dune", year=1984)) == [841]
    assert await found(world, title="Dune", year=1950) == {}
    assert await found(world, title="The Road to Nowhere") == {}


async def test_a_common_word(world: World) -> None:
    """A page of TMDB, which is twenty."""
    await world.enricher()
    assert len(await found(world, title="the")) == 20


async def test_a_film_of_the_library_is_named(world: World) -> None:
    """While it has the id: not one that was removed, nor one that now is another film, nor one that never was."""
    await world.enricher()
    movie_id, other = await world.add(**MATRIX), await world.add(title="Dune", year=1984, tmdbId=841)
    await world.append(subjects.claim_event("tmdb", "438631"), ClaimTaken(kind="tmdb", id="438631", movie_id=999))
    assert (await found(world, title="matrix"))[603]["movieId"] == movie_id
    dunes = await found(world, title="dune")
    assert {tmdb_id: dune["movieId"] for tmdb_id, dune in dunes.items()} == {841: other, 438631: None, 693134: None}
    await world.ask("remove", movieId=movie_id)
    assert (await found(world, title="matrix"))[603]["movieId"] is None
    await world.ask("identify", movieId=other, tmdbId=603)
    assert (await found(world, title="matrix"))[603]["movieId"] == other
    assert (await found(world, title="Dune", year=1984))[841]["movieId"] is None


@pytest.mark.parametrize(
    ("wanted", "field"), [({"title": " "}, "title"), ({"title": "x" * 201}, "title"), ({"year": 1869}, "year")]
)
async def test_what_is_wrong_is_named(world: World, wanted: dict[str, object], field: str) -> None:
    """400; TMDB is not asked."""
    await world.enricher()
    told = await refused(world, **wanted)
    assert (told.status, told.refused.code, told.refused.field) == (400, "invalid_request", field)
    assert (await world.requests())["tmdb"] == 0


async def test_while_tmdb_is_paused_it_is_not_asked(world: World) -> None:
    """A limit that a search meets pauses as any other; the next search says so without a request, until it is over."""
    running = await world.enricher()
    await world.provider("tmdb", fault={"kind": "throttle", "retryAfter": 3600})
    assert (await refused(world)).refused.code == "provider_still_limited"
    assert await world.provider_story("tmdb") == ["ProviderConfigured", "ProviderPaused"]
    await world.provider("tmdb", fault=None)
    asked = (await world.requests())["tmdb"]
    told = await refused(world)
    assert (told.status, told.refused.code) == (409, "provider_still_limited")
    assert str(told) == "TMDB still says: The request limit is reached"
    assert (await world.requests())["tmdb"] == asked
    await world.advance(timedelta(hours=2), [running])
    assert set(await found(world, title="dune")) == DUNES


async def test_while_tmdb_is_paused_for_failures(world: World) -> None:
    """What it said last is said again, without a request."""
    now = datetime.now(UTC)
    until = now + timedelta(minutes=5)
    paused = events.ProviderPaused(provider="tmdb", reason="failures", until=until, message="HTTP 503", at=now)
    await (await world.enricher()).stop()
    await world.append(subjects.provider_event("tmdb"), paused)
    await world.enricher()
    told = await refused(world)
    assert (told.status, told.refused.code, str(told)) == (
        409,
        "provider_unavailable",
        "TMDB does not answer: HTTP 503",
    )
    assert (await world.requests())["tmdb"] == 0


async def test_a_refused_key(world: World) -> None:
    """The setting is named, and the refusal stands."""
    await world.enricher()
    await world.provider("tmdb", fault={"kind": "unauthorized"})
    for _ in range(2):
        told = await refused(world)
        assert (told.status, told.refused.code) == (409, "provider_key_refused")
        assert "METARR_TMDB_KEY" in str(told)
    assert (await world.requests())["tmdb"] == 1


async def test_tmdb_that_is_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told; one search does not pause it."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    await world.enricher()
    await world.provider("tmdb", fault={"kind": "http", "status": 503})
    told = await refused(world)
    assert (told.status, told.refused.code) == (409, "provider_unavailable")
    assert await world.provider_story("tmdb") == ["ProviderConfigured"]


@pytest.mark.parametrize("fault", [{"kind": "timeout"}, {"kind": "throttle", "retryAfter": 20}])
async def test_tmdb_that_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]) -> None:
    """A person does not wait for ever, nor as long as a film would; the next search is not held up."""
    monkeypatch.setattr("metarr_enricher.search.SEARCH_SECONDS", 0.5)
    await world.enricher()
    await world.provider("tmdb", fault=fault)
    told = await refused(world)
    assert (told.refused.code, str(told)) == ("provider_unavailable", "TMDB did not answer in time")
    await world.provider("tmdb", fault=None)
    monkeypatch.setattr("metarr_enricher.search.SEARCH_SECONDS", 20.0)
    assert set(await found(world, title="dune")) == DUNES


async def test_without_a_key(real_world: World) -> None:
    """TMDB is off."""
    await real_world.enricher(omdb_key="sandbox-omdb-key")
    told = await refused(real_world)
    assert (told.status, told.refused.code, str(told)) == (409, "provider_off", "TMDB has no key (METARR_TMDB_KEY)")


async def test_many_searches_at_once(world: World) -> None:
    """Each is answered with its own films."""
    await world.enricher()
    titles = {"godfather": 238, "matrix": 603, "inception": 27205, "alien": 348}
    answers = await asyncio.gather(*(found(world, title=title) for title in titles))
    assert [set(answer) >= {tmdb_id} for answer, tmdb_id in zip(answers, titles.values(), strict=True)] == [True] * 4
