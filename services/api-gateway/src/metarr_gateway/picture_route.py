"""Pictures of films and of candidates: the browser never talks to providers."""

from collections.abc import Mapping

from aiohttp import ETag, web

from metarr_contracts.readmodels import MovieDetails, MovieQuery
from metarr_gateway import parsing
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import PICTURE_BASES, PICTURES, QUERIES
from metarr_gateway.parameters import MoviePictureParameters, PictureParameters
from metarr_gateway.picture_urls import source, tmdb_url
from metarr_gateway.pictures import key_of

HEADERS = {
    # A vector picture may hold scripts. Its own styles count where a page shows it, for then this is no page's policy.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}

# The address stays when the film gets another picture, so it is asked for again soon; the ETag makes that cheap.
CHANGING = HEADERS | {"Cache-Control": "private, max-age=60"}
# TMDB gives another picture another name.
UNCHANGING = HEADERS | {"Cache-Control": "private, max-age=86400"}


async def movie_picture(request: web.Request) -> web.Response:
    """`GET /api/movies/{id}/images/{kind}`."""
    movie_id = parsing.movie_id(request.match_info["id"])
    kind = parsing.picture_kind(request.match_info["kind"])
    width = parsing.query_string(request.query.items(), MoviePictureParameters).w
    movie = MovieDetails.model_validate_json(await request.app[QUERIES].ask("movie.get", MovieQuery(movie_id=movie_id)))
    value = movie.fields.get(kind)
    address = source(value.value, kind, width, request.app[PICTURE_BASES]) if value else None
    return await _answer(request, address, CHANGING)


async def tmdb_picture(request: web.Request) -> web.Response:
    """`GET /api/pictures/tmdb/{file}`: the poster of a film that is not in the library, or not yet."""
    width = parsing.query_string(request.query.items(), PictureParameters).w
    file = parsing.picture_file(request.match_info["file"])
    return await _answer(request, source(tmdb_url(file), "poster", width, request.app[PICTURE_BASES]), UNCHANGING)


async def _answer(request: web.Request, address: str | None, headers: Mapping[str, str]) -> web.Response:
    if address is None:
        raise ApiError("picture_not_found")
    etag = ETag(key_of(address))
    if any(known.value in {etag.value, "*"} for known in request.if_none_match or ()):
        response = web.Response(status=304, headers=headers)
    else:
        picture = await request.app[PICTURES].get(address)
        response = web.Response(body=picture.content, headers={**headers, "Content-Type": picture.content_type})
    response.etag = etag
    return response
