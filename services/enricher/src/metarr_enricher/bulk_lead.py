"""Leads one run over the whole library: takes film after film, hears how they end, tells how far it is, ends it.

Whatever it knows can be lost at any line: the run's events, the films' own events and the queue say the rest.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import bulk, subjects
from metarr_contracts.fields import ProviderName
from metarr_contracts.rules import RunRules
from metarr_enricher import bulk_decider
from metarr_enricher.aggregates import Aggregates
from metarr_enricher.bulk_ends import hear_ends
from metarr_enricher.bulk_films import RunFilms
from metarr_enricher.bulk_providers import Limit, RunProviders, Verdict
from metarr_enricher.bulk_round import Round
from metarr_enricher.bulk_state import BulkEvent, BulkState, Run
from metarr_enricher.cause import Cause
from metarr_enricher.freshness import Policy
from metarr_enricher.movies import Movies
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.run_window import RunWindow

log = structlog.get_logger()

TELL_SECONDS = 5.0
TICK_SECONDS = 1.0
"""A test clock may jump, and a note may be lost: the lead looks around so often when nothing happens."""


@dataclass(frozen=True)
class Tools:
    """What every lead works with."""

    bus: Bus
    clock: Clock
    runs: Aggregates[BulkState, BulkEvent]
    movies: Movies
    board: ProviderBoard
    on: Sequence[ProviderName]
    window: RunWindow


@dataclass
class Lead:
    """One run at one replica.

    Attributes:
        attempt: Counts deliveries of its command. After a restore from a backup they begin at 1 again.
        taken_over: Whether it was begun before this lead.
    """

    tools: Tools
    run: Run
    attempt: int
    cause: Cause
    rules: RunRules
    policy: Policy
    round: Round
    taken_over: bool
    _providers: RunProviders = field(init=False)
    _films: RunFilms = field(init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _verdict: Verdict | None = None
    _told_at: float = field(default_factory=monotonic)
    _look_again: bool = False
    _said_waiting: str | None = None

    def __post_init__(self) -> None:
        self._providers = RunProviders(self.tools.on, self.rules, self.run.providers, self.run.without)
        self._films = RunFilms(
            self.tools.bus,
            self.tools.clock,
            self.tools.movies,
            self.run,
            self.tools.on,
            self.policy,
            self.round,
            self._providers,
            took_over=self.taken_over,
            heard=self._wake.set,
        )
        if self.run.stopped_by is not None:
            self._verdict = Verdict("partial")

    async def lead(self) -> str:
        """Bring the run to its end; says how it ended.

        Raises:
            RunLostError: another replica leads it.
            BusUnavailableError: the bus is away; whoever gets the command next goes on.
        """
        self._cancelled_if(self.run)
        await self._look_for_replicas()
        async with hear_ends(self.tools.bus, self._films.wants, self._films.hear):
            if self.taken_over and self._verdict is not None:
                await self._films.recall()
            while True:
                await self._take_ends()
                await self._films.look_at_silent()
                await self._tell_if_time()
                if self.round.done:
                    self._decided(Verdict("partial" if self._providers.without else "completed"))
                if self._verdict is not None and not self._films.at_work:
                    return await self._end(self._verdict)
                if self._verdict is None and await self._take_up():
                    # Films that need nothing are gone through quickly: everybody else gets a turn.
                    await asyncio.sleep(0)
                    continue
                await self._sleep()

    def look_again(self) -> None:
        """Something was said of this run: perhaps it is to be cancelled."""
        self._look_again = True
        self._wake.set()

    async def _sleep(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await self._wake.wait()
        self._wake.clear()

    async def _look_for_replicas(self) -> None:
        """They come and go. While the queue does not say, the window stays as it is: that is no reason to hand back."""
        with contextlib.suppress(BusUnavailableError):
            self.round.window = await self.tools.window.now()

    # What providers allow

    async def _take_up(self) -> bool:
        """Do something about the next film; False where there is nothing to do now."""
        if self.round.only_doubts_left:
            if not await self._may_ask(self.tools.on):
                return False
            self.round.fail_doubts()
            return True
        movie_id = self.round.take()
        if movie_id is None:
            return False
        asked = await self._films.look(movie_id)
        if asked is None:
            return True
        if not await self._may_ask(asked):
            self._films.put_back(movie_id)
            return False
        await self._films.start(movie_id, asked, self._providers.without)
        return True

    async def _may_ask(self, wanted: Sequence[ProviderName]) -> bool:
        """Whether a film that needs these may be started: else the run is to end, or waits."""
        states, now = self.tools.board.states(), self.tools.clock.now()
        while isinstance(found := self._providers.look(wanted, states, now), Limit):
            if (verdict := await self._lose(found)) is not None:
                found = verdict
                break
        self._decided(found)
        if self._providers.waiting is not None:
            self.round.pause()
        elif self._said_waiting is not None:
            # Films failed because of that, not by themselves.
            self.round.retry_doubts()
        if self._providers.waiting != self._said_waiting:
            log.info(
                "run waits" if self._providers.waiting else "run goes on",
                run=self.run.job_id,
                why=self._providers.waiting,
            )
            await self._tell()
        return self._verdict is None and self._providers.waiting is None

    async def _lose(self, limit: Limit) -> Verdict | None:
        await self._tell()
        now = self.tools.clock.now()
        limited = bulk.BulkLimited(
            job_id=self.run.job_id,
            attempt=self.attempt,
            at=now,
            provider=limit.provider,
            until=limit.until,
            stops=limit.stops,
            message=limit.message,
            counts=self.round.counts,
        )
        await self._append(limited)
        log.info("run limited", run=self.run.job_id, provider=limit.provider, stops=limit.stops)
        return self._providers.lose(limit, now)

    async def _take_ends(self) -> None:
        for outcomes in self._films.take_ends():
            if self._verdict is None:
                found = self._providers.put_off(outcomes)
                self._decided(await self._lose(found) if isinstance(found, Limit) else found)

    # What is told

    async def _tell_if_time(self) -> None:
        # Who took over says at once that it gets further: a run whose leads do not is given up.
        is_first_step = self.run.attempt < self.attempt and self.round.counts.settled > self.run.counts.settled
        if self._look_again or is_first_step or monotonic() - self._told_at >= TELL_SECONDS:
            self._look_again = False
            run = (await self.tools.runs.current(subjects.BULK_EVENTS)).state.run
            if run is None or run.job_id != self.run.job_id or run.attempt > self.attempt:
                raise bulk_decider.RunLostError
            self._cancelled_if(run)
            await self._look_for_replicas()
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
            current=self._films.shown(),
            providers=self._providers.figures,
            without=self._providers.without,
            failures=tuple(self.round.failures),
            waiting=self._providers.waiting,
            waiting_until=self._providers.waiting_until,
        )

    async def _append(self, told: bulk.BulkProgressed | bulk.BulkLimited) -> None:
        after = await self.tools.runs.decide(
            subjects.BULK_EVENTS, self.cause, lambda state: bulk_decider.go_on(state, told)
        )
        if after.state.run is not None:
            self.run = after.state.run
        self._cancelled_if(self.run)

    async def _end(self, verdict: Verdict) -> str:
        if self._providers.waiting is None:
            # Nobody will show any more whose fault it was.
            self.round.fail_doubts()
        if self.round.done:
            # Whatever was to end it came too late.
            verdict = Verdict("partial" if self._providers.without else "completed")
        await self._tell()
        cursor = 1 if verdict.status == "completed" else self.run.resume_at or self._cursor()
        ended = bulk.BulkEnded(
            job_id=self.run.job_id,
            attempt=self.attempt,
            completed_at=self.tools.clock.now(),
            status=verdict.status,
            cursor=cursor,
            counts=bulk_decider.left_out(self.round.counts),
            providers=self._providers.figures,
            resume_from=None if verdict.status == "completed" else await self._resume_from(cursor),
            error=verdict.error,
            code=verdict.code,
        )
        await self.tools.runs.decide(subjects.BULK_EVENTS, self.cause, lambda state: bulk_decider.end(state, ended))
        counts = ended.counts
        log.info("run ended", run=self.run.job_id, status=ended.status, error=ended.error)
        return f"{ended.status}, {counts.processed} processed, {counts.skipped} skipped, {counts.failed} failed"

    async def _resume_from(self, cursor: int) -> bulk.ResumeFrom:
        film = (await self.tools.movies.current(cursor)).state
        return bulk.ResumeFrom(movie_id=cursor, position=self.round.position(cursor), title=film.shown_title)

    def _decided(self, verdict: Verdict | None) -> None:
        # A cancel that was seen meanwhile stands.
        self._verdict = self._verdict or verdict

    def _cancelled_if(self, run: Run) -> None:
        if run.cancel_requested:
            self._verdict = Verdict("cancelled")

    def _cursor(self) -> int:
        return self.round.cursor or 1
