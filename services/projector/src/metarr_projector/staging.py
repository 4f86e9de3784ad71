"""Patches as rows of the staging tables: pure, and the only place that knows their columns' order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from metarr_contracts.fields import PROVIDERS, TRACKED
from metarr_contracts.movie import LIMITED, Candidate, FieldValue, MissingField, ProviderOutcome
from metarr_projector.patches import Changes, JobPatch, MoviePatch
from metarr_projector.titles import search_words, sort_title

FIELD_VALUES: TypeAdapter[dict[str, FieldValue]] = TypeAdapter(dict[str, FieldValue])
MISSING: TypeAdapter[tuple[MissingField, ...]] = TypeAdapter(tuple[MissingField, ...])
OUTCOMES: TypeAdapter[tuple[ProviderOutcome, ...]] = TypeAdapter(tuple[ProviderOutcome, ...])
CANDIDATES: TypeAdapter[tuple[Candidate, ...]] = TypeAdapter(tuple[Candidate, ...])

ORDER = {field.name: place for place, field in enumerate(TRACKED)}

MOVIE_COLUMNS = {
    "id": "bigint",
    "added_at": "timestamptz",
    "given": "boolean",
    "given_title": "text",
    "given_sort_title": "text",
    "given_words": "text[]",
    "given_year": "integer",
    "title_found": "boolean",
    "found_title": "text",
    "found_sort_title": "text",
    "found_words": "text[]",
    "year_found": "boolean",
    "found_year": "integer",
    "identified": "boolean",
    "imdb_id": "text",
    "tmdb_id": "bigint",
    "searched": "boolean",
    "candidates": "jsonb",
    "completeness": "smallint",
    "missing": "text[]",
    "missing_detail": "jsonb",
    "partial": "boolean",
    "limited": "text[]",
    "providers": "jsonb",
    "has_poster": "boolean",
    "last_enriched": "timestamptz",
    "duration": "double precision",
    "last_job": "jsonb",
    "locked": "text[]",
    "dropped": "text[]",
    "fields": "jsonb",
}

JOB_COLUMNS = {
    "job_id": "bigint",
    "kind": "text",
    "movie_id": "bigint",
    "state": "text",
    "progress": "smallint",
    "started_at": "timestamptz",
    "completed_at": "timestamptz",
    "error": "text",
    "code": "text",
    "processed": "integer",
    "total": "integer",
    "counts": "jsonb",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """All that a batch does, with the rows of its films ready to be staged: they are most of the work."""

    changes: Changes
    movies: list[Sequence[Any]]
    """Of MOVIE_COLUMNS, one a film."""


def movie_rows(patches: Iterable[MoviePatch]) -> list[Sequence[Any]]:
    """A row of MOVIE_COLUMNS for each film."""
    return [_movie_row(patch) for patch in patches]


def _movie_row(patch: MoviePatch) -> Sequence[Any]:
    missing = None if patch.missing is None else in_order(patch.missing)
    values = {name: value for name, value in patch.fields.items() if value is not None}
    return (
        patch.movie_id,
        patch.added_at,
        *_given(patch),
        *_found(patch),
        patch.ids is not None,
        patch.ids.imdb if patch.ids else None,
        patch.ids.tmdb if patch.ids else None,
        patch.searched,
        _json(CANDIDATES, patch.candidates),
        patch.completeness,
        None if missing is None else [item.field for item in missing],
        _json(MISSING, missing),
        patch.partial,
        None if patch.providers is None else limited(patch.providers),
        _json(OUTCOMES, patch.providers),
        values.get("poster") is not None if "poster" in patch.fields else None,
        patch.last_enriched,
        patch.duration,
        patch.last_job.to_json().decode() if patch.last_job else None,
        patch.locked,
        [name for name, value in patch.fields.items() if value is None],
        _json(FIELD_VALUES, values),
    )


def _given(patch: MoviePatch) -> Sequence[Any]:
    if patch.given is None:
        return (False, None, None, None, None)
    title, year = patch.given
    return (True, *_titles(title), year)


def _found(patch: MoviePatch) -> Sequence[Any]:
    title, year = patch.fields.get("title"), patch.fields.get("year")
    found_title = title.value if title and isinstance(title.value, str) else None
    found_year = year.value if year and isinstance(year.value, int) else None
    return ("title" in patch.fields, *_titles(found_title), "year" in patch.fields, found_year)


def _titles(title: str | None) -> tuple[str | None, str | None, list[str] | None]:
    return (title, sort_title(title), search_words(title)) if title else (None, None, None)


def in_order(missing: Iterable[MissingField]) -> tuple[MissingField, ...]:
    """Missing fields in the order in which fields are shown."""
    return tuple(sorted(missing, key=lambda item: (ORDER.get(item.field, len(ORDER)), item.field)))


def limited(providers: Iterable[ProviderOutcome]) -> list[str]:
    """The providers whose limit was hit, in their usual order."""
    hit = {provider.name for provider in providers if provider.outcome in LIMITED}
    return [name for name in PROVIDERS if name in hit]


def _json(adapter: TypeAdapter[Any], value: object) -> str | None:
    return None if value is None else adapter.dump_json(value, by_alias=True).decode()


def job_rows(patches: Iterable[JobPatch]) -> list[Sequence[Any]]:
    """A row of JOB_COLUMNS for each job."""
    return [
        (
            patch.job_id,
            patch.kind,
            patch.movie_id,
            patch.state,
            patch.progress,
            patch.started_at,
            patch.completed_at,
            patch.error,
            patch.code,
            patch.processed,
            patch.total,
            patch.counts.to_json().decode() if patch.counts else None,
        )
        for patch in patches
    ]
