"""`POST /api/enrichment/bulk-run`: 400, 409, 429, 500, in this order, else 202."""

import asyncio
import contextlib
import math

from aiohttp import web

from metarr_chassis import background
from metarr_chassis.errors import BusUnavailableError, SubjectTakenError
from metarr_contracts.http import BulkRunRequest, JobQueued
from metarr_gateway import parsing
from metarr_gateway.bodies import read_json
from metarr_gateway.command_queue import prompt
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import BULK_STARTS, QUEUE, RUNS
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def run_bulk(request: web.Request) -> web.Response:
    """Start a run over the whole library."""
    parsing.query_string(request.query.items(), NoParameters)
    wanted = await read_json(request, BulkRunRequest)
    # Beside the start, so that slow read models delay it as little as they can.
    estimating = asyncio.create_task(request.app[RUNS].estimate(force=wanted.force))
    try:
        job_id = await _start(request.app, force=wanted.force)
        seconds = await estimating
    finally:
        await background.cancel(estimating)
    return succeed(JobQueued(job_id=job_id, message="Bulk enrichment job started", estimated_duration=seconds), 202)


async def _start(app: web.Application, *, force: bool) -> int:
    """The bus alone is asked, so that a start does not need the database."""
    try:
        async with prompt():
            # In this order: a start counts after its command is queued, so who sees the one sees the other.
            wait = await app[BULK_STARTS].wait()
            running = await app[QUEUE].bulk_run()
            if running is not None:
                raise ApiError("bulk_already_running", job_id=running)
            if wait > 0:
                raise _too_soon(math.ceil(wait))
            job_id = await _put(app, force=force)
    except BusUnavailableError as error:
        raise ApiError("start_failed") from error
    # Only now, so that who is told that a run goes on has used up no start.
    with contextlib.suppress(BusUnavailableError):
        async with prompt():
            await app[BULK_STARTS].try_acquire()
    return job_id


async def _put(app: web.Application, *, force: bool) -> int:
    try:
        return await app[QUEUE].put_bulk(force=force)
    except SubjectTakenError as error:
        raise ApiError("bulk_already_running", job_id=await app[QUEUE].bulk_run()) from error


def _too_soon(seconds: int) -> ApiError:
    unit = "second" if seconds == 1 else "seconds"
    error = f"Bulk enrichment was started a moment ago; try again in {seconds} {unit}"
    return ApiError("bulk_rate_limited", error, headers={"Retry-After": str(seconds)})
