"""fanart.tv v3: the request for a film's pictures and what its answer means.

https://api.fanart.tv - an unknown id is HTTP 404 on the old servers and an empty object on the new ones.
"""

import re
from collections.abc import Callable
from operator import itemgetter

from metarr_contracts.answers import AnsweredValue
from metarr_contracts.base import Json
from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.answered import answered
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.languages import language_of, with_words, without_words
from metarr_enricher.providers.outcomes import (
    Answer,
    Failure,
    Found,
    NotFound,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)
from metarr_enricher.providers.reading import imdb_id, message, read_json, rows, tmdb_id, web_address, whole
from metarr_enricher.providers.retrying import retry_after

OK = 200
UNAUTHORIZED = 401
NOT_FOUND = 404
TOO_MANY = 429
SERVER_ERRORS = 500
KEY_REFUSED = re.compile(r"\b(?:api|project|personal|client)[ _-]key\b", re.IGNORECASE)
UNKNOWN_ID = re.compile(r"not found", re.IGNORECASE)
# The kinds of pictures for each field; between pictures of one language the first kind is the better one.
POSTERS = ("movieposter",)
BACKGROUNDS = ("moviebackground", "movie4kbackground")
LOGOS = ("hdmovielogo", "movielogo")


def request(film: str, key: str, client_key: str | None = None) -> ProviderRequest:
    """The pictures of the film with this TMDB or IMDb id. Keys go into headers, so no URL holds them."""
    personal = {"client-key": client_key} if client_key else {}
    return ProviderRequest("fanart", f"/movies/{film}", secret_headers={"api-key": key, **personal})


def parse(response: Response, language: str) -> Answer:
    """What fanart.tv has of the film. Never raises, whatever the response holds."""
    is_json, body = read_json(response.body)
    if response.status == TOO_MANY:
        return Throttled(retry_after(response.headers))
    if response.status == UNAUTHORIZED:
        return Unauthorized(f"fanart.tv refuses the key: {_said(body)}")
    if response.status >= SERVER_ERRORS or not is_json:
        return Unavailable(f"fanart.tv has no answer now (HTTP {response.status})")
    if not isinstance(body, dict):
        return Unexpected(f"fanart.tv answered HTTP {response.status} with something else than an object")
    return _read(response.status, body, language)


def _read(status: int, body: dict[str, Json], language: str) -> Answer:
    if status == OK and not body:
        return NotFound()
    ids = ExternalIds(imdb=imdb_id(body.get("imdb_id")), tmdb=tmdb_id(body.get("tmdb_id")))
    if status == OK and (ids.asked_with() or "name" in body):
        return Found(_pictures(body, language), ids)
    return _refused(status, body)


def _refused(status: int, body: dict[str, Json]) -> NotFound | Failure:
    said = _said(body)
    if KEY_REFUSED.search(said):
        return Unauthorized(f"fanart.tv refuses the key: {said}")
    if UNKNOWN_ID.search(said) and status in (OK, NOT_FOUND):
        return NotFound()
    return Unexpected(f"fanart.tv answered HTTP {status}: {said}")


def _said(body: Json) -> str:
    told = body if isinstance(body, dict) else {}
    return message(told.get("error message") or told.get("error"))


def _pictures(body: dict[str, Json], language: str) -> dict[str, AnsweredValue]:
    """The best picture for each field: a poster and a logo by their language, a background rather without words."""
    return {
        **_best(body, "poster", POSTERS, lambda spoken: with_words(spoken, language)),
        **_best(body, "fanart", BACKGROUNDS, lambda spoken: without_words(spoken, language)),
        **_best(body, "clearlogo", LOGOS, lambda spoken: with_words(spoken, language)),
    }


def _best(
    body: dict[str, Json], field: str, kinds: tuple[str, ...], rank: Callable[[str | None], int]
) -> dict[str, AnsweredValue]:
    """The picture whose language ranks best, then the better kind, then the most liked."""
    found = [
        ((rank(spoken), place, -(whole(image.get("likes")) or 0)), address, spoken)
        for place, kind in enumerate(kinds)
        for image in rows(body.get(kind))
        if (address := web_address(image.get("url")))
        for spoken in [language_of(image.get("lang"))]
    ]
    _, address, spoken = min(found, key=itemgetter(0), default=(None, None, None))
    return answered({field: address}, spoken)
