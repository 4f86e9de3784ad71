"""TMDB bodies that tell of changes: the list of all films, and that of one film."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil

from metarr_sandbox.dice import digest
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library
from metarr_sandbox.tmdb_errors import TmdbError
from metarr_sandbox.tmdb_parts import object_id
from metarr_sandbox.wire import JsonObject

_PAGE_SIZE = 100
_LONGEST_RANGE = timedelta(days=14)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Changed = Mapping[str, Sequence[int]]
"""Day as YYYY-MM-DD -> TMDB ids of films that were set to change on it, beside those that do so by lot."""


def days(query: Mapping[str, str], now: datetime) -> list[date]:
    """The days from ``start_date`` to ``end_date``, by default yesterday and today; raises TmdbError."""
    end = _day(query, "end_date") or now.astimezone(UTC).date()
    start = _day(query, "start_date") or end - timedelta(days=1)
    if not timedelta() <= end - start <= _LONGEST_RANGE:
        raise TmdbError(20)
    return [start + timedelta(days=step) for step in range((end - start).days + 1)]


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as error:
        raise TmdbError(23) from error


def _changed_on(library: Library, day: date, changed: Changed) -> list[int]:
    return [*changed.get(day.isoformat(), ()), *library.changing.on(day)]


def changes(library: Library, over: Sequence[date], page: int, changed: Changed) -> JsonObject:
    """The body of ``/movie/changes``. Films only ever join the list, so who turns the pages misses none."""
    found = list(dict.fromkeys(tmdb_id for day in over for tmdb_id in _changed_on(library, day, changed)))
    shown = found[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    return {
        "results": [{"id": tmdb_id, "adult": _adult(library, tmdb_id)} for tmdb_id in shown],
        "page": page,
        "total_pages": max(1, ceil(len(found) / _PAGE_SIZE)),
        "total_results": len(found),
    }


def _adult(library: Library, tmdb_id: int) -> bool | None:
    """What the list says is null for a few films, as recorded."""
    film = library.by_tmdb_id(tmdb_id)
    return None if film is None or digest("adult", tmdb_id) % 35 == 0 else film.adult


def movie_changes(library: Library, film: Film, over: Sequence[date], changed: Changed) -> JsonObject:
    """The body of ``/movie/{id}/changes``."""
    own = [day for day in over if film.tmdb_id in _changed_on(library, day, changed)]
    return {"changes": [{"key": "overview", "items": [_change(film, day) for day in own]}] if own else []}


def _change(film: Film, day: date) -> JsonObject:
    return {
        "id": object_id("change", film.tmdb_id, day),
        "action": "updated",
        "time": f"{day.isoformat()} 13:58:36 UTC",
        "iso_639_1": "en",
        "value": film.overview,
        "original_value": film.overview[:40],
    }
