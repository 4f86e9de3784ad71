"""OMDb: the request for a film and what its answer means, told by the body, since one status has many meanings.

https://www.omdbapi.com/ - its limit and a bad key are both HTTP 401, an unknown id is HTTP 200.
"""

import re

from metarr_contracts.base import Json
from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.omdb_fields import film_fields
from metarr_enricher.providers.outcomes import (
    Answer,
    Found,
    NotFound,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)
from metarr_enricher.providers.reading import imdb_id, message, name, read_json
from metarr_enricher.providers.retrying import retry_after

OK = 200
UNAUTHORIZED = 401
TOO_MANY = 429
SERVER_ERRORS = 500
LIMIT = re.compile(r"limit", re.IGNORECASE)
LIMIT_WITHOUT_JSON = re.compile(rb"request limit reached", re.IGNORECASE)
KEY_REFUSED = re.compile(r"\bapi key\b", re.IGNORECASE)
UNKNOWN_ID = re.compile(r"not found|error getting data|incorrect imdb id", re.IGNORECASE)
PASSING = re.compile(r"something went wrong|service is unavailable|timeout", re.IGNORECASE)
NO_FILMS = frozenset({"series", "episode", "game"})


def request(imdb: str, key: str) -> ProviderRequest:
    """All OMDb knows of the film with this canonical IMDb id."""
    return ProviderRequest("omdb", "/", {"i": imdb, "plot": "full", "r": "json"}, secret_query={"apikey": key})


def parse(response: Response) -> Answer:
    """What OMDb says of the film. Never raises, whatever the response holds.

    An IMDb id of a series, an episode or a game is no film: OMDb answers with its values, and they would be wrong ones.
    """
    is_json, body = read_json(response.body)
    if not is_json or not isinstance(body, dict):
        return _without_object(response, is_json=is_json)
    if "Error" in body or body.get("Response") != "True":
        return _refused(response, body)
    if response.status != OK or name(body.get("Title")) is None:
        return _unread(response, "no film")
    if str(body.get("Type")).lower() in NO_FILMS:
        return NotFound()
    return Found(film_fields(body), ExternalIds(imdb=imdb_id(body.get("imdbID"))))


def _refused(response: Response, body: dict[str, Json]) -> Answer:
    """The meaning of an error text; the limit comes first, because its status is that of a bad key."""
    said = message(body.get("Error"))
    if LIMIT.search(said):
        return QuotaExhausted()
    if KEY_REFUSED.search(said):
        return Unauthorized(f"OMDb refuses the key: {said}")
    if UNKNOWN_ID.search(said):
        return NotFound()
    if PASSING.search(said):
        return Unavailable(f"OMDb has no answer now: {said}")
    return _unread(response, said)


def _unread(response: Response, said: str) -> Answer:
    """JSON whose text tells nothing: what is left is the status."""
    if response.status == TOO_MANY:
        return Throttled(retry_after(response.headers))
    if response.status == UNAUTHORIZED:
        return Unauthorized(f"OMDb refuses the key: {said}")
    if response.status >= SERVER_ERRORS:
        return Unavailable(f"OMDb has no answer now (HTTP {response.status})")
    return Unexpected(f"OMDb answered HTTP {response.status}: {said}")


def _without_object(response: Response, *, is_json: bool) -> Answer:
    """Pages of the network in front of OMDb, and JSON that it wrote wrongly."""
    if LIMIT_WITHOUT_JSON.search(response.body):
        return QuotaExhausted()
    if response.status == TOO_MANY:
        return Throttled(retry_after(response.headers))
    if is_json and response.status == OK:
        return Unexpected("OMDb answered with something else than an object")
    return Unavailable(f"OMDb has no answer now (HTTP {response.status})")
