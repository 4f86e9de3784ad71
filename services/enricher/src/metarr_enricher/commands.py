"""What a delivered command means: read it, carry it out, or reject it. One terminal event each."""

from datetime import datetime
from typing import Literal

from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_contracts.commands import EnrichMovie, ImportUpload, RunBulk
from metarr_contracts.envelope import read_envelope
from metarr_contracts.events import CommandRejected, ImportFailed
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.streams import MAX_DELIVERIES
from metarr_enricher.bulk_decider import RunLostError
from metarr_enricher.bulk_runs import BulkRuns
from metarr_enricher.cause import Cause
from metarr_enricher.dead_letters import bury
from metarr_enricher.enrichment import Enrichment
from metarr_enricher.gathering import EnrichJob
from metarr_enricher.import_job import ImportJob
from metarr_enricher.job_log import JobLog
from metarr_enricher.worker import Delivery, Fate, Handled

GAVE_UP = f"Gave up after {MAX_DELIVERIES} attempts"


class Commands:
    """Handlers of the queues."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        jobs: JobLog,
        enrichment: Enrichment,
        imports: ImportJob,
        runs: BulkRuns,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._jobs = jobs
        self._enrichment = enrichment
        self._imports = imports
        self._runs = runs

    async def enrich(self, delivery: Delivery) -> Handled:
        """`metarr.cmd.enrich.<movieId>`."""
        movie_id = parse_movie_id(delivery.subject.rsplit(".", 1)[1])
        if movie_id is None:
            return await self._reject(delivery, "enrichment", None, "the subject ends in no film id")
        try:
            command = EnrichMovie.model_validate_json(delivery.data or b"{}")
        except ValidationError as error:
            return await self._reject(delivery, "enrichment", movie_id, _problem(error))
        if command.run is not None and command.mode != "complete":
            problem = "mode: a film that is a part of a run is done in mode complete"
            return await self._reject(delivery, "enrichment", movie_id, problem)
        job = EnrichJob(
            movie_id=movie_id,
            job_id=delivery.seq,
            force=command.force,
            commanded_at=self._commanded_at(delivery),
            cause=_cause(delivery),
            mode=command.mode,
            run=command.run,
        )
        if delivery.attempt < MAX_DELIVERIES:
            return Handled(Fate.DONE, await self._enrichment.run(job), routine=job.run is not None)
        if await self._enrichment.has_ended(job):
            return Handled(Fate.DONE, "already ended")
        # Buried first: a job that has its last event is not looked at again.
        await bury(self._bus, delivery, GAVE_UP)
        return Handled(Fate.DEAD, await self._enrichment.give_up(job, GAVE_UP))

    async def run_bulk(self, delivery: Delivery) -> Handled:
        """`metarr.cmd.bulk.run`."""
        try:
            command = RunBulk.model_validate_json(delivery.data or b"{}")
        except ValidationError as error:
            return await self._reject(delivery, "bulk", None, _problem(error))
        cause = _cause(delivery)
        # A long run outlives many replicas: only deliveries that got it no further count.
        if await self._runs.is_hopeless(delivery.seq, delivery.attempt):
            await bury(self._bus, delivery, GAVE_UP)
            return Handled(Fate.DEAD, await self._runs.give_up(delivery.seq, delivery.attempt, GAVE_UP, cause))
        try:
            said = await self._runs.run(delivery.seq, delivery.attempt, command, self._commanded_at(delivery), cause)
        except RunLostError:
            return Handled(Fate.LEFT, "led by another replica")
        return Handled(Fate.DONE, said)

    async def import_upload(self, delivery: Delivery) -> Handled:
        """`metarr.cmd.import.<upload>`."""
        try:
            command = ImportUpload.model_validate_json(delivery.data)
        except ValidationError as error:
            return await self._reject(delivery, "import", None, _problem(error))
        cause = _cause(delivery)
        if delivery.attempt < MAX_DELIVERIES:
            return Handled(Fate.DONE, await self._imports.run(delivery.seq, command, cause))
        state, _ = await self._jobs.read(delivery.seq)
        if state.ended:
            return Handled(Fate.DONE, "already ended")
        await bury(self._bus, delivery, GAVE_UP)
        failed = ImportFailed(job_id=delivery.seq, error=GAVE_UP, completed_at=self._clock.now())
        await self._jobs.end(delivery.seq, failed, cause)
        return Handled(Fate.DEAD, "gave up")

    async def _reject(
        self, delivery: Delivery, kind: Literal["enrichment", "import", "bulk"], movie_id: int | None, problem: str
    ) -> Handled:
        rejected = CommandRejected(
            job_id=delivery.seq, kind=kind, movie_id=movie_id, code="invalid_command", error=problem
        )
        await bury(self._bus, delivery, problem)
        await self._jobs.end(delivery.seq, rejected, _cause(delivery))
        return Handled(Fate.DEAD, "rejected")

    def _commanded_at(self, delivery: Delivery) -> datetime:
        try:
            return read_envelope(delivery.headers).time
        except ValidationError:
            # An operator's message without headers: when the server stored it.
            return self._clock.from_system(delivery.stored_at)


def _cause(delivery: Delivery) -> Cause:
    return Cause(delivery.id, delivery.belongs_to)


def _problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    return f"{field}: {problem['msg']}" if field else problem["msg"]
