"""Runs over the whole library: begins one, or takes one over, and has it led."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from metarr_contracts import bulk, subjects
from metarr_contracts.commands import RunBulk
from metarr_contracts.events import CommandRejected
from metarr_contracts.rules import RunRules
from metarr_enricher import bulk_decider
from metarr_enricher.bulk_lead import Lead, Tools
from metarr_enricher.bulk_round import Round
from metarr_enricher.bulk_state import BulkState, Run
from metarr_enricher.cause import Cause
from metarr_enricher.census import census
from metarr_enricher.changes import Changes
from metarr_enricher.changes_store import ChangesStore
from metarr_enricher.freshness import LONGEST, Policy
from metarr_enricher.job_log import JobLog
from metarr_enricher.rule_errors import JobEndedError
from metarr_enricher.rules_log import RulesLog

log = structlog.get_logger()

COMMAND_GONE = "The command of this run is gone"


class BulkRuns:
    """The runs that this replica leads, one at a time."""

    def __init__(self, tools: Tools, rules: RulesLog, changes: ChangesStore, jobs: JobLog) -> None:
        self._tools = tools
        self._rules = rules
        self._changes = changes
        self._jobs = jobs
        self._lead: Lead | None = None

    async def run(self, job_id: int, attempt: int, command: RunBulk, commanded_at: datetime, cause: Cause) -> str:
        """Bring the run to its end; says how it ended.

        Raises:
            RunLostError: another replica leads it.
        """
        state = await self._state()
        if await self._has_ended(state, job_id):
            return "already ended"
        own = Cause(f"{cause.id}/{attempt}", cause.correlation_id or cause.id)
        if state.run is not None and state.run.job_id != job_id:
            state = await self._give_up(state.run, attempt, COMMAND_GONE, own)
        taken_over = state.run is not None
        if not taken_over and (refused := bulk_decider.refusal(state, command, self._tools.clock.now())) is not None:
            rejected = CommandRejected(job_id=job_id, kind="bulk", movie_id=None, code=refused.code, error=str(refused))
            await self._jobs.end(job_id, rejected, cause)
            return f"rejected: {refused}"
        if command.scheduled_for is not None:
            await self._tools.clock.sleep_until(command.scheduled_for)
        rules, changes = await self._prepare(state, is_new=not taken_over and not command.force)
        ids = await census(self._tools.bus)
        # Last of all: from here on a cancel reaches the lead.
        begun = (
            await self._state()
            if taken_over
            else await self._begin(state, job_id, attempt, command, commanded_at, ids, own)
        )
        if begun.run is None or begun.run.job_id != job_id:
            raise bulk_decider.RunLostError
        self._lead = self._made(begun.run, attempt, own, ids, rules, changes, taken_over=taken_over)
        log.info("run taken over" if taken_over else "run begins", run=job_id, attempt=attempt)
        try:
            return await self._lead.lead()
        finally:
            self._lead = None

    async def is_hopeless(self, job_id: int, attempt: int) -> bool:
        """Whether the run got nowhere in several deliveries of its command."""
        return bulk_decider.is_hopeless(await self._state(), job_id, attempt)

    async def give_up(self, job_id: int, attempt: int, error: str, cause: Cause) -> str:
        """End a run that nobody can lead."""
        state = await self._state()
        if state.run is not None and state.run.job_id == job_id:
            await self._give_up(state.run, attempt, error, cause)
        elif not await self._has_ended(state, job_id):
            rejected = CommandRejected(job_id=job_id, kind="bulk", movie_id=None, code="gave_up", error=error)
            await self._jobs.end(job_id, rejected, cause)
        return "gave up"

    async def request_cancel(self, job_id: int, cause: Cause) -> int:
        """A person wants the run to end; the sequence of what is stored.

        Raises:
            RuleError: it has ended.
        """
        after = await self._tools.runs.decide(
            subjects.BULK_EVENTS, cause, lambda state: bulk_decider.request_cancel(state, job_id)
        )
        return after.version

    async def end_forsaken(self, job_id: int, cause: Cause) -> int:
        """End a run whose command is gone, as after the queue was lost; the sequence of what is stored.

        Raises:
            JobEndedError: no such run goes on.
        """
        run = (await self._state()).run
        if run is None or run.job_id != job_id:
            raise JobEndedError
        ended = bulk_decider.give_up(run, run.attempt, COMMAND_GONE, self._tools.clock.now())
        after = await self._tools.runs.decide(subjects.BULK_EVENTS, cause, lambda state: bulk_decider.end(state, ended))
        return after.version

    def look_again(self, job_id: int) -> None:
        """Something was said of a run; if it is led here, it is looked at."""
        if self._lead is not None and self._lead.run.job_id == job_id:
            self._lead.look_again()

    async def _begin(
        self,
        state: BulkState,
        job_id: int,
        attempt: int,
        command: RunBulk,
        commanded_at: datetime,
        ids: Sequence[int],
        cause: Cause,
    ) -> BulkState:
        whole = Round(ids, state.cursor, self._tools.window.films)
        cursor = whole.cursor or 1
        first = (await self._tools.movies.current(cursor)).state if ids else None
        started = bulk.BulkStarted(
            job_id=job_id,
            attempt=attempt,
            trigger=command.trigger,
            scheduled_for=command.scheduled_for,
            force=command.force,
            asked_since=commanded_at,
            started_at=self._tools.clock.now(),
            cursor=cursor,
            highest=ids[-1] if ids else 0,
            counts=whole.counts,
            current=bulk.RunMovie(id=cursor, title=first.shown_title, year=first.shown_year)
            if first
            else bulk.RunMovie(id=0, title=""),
            providers=tuple(bulk.RunProvider(name=name) for name in self._tools.on),
        )
        after = await self._tools.runs.decide(subjects.BULK_EVENTS, cause, lambda now: bulk_decider.start(now, started))
        return after.state

    async def _prepare(self, state: BulkState, *, is_new: bool) -> tuple[RunRules, Changes]:
        """The rules, and what TMDB has changed; a new run that may use the lists brings them up to date."""
        rules, _ = await self._rules.current()
        today = self._tools.clock.now().astimezone(UTC).date()
        if rules.tmdb_changes and is_new and state.first_day is not None:
            await self._changes.bring_up_to_date(state.first_day, today)
        return rules, await self._changes.load(today - LONGEST, today)

    def _made(
        self,
        run: Run,
        attempt: int,
        cause: Cause,
        ids: Sequence[int],
        rules: RunRules,
        changes: Changes,
        *,
        taken_over: bool,
    ) -> Lead:
        around = Round(ids[: bisect_right(ids, run.highest)], run.first, self._tools.window.films)
        around.resume(run.cursor, run.settled_above, run.counts)
        now = self._tools.clock.now()
        policy = Policy(rules, changes, now, force_since=run.asked_since if run.force else None)
        return Lead(self._tools, run, attempt, cause, rules, policy, around, taken_over)

    async def _state(self) -> BulkState:
        return (await self._tools.runs.current(subjects.BULK_EVENTS)).state

    async def _has_ended(self, state: BulkState, job_id: int) -> bool:
        rejected, _ = await self._jobs.read(job_id)
        return state.last_job >= job_id or rejected.ended

    async def _give_up(self, run: Run, attempt: int, error: str, cause: Cause) -> BulkState:
        ended = bulk_decider.give_up(run, max(attempt, run.attempt), error, self._tools.clock.now())
        after = await self._tools.runs.decide(subjects.BULK_EVENTS, cause, lambda state: bulk_decider.end(state, ended))
        return after.state
