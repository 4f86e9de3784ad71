"""The queue's one place for a run over the whole library."""

from datetime import datetime

from pydantic import ValidationError

from metarr_chassis.bus import Bus, RawMessage
from metarr_chassis.clock import Clock
from metarr_contracts import streams, subjects
from metarr_contracts.commands import RunBulk
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.registry import type_of
from metarr_scheduler.schedule import Queued


class RunQueue:
    """Puts the command of a run there, and looks at what is there."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    async def queued(self) -> Queued | None:
        """The command of the run that waits or is going.

        Raises:
            metarr_chassis.errors.BusUnavailableError: it could not be asked for.
        """
        message = await self._bus.last_message(streams.COMMANDS, subjects.BULK_RUN)
        return Queued(message.seq, _night(message.data), self._put_at(message)) if message else None

    async def put(self, run_id: str, due: datetime, now: datetime) -> Queued:
        """Queue the run of a night. The server knows the same id again for a while, and returns the first job then.

        Raises:
            metarr_chassis.errors.SubjectTakenError: a run waits or is going.
            metarr_chassis.errors.BusUnavailableError: it is not known whether it was stored.
        """
        body = RunBulk(trigger="schedule", scheduled_for=due)
        envelope = Envelope(id=run_id, type=type_of(body), source="/metarr/scheduler", time=now)
        job_id = await self._bus.publish_command(subjects.BULK_RUN, envelope, body.to_json())
        return Queued(job_id, due, now)

    def _put_at(self, message: RawMessage) -> datetime:
        try:
            return read_envelope(message.headers).time
        except ValidationError:  # An operator's message needs no headers.
            return self._clock.from_system(message.time)


def _night(command: bytes) -> datetime | None:
    try:
        return RunBulk.model_validate_json(command).scheduled_for
    except ValidationError:  # Of an operator; the enricher refuses it.
        return None
