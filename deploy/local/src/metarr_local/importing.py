"""Sends a list of films to a running Metarr and follows a large import to its end."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import aiohttp
from pydantic import ValidationError

from metarr_contracts.base import Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.http import Failure, ImportQueued, ImportResult
from metarr_contracts.readmodels import Job
from metarr_local.errors import LocalError, reason

CONTENT_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
}
NAMES = "with a name that ends in .csv, .tsv, .txt, .json, .ndjson or .jsonl"
POLL_SECONDS = 0.5
REQUEST = aiohttp.ClientTimeout(total=300)
OK = 200
ACCEPTED = 202
UNAUTHORIZED = 401

T = TypeVar("T", bound=Value)
Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""


@dataclass(frozen=True)
class Outcome:
    """What became of a list: rows by result, those rows that there is something to say about, and what was not read."""

    counts: ImportCounts
    rows: tuple[ImportedRow, ...]
    ignored_columns: tuple[str, ...] = ()


def content_type(file: Path) -> str:
    """Return the content type that goes with the file's name; raise LocalError for a name that says nothing."""
    try:
        return CONTENT_TYPES[file.suffix.lower()]
    except KeyError:
        raise LocalError(f"{file}: a list of films is a file {NAMES}.") from None


async def import_films(url: str, body: bytes, kind: str, progress: Progress, key: str | None = None) -> Outcome:
    """Post the list and wait for its end; `key` is the web server's, where it asks for one.

    Raises LocalError when Metarr cannot be reached, refuses the list, the job does not complete, or is not waited for.
    """
    try:
        async with aiohttp.ClientSession(url, timeout=REQUEST, headers={"X-Api-Key": key} if key else {}) as client:
            # Who answers elsewhere has no business with the key, so no redirect is followed.
            headers = {"Content-Type": kind}
            async with client.post("/api/movies/import", data=body, headers=headers, allow_redirects=False) as answer:
                if answer.status != ACCEPTED:
                    return _outcome(await _data(answer, ImportResult))
                queued = await _data(answer, ImportQueued)
            try:
                outcome = await _follow(client, queued.job_id, progress)
            except asyncio.CancelledError:
                report = f"{url}/api/jobs/{queued.job_id}"
                raise LocalError(f"The import goes on in Metarr; how far it is and its report: {report}") from None
            return replace(outcome, ignored_columns=queued.ignored_columns)
    except aiohttp.ClientResponseError:
        raise LocalError(f"What answers at {url} is not Metarr.") from None
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
    path, parameters = f"/api/jobs/{job_id}", {"rowOffset": row_offset}
    async with client.get(path, params=parameters, allow_redirects=False) as answer:
        return await _data(answer, Job)


async def _data(answer: aiohttp.ClientResponse, model: type[T]) -> T:
    body = await answer.read()
    try:
        if answer.status in {OK, ACCEPTED}:
            return model.model_validate(json.loads(body)["data"])
        failure = Failure.model_validate_json(body)
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError):
        raise LocalError(f"What answers at {answer.url} is not Metarr (HTTP {answer.status}).") from None
    if answer.status == UNAUTHORIZED:
        raise LocalError("Not imported: Metarr asks for its key. METARR_API_KEY_FILE names the file that holds it.")
    raise LocalError(f"Not imported: {failure.error}")


def _outcome(result: ImportResult) -> Outcome:
    counts = ImportCounts(
        added=result.added, unchanged=result.unchanged, conflict=result.conflict, rejected=result.rejected
    )
    telling = tuple(row for row in result.rows if row.note or row.result in {"conflict", "rejected"})
    return Outcome(counts, telling, result.ignored_columns)
