"""What providers answered is stored, sooner or later."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.integration.enricher.conftest import World, eventually

from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams
from metarr_contracts.answers import ProviderAnswered
from metarr_enricher import answer_store
from metarr_enricher.answer_store import AnswerStore
from metarr_enricher.cause import Cause

FETCHED_AT = datetime(2025, 11, 22, 3, 0, tzinfo=UTC)
CAUSE = Cause("a job")


async def test_an_answer_that_somebody_was_cancelled_over_is_stored_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks several providers is cancelled at all answers when the first one cannot be stored."""
    # Cancelled between two publishes: one that is under way might come when the bus takes it.
    monkeypatch.setattr(answer_store, "RETRY_SECONDS", 3_600)
    monkeypatch.setattr(answer_store, "LONGEST_SECONDS", 3_600)
    store = AnswerStore(world.bus)
    async with _refusing(world):
        with capture_logs() as logs:
            putting = asyncio.create_task(store.put(_answer(FETCHED_AT), CAUSE))
            await eventually(partial(_refused, logs))
        assert not putting.done()
        putting.cancel()
        await asyncio.wait([putting])
    assert await AnswerStore(world.bus).last("omdb", 1) is None
    assert await store.last("omdb", 1) == _answer(FETCHED_AT)
    assert await AnswerStore(world.bus).last("omdb", 1) == _answer(FETCHED_AT)


async def test_an_answer_that_was_kept_does_not_take_the_place_of_a_later_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another replica may have asked meanwhile."""
    monkeypatch.setattr(answer_store, "ATTEMPTS", 1)
    store, later = AnswerStore(world.bus), _answer(FETCHED_AT + timedelta(seconds=1))
    async with _refusing(world):
        with pytest.raises(BusUnavailableError):
            await store.put(_answer(FETCHED_AT), CAUSE)
    await AnswerStore(world.bus).put(later, Cause("another job"))
    assert await store.last("omdb", 1) == later
    assert await AnswerStore(world.bus).last("omdb", 1) == later


async def test_no_more_answers_are_kept_than_there_is_work_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest one makes room: it is asked for again."""
    monkeypatch.setattr(answer_store, "ATTEMPTS", 1)
    monkeypatch.setattr(answer_store, "RETRY_SECONDS", 0)
    monkeypatch.setattr(answer_store, "MOST_UNSTORED", 2)
    store = AnswerStore(world.bus)
    async with _refusing(world):
        for movie_id in (1, 2, 3):
            with pytest.raises(BusUnavailableError):
                await store.put(_answer(FETCHED_AT, movie_id), CAUSE)
    found = [await store.last("omdb", movie_id) for movie_id in (1, 2, 3)]
    assert found == [None, _answer(FETCHED_AT, 2), _answer(FETCHED_AT, 3)]


async def _refused(logs: Sequence[Mapping[str, Any]]) -> bool:
    return any(line["event"] == "answer not acknowledged" for line in logs)


@asynccontextmanager
async def _refusing(world: World) -> AsyncIterator[None]:
    """The bus takes no answers, as with a full disk."""
    config = (await world.bus.api(f"STREAM.INFO.{streams.ANSWERS}"))["config"]
    await world.bus.api(f"STREAM.UPDATE.{streams.ANSWERS}", json.dumps({**config, "max_msg_size": 1}).encode())
    try:
        yield
    finally:
        await world.bus.api(f"STREAM.UPDATE.{streams.ANSWERS}", json.dumps(config).encode())


def _answer(fetched_at: datetime, movie_id: int = 1) -> ProviderAnswered:
    return ProviderAnswered(
        provider="omdb",
        movie_id=movie_id,
        job_id=7,
        asked_with="imdb:tt0133093",
        outcome="not_found",
        fetched_at=fetched_at,
    )
