"""The NATS server is killed and started again while enrichers work: they go on by themselves."""

import asyncio
import shutil
from pathlib import Path

import nats.errors
import nats.js.errors
import pytest
from tests.integration.enricher.conftest import World, eventually

from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import events, streams
from metarr_contracts.fields import PROVIDERS
from metarr_enricher import leftovers
from metarr_local.embedded_nats import EmbeddedNats

FILMS = 30


async def test_a_restart_in_the_middle_of_the_queue(world: World, nats_server: EmbeddedNats) -> None:
    """30 films on two enrichers: every job has one end, no film is lost, what was acknowledged is there."""
    ids = await world.seed(*({"title": f"A {n}", "imdbId": f"tt00010{n:02}", "tmdbId": 1000 + n} for n in range(FILMS)))
    await world.provider(latencyMs=100)
    jobs = [(await world.refresh(movie_id), movie_id) for movie_id in ids]
    await world.enricher(concurrency=3)
    await world.enricher(concurrency=3)
    await eventually(lambda: _ended(world, jobs, 5))
    await nats_server.kill()
    await nats_server.start()
    await eventually(lambda: _is_back(world))
    ends = await asyncio.gather(*(world.end_of(*job) for job in jobs))
    assert {type(end) for end in ends} == {events.MovieEnriched}
    for movie_id in ids:
        assert (await world.film(movie_id)).outcomes.keys() == set(PROVIDERS)
    await world.queue_is_empty()
    # Who was asked just when the server went away may be asked again, once.
    assert all(count <= FILMS + 6 for count in (await world.requests()).values())


async def test_an_idle_enricher_works_after_a_restart(world: World, nats_server: EmbeddedNats) -> None:
    """It asks for work again, answers commands, and follows the providers' states."""
    await world.enricher(concurrency=2)
    await world.enricher(concurrency=2)
    movie_id = await world.add(title="The Matrix", imdbId="tt0133093", tmdbId=603)
    await nats_server.kill()
    await nats_server.start()
    await eventually(lambda: _is_back(world))
    await eventually(lambda: _answers(world))
    assert isinstance(await world.refreshed(movie_id), events.MovieEnriched)
    await world.provider("omdb", fault={"kind": "quota"})
    await world.refreshed(movie_id, force=True)
    assert (await world.provider_story("omdb")).count("ProviderPaused") == 1


async def test_a_settled_command_that_comes_back_is_removed(
    world: World, nats_server: EmbeddedNats, server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a full disk a server may have what it knows to be acknowledged: that does not block the film."""
    monkeypatch.setattr(leftovers, "SWEEP_SECONDS", 0.05)
    [movie_id] = await world.seed({"title": "The Matrix", "imdbId": "tt0133093", "tmdbId": 603})
    job_id = await world.refresh(movie_id)
    await nats_server.stop()
    [queue] = server_folder.rglob(f"streams/{streams.COMMANDS}/msgs")
    shutil.copytree(queue, server_folder / "with the command")
    await nats_server.start()
    running = await world.enricher()
    await eventually(lambda: _is_back(world))
    assert isinstance(await world.end_of(job_id, movie_id), events.MovieEnriched)
    await running.stop()
    await nats_server.stop()
    shutil.rmtree(queue)
    (server_folder / "with the command").rename(queue)
    await nats_server.start()
    await eventually(lambda: _is_back(world))
    assert not await world.gone(job_id)
    await world.enricher()
    await eventually(lambda: world.gone(job_id))
    assert isinstance(await world.refreshed(movie_id), events.MovieEnriched)
    assert len(await world.ends(job_id, movie_id)) == 1


async def _is_back(world: World) -> bool:
    """Whether the new server answers; the connection to the old one may look open for a moment."""
    try:
        await world.bus.stream_state(streams.EVENTS)
    except (BusUnavailableError, nats.js.errors.APIError):
        return False
    return True


async def _answers(world: World) -> bool:
    try:
        return bool((await world.bus.nc.request("$SRV.PING.enricher", timeout=1)).data)
    except nats.errors.Error:
        return False


async def _ended(world: World, jobs: list[tuple[int, int]], count: int) -> bool:
    return [await world.gone(job_id) for job_id, _ in jobs].count(True) >= count
