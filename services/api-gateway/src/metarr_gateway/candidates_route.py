"""`GET /api/candidates`: the films that a title may mean, for a person to choose from."""

from aiohttp import web

from metarr_contracts.library import Found, SearchMovies
from metarr_gateway import parsing
from metarr_gateway.keys import LIBRARY
from metarr_gateway.responses import succeed


async def find_candidates(request: web.Request) -> web.Response:
    """TMDB's list; 409 where TMDB is not to be asked or does not answer."""
    wanted = parsing.query_string(request.query.items(), SearchMovies)
    return succeed(await request.app[LIBRARY].carry_out("search", wanted, Found))
