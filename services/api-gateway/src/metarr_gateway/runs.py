"""What is known of runs over the whole library: from the read models, and from the queue what they do not know yet."""

import contextlib

from pydantic import ValidationError

from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_contracts.readmodels import BulkStatus, Job, JobQuery, Query
from metarr_gateway.command_queue import CommandQueue, prompt
from metarr_gateway.errors import ApiError
from metarr_gateway.queries import QUERY_SECONDS, Queries
from metarr_gateway.queued_run import QueuedRun, with_queued

ESTIMATE_PATIENCE_SECONDS = 1.0
"""A run starts without the read models: what it will take is not worth a longer wait."""
QUEUE_PATIENCE_SECONDS = 1.0
"""What the read models say is worth showing without what the queue says."""
FIRST_ESTIMATE_SECONDS = 60


class Runs:
    """The present state of runs, and the last estimates that this process has seen."""

    def __init__(self, queries: Queries, queue: CommandQueue, clock: Clock) -> None:
        self._queries = queries
        self._queue = queue
        self._clock = clock
        self._estimate = self._forced_estimate = FIRST_ESTIMATE_SECONDS

    async def status(self, query: Query) -> BulkStatus:
        """The last run, the next one, the present one, which may still be queued.

        Raises:
            ApiError: nobody answered.
            metarr_chassis.errors.RefusedError: the database is away.
        """
        status = await self._read(query, QUERY_SECONDS)
        # The queue is looked at last: what stands there then has not ended, and a second run would be refused.
        queued = await self._queued() if status.current_run is None else None
        if queued is not None and await self._was_refused(queued.job_id):
            queued = None
        return with_queued(status, queued, self._clock.now())

    async def estimate(self, *, force: bool) -> int:
        """Seconds that a run started now would take; where the read models do not say, what was last said."""
        with contextlib.suppress(ApiError, RefusedError, ValidationError):
            await self._read(Query(), ESTIMATE_PATIENCE_SECONDS)
        return self._forced_estimate if force else self._estimate

    async def _read(self, query: Query, patience: float) -> BulkStatus:
        status = BulkStatus.model_validate_json(await self._queries.ask("bulk.status", query, patience))
        self._estimate = status.estimated_duration
        self._forced_estimate = status.forced_duration or status.estimated_duration
        return status

    async def _was_refused(self, job_id: int) -> bool:
        # That is no last run, and its command stands for a moment longer.
        with contextlib.suppress(ApiError, RefusedError, ValidationError):
            job = await self._queries.ask("job.get", JobQuery(job_id=job_id), QUEUE_PATIENCE_SECONDS)
            return Job.model_validate_json(job).state == "failed"
        return False

    async def _queued(self) -> QueuedRun | None:
        with contextlib.suppress(BusUnavailableError):
            async with prompt(QUEUE_PATIENCE_SECONDS):
                return await self._queue.queued_bulk()
        return None
