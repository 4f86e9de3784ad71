"""Refreshes one film: gather, decide, one terminal event. Safe to repeat after a crash at any line."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from metarr_contracts import subjects
from metarr_contracts.events import CommandRejected, MovieEvent
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import ProviderOutcome
from metarr_enricher import movie_decider
from metarr_enricher.gathering import EnrichJob, Gathering, Sources
from metarr_enricher.job_log import JobLog
from metarr_enricher.movie_decider import FinishedJob
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Film
from metarr_enricher.progress import Progress
from metarr_enricher.rule_errors import MovieNotFoundError
from metarr_enricher.rules import Rules

Publish = Callable[[str, bytes], Awaitable[None]]


@dataclass
class _Running:
    """A job at work here."""

    job: EnrichJob
    progress: Progress
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)


class _CorrectedError(Exception):
    """A person has given the film another identity while it was asked about."""


class Enrichment:
    """Does enrichment jobs."""

    def __init__(self, sources: Sources, jobs: JobLog, rules: Rules, publish: Publish) -> None:
        self._sources = sources
        self._jobs = jobs
        self._rules = rules
        self._publish = publish
        self._on = tuple(provider for provider in PROVIDERS if provider in sources.providers)
        self._running: dict[int, _Running] = {}

    async def run(self, job: EnrichJob) -> str:
        """Bring the job to its end; says how it ended."""
        film = await self._sources.movies.current(job.movie_id)
        if not film.state.exists or job.job_id <= film.state.ended_job:
            return await self._end(job, film, "already ended")
        running = _Running(job, Progress(job.movie_id, job.job_id, self._on))
        self._running[job.job_id] = running
        try:
            return await self._refresh(running, film)
        finally:
            del self._running[job.job_id]

    async def has_ended(self, job: EnrichJob) -> bool:
        """Whether the job has its terminal event."""
        film = await self._sources.movies.current(job.movie_id)
        rejected, _ = await self._jobs.read(job.job_id)
        return job.job_id <= film.state.ended_job or rejected.ended

    async def give_up(self, job: EnrichJob, error: str) -> str:
        """End a job that failed too often; the film stays as it was and is free again."""
        finished = self._finished(job, self._sources.clock.now(), [], None)
        film = await self._sources.movies.decide(
            job.movie_id,
            job.cause,
            lambda state: movie_decider.give_up(state, finished, "gave_up", error, self._rules),
        )
        return await self._end(job, film, "gave up")

    async def repeat_progress(self, job_id: int) -> None:
        """Tell the job's progress again, for clients that came late."""
        if job_id in self._running:
            await self._tell(self._running[job_id])

    async def cancel(self, job_id: int) -> None:
        """Stop asking providers for this job if it runs here and its film's events say so; a note alone does not."""
        running = self._running.get(job_id)
        if running is None:
            return
        film = await self._sources.movies.current(running.job.movie_id)
        if film.state.cancelled_job == job_id:
            running.cancelled.set()

    async def _refresh(self, running: _Running, film: Film) -> str:
        job, started_at = running.job, self._sources.clock.now()
        await self._sources.identities.release_former(job.movie_id, film, job.cause)
        if film.state.cancelled_job == job.job_id:
            running.cancelled.set()
        while True:
            outcomes, gathering = await self._gather(running, film)
            finished = self._finished(job, started_at, outcomes or [], gathering)
            try:
                ended = await self._finish(job, finished, gathering, None if outcomes is None else gathering.known)
            except _CorrectedError:
                film = await self._sources.movies.current(job.movie_id)
            else:
                return await self._end(job, ended, _said(ended.state, job, finished))

    async def _gather(self, running: _Running, film: Film) -> tuple[list[ProviderOutcome] | None, Gathering]:
        """All answers; None: cancelled, or the film is gone."""

        async def complete(provider: ProviderName) -> None:
            running.progress.complete(provider)
            await self._tell(running)

        running.progress.restart()
        await self._tell(running)
        gathering = Gathering(running.job, film, self._sources, complete)
        try:
            return await _unless(running.cancelled, gathering.run()), gathering
        except MovieNotFoundError:
            return None, gathering

    async def _finish(self, job: EnrichJob, finished: FinishedJob, gathering: Gathering, known: Film | None) -> Film:
        """The film after the job's end.

        Raises:
            _CorrectedError: it is to be asked about again.
        """

        def finish(state: MovieState) -> MovieEvent | None:
            if known is not None and not gathering.is_about(state):
                raise _CorrectedError
            return movie_decider.finish(state, finished, self._rules)

        return await self._sources.movies.decide(job.movie_id, job.cause, finish, known)

    def _finished(
        self, job: EnrichJob, started_at: datetime, outcomes: list[ProviderOutcome], gathering: Gathering | None
    ) -> FinishedJob:
        return FinishedJob(
            movie_id=job.movie_id,
            job_id=job.job_id,
            started_at=started_at,
            completed_at=self._sources.clock.now(),
            providers=outcomes,
            answers=gathering.answers if gathering else [],
            mode=job.mode,
            run=job.run,
        )

    async def _end(self, job: EnrichJob, film: Film, outcome: str) -> str:
        if film.state.exists or job.job_id <= film.state.ended_job:
            return outcome
        # The film was never there, or was removed before the job ended.
        rejected = CommandRejected(
            job_id=job.job_id, kind="enrichment", movie_id=job.movie_id, code="movie_not_found", error="Movie not found"
        )
        await self._jobs.end(job.job_id, rejected, job.cause)
        return "rejected"

    async def _tell(self, running: _Running) -> None:
        # A run does so many films a second that nobody could read it, and a film that is put off has no end to show.
        if running.job.run is None:
            note = running.progress.note()
            await self._publish(subjects.live_movie(note.movie_id), note.to_json())


async def _unless(stopped: asyncio.Event, work: Awaitable[list[ProviderOutcome]]) -> list[ProviderOutcome] | None:
    """The work's result, or None when it was stopped before."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


def _said(state: MovieState, job: EnrichJob, finished: FinishedJob) -> str:
    if state.cancelled_job == job.job_id:
        return "cancelled"
    return "+".join(f"{fared.name}:{fared.outcome}" for fared in finished.providers)
