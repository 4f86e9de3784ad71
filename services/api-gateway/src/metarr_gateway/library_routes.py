"""Addresses that change the library."""

from aiohttp import web

from metarr_contracts import http, library
from metarr_contracts.base import Request
from metarr_gateway import parsing
from metarr_gateway.bodies import read_json
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import LIBRARY
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed


async def add_movie(request: web.Request) -> web.Response:
    """`POST /api/movies`: 201 added, 200 there already, 409 conflict, 400 rejected."""
    parsing.query_string(request.query.items(), NoParameters)
    wanted = await read_json(request, library.AddRequest)
    added = await request.app[LIBRARY].carry_out("add", wanted, library.Added)
    row = added.result
    match row.result:
        case "conflict":
            raise ApiError("id_conflict", row.reason, row.field, movie_id=row.movie_id)
        case "rejected":
            raise ApiError("rejected", row.reason, row.field)
        case "added" | "unchanged":
            answer = http.AddedMovie(**row.model_dump(), seq=added.seq)
            return succeed(answer, 201 if row.result == "added" else 200)


async def change_movie(request: web.Request) -> web.Response:
    """`PATCH /api/movies/{id}`."""
    movie_id = _movie_id(request)
    wanted = await read_json(request, http.ChangeRequest)
    return await _written(request, "change", library.ChangeMovie(movie_id=movie_id, **dict(wanted)), "changed")


async def remove_movie(request: web.Request) -> web.Response:
    """`DELETE /api/movies/{id}`."""
    return await _written(request, "remove", library.RemoveMovie(movie_id=_movie_id(request)), "removed")


async def identify_movie(request: web.Request) -> web.Response:
    """`POST /api/movies/{id}/identify`."""
    movie_id = _movie_id(request)
    wanted = await read_json(request, http.IdentifyRequest)
    return await _written(request, "identify", library.IdentifyMovie(movie_id=movie_id, **dict(wanted)), "identified")


def _movie_id(request: web.Request) -> int:
    parsing.query_string(request.query.items(), NoParameters)
    return parsing.movie_id(request.match_info["id"])


async def _written(request: web.Request, verb: str, wanted: Request, result: str) -> web.Response:
    done = await request.app[LIBRARY].carry_out(verb, wanted, library.Done)
    return succeed(http.MovieWritten(movie_id=done.movie_id, result=result, seq=done.seq))
