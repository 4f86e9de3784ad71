"""The list of films as SQL: filters, search, keyset pages. Pure; values travel as parameters only."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from metarr_contracts.base import Utc, Value
from metarr_contracts.fields import TRACKED
from metarr_contracts.movie import ENRICHED_FROM, PARTIAL_FROM
from metarr_contracts.readmodels import MovieListQuery, SortKey, SortOrder
from metarr_projector.titles import search_words

COLUMNS = """SELECT id, title, year, imdb_id, tmdb_id, completeness, partial, limited, missing, searched, has_poster,
last_enriched, added_at, sort_title FROM live.movie"""
COUNT = "SELECT count(*) FROM live.movie"
MISSING = """SELECT sum(films)::bigint AS count FROM live.library_missing WHERE field = $1 AND band = ANY($2)"""
HITS = "SELECT count(*) FROM live.movie_words WHERE words @@ $1::tsquery"
# To count, the server compares the hits with the films that an index names for the filter. It does not know beforehand
# how many hits there are: without OFFSET it may look at the words of each of those films, and take ten times as long.
COUNTED_AMONG = "id IN (SELECT movie_id FROM live.movie_words WHERE words @@ $n::tsquery OFFSET 0)"
# Few hits are looked up first and then put in order, which an array makes the server do. To count those that lack a
# field, where the filter leaves many films and no index knows who of them does, it is less than to read all of these.
LOOKED_UP = "id = ANY(ARRAY(SELECT movie_id FROM live.movie_words WHERE words @@ $n::tsquery))"
# Many are met soon by who walks through all films in their order, which a subquery for each makes the server do.
MET = "(SELECT words @@ $n::tsquery FROM live.movie_words WHERE movie_id = movie.id)"
NOTHING = "false"
"""A search without a letter or digit finds nothing: titles are known by their words."""

BANDS = ("enriched", "partial", "unenriched")
COUNTED = {"all": BANDS, "incomplete": BANDS[1:], **{band: (band,) for band in BANDS}}
"""Filters whose films the counters of the library know, all or those that lack a field, as the sum of these bands."""
FILTERS = {
    "all": (),
    "incomplete": (f"completeness < {ENRICHED_FROM}",),
    "enriched": (f"completeness >= {ENRICHED_FROM}",),
    "partial": (f"completeness >= {PARTIAL_FROM}", f"completeness < {ENRICHED_FROM}"),
    "unenriched": (f"completeness < {PARTIAL_FROM}",),
    "limited": ("limited <> '{}'",),
    "unidentified": ("searched", "tmdb_id IS NULL", "imdb_id IS NULL"),
}
SORT_COLUMNS: dict[SortKey, str] = {
    "id": "id",
    "title": "sort_title",
    "year": "year",
    "completeness": "completeness",
    "lastEnriched": "last_enriched",
    "added": "added_at",
}
NULLABLE: frozenset[SortKey] = frozenset({"title", "year", "lastEnriched"})
LONGEST_NAME = 100
"""Characters of what is no field that are shown to whoever asked for it."""
TRACKED_NAMES = frozenset(field.name for field in TRACKED)

_INT4 = Annotated[int, Field(strict=True, ge=-(2**31), lt=2**31)]
_INT8 = Annotated[int, Field(strict=True, ge=1, lt=2**63)]
_TEXT = Annotated[str, Field(pattern=r"^[^\x00]*$")]
SORT_VALUES: dict[SortKey, TypeAdapter[Any]] = {
    "id": TypeAdapter(_INT8),
    "title": TypeAdapter(_TEXT),
    "year": TypeAdapter(_INT4),
    "completeness": TypeAdapter(_INT4),
    "lastEnriched": TypeAdapter(Utc),
    "added": TypeAdapter(Utc),
}


class InvalidQueryError(ValueError):
    """A query that cannot be carried out; `field` is the part that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Cursor(Value):
    """The last film of a page: the next page begins after it."""

    sort: SortKey
    order: SortOrder
    value: int | str | None
    id: _INT8


@dataclass(frozen=True)
class Statement:
    """SQL and its parameters."""

    sql: str
    arguments: Sequence[object]


@dataclass(frozen=True)
class Listing:
    """A checked query: how to count what it leaves, and the page.

    Attributes:
        counters: Columns of `live.library` whose sum it is; empty where another one says it.
        hits: How to count what the words of a search find; None without words.
        total: How to ask what all conditions leave, where neither of the others says so.
    """

    counters: Sequence[str]
    hits: Statement | None
    total: Statement | None
    _query: MovieListQuery
    _place: tuple[Any, int] | None

    def parts(self, hits: int, films: int) -> Sequence[Statement]:
        """The parts of its page, where the words of a search, if there are any, find so many of all films.

        Films without the value that is sorted by come last in both orders, so a page may need a second part. Each part
        takes one film more than the page holds, to know whether there is another.
        """
        query, place = self._query, self._place
        # To look all hits up costs as much as there are hits; to meet a page of them, as many films as lie between.
        conditions, arguments = _conditions(query, MET if hits**2 > query.limit * films else LOOKED_UP)
        parts = []
        if place is None or place[0] is not None:
            parts.append(_part(query, conditions, arguments, place, null=False))
        if query.sort in NULLABLE:
            after = place if place is not None and place[0] is None else None
            parts.append(_part(query, conditions, arguments, after, null=True))
        return parts


def listing(query: MovieListQuery) -> Listing:
    """How to answer a query.

    Raises:
        InvalidQueryError: the cursor is not one of this sort and order, or the field is none that can be missing.
    """
    reads_all = query.missing is not None and query.filter in COUNTED
    conditions, arguments = _conditions(query, LOOKED_UP if reads_all else COUNTED_AMONG)
    total: Statement | None = Statement(_where(COUNT, conditions), arguments)
    place = None if query.cursor is None else _read_cursor(query)
    words = _words(query)
    bands = () if query.search and not query.search.isspace() else COUNTED.get(query.filter, ())
    if bands:
        total = Statement(MISSING, [query.missing, bands]) if query.missing else None
    elif words and len(conditions) == 1:
        total = None
    return Listing(
        counters=() if total else bands,
        hits=Statement(HITS, [words]) if words else None,
        total=total,
        _query=query,
        _place=place,
    )


def _words(query: MovieListQuery) -> str:
    """The words of a search as the server takes them. They are letters and digits only, so nothing is escaped."""
    return " & ".join(f"'{word}':*" for word in search_words(query.search or ""))


def _conditions(query: MovieListQuery, search: str) -> tuple[list[str], list[object]]:
    conditions: list[str] = list(FILTERS[query.filter])
    arguments: list[object] = []
    if query.missing is not None:
        if query.missing not in TRACKED_NAMES:
            raise InvalidQueryError("missing", f"{query.missing[:LONGEST_NAME]} is not a field that counts")
        arguments.append(query.missing)
        conditions.append(f"${len(arguments)} = ANY(missing)")
    if words := _words(query):
        arguments.append(words)
        conditions.append(search.replace("$n", f"${len(arguments)}"))
    elif query.search and not query.search.isspace():
        conditions.append(NOTHING)
    return conditions, arguments


def _part(
    query: MovieListQuery,
    conditions: Sequence[str],
    arguments: Sequence[object],
    place: tuple[Any, int] | None,
    *,
    null: bool,
) -> Statement:
    """One part of a page: the films with a value in its order, or those without one by id.

    The latter are put in order by the column too, in which they are all alike: its index leads from one to the next.
    In the order of ids alone the server may look for them among all films, as if they were many.
    """
    column = SORT_COLUMNS[query.sort]
    key = "id" if column == "id" else f"{column}, id"
    wanted, values = list(conditions), list(arguments)
    if query.sort in NULLABLE:
        wanted.append(f"{column} IS {'' if null else 'NOT '}NULL")
    if place is not None:
        compared = "id" if null else key
        beyond = place[1:] if compared == "id" else place
        marks = ", ".join(f"${len(values) + number}" for number in range(1, len(beyond) + 1))
        wanted.append(f"({compared}) {'>' if query.order == 'asc' else '<'} ({marks})")
        values.extend(beyond)
    values.append(query.limit + 1)
    order = ", ".join(f"{name} {query.order}" for name in key.split(", "))
    return Statement(f"{_where(COLUMNS, wanted)} ORDER BY {order} LIMIT ${len(values)}", values)


def _where(select: str, conditions: Sequence[str]) -> str:
    return f"{select} WHERE {' AND '.join(conditions)}" if conditions else select


def _read_cursor(query: MovieListQuery) -> tuple[Any, int]:
    """Sort value (None: among the films without one) and id of the film after which the page begins."""
    try:
        cursor = Cursor.model_validate_json(base64.urlsafe_b64decode(query.cursor or ""))
        if cursor.value is not None or query.sort not in NULLABLE:
            value = SORT_VALUES[query.sort].validate_python(cursor.value)
        else:
            value = None
    except ValueError as error:
        raise InvalidQueryError("cursor", "cursor is not one that was given out") from error
    if (cursor.sort, cursor.order) != (query.sort, query.order):
        raise InvalidQueryError("cursor", "cursor belongs to another sort or order")
    return value, cursor.id


def write_cursor(query: MovieListQuery, value: object, movie_id: int) -> str:
    """The cursor of the page after this film, which has this sort value."""
    written = value.isoformat() if isinstance(value, datetime) else value
    cursor = Cursor.model_validate({"sort": query.sort, "order": query.order, "value": written, "id": movie_id})
    return base64.urlsafe_b64encode(cursor.to_json()).decode()
