"""Runs and manual refreshes share a provider's rate and connections: who waits for one film goes first."""

import asyncio

import pytest
from tests.integration.enricher.conftest import World, eventually
from tests.integration.enricher.runs import films, whole

from metarr_chassis.rate import Rate, SharedRate
from metarr_contracts import bulk
from metarr_contracts.movie import ExternalIds
from metarr_enricher import asking
from metarr_enricher.lane import Lane
from metarr_enricher.pacing import Pacing
from metarr_enricher.providers.client import Pace, open_client
from metarr_enricher.providers.outcomes import Found
from metarr_enricher.providers.registry import CONNECTIONS, Omdb


@pytest.mark.parametrize(("latency", "films_of_run"), [(0, 40), (1500, 14)])
async def test_a_manual_request_is_sent_at_the_next_free_moment(world: World, latency: int, films_of_run: int) -> None:
    """A run waits for OMDb's ten a second; with a slow OMDb it holds all connections that it may."""
    await world.provider("omdb", latencyMs=latency)
    pacing = Pacing(SharedRate(world.bus, "omdb", Rate(10)), 10)
    pace = Pace(pacing.gate, pacing.on_throttled)
    async with open_client(f"{world.sandbox_url}/omdb/", CONNECTIONS["omdb"], pace) as client:
        omdb = Omdb(client, "sandbox-omdb-key")
        sent: list[bool] = []

        def lane(*, run: bool) -> Lane:
            async def goes_out() -> bool:
                sent.append(run)
                return True

            return Lane(run=run, wanted=goes_out)

        run = [
            asyncio.create_task(omdb.ask(ExternalIds(imdb=f"tt{1001 + n:07d}"), lane(run=True)))
            for n in range(films_of_run)
        ]

        async def is_going() -> bool:
            return len(sent) >= 6

        await eventually(is_going)
        before = len(sent)
        assert isinstance(await omdb.ask(ExternalIds(imdb="tt0133093"), lane(run=False)), Found)
        await asyncio.gather(*run)
        # At most the one whose moment had come already is before it.
        assert sent.index(False) <= before + 1
        assert sent[-1]


async def test_short_throttling_slows_a_run_and_does_not_end_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited out for longer than a person would wait."""
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    await world.seed(*films(2))
    await world.enricher(bulk_window=1)
    await world.provider("tmdb", fault={"kind": "throttle", "form": "bare", "count": asking.THROTTLE_ATTEMPTS + 3})
    end = await whole(world)
    assert (end.status, end.counts) == ("completed", bulk.RunCounts(total=2, processed=2, remaining=0))
    assert await world.provider_story("tmdb") == ["ProviderConfigured"]
