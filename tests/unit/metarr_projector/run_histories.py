"""Random histories of runs over the whole library and of their schedule, one run at a time."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from metarr_contracts import bulk, events, subjects
from metarr_contracts.base import Value
from metarr_contracts.fields import PROVIDERS

FIRST_JOB = 1_000_000
"""Apart from the jobs of films and imports."""


def counts_of(total: int, processed: int = 0, skipped: int = 0, failed: int = 0) -> bulk.RunCounts:
    """The counts of a run; what is left remains."""
    return bulk.RunCounts(
        total=total,
        processed=processed,
        skipped=skipped,
        failed=failed,
        remaining=total - processed - skipped - failed,
    )


@dataclass
class Runs:
    """A run that goes on, or none; and what the schedule says meanwhile."""

    random: random.Random
    job_id: int = FIRST_JOB
    counts: bulk.RunCounts | None = None
    known: dict[int, set[int]] = field(default_factory=dict)
    """Films that each run told as failed."""

    def next(self, now: datetime) -> tuple[str, Value]:
        """The event that comes next, with its subject."""
        if self.random.random() < 0.2:
            return subjects.SCHEDULE_EVENTS, self._scheduled(now)
        if self.counts is None:
            # One that waits may be cancelled, too.
            waits = self.random.random() < 0.2
            return subjects.BULK_EVENTS, events.CancelRequested(job_id=self.job_id + 1) if waits else self._started(now)
        tell = self.random.choices([self._progressed, self._limited, self._cancel, self._ended], [6, 1, 1, 1])[0]
        return subjects.BULK_EVENTS, tell(self.counts, now)

    def _started(self, now: datetime) -> Value:
        self.job_id += 1
        self.counts = counts_of(self.random.randint(0, 90))
        return bulk.BulkStarted(
            job_id=self.job_id,
            attempt=1,
            trigger=self.random.choice(["manual", "schedule", "operator"]),
            scheduled_for=self.random.choice([None, now]),
            force=self.random.random() < 0.5,
            asked_since=now,
            started_at=now,
            cursor=1,
            highest=self.counts.total,
            counts=self.counts,
            current=bulk.RunMovie(id=1, title="Film 1"),
            providers=tuple(bulk.RunProvider(name=name) for name in PROVIDERS),
        )

    def _progressed(self, counts: bulk.RunCounts, now: datetime) -> Value:
        looked_at = self.random.randint(0, counts.remaining)
        failed = self.random.randint(0, looked_at)
        self.counts = counts_of(
            counts.total, counts.processed + looked_at - failed, counts.skipped, counts.failed + failed
        )
        return bulk.BulkProgressed(
            **self._told(),
            at=now,
            cursor=self.counts.settled + 1,
            settled_above=(),
            current=bulk.RunMovie(id=self.counts.settled + 1, title=f"Film {self.counts.settled + 1}"),
            without=(),
            failures=self._failures(now),
            waiting=self.random.choice([None, "All providers are down"]),
            waiting_until=self.random.choice([None, now + timedelta(minutes=1)]),
            providers=self._providers(now),
        )

    def _limited(self, counts: bulk.RunCounts, now: datetime) -> Value:
        del counts
        return bulk.BulkLimited(
            **self._told(),
            at=now,
            provider=self.random.choice(PROVIDERS),
            until=now + timedelta(hours=1),
            stops=True,
            message="rate limit reached - stopping bulk enrichment",
        )

    def _cancel(self, counts: bulk.RunCounts, now: datetime) -> Value:
        del counts, now
        return events.CancelRequested(job_id=self.job_id)

    def _ended(self, counts: bulk.RunCounts, now: datetime) -> Value:
        done = counts_of(counts.total, counts.processed, counts.skipped + counts.remaining, counts.failed)
        status = self.random.choice(["completed", "partial", "cancelled", "failed"])
        ended = bulk.BulkEnded.model_validate(
            {
                **self._told(),
                "counts": done,
                "completed_at": now,
                "status": status,
                "cursor": 1,
                "providers": self._providers(now),
                "resume_from": {"movie_id": 7, "position": 7, "title": "Film 7"} if status == "partial" else None,
                "error": "All providers failed" if status == "failed" else None,
                "code": "all_providers_failed" if status == "failed" else None,
            }
        )
        self.counts = None
        return ended

    def _told(self) -> dict[str, Any]:
        return {"job_id": self.job_id, "attempt": 1, "counts": self.counts}

    def _providers(self, now: datetime) -> tuple[bulk.RunProvider, ...]:
        return tuple(
            bulk.RunProvider(
                name=name, requests=self.random.randint(0, 9), limited_at=now if self.random.random() < 0.1 else None
            )
            for name in PROVIDERS
        )

    def _failures(self, now: datetime) -> tuple[bulk.FailedMovie, ...]:
        films = self.random.choices(range(1, 60), k=self.random.randint(0, 4))
        self.known.setdefault(self.job_id, set()).update(films)
        return tuple(
            bulk.FailedMovie(movie_id=film, title=f"Film {film}", error=f"OMDb failed at {now}") for film in films
        )

    def _scheduled(self, now: datetime) -> Value:
        off = self.random.random() < 0.2
        plan: dict[str, Any] = {
            "scheduled_for": None if off else now + timedelta(days=1),
            "cron": None if off else "0 3 * * *",
            "time_zone": self.random.choice(["UTC", "Europe/Berlin"]),
            "at": now,
        }
        told: list[Value] = [
            events.SchedulePlanned(**plan),
            events.ScheduleFired(**plan, due=now, job_id=self.job_id + 1),
            events.ScheduleCaughtUp(**plan, due=now, job_id=self.job_id + 1),
            events.ScheduleSkipped(**plan, due=now, job_id=self.job_id),
            events.ScheduleMissed(**plan, due=now),
        ]
        return self.random.choice(told)
