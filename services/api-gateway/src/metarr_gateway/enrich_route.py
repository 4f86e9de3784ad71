"""`POST /api/movies/{id}/enrich`: 400, 404, 409, 429, 500, in this order, else 202."""

import math

from aiohttp import web

from metarr_chassis.errors import BusUnavailableError, SubjectTakenError
from metarr_contracts.http import EnrichRequest, JobQueued
from metarr_gateway import parsing
from metarr_gateway.bodies import read_json
from metarr_gateway.command_queue import prompt
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import QUEUE, REFRESHES
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed

ESTIMATED_SECONDS = 3


async def enrich_movie(request: web.Request) -> web.Response:
    """Queue a refresh."""
    movie_id = parsing.movie_id(request.match_info["id"])
    parsing.query_string(request.query.items(), NoParameters)
    wanted = await read_json(request, EnrichRequest)
    try:
        async with prompt():
            job_id = await _queue(request.app, movie_id, force=wanted.force)
    except BusUnavailableError as error:
        raise ApiError("queue_unavailable") from error
    queued = JobQueued(job_id=job_id, message="Enrichment job queued", estimated_duration=ESTIMATED_SECONDS)
    return succeed(queued, 202)


async def _queue(app: web.Application, movie_id: int, *, force: bool) -> int:
    """The bus alone is asked, so that a refresh does not need the database."""
    if await app[QUEUE].last_event_of(movie_id) is None:
        raise ApiError("movie_not_found")
    job_id = await app[QUEUE].refresh_of(movie_id)
    if job_id is not None:
        raise ApiError("enrichment_in_progress", job_id=job_id)
    wait = await app[REFRESHES].try_acquire()
    if wait > 0:
        raise ApiError("rate_limited", headers={"Retry-After": str(math.ceil(wait))})
    try:
        return await app[QUEUE].put_enrich(movie_id, force=force)
    except SubjectTakenError as error:
        raise ApiError("enrichment_in_progress", job_id=await app[QUEUE].refresh_of(movie_id)) from error
