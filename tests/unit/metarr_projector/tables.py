"""What the SQL writer does, in memory: the plainest reading of a batch's changes."""

from dataclasses import dataclass, field, fields, replace

from metarr_contracts.bulk import FailedMovie
from metarr_contracts.events import ImportedRow
from metarr_contracts.movie import FieldValue
from metarr_contracts.quotas import MetQuota, learn
from metarr_projector.patches import Changes, DeadEvent, JobPatch, MoviePatch, ProviderPatch
from metarr_projector.patches_runs import NightRow, RunPatch, ScheduleRow


def _quota(patch: ProviderPatch) -> MetQuota | None:
    if patch.learned is None or patch.learned_at is None:
        return None
    return MetQuota(requests=patch.learned, at=patch.learned_at)


@dataclass
class Tables:
    """Rows by key."""

    movies: dict[int, MoviePatch] = field(default_factory=dict)
    values: dict[int, dict[str, FieldValue]] = field(default_factory=dict)
    jobs: dict[int, JobPatch] = field(default_factory=dict)
    import_rows: dict[tuple[int, int], ImportedRow] = field(default_factory=dict)
    runs: dict[int, RunPatch] = field(default_factory=dict)
    run_failures: dict[tuple[int, int], FailedMovie] = field(default_factory=dict)
    nights: dict[int, NightRow] = field(default_factory=dict)
    schedule: ScheduleRow | None = None
    providers: dict[str, ProviderPatch] = field(default_factory=dict)
    dead: list[DeadEvent] = field(default_factory=list)

    def apply(self, changes: Changes) -> None:
        """Write a batch."""
        for patch in changes.movies.values():
            self._apply_movie(patch)
        for job in changes.jobs.values():
            before = self.jobs.get(job.job_id)
            self.jobs[job.job_id] = before.then(job) if before else replace(job)
        self.import_rows.update(changes.import_rows)
        self._apply_runs(changes)
        for provider in changes.providers:
            self._apply_provider(provider)
        self.dead += changes.dead

    def _apply_runs(self, changes: Changes) -> None:
        for run in changes.runs.values():
            if run.job_id in self.runs:
                self.runs[run.job_id] = self.runs[run.job_id].then(run)
            elif run.activity_id is not None:
                self.runs[run.job_id] = run
        self.run_failures.update(changes.run_failures)
        self.nights.update(changes.nights)
        self.schedule = changes.schedule or self.schedule

    def _apply_provider(self, patch: ProviderPatch) -> None:
        known = self.providers.get(patch.name)
        if known is not None and patch.configured is None:
            patch = replace(patch, configured=known.configured, key=known.key)
        before = _quota(known) if known is not None and patch.key == known.key else None
        met = _quota(patch)
        quota = learn(before, met) if met else before
        self.providers[patch.name] = replace(
            patch, learned=quota.requests if quota else None, learned_at=quota.at if quota else None
        )

    def _apply_movie(self, patch: MoviePatch) -> None:
        movie_id = patch.movie_id
        if patch.removed:
            self.movies.pop(movie_id, None)
            self.values.pop(movie_id, None)
        if movie_id in self.movies:
            row = self.movies[movie_id]
            for column in fields(MoviePatch):
                value = getattr(patch, column.name)
                if column.name not in {"movie_id", "removed", "fields", "added_at"} and value is not None:
                    setattr(row, column.name, value)
        elif patch.added_at is not None:
            self.movies[movie_id] = replace(patch, removed=False, fields={})
        else:
            return
        values = self.values.setdefault(movie_id, {})
        for name, value in patch.fields.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
