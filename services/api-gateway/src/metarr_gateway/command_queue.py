"""The queue of long work: puts commands in, and looks at those that are not done yet."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext

from metarr_chassis.bus import REQUEST_SECONDS, Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.commands import EnrichMovie, ImportUpload, RunBulk
from metarr_contracts.envelope import Envelope
from metarr_contracts.registry import type_of
from metarr_gateway.queued_run import QueuedRun, queued_run

PATIENCE_SECONDS = 2.0
"""A person waits for the answer: a bus that hangs is as good as away."""
UPLOAD_SECONDS = 60.0
SOURCE = "/metarr/api-gateway"
REMOVED = "metarr.movie.removed.v1"


class _UploadStream(JetStreamContext):
    """What is left of an upload that broke off goes by its age: nobody but setup may purge."""

    async def purge_stream(self, *_: object, **__: object) -> bool:
        """Do nothing."""
        return True


class CommandQueue:
    """METARR_COMMANDS: a subject holds one command from publishing until its job has ended."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    async def last_event_of(self, movie_id: int) -> int | None:
        """Sequence of the last event of a film of the library; None where there is no such film."""
        last = await self._bus.last_message(streams.EVENTS, subjects.movie_event(movie_id))
        return None if last is None or last.headers.get("ce-type") == REMOVED else last.seq

    async def refresh_of(self, movie_id: int) -> int | None:
        """Job id of the refresh of this film that is queued or running."""
        return await self._job_at(subjects.enrich_command(movie_id))

    async def put_enrich(self, movie_id: int, *, force: bool) -> int:
        """Queue a refresh; returns the job id.

        Raises:
            metarr_chassis.errors.SubjectTakenError: one is queued or running.
            metarr_chassis.errors.BusUnavailableError: it could not be stored.
        """
        return await self._put(subjects.enrich_command(movie_id), EnrichMovie(force=force, trigger="manual"))

    async def bulk_run(self) -> int | None:
        """Job id of the run over the whole library that is queued or goes on."""
        return await self._job_at(subjects.BULK_RUN)

    async def queued_bulk(self) -> QueuedRun | None:
        """The run over the whole library that is queued or goes on, as its command describes it."""
        command = await self._bus.last_message(streams.COMMANDS, subjects.BULK_RUN)
        if command is None:
            return None
        return queued_run(command.seq, command.headers, command.data, self._clock.from_system(command.time))

    async def put_bulk(self, *, force: bool) -> int:
        """Queue a run over the whole library; returns the job id.

        Raises:
            metarr_chassis.errors.SubjectTakenError: one is queued or goes on.
            metarr_chassis.errors.BusUnavailableError: it could not be stored.
        """
        return await self._put(subjects.BULK_RUN, RunBulk(force=force, trigger="manual"))

    async def put_import(self, rows: bytes, count: int) -> int:
        """Store the rows (an `ImportRow` a line) and queue their import; returns the job id.

        Raises:
            metarr_chassis.errors.BusUnavailableError: they could not be stored.
        """
        upload = uuid4().hex
        async with prompt(UPLOAD_SECONDS):
            try:
                store = await _UploadStream(self._bus.nc, timeout=REQUEST_SECONDS).object_store(streams.UPLOADS)
                await store.put(upload, rows)
            except (nats.errors.Error, nats.js.errors.Error) as error:
                raise BusUnavailableError(f"the upload was not stored: {error!r}") from error
        return await self._put(subjects.import_command(upload), ImportUpload(upload=upload, rows=count))

    async def subject_of(self, job_id: int) -> str | None:
        """Where a job that has not ended stands in the queue."""
        command = await self._bus.message(streams.COMMANDS, job_id)
        return command.subject if command else None

    async def was_queued(self, job_id: int) -> bool:
        """Whether a job of this id was ever queued."""
        return job_id <= (await self._bus.stream_state(streams.COMMANDS)).last_seq

    async def last_event(self) -> int:
        """Sequence of the last event of all."""
        return (await self._bus.stream_state(streams.EVENTS)).last_seq

    async def _job_at(self, subject: str) -> int | None:
        command = await self._bus.last_message(streams.COMMANDS, subject)
        return None if command is None else command.seq

    async def _put(self, subject: str, body: Value) -> int:
        envelope = Envelope(id=uuid4().hex, type=type_of(body), source=SOURCE, time=self._clock.now())
        return await self._bus.publish_command(subject, envelope, body.to_json())


@contextlib.asynccontextmanager
async def prompt(seconds: float = PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Give the bus this long.

    Raises:
        metarr_chassis.errors.BusUnavailableError: it did not answer in time.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise BusUnavailableError("the bus did not answer in time") from error
