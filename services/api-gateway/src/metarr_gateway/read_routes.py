"""Addresses that show a read model."""

from aiohttp import web

from metarr_contracts.readmodels import ActivityQuery, MovieHistoryQuery, MovieListQuery, MovieQuery, Query
from metarr_gateway import parsing
from metarr_gateway.keys import QUERIES, RUNS
from metarr_gateway.parameters import HistoryParameters
from metarr_gateway.responses import succeed


async def library_stats(request: web.Request) -> web.Response:
    """`GET /api/movies/enrichment/stats`."""
    return await _library(request, "library.stats", Query)


async def list_movies(request: web.Request) -> web.Response:
    """`GET /api/movies`."""
    return await _library(request, "movie.list", MovieListQuery)


async def provider_states(request: web.Request) -> web.Response:
    """`GET /api/providers/status`."""
    return await _library(request, "provider.status", Query)


async def bulk_status(request: web.Request) -> web.Response:
    """`GET /api/enrichment/bulk-status`."""
    query = parsing.query_string(request.query.items(), Query)
    return succeed(await request.app[RUNS].status(query))


async def activity_history(request: web.Request) -> web.Response:
    """`GET /api/activity/history`."""
    return await _library(request, "activity.list", ActivityQuery)


async def movie_status(request: web.Request) -> web.Response:
    """`GET /api/movies/{id}/enrichment-status`."""
    return await _movie(request, "movie.status")


async def get_movie(request: web.Request) -> web.Response:
    """`GET /api/movies/{id}`."""
    return await _movie(request, "movie.get")


async def movie_history(request: web.Request) -> web.Response:
    """`GET /api/movies/{id}/history`."""
    movie_id = parsing.movie_id(request.match_info["id"])
    asked = parsing.query_string(request.query.items(), HistoryParameters)
    query = MovieHistoryQuery(movie_id=movie_id, **asked.model_dump(exclude_unset=True))
    return succeed(await request.app[QUERIES].ask("movie.history", query))


async def _library(request: web.Request, name: str, model: type[Query]) -> web.Response:
    query = parsing.query_string(request.query.items(), model)
    return succeed(await request.app[QUERIES].ask(name, query))


async def _movie(request: web.Request, name: str) -> web.Response:
    movie_id = parsing.movie_id(request.match_info["id"])
    asked = parsing.query_string(request.query.items(), Query)
    return succeed(await request.app[QUERIES].ask(name, MovieQuery(movie_id=movie_id, after=asked.after)))
