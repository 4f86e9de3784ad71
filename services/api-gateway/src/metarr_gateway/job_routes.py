"""Addresses of jobs."""

from time import monotonic

from aiohttp import web

from metarr_chassis.errors import RefusedError
from metarr_contracts import http, library
from metarr_contracts.readmodels import JobQuery
from metarr_gateway import parsing
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import HUB, LIBRARY, QUERIES, QUEUE
from metarr_gateway.parameters import JobParameters, NoParameters
from metarr_gateway.responses import succeed
from metarr_gateway.waiting_job import topic_of, waiting_job

NOT_FOUND = 404


async def get_job(request: web.Request) -> web.Response:
    """`GET /api/jobs/{id}`: from the read models, else from the queue."""
    job_id = parsing.job_id(request.match_info["id"])
    asked = parsing.query_string(request.query.items(), JobParameters)
    query = JobQuery(job_id=job_id, row_offset=asked.row_offset, after=asked.after)
    known = await _known(request.app, query)
    return succeed(known or await _waiting(request.app, job_id) or await _ended(request.app, query))


async def cancel_job(request: web.Request) -> web.Response:
    """`POST /api/jobs/{id}/cancel`."""
    parsing.query_string(request.query.items(), NoParameters)
    job_id = parsing.job_id(request.match_info["id"])
    await request.app[LIBRARY].carry_out("cancel", library.CancelJob(job_id=job_id), library.Done)
    return succeed(http.JobCancelled(job_id=job_id), 202)


async def _known(app: web.Application, query: JobQuery) -> bytes | None:
    try:
        return await app[QUERIES].ask("job.get", query)
    except RefusedError as refusal:
        if refusal.status != NOT_FOUND:
            raise
        return None


async def _waiting(app: web.Application, job_id: int) -> bytes | None:
    subject = await app[QUEUE].subject_of(job_id)
    if subject is None:
        return None
    topic = topic_of(subject)
    progress = None if topic is None else app[HUB].progress(topic, monotonic())
    return waiting_job(job_id, subject, progress).to_json()


async def _ended(app: web.Application, query: JobQuery) -> bytes:
    """The command is gone, so its last event is stored: the read models only have to arrive there."""
    if await app[QUEUE].was_queued(query.job_id):
        after = query.model_copy(update={"after": await app[QUEUE].last_event()})
        known = await _known(app, after)
        if known is not None:
            return known
    raise ApiError("job_not_found")
