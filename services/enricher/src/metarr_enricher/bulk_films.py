"""The films of a run that are at work: puts them into the queue, hears how they end, settles them in the round."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

from pydantic import ValidationError

from metarr_chassis import tracing
from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, SubjectTakenError
from metarr_contracts import bulk, events, streams, subjects
from metarr_contracts.commands import EnrichMovie, RunPart
from metarr_contracts.envelope import Envelope
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ProviderOutcome
from metarr_contracts.registry import type_of
from metarr_enricher.bulk_ends import FilmEnd
from metarr_enricher.bulk_providers import RunProviders
from metarr_enricher.bulk_round import Round, Settled
from metarr_enricher.bulk_state import Run
from metarr_enricher.bulk_tally import answered_now
from metarr_enricher.complete_mode import TROUBLED, why
from metarr_enricher.freshness import Policy, due
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Movies
from metarr_enricher.run_result import RunResult, run_result

SILENT_SECONDS = 15.0
"""A film at work of which nothing was heard for so long is looked at."""
GAVE_UP = "Gave up"


@dataclass
class _Flight:
    """A film at work: `job` is None while one that is not this lead's own is waited for."""

    title: str
    job: int | None
    looked_at: float
    year: int | None = None
    ended_job: int = 0
    without: tuple[ProviderName, ...] = ()


@dataclass
class RunFilms:
    """The films of one run at its lead.

    Attributes:
        on: The providers that are on.
        providers: Counts what the run has of them.
        took_over: Whether films may be at work that an earlier lead has started.
        heard: Called when something was heard of a film.
    """

    bus: Bus
    clock: Clock
    movies: Movies
    run: Run
    on: Sequence[ProviderName]
    policy: Policy
    round: Round
    providers: RunProviders
    took_over: bool
    heard: Callable[[], None]
    current: bulk.RunMovie = field(default_factory=lambda: bulk.RunMovie(id=0, title=""))
    _flights: dict[int, _Flight] = field(default_factory=dict)
    _ends: deque[tuple[int, FilmEnd]] = field(default_factory=deque)

    @property
    def at_work(self) -> bool:
        """Whether a film is."""
        return bool(self._flights)

    def wants(self, movie_id: int) -> bool:
        """Whether the film's end is waited for."""
        return movie_id in self._flights

    def hear(self, movie_id: int, event: FilmEnd) -> None:
        """A film's end, dealt with when ends are taken."""
        self._ends.append((movie_id, event))
        self.heard()

    def shown(self) -> bulk.RunMovie:
        """The film that the run is at: the first of the round at work, else the last that it looked at."""
        first = next(iter(self.round.in_flight), None)
        if first is None or first not in self._flights:
            return self.current
        return bulk.RunMovie(id=first, title=self._flights[first].title, year=self._flights[first].year)

    async def look(self, movie_id: int) -> tuple[ProviderName, ...] | None:
        """Who is to be asked about a film that the round has taken; None: it is settled, or its end is waited for.

        Raises:
            BusUnavailableError: the film is put back.
        """
        # From now on its end is heard.
        flight = self._flights[movie_id] = _Flight("", None, monotonic())
        try:
            # Asked before the film is read: what was started under an earlier lead has ended, or ends from here on.
            queued = await self._queued(movie_id) if self.took_over else None
            film = (await self.movies.current(movie_id)).state
        except BusUnavailableError:
            self.put_back(movie_id)
            raise
        flight.title, flight.year, flight.ended_job = film.shown_title, film.shown_year, film.ended_job
        self.current = bulk.RunMovie(id=movie_id, title=film.shown_title, year=film.shown_year)
        if queued is not None and film.exists and film.ended_job < queued:
            return None
        asked = due(film, self.on, self.policy)
        if not film.exists:
            self._settle(movie_id, "skipped")
            return None
        if self.round.is_first_try(movie_id) and self._by_mark(movie_id, film):
            # It ended under an earlier lead that had not told it yet.
            return None
        if set(asked) <= set(self.providers.without) and not _is_incomplete(film):
            self._settle(movie_id, "skipped")
            return None
        return asked

    async def recall(self) -> None:
        """Settle the films that have ended in this run under an earlier lead, and wait for those still at work for it.

        For a run that is about to end, in which no film is looked at any more.

        Raises:
            BusUnavailableError: it is not known what there was.
        """
        for movie_id in self.round.within_reach:
            self.round.recall(movie_id)
            flight = self._flights[movie_id] = _Flight("", None, monotonic())
            # Asked before the film is read: what has left the queue then has ended before.
            job = await self._queued_by_run(movie_id)
            film = (await self.movies.current(movie_id)).state
            flight.title, flight.year, flight.ended_job = film.shown_title, film.shown_year, film.ended_job
            is_at_work = film.exists and job is not None and film.ended_job < job
            if not is_at_work and not (film.exists and self._by_mark(movie_id, film)):
                self.put_back(movie_id)

    async def start(self, movie_id: int, asked: tuple[ProviderName, ...], without: tuple[ProviderName, ...]) -> None:
        """Have a film refreshed that was looked at.

        Raises:
            BusUnavailableError: the film is put back; if it was started all the same, its end is waited for then.
        """
        flight = self._flights[movie_id]
        flight.without = without
        try:
            flight.job = await self._publish(movie_id, asked, without)
        except SubjectTakenError:
            # A manual refresh, whose end is waited for; or a job that has ended, and is just being acknowledged.
            queued = await self._queued(movie_id)
            if queued is None or queued <= flight.ended_job:
                self.put_back(movie_id)
        except BusUnavailableError:
            self.put_back(movie_id)
            raise

    def put_back(self, movie_id: int) -> None:
        """Look at a film again later."""
        del self._flights[movie_id]
        self.round.put_back(movie_id)

    def take_ends(self) -> Iterator[Sequence[ProviderOutcome]]:
        """Settle what was heard of; yields what the providers said of each film that was put off because of them."""
        while self._ends:
            movie_id, event = self._ends.popleft()
            flight = self._flights.get(movie_id)
            if flight is None:
                continue
            if isinstance(event, events.MovieRemoved):
                self._settle(movie_id, "skipped")
            elif event.run_id == self.run.job_id and flight.job in {None, event.job_id}:
                outcomes = () if isinstance(event, events.EnrichmentCancelled) else event.providers
                self.providers.count(outcomes)
                result = run_result(event)
                if result == "unsettled" and flight.without == self.providers.without:
                    # Nothing that the run could do about it would keep the film from being put off again and again.
                    result = "unsettled" if self.providers.explains(outcomes) else "failed"
                error = event.error if isinstance(event, events.EnrichmentFailed) else ""
                if not self._ended(movie_id, flight.title, result, outcomes, error):
                    self.put_back(movie_id)
                    yield outcomes
            elif flight.job is None:
                self.put_back(movie_id)

    async def look_at_silent(self) -> None:
        """The end of a film may have been missed while the bus was away, or its command was rejected."""
        for movie_id, flight in list(self._flights.items()):
            if monotonic() - flight.looked_at < SILENT_SECONDS:
                continue
            flight.looked_at = monotonic()
            if await self._queued(movie_id) is not None or any(heard == movie_id for heard, _ in self._ends):
                continue
            film = (await self.movies.current(movie_id)).state
            if not film.exists:
                self._settle(movie_id, "skipped")
            elif flight.job is not None and film.ended_job < flight.job:
                self._doubt(movie_id, flight.title, "The command was rejected")
            elif flight.job is None or not self._by_mark(movie_id, film):
                self.put_back(movie_id)

    async def _queued(self, movie_id: int) -> int | None:
        """The job that waits or runs for the film."""
        command = await self.bus.last_message(streams.COMMANDS, subjects.enrich_command(movie_id))
        return command.seq if command else None

    async def _queued_by_run(self, movie_id: int) -> int | None:
        """The job that waits or runs for the film as a part of this run."""
        command = await self.bus.last_message(streams.COMMANDS, subjects.enrich_command(movie_id))
        if command is None:
            return None
        try:
            part = EnrichMovie.model_validate_json(command.data).run
        except ValidationError:
            return None
        return command.seq if part is not None and part.id == self.run.job_id else None

    def _by_mark(self, movie_id: int, film: MovieState) -> bool:
        """Settle the film as its own events say that it ended in this run, if they do."""
        if film.run is None or film.run.id != self.run.job_id:
            return False
        if film.run.result == "processed":
            self.providers.count(film.run_outcomes)
        # A job that was given up has no outcomes.
        error = why(film.run_outcomes) or GAVE_UP
        return self._ended(movie_id, film.shown_title, film.run.result, film.run_outcomes, error)

    def _ended(
        self, movie_id: int, title: str, result: RunResult, outcomes: Sequence[ProviderOutcome], error: str
    ) -> bool:
        """Settle the film; False: it was put off."""
        match result:
            case "processed":
                self._settle(movie_id, "processed", answered_now(outcomes))
            case "cancelled":
                self._settle(movie_id, "skipped")
            case "failed":
                because = [fared.name for fared in outcomes if fared.outcome in TROUBLED]
                self._doubt(movie_id, title, error, because)
            case "unsettled":
                return False
        return True

    def _settle(self, movie_id: int, how: Settled, answered: Iterable[ProviderName] = ()) -> None:
        del self._flights[movie_id]
        self.round.settle(movie_id, how, answered)

    def _doubt(self, movie_id: int, title: str, error: str, because: Iterable[ProviderName] = ()) -> None:
        del self._flights[movie_id]
        self.round.doubt(bulk.FailedMovie(movie_id=movie_id, title=title, error=error), because)

    async def _publish(self, movie_id: int, asked: tuple[ProviderName, ...], without: tuple[ProviderName, ...]) -> int:
        command = EnrichMovie(
            trigger=self.run.trigger,
            mode="complete",
            run=RunPart(
                id=self.run.job_id,
                due=asked,
                asked_since=self.run.asked_since,
                without=without,
                reserve=self.policy.rules.manual_reserve,
            ),
        )
        envelope = Envelope(
            id=uuid4().hex,
            type=type_of(command),
            source="/metarr/enricher",
            time=self.clock.now(),
            correlation_id=f"run/{self.run.job_id}",
        )
        # A run over 100,000 films would be one trace of a million spans: each film has its own, with a link to the run.
        with tracing.own_trace("film of a run"):
            return await self.bus.publish_command(subjects.enrich_command(movie_id), envelope, command.to_json())


def _is_incomplete(film: MovieState) -> bool:
    """Whether a run has left it unchanged: what was answered then is stored, and not merged yet."""
    return film.run is not None and film.run.result in {"failed", "unsettled"}
