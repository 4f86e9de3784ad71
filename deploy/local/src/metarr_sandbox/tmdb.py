"""TMDB v3 as a pure function from path and query to an answer."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from types import MappingProxyType

from metarr_sandbox import ids, tmdb_changes, tmdb_errors
from metarr_sandbox.catalog import normalised
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library
from metarr_sandbox.tmdb_changes import Changed
from metarr_sandbox.tmdb_details import CONFIGURATION, details, found, item
from metarr_sandbox.tmdb_errors import TmdbError
from metarr_sandbox.tmdb_parts import PARTS, Wish
from metarr_sandbox.wire import Answer, Asked, to_bytes, weak_etag, whole_number

KEY = "sandbox-tmdb-key"
"""Accepted as ``?api_key=`` and as bearer token."""

_PAGE_SIZE = 20
_LAST_PAGE = 500
_MOST_APPENDED = 20
_LONG, _CONFIGURATION, _SHORT = 28_800, 43_200, 600
"""Seconds that an answer may be cached, as recorded from the origin."""
_NOTHING: Changed = MappingProxyType({})

Query = Mapping[str, str]


def key_refused(query: Query, headers: Mapping[str, str], key: str) -> Answer | None:
    """The 401 for a missing or wrong key; a query key wins over the header."""
    given = query.get("api_key") or headers.get("Authorization", "").removeprefix("Bearer ")
    return None if given == key else tmdb_errors.answer(7)


def ask(library: Library, path: str, query: Query, now: datetime, changed: Changed = _NOTHING) -> Asked:
    """Recognise a request by its path below ``/3`` (``/movie/550``).

    ``now`` is the sandbox's time, ``changed`` what was set for its lists of changes.
    """
    match [step for step in path.split("/") if step]:
        case ["configuration"]:
            return _asked("configuration", "", lambda: _ok(CONFIGURATION, _CONFIGURATION))
        case ["authentication"]:
            ok = {"success": True, "status_code": 1, "status_message": "Success."}
            return _asked("authentication", "", lambda: _ok(ok, 0))
        case ["find", external_id]:
            return _asked("find", external_id, partial(_find, library, external_id, query))
        case ["search", "movie"]:
            return _asked("search", query.get("query", ""), partial(_search, library, query))
        case ["movie", *steps] if steps:
            return _ask_movie(library, steps, query, now, changed)
        case _:
            return _asked("other", "", lambda: tmdb_errors.answer(2))


def _ask_movie(library: Library, steps: list[str], query: Query, now: datetime, changed: Changed) -> Asked:
    match steps:
        case ["changes"]:
            return _asked("changes", "", partial(_changes, library, query, now, changed))
        case [movie_id]:
            return _asked("movie", movie_id, partial(_movie, library, movie_id, query))
        case [movie_id, "changes"]:
            answer = partial(_movie_changes, library, movie_id, query, now, changed)
            return _asked("movie_changes", movie_id, answer)
        case [movie_id, part] if part in PARTS:
            return _asked(part, movie_id, partial(_part, library, movie_id, part, query))
        case _:
            return _asked("other", "", lambda: tmdb_errors.answer(34))


def _asked(kind: str, external_id: str, answer: Callable[[], Answer]) -> Asked:
    def guarded() -> Answer:
        try:
            return answer()
        except TmdbError as error:
            return tmdb_errors.answer(error.code)

    return Asked(kind, external_id, guarded)


def _ok(body: object, max_age: int) -> Answer:
    content = to_bytes(body)
    return Answer(
        200,
        content,
        {
            "Content-Type": "application/json;charset=utf-8",
            "Cache-Control": f"public, max-age={max_age}",
            "ETag": weak_etag(content),
            "Server": "openresty",
            "Vary": "accept-encoding, Origin",
            "Via": "1.1 c5b6f1d3e8a94b07.cloudfront.net (CloudFront)",
            "X-Cache": "Miss from cloudfront",
        },
    )


def _film(library: Library, movie_id: str) -> Film:
    """A film by TMDB id, by ``550-fight-club`` or by IMDb id, as the real service takes all three."""
    number = ids.parse_imdb_id(movie_id)
    if number is not None:
        film = library.by_imdb_number(number)
    else:
        tmdb_id = whole_number(movie_id.partition("-")[0])
        if not tmdb_id:
            raise TmdbError(6)
        film = library.by_tmdb_id(tmdb_id)
    if film is None or not film.known_to("tmdb"):
        raise TmdbError(34)
    library.changing.add(film.tmdb_id)
    return film


def _movie(library: Library, movie_id: str, query: Query) -> Answer:
    appended = [name for name in query.get("append_to_response", "").split(",") if name]
    if len(appended) > _MOST_APPENDED:
        raise TmdbError(27)
    film, wish = _film(library, movie_id), Wish.of(query)
    body = details(film, wish.language)
    for name in appended:
        if name in PARTS:
            body[name] = PARTS[name](film, wish)
    return _ok(body, _LONG)


def _part(library: Library, movie_id: str, part: str, query: Query) -> Answer:
    film = _film(library, movie_id)
    return _ok({"id": film.tmdb_id} | PARTS[part](film, Wish.of(query)), _LONG)


def _find(library: Library, external_id: str, query: Query) -> Answer:
    source = query.get("external_source")
    if not source:
        raise TmdbError(5)
    number = ids.parse_imdb_id(external_id) if source == "imdb_id" else None
    film = None if number is None else library.by_imdb_number(number)
    return _ok(found(film if film and film.known_to("tmdb") else None, Wish.of(query).language), _LONG)


def _page(query: Query) -> int:
    page = whole_number(query.get("page", "1"))
    if page is None or not 1 <= page <= _LAST_PAGE:
        raise TmdbError(22)
    return page


def _search(library: Library, query: Query) -> Answer:
    text, page = query.get("query", ""), _page(query)
    if not normalised(text):
        raise TmdbError(5)
    primary, year = (whole_number(query.get(name, "")) for name in ("primary_release_year", "year"))
    films = [
        film
        for film in library.search(text, primary or year)
        if film.known_to("tmdb")
        and (primary is None or film.year == primary)
        and (year is None or year in _release_years(film))
        and (not film.adult or query.get("include_adult") == "true")
    ]
    language = Wish.of(query).language
    shown = films[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    body = {
        "page": page,
        "results": [item(film, language) for film in shown],
        "total_pages": max(1, ceil(len(films) / _PAGE_SIZE)),
        "total_results": len(films),
    }
    return _ok(body, _SHORT)


def _release_years(film: Film) -> set[int]:
    """``year`` looks at every release date; ours are spread over at most sixty days."""
    return {film.year, (film.released + timedelta(days=59)).year}


def _changes(library: Library, query: Query, now: datetime, changed: Changed) -> Answer:
    page = _page(query)
    return _ok(tmdb_changes.changes(library, tmdb_changes.days(query, now), page, changed), _LONG)


def _movie_changes(library: Library, movie_id: str, query: Query, now: datetime, changed: Changed) -> Answer:
    film = _film(library, movie_id)
    return _ok(tmdb_changes.movie_changes(library, film, tmdb_changes.days(query, now), changed), _LONG)
