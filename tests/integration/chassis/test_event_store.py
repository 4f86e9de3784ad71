"""Appending facts: one wins at each version, and what is repeated is stored once."""

import asyncio
from collections.abc import Callable

import pytest
from tests.integration.chassis.conftest import fact

from metarr_chassis import event_store
from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError, ConflictError
from metarr_chassis.event_store import EventStore, Recorded
from metarr_contracts.events import CancelRequested

SUBJECT = "metarr.evt.movie.1"


@pytest.fixture
def store(bus: Bus) -> EventStore:
    """The facts."""
    return EventStore(bus, "test")


async def history(store: EventStore) -> list[str]:
    """The ids of the subject's facts."""
    return [recorded.id async for recorded in store.read(SUBJECT)]


async def test_a_fact_is_read_back_as_it_was_said(store: EventStore) -> None:
    """With its time, id and sequence; the last one is found alone."""
    first = fact("a")
    assert await store.append(SUBJECT, first, 0) == Recorded(1, "a", first.time, first.body)
    second = await store.append(SUBJECT, fact("b", 2), 1)
    assert [one async for one in store.read(SUBJECT)] == [Recorded(1, "a", first.time, first.body), second]
    assert [one async for one in store.read(SUBJECT, after=1)] == [second]
    assert await store.last(SUBJECT) == second
    assert await store.last("metarr.evt.movie.2") is None


async def test_of_twenty_at_once_one_wins_at_each_version(store: EventStore) -> None:
    """The others are told that somebody was faster; twenty rounds later all are in, each once."""
    left, version = {f"fact {n}" for n in range(20)}, 0
    while left:
        done = await asyncio.gather(
            *(store.append(SUBJECT, fact(name), version) for name in left), return_exceptions=True
        )
        [won] = [one for one in done if isinstance(one, Recorded)]
        assert sum(isinstance(one, ConflictError) for one in done) == len(left) - 1
        left.remove(won.id)
        version = won.seq
    assert len(await history(store)) == 20


@pytest.mark.parametrize("times", [1, 2, 4])
async def test_a_lost_acknowledgement_makes_no_double(
    store: EventStore, lose_acknowledgements: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """However often it is lost: the fact is stored once and its sequence is told."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0.001)
    lose_acknowledgements(times)
    assert (await store.append(SUBJECT, fact("a"), 0)).seq == 1
    assert await history(store) == ["a"]


async def test_an_append_that_is_never_acknowledged_can_be_repeated(
    store: EventStore, lose_acknowledgements: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it does not know; the same append again finds the fact."""
    monkeypatch.setattr(event_store, "RETRY_SECONDS", 0.001)
    lose_acknowledgements(event_store.ATTEMPTS)
    with pytest.raises(BusUnavailableError):
        await store.append(SUBJECT, fact("a"), 0)
    assert (await store.append(SUBJECT, fact("a"), 0)).seq == 1
    assert await history(store) == ["a"]


async def test_what_another_worker_stored_under_the_same_id_is_what_counts(store: EventStore) -> None:
    """Two workers on one job may have gathered different things: the log has one of them, and both go on from it."""
    await store.append(SUBJECT, fact("a", job_id=1), 0)
    again = await store.append(SUBJECT, fact("a", job_id=2), 0)
    assert (again.seq, again.body) == (1, CancelRequested(job_id=1))


async def test_what_this_version_cannot_read_has_no_body(bus: Bus, store: EventStore) -> None:
    """It has its place in the history all the same."""
    await bus.js.publish(SUBJECT, b"?", headers={"ce-id": "x"})
    recorded = await store.last(SUBJECT)
    assert recorded is not None
    assert (recorded.seq, recorded.id, recorded.body) == (1, "x", None)
    assert (await store.append(SUBJECT, fact("a"), 1)).seq == 2
