"""Rules that save requests, shown by request counts over simulated nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.enricher.runs import asked, film, whole

from metarr_contracts.fields import PROVIDERS, TRACKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.enricher.conftest import Running, World

    from metarr_contracts.fields import ProviderName

FIRST_NIGHT = datetime(2030, 1, 1, 3, tzinfo=UTC)
MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}
INCEPTION = {"title": "Inception", "year": 2010, "imdbId": "tt1375666", "tmdbId": 27205}
OFF = {"tmdbChanges": False, "ageByRelease": False, "backOff": False}


async def begin(world: World, *films: Mapping[str, Any], **rules: bool) -> Running:
    """These films, on the first night, and of the rules only those named."""
    running = await world.enricher()
    await world.advance(FIRST_NIGHT - running.clock.now(), [running])
    for one in films:
        await world.add(**one)
    await world.ask("rules", **{**OFF, **rules})
    return running


async def days_asked(world: World, running: Running, nights: int) -> dict[ProviderName, list[int]]:
    """Run the library so many nights; on which of them each provider was asked about a film."""
    days: dict[ProviderName, list[int]] = {name: [] for name in PROVIDERS}
    for night in range(nights):
        before = await asked(world)
        assert (await whole(world)).status == "completed"
        for name, count in (await asked(world)).items():
            days[name] += [night] * (count - before[name])  # type: ignore[index]
        await world.advance(timedelta(days=1), [running])
    return days


async def close_gaps(world: World, movie_id: int) -> None:
    """What the film lacks is locked: nobody is to fill it."""
    fields = (await world.film(movie_id)).fields
    await world.ask("change", movieId=movie_id, lock=[field.name for field in TRACKED if field.name not in fields])


async def test_without_rules_every_film_is_asked_about_once_a_week(world: World) -> None:
    """The plain cache of seven days."""
    running = await begin(world, MATRIX)
    assert await days_asked(world, running, 16) == {name: [0, 7, 14] for name in PROVIDERS}


async def test_an_old_film_that_lacks_nothing_is_asked_about_rarely(world: World) -> None:
    """Not within the first two months, where the plain cache would ask eight times."""
    running = await begin(world, MATRIX, ageByRelease=True)
    await whole(world)
    await close_gaps(world, 1)
    assert await days_asked(world, running, 60) == {name: [] for name in PROVIDERS}


async def test_what_nobody_knows_is_asked_for_ever_more_rarely(world: World) -> None:
    """After 7, 14, 30 days; the plain cache would have asked eight times."""
    running = await begin(world, film(1022), backOff=True)
    days = await days_asked(world, running, 53)
    lacking = {
        reason for field in TRACKED if field.name not in (await world.film(1)).fields for reason in field.providers
    }
    assert "omdb" in lacking
    assert days["omdb"] == [0, 7, 21, 51]


@pytest.mark.parametrize("changed", [True, False])
async def test_tmdb_says_which_films_it_has_changed(world: World, *, changed: bool) -> None:
    """A film that was changed is asked about after a week, any other is not; the lists cost a few requests a night."""
    day = (FIRST_NIGHT + timedelta(days=3)).date().isoformat()
    await world.provider("tmdb", changed={day: [27205]} if changed else {})
    running = await begin(world, INCEPTION, tmdbChanges=True)
    days = await days_asked(world, running, 9)
    assert days["tmdb"] == ([0, 7] if changed else [0])
    assert days["omdb"] == [0, 7]
