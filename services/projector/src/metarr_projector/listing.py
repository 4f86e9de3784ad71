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
# As an array the words are looked up first; as a join the server may walk through all films in their order instead.
SEARCH = "id = ANY(ARRAY(SELECT movie_id FROM live.movie_words WHERE words @@ $n::tsquery))"
NOTHING = "false"
"""A search without a letter or digit finds nothing: titles are known by their words."""

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
    """A checked query: how to count what it leaves, and the parts of its page.

    Films without the value that is sorted by come last in both orders, so a page may need a second part.
    """

    total: Statement
    parts: Sequence[Statement]


def listing(query: MovieListQuery) -> Listing:
    """The statements of a query. Each part takes one film more than the page holds, to know whether there is another.

    Raises:
        InvalidQueryError: the cursor is not one of this sort and order, or the field is none that can be missing.
    """
    conditions, arguments = _conditions(query)
    place = None if query.cursor is None else _read_cursor(query)
    total = Statement(_where(COUNT, conditions), arguments)
    nulls = query.sort in NULLABLE
    parts = []
    if place is None or place[0] is not None:
        parts.append(_part(query, conditions, arguments, place, null=False))
    if nulls:
        after = place if place is not None and place[0] is None else None
        parts.append(_part(query, conditions, arguments, after, null=True))
    return Listing(total, parts)


def _conditions(query: MovieListQuery) -> tuple[list[str], list[object]]:
    conditions: list[str] = list(FILTERS[query.filter])
    arguments: list[object] = []
    if query.missing is not None:
        if query.missing not in TRACKED_NAMES:
            raise InvalidQueryError("missing", f"{query.missing} is not a field that counts")
        arguments.append(query.missing)
        conditions.append(f"${len(arguments)} = ANY(missing)")
    words = search_words(query.search or "")
    if words:
        # Words hold letters and digits only, so they need no escaping.
        arguments.append(" & ".join(f"'{word}':*" for word in words))
        conditions.append(SEARCH.replace("$n", f"${len(arguments)}"))
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
    """One part of a page: the films with a value in its order, or those without one by id."""
    column = SORT_COLUMNS[query.sort]
    key = "id" if null or column == "id" else f"{column}, id"
    wanted, values = list(conditions), list(arguments)
    if query.sort in NULLABLE:
        wanted.append(f"{column} IS {'' if null else 'NOT '}NULL")
    if place is not None:
        beyond = (place[1],) if key == "id" else place
        marks = ", ".join(f"${len(values) + number}" for number in range(1, len(beyond) + 1))
        wanted.append(f"({key}) {'>' if query.order == 'asc' else '<'} ({marks})")
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
