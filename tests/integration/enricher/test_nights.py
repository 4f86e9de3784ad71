"""A library that is much larger than a night's quota."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.integration.enricher.runs import films, whole

from metarr_contracts import events

if TYPE_CHECKING:
    from tests.integration.enricher.conftest import World

NIGHTS = 12
QUOTA = 15
WINDOW = 8
BROKEN = "tt0001040"
"""A film for which OMDb always fails."""


async def test_night_after_night_until_all_are_done(world: World) -> None:
    """As many nights as quotas are needed, no film answered twice, few refused requests, one broken film in the way."""
    ids = await world.seed(*films(NIGHTS * QUOTA + 1))
    running = await world.enricher(bulk_window=WINDOW)
    await world.provider("omdb", dailyLimit=QUOTA, fault={"kind": "http", "status": 500, "ids": [BROKEN]})
    answered: dict[str, Counter[str]] = {"tmdb": Counter(), "omdb": Counter(), "fanart": Counter()}
    done, failed = 0, 0
    for number in range(NIGHTS):
        night = running.clock.now()
        end = await whole(world, trigger="schedule", scheduledFor=night.isoformat())
        done, failed = done + end.counts.processed, failed + end.counts.failed
        counts = await _counts(world)
        refused = counts["omdb"]["byStatus"].get("401", 0)
        assert refused <= 1 + WINDOW
        for name, told in counts.items():
            answered[name] += Counter(told["answeredById"])
        assert number == NIGHTS - 1 or done == (number + 1) * QUOTA
        await world.advance(night + timedelta(days=1) - running.clock.now(), [running])
    assert failed == 1
    assert all(times == 1 for times in answered["omdb"].values())
    again = {name: [film for film, times in told.items() if times > 1] for name, told in answered.items()}
    # The last night goes on with films of weeks ago, until OMDb is asked about one of them.
    assert all(len(films_) <= WINDOW for films_ in again.values()), again
    enriched = [
        movie_id
        for movie_id in ids
        if any(isinstance(event, events.MovieEnriched) for event in await world.story(movie_id))
    ]
    assert len(enriched) == NIGHTS * QUOTA


async def _counts(world: World) -> dict[str, dict[str, dict[str, int]]]:
    async with world.http.get("/control/requests") as response:
        counts: dict[str, dict[str, dict[str, int]]] = await response.json()
    async with world.http.post("/control/requests/reset") as response:
        assert response.status < 300
    return counts
