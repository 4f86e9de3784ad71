"""OMDb as a pure function from its query to an answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial

from metarr_sandbox import ids
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library
from metarr_sandbox.omdb_bodies import search_item, title_body
from metarr_sandbox.wire import Answer, Asked, html, to_bytes, whole_number

KEY = "sandbox-omdb-key"
"""Accepted as ``?apikey=``."""

_USUAL = {
    "Content-Type": "application/json; charset=utf-8",
    "Server": "cloudflare",
    "access-control-allow-origin": "*",
}
_PAGE_SIZE = 10
_LAST_PAGE = 100
_SHORTEST_SEARCH = 3

Query = Mapping[str, str]


def error(message: str, status: int = 200) -> Answer:
    """An error as OMDb sends it."""
    body = to_bytes({"Response": "False", "Error": message})
    return Answer(status, body, _USUAL)


def key_refused(query: Query, _headers: Mapping[str, str], key: str) -> Answer | None:
    """The 401 for a missing or wrong key."""
    given = query.get("apikey")
    if not given:
        return error("No API key provided.", 401)
    return None if given == key else error("Invalid API key!", 401)


def quota_used_up(form: str) -> Answer:
    """The daily limit: status 401, or 200 for the form ``status200``."""
    return error("Request limit reached!", 200 if form == "status200" else 401)


def throttled(form: str, retry_after: int) -> Answer:
    """429 of the Cloudflare in front: OMDb itself has none."""
    headers = {"Server": "cloudflare", "Content-Type": "text/plain; charset=UTF-8"}
    if form == "html":
        return html(429, "Too Many Requests", {"Server": "cloudflare"})
    return Answer(429, b"error code: 1015", headers | ({} if form == "bare" else {"Retry-After": str(retry_after)}))


def ask(library: Library, _path: str, query: Query, now: datetime) -> Asked:
    """Recognise a request; ``i`` wins over ``t``, ``t`` over ``s``. ``now`` is the sandbox's time."""
    if query.get("i"):
        return Asked("id", query["i"], partial(_by_id, library, query, now))
    if query.get("t"):
        return Asked("title", query["t"], partial(_by_title, library, query, now))
    if query.get("s"):
        return Asked("search", query["s"], partial(_search, library, query, now))
    return Asked("other", "", lambda: error("Something went wrong."))


def _ok(body: object, now: datetime) -> Answer:
    return _dressed(Answer(200, to_bytes(body)), now)


def _dressed(answer: Answer, now: datetime) -> Answer:
    caching = {
        "Cache-Control": "public, max-age=3600",
        "cf-cache-status": "DYNAMIC",
        "expires": format_datetime(now + timedelta(hours=1), usegmt=True),
        "last-modified": format_datetime(now, usegmt=True),
        "vary": "*",
        "x-aspnet-version": "4.0.30319",
    }
    return Answer(answer.status, answer.body, _USUAL | caching)


def _by_id(library: Library, query: Query, now: datetime) -> Answer:
    number = ids.parse_imdb_id(query["i"])
    if number is None:
        return _dressed(error("Incorrect IMDb ID."), now)
    film = library.by_imdb_number(number)
    if film is None or not film.known_to("omdb"):
        return _dressed(error("Error getting data."), now)
    return _ok(title_body(film, full_plot=query.get("plot") == "full"), now)


def _films(library: Library, title: str, query: Query) -> list[Film]:
    year = whole_number(query.get("y", ""))
    if query.get("type", "movie") != "movie":
        return []
    films = library.search(title, year)
    return [film for film in films if film.known_to("omdb") and not film.adult and year in {None, film.year}]


def _by_title(library: Library, query: Query, now: datetime) -> Answer:
    films = _films(library, query["t"], query)
    if not films:
        missing = "Series not found!" if query.get("type") == "series" else "Movie not found!"
        return _dressed(error(missing), now)
    return _ok(title_body(films[0], full_plot=query.get("plot") == "full"), now)


def _search(library: Library, query: Query, now: datetime) -> Answer:
    text = query["s"].strip()
    if len(text) < _SHORTEST_SEARCH:
        return _dressed(error("Too many results."), now)
    page = whole_number(query.get("page") or "1")
    films = _films(library, text, query)
    shown: list[Film] = []
    if page is not None and 1 <= page <= _LAST_PAGE:
        shown = films[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    if not shown:
        return _dressed(error("Movie not found!"), now)
    found = [search_item(film) for film in shown]
    return _ok({"Search": found, "totalResults": str(len(films)), "Response": "True"}, now)
