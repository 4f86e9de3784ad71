"""The story of jobs that belong to no film: imports, and commands that could not be carried out."""

from collections.abc import Callable

from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.events import JobEvent
from metarr_enricher.cause import Cause
from metarr_enricher.import_state import INITIAL, ImportState, evolve


class JobLog:
    """`metarr.evt.job.<jobId>`."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, job_id: int) -> tuple[ImportState, int]:
        """The job's state and version."""
        state, version = INITIAL, 0
        async for recorded in self._store.read(subjects.job_event(job_id)):
            version = recorded.seq
            state = evolve(state, recorded.body)
        return state, version

    async def decide(
        self, job_id: int, cause: Cause, decision: Callable[[ImportState], JobEvent | None]
    ) -> tuple[ImportState, int]:
        """Append what is decided from the job's state, if anything; its state and version after it."""
        subject = subjects.job_event(job_id)
        while True:
            state, version = await self.read(job_id)
            event = decision(state)
            if event is None:
                return state, version
            try:
                new = cause.event(subject, version, event, self._clock.now())
                recorded = await self._store.append(subject, new, version)
            except ConflictError:
                continue
            return evolve(state, recorded.body), recorded.seq

    async def end(self, job_id: int, event: JobEvent, cause: Cause) -> None:
        """Append the job's last event, unless it has ended."""
        await self.decide(job_id, cause, lambda state: None if state.ended else event)
