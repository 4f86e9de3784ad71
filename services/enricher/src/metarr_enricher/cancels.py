"""The verb `cancel`: a person wants a job to end, of whatever kind."""

from collections.abc import Sequence

from metarr_chassis.bus import Bus
from metarr_chassis.micro import Endpoint
from metarr_contracts import streams, subjects
from metarr_contracts.events import CancelRequested
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.library import CancelJob, Done
from metarr_enricher import movie_decider
from metarr_enricher.bulk_runs import BulkRuns
from metarr_enricher.job_log import JobLog
from metarr_enricher.movies import Movies
from metarr_enricher.rule_errors import JobEndedError, RuleError
from metarr_enricher.verbs import endpoint, new_cause

ENRICH_PREFIX = subjects.ENRICH_COMMANDS.removesuffix("*")


class Cancels:
    """Ends jobs: what is said on a job's subject is seen by whoever works on it; a note makes it prompt."""

    def __init__(self, bus: Bus, movies: Movies, jobs: JobLog, runs: BulkRuns) -> None:
        self._bus = bus
        self._movies = movies
        self._jobs = jobs
        self._runs = runs

    def endpoints(self) -> Sequence[Endpoint]:
        """What is answered."""
        return (endpoint("cancel", CancelJob, self.cancel),)

    async def cancel(self, wanted: CancelJob) -> Done:
        """A job is to end."""
        last = (await self._bus.stream_state(streams.COMMANDS)).last_seq
        if not 1 <= wanted.job_id <= last:
            raise RuleError("Job not found", "job_not_found")
        command = await self._bus.message(streams.COMMANDS, wanted.job_id)
        if command is None:
            return Done(job_id=wanted.job_id, seq=await self._runs.end_forsaken(wanted.job_id, new_cause("cancel")))
        movie_id = None
        if command.subject == subjects.BULK_RUN:
            seq = await self._runs.request_cancel(wanted.job_id, new_cause("cancel"))
        elif command.subject.startswith(ENRICH_PREFIX):
            movie_id = parse_movie_id(command.subject.removeprefix(ENRICH_PREFIX))
            seq = await self._enrichment(wanted.job_id, movie_id)
        else:
            seq = await self._import(wanted.job_id)
        await self._bus.publish_note(subjects.LIVE_CANCEL, str(wanted.job_id).encode())
        return Done(movie_id=movie_id, job_id=wanted.job_id, seq=seq)

    async def _enrichment(self, job_id: int, movie_id: int | None) -> int:
        if movie_id is None:
            # A refresh of no film: whoever gets it rejects it, there is nothing left to cancel.
            raise JobEndedError
        film = await self._movies.decide(
            movie_id, new_cause("cancel"), lambda state: movie_decider.request_cancel(state, job_id)
        )
        return film.version

    async def _import(self, job_id: int) -> int:
        state, version = await self._jobs.decide(
            job_id,
            new_cause("cancel"),
            lambda state: None if state.ended or state.cancel_requested else CancelRequested(job_id=job_id),
        )
        if state.ended:
            raise JobEndedError
        return version
