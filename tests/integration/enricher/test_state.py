"""What enrichers remember on the bus: snapshots that may be lost or wrong, ids, and what is known of the providers."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from tests.integration.enricher.conftest import World, eventually

from metarr_chassis.bus import connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.event_store import EventStore
from metarr_contracts import streams
from metarr_enricher import provider_state
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Snapshot
from metarr_enricher.provider_board import ProviderBoard
from metarr_local.embedded_nats import EmbeddedNats

MATRIX = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}


@pytest.mark.parametrize(
    "snapshot",
    [
        b"",
        b"{}",
        Snapshot(stream="another", version=99, state=MovieState(title="wrong")).to_json(),
        Snapshot(stream="", version=0, state=MovieState()).to_json(),
    ],
)
async def test_snapshots_are_disposable(world: World, snapshot: bytes) -> None:
    """Lost, unreadable, behind or of another stream: the film is what its events say."""
    await world.enricher()
    movie_id = await world.add(**MATRIX)
    await world.refreshed(movie_id)
    before = await world.film(movie_id)
    created = (await world.bus.stream_state(streams.EVENTS)).created
    told = snapshot.replace(b'"stream":""', f'"stream":"{created}"'.encode())
    await world.bus.js.publish(f"$KV.METARR_SNAPSHOTS.movie.{movie_id}", told)
    await world.ask("change", movieId=movie_id, fields={"plot": "own"}, lock=["cast"])
    after = await world.film(movie_id)
    assert after.fields["plot"].value == "own"
    assert after.fields.keys() == before.fields.keys()
    assert after.locked == ("cast",)


async def test_ids_are_given_once_even_when_the_counter_is_lost(world: World) -> None:
    """The next one is above every id that was ever claimed, those of removed films too."""
    await world.enricher()
    first = await world.add(title="A")
    last = await world.add(**MATRIX)
    await world.ask("remove", movieId=last)
    await world.bus.js.purge_stream("KV_METARR_META", subject="$KV.METARR_META.next-movie-id")
    assert first < last < await world.add(title="B")


@contextlib.asynccontextmanager
async def a_board(world: World) -> AsyncIterator[ProviderBoard]:
    """What one replica knows of the providers."""
    async with connect(world.nats_url, "board") as bus:
        board = ProviderBoard(bus, EventStore(bus, "test"), Clock())
        async with board.follow():
            yield board


async def test_replicas_follow_each_other_after_a_restart_too(world: World, nats_server: EmbeddedNats) -> None:
    """Without asking: what one has learned reaches the others."""
    async with a_board(world) as one, a_board(world) as other:
        await _pause(one)
        await eventually(partial(_paused, other))
        await nats_server.kill()
        await nats_server.start()
        await eventually(partial(_resume, other))
        await eventually(partial(_resumed, one))


async def _pause(board: ProviderBoard) -> None:
    now = Clock().now()
    await board.decide(
        "omdb", lambda state: provider_state.pause(state, "omdb", "quota", now + timedelta(hours=1), "Limit", now)
    )


async def _resume(board: ProviderBoard) -> bool:
    later = Clock().now() + timedelta(hours=2)
    with contextlib.suppress(BusUnavailableError):
        await board.decide("omdb", lambda state: provider_state.answered(state, "omdb", later))
    return await _resumed(board)


async def _paused(board: ProviderBoard) -> bool:
    return board.state("omdb").paused_until is not None


async def _resumed(board: ProviderBoard) -> bool:
    return board.state("omdb").paused_until is None
