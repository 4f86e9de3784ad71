"""What the SQL writer does, in memory: the plainest reading of a batch's changes."""

from dataclasses import dataclass, field, fields, replace

from metarr_contracts.events import ImportedRow
from metarr_contracts.movie import Band, FieldValue
from metarr_projector.patches import Changes, DeadEvent, JobPatch, MoviePatch, ProviderPatch


@dataclass
class Tables:
    """Rows by key."""

    movies: dict[int, MoviePatch] = field(default_factory=dict)
    values: dict[int, dict[str, FieldValue]] = field(default_factory=dict)
    jobs: dict[int, JobPatch] = field(default_factory=dict)
    import_rows: dict[tuple[int, int], ImportedRow] = field(default_factory=dict)
    providers: dict[str, ProviderPatch] = field(default_factory=dict)
    films: dict[Band, int] = field(default_factory=dict)
    completeness: int = 0
    dead: list[DeadEvent] = field(default_factory=list)

    def apply(self, changes: Changes) -> None:
        """Write a batch."""
        for patch in changes.movies.values():
            self._apply_movie(patch)
        for job in changes.jobs.values():
            before = self.jobs.get(job.job_id)
            self.jobs[job.job_id] = before.then(job) if before else replace(job)
        self.import_rows.update(changes.import_rows)
        for provider in changes.providers.values():
            known = self.providers.get(provider.name)
            stays = known is not None and provider.configured is None
            self.providers[provider.name] = (
                replace(provider, configured=known.configured) if stays and known else provider
            )
        for band, moved in changes.library.films.items():
            self.films[band] = self.films.get(band, 0) + moved
        self.completeness += changes.library.completeness
        self.dead += changes.dead

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
