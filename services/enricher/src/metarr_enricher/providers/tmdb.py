"""TMDB v3: the request for a film's details and what its answer means.

https://developer.themoviedb.org/reference/movie-details
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from metarr_contracts.base import Json
from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.languages import ENGLISH
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
from metarr_enricher.providers.reading import imdb_id, mapping, message, read_json, tmdb_id, whole
from metarr_enricher.providers.retrying import retry_after
from metarr_enricher.providers.tmdb_fields import details_fields

API_KEY = re.compile(r"[0-9a-fA-F]{32}")
BLOCKS = "credits,release_dates,external_ids,images,videos"
OK = 200
NOT_FOUND = 404
TOO_MANY = 429
SERVER_ERRORS = 500
KEY_REFUSED_STATUS = 401
# Codes of the error bodies: https://developer.themoviedb.org/docs/errors
TOO_MANY_CODE = 25
KEY_REFUSED = frozenset({3, 7, 10, 14, 31, 32, 35, 45})
UNKNOWN_ID = frozenset({6, 34})


@dataclass(frozen=True, slots=True)
class Locale:
    """The library's language (ISO 639-1, lower case) and region (ISO 3166-1, upper case)."""

    language: str
    region: str

    def __str__(self) -> str:
        return f"{self.language}-{self.region}"


def signed_request(path: str, query: Mapping[str, str], key: str) -> ProviderRequest:
    """A request with the key: an API key goes into the query, a read access token into a header."""
    if API_KEY.fullmatch(key):
        return ProviderRequest("tmdb", path, query, secret_query={"api_key": key})
    return ProviderRequest("tmdb", path, query, secret_headers={"Authorization": f"Bearer {key}"})


def request(film: int, key: str, locale: Locale) -> ProviderRequest:
    """All we want to know of the film with this TMDB id, in one request.

    `language` narrows the appended pictures and videos to itself; the `include_…` parameters widen that again.
    """
    languages = dict.fromkeys((locale.language, ENGLISH))
    query = {
        "append_to_response": BLOCKS,
        "language": str(locale),
        "include_image_language": ",".join((*languages, "null")),
        "include_video_language": ",".join(languages),
    }
    return signed_request(f"/movie/{film}", query, key)


def parse(response: Response, locale: Locale) -> Answer:
    """What TMDB says of the film. Never raises, whatever the response holds."""
    body, failure = read(response)
    if failure is not None:
        return failure
    found = tmdb_id(body.get("id"))
    if found is None:
        return Unexpected("TMDB answered without a film")
    imdb = imdb_id(body.get("imdb_id")) or imdb_id(mapping(body.get("external_ids")).get("imdb_id"))
    return Found(details_fields(body, locale.language, locale.region), ExternalIds(imdb=imdb, tmdb=found))


def read(response: Response) -> tuple[dict[str, Json], NotFound | Failure | None]:
    """The body of a good answer, or what went wrong."""
    is_json, value = read_json(response.body)
    body = mapping(value)
    failure = _failure(response, body, is_json=is_json)
    if failure is None and not isinstance(value, dict):
        failure = Unexpected("TMDB answered with something else than an object")
    return body, failure


def _failure(response: Response, body: Mapping[str, Json], *, is_json: bool) -> NotFound | Failure | None:
    """Limits come first: a 429 is sent by the content network too, with a body that is no JSON."""
    code, reason = whole(body.get("status_code")), message(body.get("status_message"))
    if response.status == TOO_MANY or code == TOO_MANY_CODE:
        return Throttled(retry_after(response.headers))
    if response.status == KEY_REFUSED_STATUS or code in KEY_REFUSED:
        return Unauthorized(f"TMDB refuses the key: {reason}")
    if response.status >= SERVER_ERRORS or not is_json:
        return Unavailable(f"TMDB has no answer now (HTTP {response.status})")
    if response.status == NOT_FOUND or code in UNKNOWN_ID:
        return NotFound() if code in UNKNOWN_ID else Unexpected(f"TMDB answered HTTP 404: {reason}")
    return None if response.status == OK else Unexpected(f"TMDB answered HTTP {response.status}: {reason}")
