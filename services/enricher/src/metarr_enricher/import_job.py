"""A large import, chunk by chunk; a crashed one goes on after its last chunk."""

import asyncio
from collections.abc import Iterator

import nats.errors
import nats.js.errors

from metarr_chassis import tracing
from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams
from metarr_contracts.commands import ImportUpload
from metarr_contracts.events import ImportFailed
from metarr_contracts.library import MAX_IMPORT_ROWS, ImportRow
from metarr_enricher import import_state
from metarr_enricher.add_movies import AddMovies
from metarr_enricher.cause import Cause
from metarr_enricher.job_log import JobLog

UPLOAD_SECONDS = 60.0
"""A read that a restart of the server interrupted may never end by itself."""


class ImportJob:
    """Does import jobs."""

    def __init__(self, bus: Bus, clock: Clock, jobs: JobLog, add_movies: AddMovies) -> None:
        self._bus = bus
        self._clock = clock
        self._jobs = jobs
        self._add_movies = add_movies

    async def run(self, job_id: int, command: ImportUpload, cause: Cause) -> str:
        """Bring the import to its end; says how it ended."""
        state, _ = await self._jobs.read(job_id)
        if state.ended:
            return "already ended"
        upload = await self._upload(command.upload)
        if upload is None:
            gone = ImportFailed(job_id=job_id, error="The upload is gone", completed_at=self._clock.now())
            await self._jobs.end(job_id, gone, cause)
            return "upload gone"
        for number, chunk in enumerate(_chunks(upload), start=1):
            if number <= state.chunks:
                continue
            if state.cancel_requested or state.ended:
                break
            # An upload may hold a whole library: a trace for each chunk.
            with tracing.own_trace("import rows"):
                rows, _ = await self._add_movies.add(chunk, f"upload/{command.upload}")
            part = Cause(f"{cause.id}/{number}", cause.correlation_id)
            now = self._clock.now()
            state, _ = await self._jobs.decide(
                job_id,
                part,
                lambda current, rows=rows, now=now, number=number: (  # type: ignore[misc]
                    None
                    if current.ended or current.chunks >= number
                    else import_state.progress(current, job_id, rows, command.rows, now)
                ),
            )
        now = self._clock.now()
        state, _ = await self._jobs.decide(
            job_id, cause, lambda current: import_state.finish(current, job_id, command.rows, now)
        )
        return f"{state.processed} of {command.rows} rows"

    async def _upload(self, name: str) -> bytes | None:
        try:
            bucket = await self._bus.js.object_store(streams.UPLOADS)
            async with asyncio.timeout(UPLOAD_SECONDS):
                stored = await bucket.get(name)
        except nats.js.errors.ObjectNotFoundError:
            return None
        except (TimeoutError, nats.errors.Error) as error:
            raise BusUnavailableError("the upload cannot be read") from error
        return stored.data or b""


def _chunks(upload: bytes) -> Iterator[list[ImportRow]]:
    lines = upload.splitlines()
    for start in range(0, len(lines), MAX_IMPORT_ROWS):
        yield [ImportRow.model_validate_json(line) for line in lines[start : start + MAX_IMPORT_ROWS]]
