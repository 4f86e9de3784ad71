"""Leads one run over the whole library: takes film after film, hears how they end, tells how far it is, ends it.

Whatever it knows can be lost at any line: the run's events, the films' own events and the queue say the rest.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Literal
from uuid import uuid4

import structlog

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, SubjectTakenError
from metarr_contracts import bulk, events, streams, subjects
from metarr_contracts.commands import EnrichMovie, RunPart
from metarr_contracts.envelope import Envelope
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ProviderOutcome
from metarr_contracts.registry import type_of
from metarr_contracts.rules import RunRules
from metarr_enricher import bulk_decider
from metarr_enricher.aggregates import Aggregates
from metarr_enricher.bulk_ends import FilmEnd, hear_ends
from metarr_enricher.bulk_round import Round
from metarr_enricher.bulk_state import BulkEvent, BulkState, Run
from metarr_enricher.bulk_tally import away_message, gone_message, limit_message, refused_message, tally, why_failed
from metarr_enricher.cause import Cause
from metarr_enricher.freshness import Policy, due
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Movies
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.provider_state import is_unproven, standing
from metarr_enricher.providers.outcomes import QuotaExhausted, Unauthorized, Unavailable
from metarr_enricher.run_result import run_result

log = structlog.get_logger()

TELL_SECONDS = 5.0
TICK_SECONDS = 1.0
"""A test clock may jump, and a note may be lost: the lead looks around so often when nothing happens."""
SILENT_SECONDS = 15.0
"""A film in flight of which nothing was heard for so long is looked at."""
LONGEST_WAIT = timedelta(minutes=30)
"""A run waits so long for providers that do not answer, in all."""


@dataclass(frozen=True)
class Tools:
    """What every lead works with."""

    bus: Bus
    clock: Clock
    runs: Aggregates[BulkState, BulkEvent]
    movies: Movies
    board: ProviderBoard
    on: Sequence[ProviderName]
    window: int


@dataclass
class _Flight:
    """A film in flight: `job` is None while a manual refresh of it is waited for."""

    title: str
    job: int | None
    looked_at: float


@dataclass(frozen=True)
class _Verdict:
    """Why no further film starts."""

    status: bulk.RunEnd
    error: str | None = None
    code: Literal["key_refused", "all_providers_failed", "provider_away"] | None = None


@dataclass
class Lead:
    """One run at one replica. `attempt` counts deliveries of its command."""

    tools: Tools
    run: Run
    attempt: int
    cause: Cause
    rules: RunRules
    policy: Policy
    round: Round
    _providers: tuple[bulk.RunProvider, ...] = ()
    _without: tuple[ProviderName, ...] = ()
    _flights: dict[int, _Flight] = field(default_factory=dict)
    _heard: deque[tuple[int, FilmEnd]] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _current: bulk.RunMovie = field(default_factory=lambda: bulk.RunMovie(id=0, title=""))
    _verdict: _Verdict | None = None
    _waiting: str | None = None
    _waited: timedelta = timedelta()
    _waits_since: datetime | None = None
    _told_at: float = field(default_factory=monotonic)
    _look_again: bool = False
    _said_waiting: str | None = None

    def __post_init__(self) -> None:
        self._providers, self._without = self.run.providers, self.run.without
        if self.run.stopped_by is not None:
            self._verdict = _Verdict("partial")

    async def lead(self) -> str:
        """Bring the run to its end; says how it ended.

        Raises:
            RunLostError: another replica leads it.
            BusUnavailableError: the bus is away; whoever gets the command next goes on.
        """
        self._cancelled_if(self.run)
        async with hear_ends(self.tools.bus, self._flights.__contains__, self._hear):
            while True:
                await self._take_ends()
                await self._look_at_silent()
                await self._tell_if_time()
                if self._verdict is None:
                    self._verdict = await self._judge()
                if self._verdict is not None and not self._flights:
                    return await self._end(self._verdict)
                if self._verdict is None and self._waiting is None and (movie_id := self.round.take()) is not None:
                    await self._consider(movie_id)
                    # Films that need nothing are gone through quickly: everybody else gets a turn.
                    await asyncio.sleep(0)
                    continue
                await self._sleep()

    @property
    def _took_over(self) -> bool:
        return self.attempt > 1

    def look_again(self) -> None:
        """Something was said of this run: perhaps it is to be cancelled."""
        self._look_again = True
        self._wake.set()

    def _hear(self, movie_id: int, event: FilmEnd) -> None:
        self._heard.append((movie_id, event))
        self._wake.set()

    async def _sleep(self) -> None:
        if not self._heard and not self._look_again:
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass
        self._wake.clear()

    # What providers allow

    async def _judge(self) -> _Verdict | None:
        """Why the run is to end, if it is; says whether it has to wait."""
        if self.round.done:
            return _Verdict("partial" if self._without else "completed")
        now = self.tools.clock.now()
        away: list[ProviderName] = []
        for provider in self.tools.on:
            if provider in self._without:
                continue
            state = self.tools.board.state(provider)
            match standing(state, now):
                case QuotaExhausted():
                    verdict = await self._limit(provider, state.paused_until)
                    if verdict is not None:
                        return verdict
                case Unauthorized():
                    return _Verdict("failed", refused_message(provider, state.message), "key_refused")
                case Unavailable():
                    away.append(provider)
        verdict = await self._wait_for(away, now)
        if verdict is None and self._waiting is None and self.round.only_doubts_left:
            self.round.fail_doubts()
            self._wake.set()
        return verdict

    async def _limit(self, provider: ProviderName, until: datetime | None) -> _Verdict | None:
        rest = set(self.tools.on) - {*self._without, provider}
        stops = self.rules.on_quota == "stop" or not rest
        now = self.tools.clock.now()
        await self._tell()
        self._providers = tuple(
            known.model_copy(update={"limited_at": now}) if known.name == provider else known
            for known in self._providers
        )
        await self._append(
            bulk.BulkLimited(
                job_id=self.run.job_id,
                attempt=self.attempt,
                at=now,
                provider=provider,
                until=until,
                stops=stops,
                message=limit_message(provider, stops=stops),
                counts=self.round.counts,
            )
        )
        log.info("run limited", run=self.run.job_id, provider=provider, stops=stops)
        if stops:
            return _Verdict("partial")
        self._without = (*self._without, provider)
        return None

    async def _wait_for(self, away: Sequence[ProviderName], now: datetime) -> _Verdict | None:
        """Wait while a provider does not answer, for so long in all: without it no film can be completed."""
        if self._waits_since is not None:
            self._waited += now - self._waits_since
            self._waits_since = None
        if not away:
            self._waiting = None
            return None
        if self._waited < LONGEST_WAIT:
            # Films failed because of it, not by themselves.
            self.round.retry_doubts()
            until = min(self.tools.board.state(provider).paused_until or now for provider in away)
            self._waits_since = now
            if (waiting := away_message(away, until)) != self._waiting:
                self._waiting = waiting
                log.info("run waits", run=self.run.job_id, why=waiting)
                await self._tell()
            return None
        # One whose pause is just over has not answered either.
        gone = [name for name in self.tools.on if name in away or is_unproven(self.tools.board.state(name), now)]
        if {*gone, *self._without} >= set(self.tools.on):
            return _Verdict("failed", "All providers failed", "all_providers_failed")
        return _Verdict("failed", gone_message(gone), "provider_away")

    # Films

    async def _consider(self, movie_id: int) -> None:
        # From now on its end is heard.
        flight = self._flights[movie_id] = _Flight("", None, monotonic())
        try:
            # Asked before the film is read: what was started under an earlier lead has ended, or ends from here on.
            is_queued = self._took_over and await self._is_queued(movie_id)
            film = (await self.tools.movies.current(movie_id)).state
            flight.title = film.shown_title
            self._current = bulk.RunMovie(id=movie_id, title=film.shown_title)
            if self._is_settled_already(movie_id, film):
                del self._flights[movie_id]
                return
            asked = due(film, self.tools.on, self.policy)
            if not asked:
                del self._flights[movie_id]
                self.round.settle(movie_id, "skipped")
                return
            if not is_queued:
                flight.job = await self._start(movie_id, asked)
        except SubjectTakenError:
            pass  # A manual refresh: its end is waited for.
        except BusUnavailableError:
            # It may have been started all the same: then the subject is taken, and its end is waited for.
            del self._flights[movie_id]
            self.round.put_back(movie_id)
            raise

    async def _is_queued(self, movie_id: int) -> bool:
        return await self.tools.bus.last_message(streams.COMMANDS, subjects.enrich_command(movie_id)) is not None

    def _is_settled_already(self, movie_id: int, film: MovieState) -> bool:
        """Whether the film is gone, or ended in this run under an earlier lead that had not told it yet."""
        if not film.exists:
            self.round.settle(movie_id, "skipped")
            return True
        mark = film.run
        if mark is None or mark.id != self.run.job_id or not self.round.is_first_try(movie_id):
            return False
        match mark.result:
            case "processed":
                self.round.settle(movie_id, "processed")
            case "cancelled":
                self.round.settle(movie_id, "skipped")
            case "failed":
                failed = bulk.FailedMovie(movie_id=movie_id, title=film.shown_title, error="A provider failed")
                self.round.doubt(failed)
            case "unsettled":
                return False
        return True

    async def _start(self, movie_id: int, asked: tuple[ProviderName, ...]) -> int:
        command = EnrichMovie(
            force=self.run.force,
            trigger=self.run.trigger,
            mode="complete",
            run=RunPart(
                id=self.run.job_id,
                due=asked,
                asked_since=self.run.asked_since,
                without=self._without,
                reserve=self.rules.manual_reserve,
            ),
        )
        envelope = Envelope(
            id=uuid4().hex,
            type=type_of(command),
            source="/metarr/enricher",
            time=self.tools.clock.now(),
            correlation_id=self.cause.correlation_id or self.cause.id,
            causation_id=self.cause.id,
        )
        return await self.tools.bus.publish_command(subjects.enrich_command(movie_id), envelope, command.to_json())

    async def _take_ends(self) -> None:
        while self._heard:
            movie_id, event = self._heard.popleft()
            flight = self._flights.get(movie_id)
            if flight is None:
                continue
            if isinstance(event, events.MovieRemoved):
                del self._flights[movie_id]
                self.round.settle(movie_id, "skipped")
            elif event.run_id == self.run.job_id:
                del self._flights[movie_id]
                await self._film_ended(movie_id, flight.title, event)
            elif flight.job is None:
                del self._flights[movie_id]
                self.round.put_back(movie_id)

    async def _film_ended(
        self,
        movie_id: int,
        title: str,
        event: events.MovieEnriched | events.EnrichmentFailed | events.EnrichmentCancelled,
    ) -> None:
        outcomes = () if isinstance(event, events.EnrichmentCancelled) else event.providers
        self._providers = tally(self._providers, outcomes)
        match run_result(event):
            case "processed":
                self.round.settle(movie_id, "processed")
            case "cancelled":
                self.round.settle(movie_id, "skipped")
            case "failed":
                self.round.doubt(bulk.FailedMovie(movie_id=movie_id, title=title, error=why_failed(outcomes)))
            case "unsettled":
                self.round.put_back(movie_id)
                await self._learn(outcomes)

    async def _learn(self, outcomes: Sequence[ProviderOutcome]) -> None:
        """A film was put off because of a quota or a key, which another replica may have found out."""
        for fared in outcomes:
            if self._verdict is not None or fared.name in self._without:
                continue
            if fared.outcome == "unauthorized":
                self._verdict = _Verdict("failed", refused_message(fared.name, fared.message), "key_refused")
            elif fared.outcome == "quota_exhausted":
                self._verdict = await self._limit(fared.name, fared.limited_until)

    async def _look_at_silent(self) -> None:
        """The end of a film may have been missed while the bus was away, or its refresh by hand was rejected."""
        for movie_id, flight in list(self._flights.items()):
            if monotonic() - flight.looked_at < SILENT_SECONDS:
                continue
            flight.looked_at = monotonic()
            if await self._is_queued(movie_id):
                continue
            if any(heard == movie_id for heard, _ in self._heard):
                continue
            del self._flights[movie_id]
            film = (await self.tools.movies.current(movie_id)).state
            if flight.job is not None and film.ended_job >= flight.job and self._is_settled_already(movie_id, film):
                continue
            self.round.put_back(movie_id)

    # What is told

    async def _tell_if_time(self) -> None:
        # Who took over says at once that it gets further: a run whose leads do not is given up.
        is_first_step = self.run.attempt < self.attempt and self.round.counts.settled > self.run.counts.settled
        if self._look_again or is_first_step or monotonic() - self._told_at >= TELL_SECONDS:
            self._look_again = False
            self._cancelled_if((await self.tools.runs.current(subjects.BULK_EVENTS)).state.run)
            await self._tell()

    async def _tell(self) -> None:
        """Say how far the run is, if that is news."""
        self._told_at = monotonic()
        told = self._progress()
        if told.counts == self.run.counts and told.waiting == self._said_waiting and not told.failures:
            return
        await self._append(told)
        self._said_waiting = told.waiting
        self.round.failures.clear()

    def _progress(self) -> bulk.BulkProgressed:
        return bulk.BulkProgressed(
            job_id=self.run.job_id,
            attempt=self.attempt,
            at=self.tools.clock.now(),
            cursor=self._cursor(),
            settled_above=self.round.settled_above,
            counts=self.round.counts,
            current=self._at(),
            providers=self._providers,
            without=self._without,
            failures=tuple(self.round.failures),
            waiting=self._waiting,
        )

    async def _append(self, told: bulk.BulkProgressed | bulk.BulkLimited) -> None:
        after = await self.tools.runs.decide(
            subjects.BULK_EVENTS, self.cause, lambda state: bulk_decider.go_on(state, told)
        )
        if after.state.run is not None:
            self.run = after.state.run
        self._cancelled_if(self.run)

    async def _end(self, verdict: _Verdict) -> str:
        if self.round.done and not self._without:
            # Whatever was to end it came too late.
            verdict = _Verdict("completed")
        await self._tell()
        cursor = 1 if verdict.status == "completed" else self.run.resume_at or self._cursor()
        ended = bulk.BulkEnded(
            job_id=self.run.job_id,
            attempt=self.attempt,
            completed_at=self.tools.clock.now(),
            status=verdict.status,
            cursor=cursor,
            counts=bulk_decider.left_out(self.round.counts),
            providers=self._providers,
            resume_from=None if verdict.status == "completed" else await self._resume_from(cursor),
            error=verdict.error,
            code=verdict.code,
        )
        await self.tools.runs.decide(subjects.BULK_EVENTS, self.cause, lambda state: bulk_decider.end(state, ended))
        counts = ended.counts
        return f"{ended.status}, {counts.processed} processed, {counts.skipped} skipped, {counts.failed} failed"

    async def _resume_from(self, cursor: int) -> bulk.ResumeFrom:
        film = (await self.tools.movies.current(cursor)).state
        return bulk.ResumeFrom(movie_id=cursor, position=self.round.position(cursor), title=film.shown_title)

    def _cancelled_if(self, run: Run | None) -> None:
        if run is not None and run.cancel_requested and run.job_id == self.run.job_id:
            self._verdict = _Verdict("cancelled")

    def _cursor(self) -> int:
        return self.round.cursor or 1

    def _at(self) -> bulk.RunMovie:
        first = next(iter(self.round.in_flight), None)
        if first is not None and first in self._flights:
            return bulk.RunMovie(id=first, title=self._flights[first].title)
        return self._current
