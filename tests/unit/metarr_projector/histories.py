"""Random histories of a library: events that could follow each other, with the figures that the enricher would say."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.metarr_projector.run_histories import Runs

from metarr_contracts import events, subjects
from metarr_contracts.base import Json, Value
from metarr_contracts.fields import FIELDS, PROVIDERS, TRACKED
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, MissingField, ProviderOutcome

START = datetime(2026, 11, 22, 3, tzinfo=UTC)


def missing_of(present: set[str]) -> tuple[MissingField, ...]:
    """What a film with these fields lacks."""
    return tuple(
        MissingField(field=field.name, reason="not_fetched", providers=field.providers)
        for field in TRACKED
        if field.name not in present
    )


def completeness_of(present: set[str]) -> int:
    """Percent of the tracked fields."""
    return round(100 * sum(field.name in present for field in TRACKED) / len(TRACKED))


@dataclass
class Library:
    """Films and jobs that events are told about, with what the events of the system would say."""

    seed: int
    fields: dict[int, set[str]] = field(default_factory=dict)
    events: int = 0
    films: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  # examples, no secrets
        self.runs = Runs(self.random)

    def history(self, count: int) -> list[tuple[str, Value]]:
        """Events that follow those told before, with their subjects."""
        return [self._next() for _ in range(count)]

    def _next(self) -> tuple[str, Value]:
        self.events += 1
        if not self.fields or self.random.random() < 0.3:
            return self._added()
        if self.random.random() < 0.1:
            return self._of_job()
        if self.random.random() < 0.15:
            return self.runs.next(self._now())
        movie_id = self.random.choice(list(self.fields))
        tell = self.random.choices(
            [
                self._enriched,
                self._failed,
                self._put_off,
                self._cancelled,
                self._changed,
                self._identified,
                self._candidates,
                self._removed,
            ],
            [12, 2, 2, 1, 3, 3, 2, 1],
        )[0]
        return subjects.movie_event(movie_id), tell(movie_id)

    def _now(self) -> datetime:
        return START + timedelta(seconds=self.events)

    def _added(self) -> tuple[str, Value]:
        self.films += 1
        self.fields[self.films] = set()
        title = self.random.choice(["The Matrix", "Amélie", "Ran", "8½", f"Film {self.films}", None])
        ids = ExternalIds(tmdb=self.films if self.random.random() < 0.5 else None, imdb=f"tt{self.films:07d}")
        event = events.MovieAdded(
            movie_id=self.films,
            title=title,
            year=self.random.choice([None, 1999, 2001, 1954]),
            ids=ids,
            request=f"row {self.films}",
            missing=missing_of(set()),
        )
        return subjects.movie_event(self.films), event

    def _move(self, movie_id: int, after: set[str]) -> dict[str, Any]:
        before = self.fields[movie_id]
        self.fields[movie_id] = after
        moved = Completeness(before=completeness_of(before), after=completeness_of(after))
        return {"movie_id": movie_id, "completeness": moved, "missing": missing_of(after)}

    def _values(self) -> dict[str, FieldValue]:
        names = self.random.sample(sorted(FIELDS), self.random.randint(1, len(FIELDS)))
        contents: list[Json] = [["a", "b"], "text", 7]
        values = {name: self.random.choice(contents) for name in names}
        values.update({"title": f"Found {self.events}"} if "title" in values else {})
        values.update({"year": 1980} if "year" in values else {})
        return {name: FieldValue(value=value, source="tmdb", fetched_at=self._now()) for name, value in values.items()}

    def _outcomes(self) -> tuple[ProviderOutcome, ...]:
        return tuple(
            ProviderOutcome(
                name=name, outcome=self.random.choice(["found", "not_found", "quota_exhausted", "unavailable"])
            )
            for name in PROVIDERS
        )

    def _end(self) -> dict[str, Any]:
        return {
            "job_id": self.events,
            "started_at": self._now() - timedelta(seconds=self.random.random() * 5),
            "completed_at": self._now(),
        }

    def _enriched(self, movie_id: int) -> Value:
        changed = self._values()
        return events.MovieEnriched(
            **self._move(movie_id, self.fields[movie_id] | changed.keys()),
            **self._end(),
            partial=self.random.random() < 0.3,
            changed=changed,
            providers=self._outcomes(),
        )

    def _failed(self, movie_id: int) -> Value:
        return events.EnrichmentFailed(
            movie_id=movie_id,
            **self._end(),
            code="all_providers_failed",
            error="All providers failed",
            providers=self._outcomes(),
            missing=missing_of(self.fields[movie_id]),
        )

    def _put_off(self, movie_id: int) -> Value:
        return events.EnrichmentFailed(
            movie_id=movie_id,
            **self._end(),
            run_id=self.random.choice([None, self.runs.job_id]),
            code="incomplete",
            error="Not every provider answered",
            providers=self._outcomes(),
            missing=(),
        )

    def _cancelled(self, movie_id: int) -> Value:
        return events.EnrichmentCancelled(movie_id=movie_id, **self._end())

    def _changed(self, movie_id: int) -> Value:
        changed, present = self._values(), self.fields[movie_id]
        cleared = {name for name in sorted(present - changed.keys()) if self.random.random() < 0.2}
        return events.MovieChanged(
            **self._move(movie_id, (present - cleared) | changed.keys()),
            title=self.random.choice([None, "Seven Samurai"]),
            year=self.random.choice([None, 1954]),
            changed=changed,
            cleared=tuple(sorted(cleared)),
            locked=tuple(sorted(changed)),
        )

    def _identified(self, movie_id: int) -> Value:
        dropped = {name for name in sorted(self.fields[movie_id]) if self.random.random() < 0.5}
        return events.MovieIdentified(
            **self._move(movie_id, self.fields[movie_id] - dropped),
            ids=ExternalIds(tmdb=self.random.choice([None, self.events])),
            by="user",
            dropped=tuple(sorted(dropped)),
        )

    def _candidates(self, movie_id: int) -> Value:
        found = ({"tmdb_id": self.events, "title": "One of them"},)[: self.random.randint(0, 1)]
        return events.CandidatesFound.model_validate({"movie_id": movie_id, "job_id": self.events, "candidates": found})

    def _removed(self, movie_id: int) -> Value:
        before = self.fields.pop(movie_id)
        return events.MovieRemoved(movie_id=movie_id, ids=ExternalIds(), completeness=completeness_of(before))

    def _of_job(self) -> tuple[str, Value]:
        job_id, now = self.random.randint(1, 5), self._now()
        rows = tuple(
            events.ImportedRow(row=row, result="conflict", reason=f"said at {self.events}")
            for row in self.random.sample(range(1, 50), 3)
        )
        counts = events.ImportCounts(added=self.events)
        told: list[tuple[str, Value]] = [
            (
                subjects.job_event(job_id),
                events.ImportProgressed(
                    job_id=job_id, chunk=1, processed=5, total=50, counts=counts, noted=rows, at=now
                ),
            ),
            (
                subjects.job_event(job_id),
                events.ImportCompleted(job_id=job_id, total=50, counts=counts, completed_at=now),
            ),
            (
                subjects.job_event(job_id),
                events.CommandRejected(
                    job_id=self.events, kind="enrichment", movie_id=None, code="invalid_command", error="No JSON"
                ),
            ),
            (
                subjects.provider_event("omdb"),
                events.ProviderPaused(
                    provider="omdb",
                    reason=self.random.choice(["quota", "failures"]),
                    until=now,
                    message="Limit",
                    at=now,
                    requests=self.random.choice([None, self.events]),
                ),
            ),
            (
                subjects.provider_event("omdb"),
                events.ProviderConfigured(provider="omdb", on=True, key_fingerprint=self.random.choice("ab"), at=now),
            ),
            (subjects.provider_event("omdb"), events.ProviderResumed(provider="omdb", at=now)),
            (subjects.claim_event("tmdb", str(job_id)), events.ClaimTaken(kind="tmdb", id=str(job_id), movie_id=1)),
        ]
        return self.random.choice(told)
