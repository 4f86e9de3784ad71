"""Films of a run at work, with a queue and films that say what a test wants: how each of them is settled."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, SubjectTakenError
from metarr_contracts import bulk, events
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, ProviderOutcome
from metarr_contracts.rules import RunRules
from metarr_enricher import bulk_films
from metarr_enricher.bulk_films import RunFilms
from metarr_enricher.bulk_providers import RunProviders
from metarr_enricher.bulk_round import Round
from metarr_enricher.bulk_state import Run
from metarr_enricher.changes import Changes
from metarr_enricher.freshness import Policy
from metarr_enricher.movie_state import MovieState, RunMark
from metarr_enricher.movies import Film, Movies

NOW = datetime(2025, 11, 22, 3, tzinfo=UTC)
RUN = 9
JOB = 120
FILM = MovieState(added=True, title="Alien", ids=ExternalIds(imdb="tt0078748", tmdb=348))


@dataclass
class World:
    """One film and its place in the queue. `queued`: the job that stands there; `refuses`: what a publish meets."""

    film: MovieState = FILM
    queued: int | None = None
    refuses: Exception | None = None
    started: list[str] = field(default_factory=list)

    async def current(self, _movie_id: int) -> Film:
        """The film."""
        return Film(self.film, 1)

    async def last_message(self, _stream: str, subject: str) -> Any:
        """What stands in the queue."""
        return None if self.queued is None else type("Message", (), {"seq": self.queued, "subject": subject})

    async def publish_command(self, subject: str, _envelope: object, _payload: bytes) -> int:
        """A job begins."""
        if self.refuses is not None:
            raise self.refuses
        self.started.append(subject)
        return JOB


def ended(run_id: int | None = RUN, job_id: int = JOB) -> events.MovieEnriched:
    """A job on the film ended well."""
    return events.MovieEnriched(
        movie_id=1,
        job_id=job_id,
        run_id=run_id,
        started_at=NOW,
        completed_at=NOW,
        partial=False,
        changed={},
        providers=(),
        completeness=Completeness(before=0, after=0),
        missing=(),
    )


def put_off(*outcomes: ProviderOutcome) -> events.EnrichmentFailed:
    """A job on the film ended without a change."""
    return events.EnrichmentFailed(
        movie_id=1,
        job_id=JOB,
        run_id=RUN,
        started_at=NOW,
        completed_at=NOW,
        code="incomplete",
        error="limited",
        providers=outcomes,
        missing=(),
    )


async def look(world: World, *, took_over: bool = False, without: tuple[ProviderName, ...] = ()) -> RunFilms:
    """The films of a run over this one, which was looked at."""
    counts = bulk.RunCounts(total=1, remaining=1)
    run = Run(
        job_id=RUN,
        attempt=1,
        trigger="manual",
        force=False,
        asked_since=NOW,
        first=1,
        highest=1,
        cursor=1,
        counts=counts,
        providers=(),
    )
    around = Round([1], 1, window=1)
    around.take()
    films = RunFilms(
        cast("Bus", world),
        Clock(),
        cast("Movies", world),
        run,
        PROVIDERS,
        Policy(RunRules(), Changes(), NOW),
        around,
        RunProviders(PROVIDERS, RunRules(), (bulk.RunProvider(name="omdb"),), without),
        took_over=took_over,
        heard=lambda: None,
    )
    asked = await films.look(1)
    if asked is not None:
        await films.start(1, asked, without)
    return films


def marked(result: str, ended_job: int) -> MovieState:
    """The film after it ended in this run."""
    return FILM.model_copy(update={"run": RunMark(id=RUN, result=result), "ended_job": ended_job})


@pytest.mark.parametrize(
    "film",
    [
        FILM.model_copy(update={"year": 1979}),
        FILM.model_copy(update={"fields": {"year": FieldValue(value=1979, source="tmdb", fetched_at=NOW)}}),
    ],
)
async def test_the_film_a_run_is_at_is_shown_with_its_year(film: MovieState) -> None:
    """While it is at work and after it, by the year that the user gave or a provider has found."""
    films = await look(World(film))
    assert films.shown() == bulk.RunMovie(id=1, title="Alien", year=1979)
    films.hear(1, ended())
    assert list(films.take_ends()) == []
    assert films.shown() == bulk.RunMovie(id=1, title="Alien", year=1979)


async def test_a_film_is_started_and_settled_by_its_end() -> None:
    """The end of another job is not its own."""
    films = await look(World())
    films.hear(1, ended(job_id=JOB - 1))
    assert list(films.take_ends()) == []
    assert films.at_work
    films.hear(1, ended())
    assert list(films.take_ends()) == []
    assert films.round.counts.processed == 1


@pytest.mark.parametrize(("result", "counted"), [("processed", "processed"), ("cancelled", "skipped")])
async def test_what_ended_under_an_earlier_lead_counts_as_what_it_was(result: str, counted: str) -> None:
    """Nothing is started; what a processed film had of the providers is counted."""
    asked = ProviderOutcome(name="omdb", outcome="found", requests=2)
    world = World(marked(result, 50).model_copy(update={"run_outcomes": (asked,)}))
    films = await look(world, took_over=True)
    assert getattr(films.round.counts, counted) == 1
    assert world.started == []
    had = bulk.RunProvider(name="omdb", requests=2, found=1) if result == "processed" else bulk.RunProvider(name="omdb")
    assert films.providers.figures == (had,)


async def test_a_failure_under_an_earlier_lead_is_not_counted_twice() -> None:
    """It was told already, most likely."""
    asked = ProviderOutcome(name="omdb", outcome="unavailable", requests=2)
    films = await look(World(marked("failed", 50).model_copy(update={"run_outcomes": (asked,)})), took_over=True)
    assert films.providers.figures == (bulk.RunProvider(name="omdb"),)
    films.round.fail_doubts()
    assert films.round.failures[0].error == "OMDB failed"


async def test_a_film_that_is_put_off_for_no_reason_of_the_run_has_failed() -> None:
    """Else it would be started again and again."""
    films = await look(World())
    stranger = ProviderOutcome(name="fanart", outcome="unauthorized", message="no")
    films.providers.without = ("fanart",)
    films._flights[1].without = ("fanart",)
    films.hear(1, put_off(stranger))
    assert list(films.take_ends()) == []
    films.round.fail_doubts()
    assert films.round.counts.failed == 1


async def test_a_film_that_was_given_up_is_listed_with_the_reason() -> None:
    """Nobody was asked in the end: the job says why."""
    films = await look(World())
    films.hear(1, put_off().model_copy(update={"code": "gave_up", "error": "Gave up after 5 attempts"}))
    assert list(films.take_ends()) == []
    films.round.fail_doubts()
    assert films.round.failures[0].error == "Gave up after 5 attempts"


async def test_a_film_that_is_put_off_for_a_quota_is_looked_at_again() -> None:
    """The run decides what the quota means."""
    films = await look(World())
    limited = ProviderOutcome(name="omdb", outcome="quota_exhausted")
    films.hear(1, put_off(limited))
    assert list(films.take_ends()) == [(limited,)]
    assert films.round.take() == 1


async def test_a_job_that_is_just_being_acknowledged_is_not_waited_for() -> None:
    """Its end was heard before its command was gone."""
    world = World(FILM.model_copy(update={"ended_job": JOB}), refuses=SubjectTakenError("metarr.cmd.enrich.1"))
    world.queued = JOB
    films = await look(world)
    assert not films.at_work
    assert films.round.take() == 1


async def test_a_film_that_only_a_lost_provider_could_add_to_is_skipped() -> None:
    """Nobody is to be asked."""
    world = World()
    films = await look(world, without=("tmdb", "omdb", "fanart"))
    assert films.round.counts.skipped == 1
    assert world.started == []


async def test_a_retry_under_an_earlier_lead_is_waited_for() -> None:
    """What the film says of this run is its first try."""
    films = await look(World(marked("failed", 50), queued=JOB), took_over=True)
    assert films.at_work
    films.hear(1, ended())
    list(films.take_ends())
    assert films.round.counts.processed == 1


async def test_a_refresh_by_hand_is_waited_for_and_the_film_looked_at_again() -> None:
    """Its end does not carry the run."""
    films = await look(World(refuses=SubjectTakenError("metarr.cmd.enrich.1"), queued=77))
    films.hear(1, ended(run_id=None, job_id=77))
    assert list(films.take_ends()) == []
    assert films.round.take() == 1


async def test_a_film_that_was_left_incomplete_is_done_though_nobody_is_due() -> None:
    """What was answered then is stored and not merged yet."""
    removed_provider = World(FILM.model_copy(update={"run": RunMark(id=RUN - 1, result="failed")}))
    await look(removed_provider)
    assert removed_provider.started == ["metarr.cmd.enrich.1"]


async def test_the_bus_goes_while_a_film_is_started() -> None:
    """It is looked at again by whoever leads next."""
    world = World(refuses=BusUnavailableError("away"))
    with pytest.raises(BusUnavailableError):
        await look(world)


class TestSilence:
    """Nothing was heard of a film for a while."""

    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk_films, "SILENT_SECONDS", 0.0)

    async def test_it_is_still_queued(self) -> None:
        """Then it is waited for."""
        world = World()
        films = await look(world)
        world.queued = JOB
        await films.look_at_silent()
        assert films.at_work

    @pytest.mark.parametrize(
        ("result", "counted"), [("processed", "processed"), ("cancelled", "skipped"), ("failed", "failed")]
    )
    async def test_its_end_was_missed(self, result: str, counted: str) -> None:
        """The film says how it ended, a retry as well."""
        world = World()
        films = await look(world)
        world.film = marked(result, JOB)
        await films.look_at_silent()
        films.round.fail_doubts()
        assert getattr(films.round.counts, counted) == 1

    async def test_its_command_was_rejected(self) -> None:
        """It failed, and is not started again and again."""
        world = World()
        films = await look(world)
        await films.look_at_silent()
        films.round.fail_doubts()
        assert films.round.counts.failed == 1
        assert films.round.failures[0].error == "The command was rejected"

    async def test_it_was_removed(self) -> None:
        """Nobody will hear of it."""
        world = World()
        films = await look(world)
        world.film = FILM.model_copy(update={"removed": True})
        await films.look_at_silent()
        assert films.round.counts.skipped == 1
