"""What an enricher counts: the fate of commands, the ends of jobs, dead letters, what is left of a quota."""

import pytest
from prometheus_client import REGISTRY
from tests.integration.enricher.conftest import World, eventually

from metarr_contracts import subjects
from metarr_enricher import worker
from metarr_enricher.answer_store import AnswerStore

FILMS = (
    {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603},
    {"title": "Inception", "year": 2010, "imdbId": "tt1375666", "tmdbId": 27205},
)
DONE = ("commands_total", (("queue", "enricher"), ("outcome", "done")))
DEAD = ("commands_total", (("queue", "enricher"), ("outcome", "dead")))
FAILED = ("commands_total", (("queue", "enricher"), ("outcome", "failed")))
COMPLETED = ("jobs_total", (("kind", "enrichment"), ("outcome", "completed")))
PARTIAL = ("jobs_total", (("kind", "enrichment"), ("outcome", "partial")))
ENDED_FAILED = ("jobs_total", (("kind", "enrichment"), ("outcome", "failed")))
REJECTED = ("jobs_total", (("kind", "enrichment"), ("outcome", "rejected")))
LETTERS = ("dead_letters_total", (("origin", "commands"),))
FOUND = ("provider_requests_total", (("provider", "omdb"), ("outcome", "found")))
USED_UP = ("provider_requests_total", (("provider", "omdb"), ("outcome", "quota_exhausted")))

Counter = tuple[str, tuple[tuple[str, str], ...]]


def shown(name: str, **labels: str) -> float | None:
    """The figure now."""
    return REGISTRY.get_sample_value(f"metarr_{name}", labels)


class Since:
    """What has been counted since this was made: other tests of this process count, too."""

    def __init__(self, *counters: Counter) -> None:
        self._counters = counters
        self._before = self._now()

    def _now(self) -> list[float]:
        return [shown(name, **dict(labels)) or 0 for name, labels in self._counters]

    def counted(self) -> list[float]:
        """The differences, in order."""
        return [now - before for now, before in zip(self._now(), self._before, strict=True)]


async def test_a_command_that_nobody_can_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times it failed, then it is dead: one job that failed, one dead letter."""
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    since = Since(FAILED, DEAD, ENDED_FAILED, LETTERS)
    await world.enricher()
    await world.acknowledged_within(3_600)
    movie_id = await world.add(**FILMS[0])

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(AnswerStore, "put", fail)
    await world.end_of(await world.refresh(movie_id), movie_id)
    await eventually(lambda: _are(since, [4, 1, 1, 1]))


async def test_a_command_that_nobody_can_read(world: World) -> None:
    """It is dead at once, and its job rejected."""
    since = Since(DEAD, REJECTED, LETTERS, DONE)
    await world.enricher()
    await world.end_of(await world.command(subjects.enrich_command(1), b'{"colour": "red"}'))
    await eventually(lambda: _are(since, [1, 1, 1, 0]))


async def test_a_quota_that_is_used_up(world: World) -> None:
    """The request that met the limit counts as that, the provider is paused, and the limit is known from then on."""
    since = Since(FOUND, USED_UP, COMPLETED, PARTIAL)
    running = await world.enricher()
    first, second = [await world.add(**film) for film in FILMS]
    await world.provider("omdb", dailyLimit=1)
    await world.refreshed(first)
    assert (shown("provider_quota_limit", provider="omdb"), shown("provider_quota_remaining", provider="omdb")) == (
        None,
        None,
    )
    await world.refreshed(second)
    assert since.counted() == [1, 1, 1, 1]

    async def known() -> bool:
        states = [shown("provider_state", provider="omdb", state=state) for state in ("on", "paused")]
        figures = [shown(f"provider_quota_{name}", provider="omdb") for name in ("limit", "remaining")]
        return (states, figures) == ([0, 1], [1, 0])

    await eventually(known)
    assert shown("provider_quota_limit", provider="tmdb") is None
    await running.stop()


async def _are(since: Since, expected: list[float]) -> bool:
    return since.counted() == expected
