"""Sends a list of films to a running Metarr and follows a large import to its end."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aiohttp
from pydantic import ValidationError

from metarr_contracts.base import Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.http import Failure, ImportResult, JobQueued
from metarr_contracts.readmodels import Job
from metarr_local.errors import LocalError, reason

CONTENT_TYPES = {".csv": "text/csv", ".json": "application/json", ".ndjson": "application/x-ndjson"}
POLL_SECONDS = 0.5
REQUEST = aiohttp.ClientTimeout(total=300)
ACCEPTED = 202

T = TypeVar("T", bound=Value)
Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""


@dataclass(frozen=True)
class Outcome:
    """What became of a list: rows by result, and those rows that there is something to say about."""

    counts: ImportCounts
    rows: tuple[ImportedRow, ...]


def content_type(file: Path) -> str:
    """Return the content type that goes with the file's name; raise LocalError for a name that says nothing."""
    try:
        return CONTENT_TYPES[file.suffix.lower()]
    except KeyError:
        raise LocalError(f"{file}: the name has to end in .csv, .json or .ndjson.") from None


async def import_films(url: str, body: bytes, kind: str, progress: Progress) -> Outcome:
    """Post the list and wait for its end.

    Raises LocalError when Metarr cannot be reached, refuses the list, or the job does not complete.
    """
    try:
        async with aiohttp.ClientSession(url, timeout=REQUEST) as client:
            async with client.post("/api/movies/import", data=body, headers={"Content-Type": kind}) as answer:
                if answer.status != ACCEPTED:
                    return _outcome(await _data(answer, ImportResult))
                queued = await _data(answer, JobQueued)
            return await _follow(client, queued.job_id, progress)
    except (aiohttp.ClientConnectionError, aiohttp.InvalidURL, TimeoutError) as error:
        raise LocalError(f"Metarr does not answer at {url}: {reason(error)}") from None


async def _follow(client: aiohttp.ClientSession, job_id: int, progress: Progress) -> Outcome:
    while (job := await _job(client, job_id, 0)).state in {"queued", "running"}:
        if job.report:
            progress(job.report.processed, job.report.total)
        await asyncio.sleep(POLL_SECONDS)
    if job.state != "completed" or not job.report:
        raise LocalError(job.error or f"The import ended {job.state}.")
    progress(job.report.processed, job.report.total)
    rows, offset = job.report.rows, job.report.next_row_offset
    while offset is not None:
        report = (await _job(client, job_id, offset)).report
        rows, offset = (rows + report.rows, report.next_row_offset) if report else (rows, None)
    return Outcome(job.report.counts, rows)


async def _job(client: aiohttp.ClientSession, job_id: int, row_offset: int) -> Job:
    async with client.get(f"/api/jobs/{job_id}", params={"rowOffset": row_offset}) as answer:
        return await _data(answer, Job)


async def _data(answer: aiohttp.ClientResponse, model: type[T]) -> T:
    body = await answer.read()
    try:
        if answer.ok:
            return model.model_validate(json.loads(body)["data"])
        failure = Failure.model_validate_json(body)
    except (ValidationError, ValueError, KeyError, TypeError):
        raise LocalError(f"What answers at {answer.url} is not Metarr (HTTP {answer.status}).") from None
    raise LocalError(f"Not imported: {failure.error}")


def _outcome(result: ImportResult) -> Outcome:
    counts = ImportCounts(
        added=result.added, unchanged=result.unchanged, conflict=result.conflict, rejected=result.rejected
    )
    return Outcome(counts, tuple(row for row in result.rows if row.note or row.result in {"conflict", "rejected"}))
