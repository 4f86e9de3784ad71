"""TMDB's lists of changed films, fetched from the sandbox once and kept on the bus by day."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from tests.integration.enricher.conftest import World

from metarr_chassis.clock import Clock
from metarr_chassis.rate import Rate, SharedRate
from metarr_contracts import streams, subjects
from metarr_contracts.fields import ProviderName
from metarr_enricher import asking
from metarr_enricher.asking import Desk
from metarr_enricher.changes import Changes
from metarr_enricher.changes_store import ChangesStore
from metarr_enricher.lane import Lane
from metarr_enricher.pacing import Pacing
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.providers.client import Pace, open_client
from metarr_enricher.providers.outcomes import ChangesPage, ListedChanges
from metarr_enricher.providers.registry import CONNECTIONS, Tmdb
from metarr_enricher.providers.tmdb import Locale

TODAY = date(2026, 11, 22)
MANY = range(5_000_001, 5_000_351)


def back(days: int) -> date:
    """So many days before today."""
    return TODAY - timedelta(days=days)


@contextlib.asynccontextmanager
async def a_store(world: World) -> AsyncIterator[ChangesStore]:
    """The lists as one replica keeps them."""
    pacing: dict[ProviderName, Pacing] = {"tmdb": Pacing(SharedRate(world.bus, "tmdb", Rate(1000)), 1000)}
    pace = Pace(pacing["tmdb"].gate, pacing["tmdb"].on_throttled)
    desk = Desk(ProviderBoard(world.bus, world.store, Clock()), world.store, Clock(), pacing)
    async with open_client(f"{world.sandbox_url}/tmdb/3", CONNECTIONS["tmdb"], pace) as client:
        tmdb = Tmdb(client, "sandbox-tmdb-key", Locale("en", "US"))
        yield ChangesStore(world.bus, desk, tmdb, Clock())


async def known(store: ChangesStore, first: date) -> Changes:
    """What is known from then on; the days that are not over are never known."""
    changes = await store.load(first, TODAY)
    assert all(first <= day < TODAY for day in changes.days)
    return changes


async def test_each_day_is_fetched_once(world: World) -> None:
    """All its pages, from the first day that is wanted through yesterday; the next night only what is new."""
    await world.provider("tmdb", changed={back(2).isoformat(): list(MANY), back(1).isoformat(): [603]})
    async with a_store(world) as store:
        await store.bring_up_to_date(back(3), TODAY)
        changes = await known(store, back(90))
        assert set(changes.days) == {back(3), back(2), back(1)}
        assert changes.days[back(2)] >= set(MANY)
        assert changes.unchanged_since(603, back(3), TODAY) is False
        assert changes.unchanged_since(603, back(4), TODAY) is None
        assert changes.unchanged_since(6_999_999, back(3), TODAY) is True
        assert set((await known(store, back(1))).days) == {back(1)}

        asked = (await world.requests())["tmdb"]
        await store.bring_up_to_date(back(3), TODAY)
        assert (await world.requests())["tmdb"] == asked
        await store.bring_up_to_date(back(3), TODAY + timedelta(days=1))
        assert asked < (await world.requests())["tmdb"] <= asked + 5


async def test_tmdb_tells_two_weeks(world: World) -> None:
    """What is older is not asked for."""
    async with a_store(world) as store:
        await store.bring_up_to_date(back(40), TODAY)
        assert set((await known(store, back(40))).days) == {back(days) for days in range(1, 14)}


async def test_what_tmdb_does_not_tell_is_not_known(world: World) -> None:
    """It fails on a later day: what came before is kept, the rest is for another night, and nothing is raised."""
    async with a_store(world) as store:
        await store.bring_up_to_date(back(2), back(1))
        await world.provider("tmdb", fault={"kind": "unauthorized"})
        await store.bring_up_to_date(back(3), TODAY)
        assert set((await known(store, back(9))).days) == {back(2)}


async def test_an_empty_list_is_not_believed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for again the next night, or films that were changed would pass for unchanged."""
    told = Tmdb.changes

    async def nothing(tmdb: Tmdb, day: date, page: int, lane: Lane) -> ListedChanges:
        return ChangesPage() if day == back(2) else await told(tmdb, day, page, lane)

    async with a_store(world) as store:
        with monkeypatch.context() as empty:
            empty.setattr(Tmdb, "changes", nothing)
            await store.bring_up_to_date(back(3), TODAY)
        assert set((await known(store, back(9))).days) == {back(3), back(1)}
        await store.bring_up_to_date(back(3), TODAY)
        assert set((await known(store, back(9))).days) == {back(3), back(2), back(1)}


async def test_throttling_does_not_hold_up_a_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few tries, then the run goes on without the lists; TMDB is not paused for that."""
    monkeypatch.setattr(asking, "throttle_wait", lambda *_: 0.01)
    await world.provider("tmdb", fault={"kind": "throttle", "form": "bare"})
    async with a_store(world) as store:
        await store.bring_up_to_date(back(3), TODAY)
        assert (await known(store, back(9))).days == {}
    assert (await world.requests())["tmdb"] == asking.THROTTLE_ATTEMPTS
    assert await world.provider_story("tmdb") == []


async def test_without_tmdb_nothing_is_known(world: World) -> None:
    """It is off: nobody is asked."""
    board = ProviderBoard(world.bus, world.store, Clock())
    store = ChangesStore(world.bus, Desk(board, world.store, Clock(), {}), None, Clock())
    await store.bring_up_to_date(back(3), TODAY)
    assert (await known(store, back(9))).days == {}


async def test_two_who_fetch_the_same_day_store_it_once(world: World) -> None:
    """The day is the message's id."""
    async with a_store(world) as one, a_store(world) as other:
        await asyncio.gather(*(store.bring_up_to_date(back(1), TODAY) for store in (one, other)))
        state = await world.bus.stream_state(streams.ANSWERS)
        assert (state.first_seq, state.last_seq) == (1, 1)


async def test_what_cannot_be_read_is_fetched_anew(world: World) -> None:
    """As if it were not there."""
    await world.bus.js.publish(subjects.changes_answer(back(1)), b"{")
    async with a_store(world) as store:
        assert (await known(store, back(1))).days == {}
        await store.bring_up_to_date(back(1), TODAY)
        assert set((await known(store, back(1))).days) == {back(1)}
