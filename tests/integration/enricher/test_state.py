"""What enrichers remember on the bus: snapshots that may be lost or wrong, ids, and what is known of the providers."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.integration.enricher.conftest import World, eventually

from metarr_chassis.bus import RawMessage, connect
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import events, streams
from metarr_contracts.events import ProviderPaused
from metarr_contracts.fields import ProviderName
from metarr_enricher import provider_state
from metarr_enricher.aggregates import Snapshot
from metarr_enricher.cause import Cause
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Film, Movies
from metarr_enricher.provider_board import ProviderBoard
from metarr_local.embedded_nats import EmbeddedNats

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
WRITTEN: tuple[ProviderName, ...] = ("omdb", "fanart")
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


async def test_a_command_that_goes_on_without_its_snapshot_loses_nothing(world: World) -> None:
    """What it says next is another fact, also when the snapshot of what it said before was lost."""
    [movie_id] = await world.seed(MATRIX)
    key = f"$KV.METARR_SNAPSHOTS.movie.{movie_id}"
    # The enricher does not wait until it is stored.
    before = await eventually(lambda: world.bus.last_message("KV_METARR_SNAPSHOTS", key))
    stream = (await world.bus.stream_state(streams.EVENTS)).created
    movies, cause = Movies(world.bus, world.store, Clock(), stream), Cause("a command")
    for job_id in (1, 2, 3):
        told = events.CancelRequested(job_id=job_id)
        assert (await movies.decide(movie_id, cause, lambda _state, told=told: told)).state.cancelled_job == job_id  # type: ignore[misc]
        await world.bus.js.publish(key, before.data)
    told_of = [fact.job_id for fact in await world.story(movie_id) if isinstance(fact, events.CancelRequested)]
    assert told_of == [1, 2, 3]


async def test_a_decision_from_what_is_known_reads_nothing_unless_somebody_has_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is old is found out by the append, or where nothing is appended by a look; then it is decided once more."""
    [movie_id] = await world.seed(MATRIX)
    movies = Movies(world.bus, world.store, Clock(), (await world.bus.stream_state(streams.EVENTS)).created)
    reads, last_message = list[str](), world.bus.last_message

    async def counted(stream: str, subject: str) -> RawMessage | None:
        reads.append(stream)
        return await last_message(stream, subject)

    monkeypatch.setattr(world.bus, "last_message", counted)

    async def decide(job_id: int, known: Film) -> Film:
        return await movies.decide(movie_id, Cause(f"job {job_id}"), partial(asked_to_end, job_id), known)

    def asked_to_end(job_id: int, state: MovieState) -> events.CancelRequested | None:
        return None if state.cancelled_job >= job_id else events.CancelRequested(job_id=job_id)

    old = await movies.current(movie_id)
    reads.clear()
    newer = await decide(1, old)
    assert (newer.state.cancelled_job, reads) == (1, [])
    newest = await decide(2, old)
    assert (newest.state.cancelled_job, newest.version > newer.version) == (2, True)
    assert await decide(2, old) == await decide(1, newer) == newest
    told = [fact.job_id for fact in await world.story(movie_id) if isinstance(fact, events.CancelRequested)]
    assert told == [1, 2]


async def test_ids_are_given_once_even_when_the_counter_is_lost_or_is_none(world: World) -> None:
    """The next one is above every id that was ever claimed, those of removed films too."""
    await world.enricher()
    first = await world.add(title="A")
    last = await world.add(**MATRIX)
    await world.ask("remove", movieId=last)
    await world.bus.js.purge_stream("KV_METARR_META", subject="$KV.METARR_META.next-movie-id")
    assert first < last < (after := await world.add(title="B"))
    await world.bus.js.publish("$KV.METARR_META.next-movie-id", b'{"type": "no number"}')
    assert after < await world.add(title="C")


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


async def test_an_unreadable_event_stops_nobody(world: World) -> None:
    """Who starts after it, and who has heard it, can write on; what was known before stays."""
    async with a_board(world) as one:
        await _pause(one)
        heard = await world.bus.js.publish("metarr.evt.provider.omdb", b"{")
        async with a_board(world) as other:
            assert await _paused(other)
            await _resume(other)
        assert await _resume(one)
    story = await world.history("metarr.evt.provider.omdb")
    assert [type(told.body).__name__ for told in story] == ["ProviderPaused", "NoneType", "ProviderResumed"]
    assert story[1].seq == heard.seq


async def test_what_is_written_while_a_replica_starts_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One provider is read already, another still to come, when a third replica writes about both."""
    catch_up = ProviderBoard.catch_up

    async def interrupted(board: ProviderBoard, provider: ProviderName) -> None:
        if provider == "fanart":
            for written in WRITTEN:
                event = ProviderPaused(provider=written, reason="quota", until=UNTIL, message="Limit", at=UNTIL)
                await world.append(f"metarr.evt.provider.{written}", event)
        await catch_up(board, provider)

    monkeypatch.setattr(ProviderBoard, "catch_up", interrupted)
    async with a_board(world) as board:
        await eventually(partial(_paused, board))


async def test_who_is_never_first_gives_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason: a replica does not try for ever."""
    async with a_board(world) as board:

        async def taken(*_: object) -> None:
            raise ConflictError("taken")

        monkeypatch.setattr(board.store, "append", taken)
        with pytest.raises(ConflictError):
            await _pause(board)


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
