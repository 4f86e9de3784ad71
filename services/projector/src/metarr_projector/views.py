"""From rows to the read models that are answered. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from metarr_contracts import quotas, readmodels
from metarr_contracts.base import Value
from metarr_contracts.events import ImportCounts, ImportedRow
from metarr_contracts.fields import FIELDS, PROVIDERS, TRACKED, ProviderName
from metarr_contracts.movie import ExternalIds, FieldValue, Identification, band, display_title
from metarr_contracts.quotas import MetQuota
from metarr_contracts.rates import Booked
from metarr_projector.staging import CANDIDATES, FIELD_VALUES, MISSING, OUTCOMES

Row = Mapping[str, Any]
State = Literal["on", "off", "paused", "key_refused"]


class _Sourced(Value):
    """Of a value where it comes from; the value itself may be long."""

    source: str


SOURCES: TypeAdapter[dict[str, _Sourced]] = TypeAdapter(dict[str, _Sourced])
ROWS: TypeAdapter[tuple[ImportedRow, ...]] = TypeAdapter(tuple[ImportedRow, ...])


def stats(rows: Sequence[Row]) -> readmodels.LibraryStats:
    """The library's counters and its least complete films: a row each, or one without a film where all are complete."""
    counters = rows[0]
    total = counters["enriched"] + counters["partial"] + counters["unenriched"]
    return readmodels.LibraryStats(
        total=total,
        enriched=counters["enriched"],
        partially_enriched=counters["partial"],
        unenriched=counters["unenriched"],
        average_completeness=round(counters["sum"] / total, 1) if total else 0.0,
        top_incomplete=tuple(
            readmodels.IncompleteMovie(
                id=row["id"],
                title=_title(row),
                year=row["year"],
                completeness=row["completeness"],
                missing_fields=tuple(row["missing"]),
            )
            for row in rows
            if row["id"] is not None
        ),
    )


def summary(row: Row) -> readmodels.MovieSummary:
    """A row of the list of films."""
    return readmodels.MovieSummary(**_summary(row))


def details(row: Row) -> readmodels.MovieDetails:
    """All that is known of a film; candidates while it has no TMDB id."""
    return readmodels.MovieDetails(
        **_summary(row),
        fields=_fields(row),
        locked=tuple(row["locked"]),
        candidates=CANDIDATES.validate_json(row["candidates"]) if row["tmdb_id"] is None else (),
    )


def status(row: Row) -> readmodels.MovieStatus:
    """How complete a film is, what is missing and how its last refresh went."""
    sources = SOURCES.validate_json(row["fields"])
    return readmodels.MovieStatus(
        movie_id=row["id"],
        completeness=row["completeness"],
        last_enriched=row["last_enriched"],
        enrichment_duration=row["duration"],
        partial=row["partial"],
        rate_limited_providers=tuple(row["limited"]),
        missing_fields=_missing(row),
        field_sources={field.name: sources[field.name].source for field in TRACKED if field.name in sources},
        providers=_providers(row),
        last_job=readmodels.LastJob.model_validate_json(row["last_job"]) if row["last_job"] else None,
        identification=identification(row),
    )


def import_report(row: Row, rows: Sequence[Row], row_offset: int, page: int) -> readmodels.ImportReport | None:
    """What an import did; None for a job that is none.

    `rows` are its noted rows from `row_offset` on, one more than a page where there are more.
    """
    if row["total"] is None:
        return None
    return readmodels.ImportReport(
        processed=row["processed"],
        total=row["total"],
        counts=ImportCounts.model_validate_json(row["counts"]),
        rows=ROWS.validate_python([json.loads(found["noted"]) for found in rows[:page]]),
        next_row_offset=row_offset + page if len(rows) > page else None,
    )


def job(
    row: Row, *, report: readmodels.ImportReport | None = None, run: readmodels.RunReport | None = None
) -> readmodels.Job:
    """A job with what it has to report."""
    return readmodels.Job(
        job_id=row["job_id"],
        kind=row["kind"],
        movie_id=row["movie_id"],
        state=row["state"],
        progress=row["progress"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        error=row["error"],
        code=row["code"],
        report=report,
        run=run,
    )


def provider_states(
    rows: Sequence[Row], booked: Mapping[ProviderName, Booked], now: datetime
) -> readmodels.ProviderStates:
    """All providers at this moment, with their requests of this UTC day; one that was never spoken of is off."""
    known = {row["name"]: row for row in rows}
    return readmodels.ProviderStates(
        providers=tuple(_provider(name, known.get(name), booked[name].on(now.date()), now) for name in PROVIDERS)
    )


def _provider(name: ProviderName, row: Row | None, requests: int, now: datetime) -> readmodels.ProviderState:
    state, since = _state(row, now)
    held = state in {"paused", "key_refused"}
    return readmodels.ProviderState(
        name=name,
        state=state,
        since=since,
        until=row["until"] if row and state == "paused" else None,
        reason=row["reason"] if row and held else None,
        requests_today=requests,
        remaining=_remaining(row, requests, now) if row else None,
    )


def _state(row: Row | None, now: datetime) -> tuple[State, datetime | None]:
    """What may be said of the provider, and since when. A pause that is over is none, though nobody said so."""
    if row is None or row["configured"] is False:
        return "off", row["since"] if row else None
    if row["condition"] == "key_refused":
        return "key_refused", row["since"]
    if row["condition"] == "none":
        return "on", row["since"]
    return ("on", row["until"]) if row["until"] <= now else ("paused", row["since"])


def _remaining(row: Row, requests: int, now: datetime) -> int | None:
    """Requests that the quota still allows today; None while it is not known what it is worth."""
    if row["condition"] == "quota_used_up" and row["until"] > now:
        return 0
    met = None if row["learned"] is None else MetQuota(requests=row["learned"], at=row["learned_at"])
    quota = quotas.requests_a_day(met, now)
    # Where more has been asked today than that, the quota is another one.
    return None if quota is None or requests > quota else quota - requests


def identification(row: Row) -> Identification:
    """Whether it is known which film this is, a person has to choose, or it has not been looked up yet."""
    if row["imdb_id"] is not None or row["tmdb_id"] is not None:
        return "identified"
    return "unidentified" if row["searched"] else "pending"


def _summary(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "title": _title(row),
        "year": row["year"],
        "imdb_id": row["imdb_id"],
        "tmdb_id": row["tmdb_id"],
        "completeness": row["completeness"],
        "band": band(row["completeness"]),
        "partial": row["partial"],
        "rate_limited_providers": row["limited"],
        "missing_fields": row["missing"],
        "identification": identification(row),
        "has_poster": row["has_poster"],
        "last_enriched": row["last_enriched"],
        "added_at": row["added_at"],
    }


def _title(row: Row) -> str:
    return row["title"] or display_title(None, ExternalIds(imdb=row["imdb_id"], tmdb=row["tmdb_id"]))


def _fields(row: Row) -> dict[str, FieldValue]:
    """The values in the order in which fields are shown, which jsonb does not keep."""
    values = FIELD_VALUES.validate_json(row["fields"])
    return {name: values[name] for name in FIELDS if name in values}


def _missing(row: Row) -> tuple[readmodels.MissingFieldView, ...]:
    return tuple(
        readmodels.MissingFieldView(
            field=missing.field,
            display_name=FIELDS[missing.field].display_name,
            category=FIELDS[missing.field].category,
            reason=missing.reason,
            providers=missing.providers,
        )
        for missing in MISSING.validate_json(row["missing_detail"])
        if missing.field in FIELDS
    )


def _providers(row: Row) -> tuple[readmodels.ProviderView, ...]:
    fared = {outcome.name: outcome for outcome in OUTCOMES.validate_json(row["providers"])}
    return tuple(
        readmodels.ProviderView(
            name=name,
            outcome=fared[name].outcome if name in fared else "not_asked",
            fetched_at=fared[name].fetched_at if name in fared else None,
            limited_until=fared[name].limited_until if name in fared else None,
            message=fared[name].message if name in fared else None,
        )
        for name in PROVIDERS
    )
