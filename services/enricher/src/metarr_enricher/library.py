"""The short library commands, answered at once: add, import, identify, change, remove, cancel."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import uuid4

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import RefusedError
from metarr_chassis.micro import Endpoint
from metarr_contracts import streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.events import CancelRequested
from metarr_contracts.identifiers import canonical_imdb_id, parse_movie_id
from metarr_contracts.library import (
    Added,
    AddRequest,
    CancelJob,
    ChangeMovie,
    Done,
    IdentifyMovie,
    Imported,
    ImportRow,
    ImportRows,
    RemoveMovie,
)
from metarr_enricher import movie_decider
from metarr_enricher.add_movies import AddMovies
from metarr_enricher.cause import Cause
from metarr_enricher.identities import Held, Identities
from metarr_enricher.job_log import JobLog
from metarr_enricher.movies import Movies
from metarr_enricher.rule_errors import JobEndedError, MovieNotFoundError, RuleError
from metarr_enricher.rules import Rules

STATUS = {
    "movie_not_found": 404,
    "job_not_found": 404,
    "job_ended": 409,
    "id_conflict": 409,
    "unknown_field": 400,
    "invalid_value": 400,
}
ENRICH_PREFIX = subjects.ENRICH_COMMANDS.removesuffix("*")

R = TypeVar("R", bound=Value)


class Library:
    """Handlers of `metarr.lib.<verb>`."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        movies: Movies,
        jobs: JobLog,
        add_movies: AddMovies,
        identities: Identities,
        rules: Rules,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._movies = movies
        self._jobs = jobs
        self._add_movies = add_movies
        self._identities = identities
        self._rules = rules

    def endpoints(self) -> Sequence[Endpoint]:
        """What this service answers."""
        return (
            _endpoint("add", AddRequest, self.add),
            _endpoint("import", ImportRows, self.import_rows),
            _endpoint("identify", IdentifyMovie, self.identify),
            _endpoint("change", ChangeMovie, self.change),
            _endpoint("remove", RemoveMovie, self.remove),
            _endpoint("cancel", CancelJob, self.cancel),
        )

    async def add(self, wanted: AddRequest) -> Added:
        """One film."""
        row = ImportRow(row=1, **wanted.model_dump(exclude={"request"}))
        [result], seq = await self._add_movies.add([row], f"add/{wanted.request or uuid4().hex}")
        return Added(result=result, seq=seq)

    async def import_rows(self, wanted: ImportRows) -> Imported:
        """Some films; every row gets a result."""
        results, seq = await self._add_movies.add(wanted.rows, f"import/{wanted.request}")
        return Imported(rows=tuple(results), seq=seq)

    async def identify(self, wanted: IdentifyMovie) -> Done:
        """A person says which film it is."""
        if (wanted.tmdb_id is None) == (wanted.imdb_id is None):
            raise RefusedError(400, "tmdbId: expected either tmdbId or imdbId", "invalid_request", "tmdbId")
        imdb = _imdb(wanted.imdb_id)
        film = await self._movies.current(wanted.movie_id)
        if not film.state.exists:
            raise MovieNotFoundError
        ids = movie_decider.corrected_ids(film.state, imdb=imdb, tmdb=wanted.tmdb_id)
        done = await self._identities.identify(wanted.movie_id, ids, "user", _cause("identify"))
        if isinstance(done, Held):
            raise RuleError(
                f"{done.key.kind.upper()} id {done.key.id} belongs to film {done.movie_id}",
                "id_conflict",
                "tmdbId" if wanted.tmdb_id is not None else "imdbId",
            )
        return Done(movie_id=wanted.movie_id, seq=done.version)

    async def change(self, wanted: ChangeMovie) -> Done:
        """A person sets, clears, locks or unlocks values."""
        film = await self._movies.decide(
            wanted.movie_id,
            _cause("change"),
            lambda state: movie_decider.change(state, wanted, self._clock.now(), self._rules),
        )
        return Done(movie_id=wanted.movie_id, seq=film.version)

    async def remove(self, wanted: RemoveMovie) -> Done:
        """A film leaves the library."""
        cause = _cause("remove")
        film = await self._movies.decide(
            wanted.movie_id, cause, lambda state: movie_decider.remove(state, wanted.movie_id, self._rules)
        )
        await self._identities.release_former(wanted.movie_id, film, cause)
        return Done(movie_id=wanted.movie_id, seq=film.version)

    async def cancel(self, wanted: CancelJob) -> Done:
        """A job is to end."""
        last = (await self._bus.stream_state(streams.COMMANDS)).last_seq
        if not 1 <= wanted.job_id <= last:
            raise RuleError("Job not found", "job_not_found")
        command = await self._bus.message(streams.COMMANDS, wanted.job_id)
        if command is None:
            raise JobEndedError
        movie_id = None
        if command.subject.startswith(ENRICH_PREFIX):
            movie_id = parse_movie_id(command.subject.removeprefix(ENRICH_PREFIX))
            seq = await self._cancel_enrichment(wanted.job_id, movie_id)
        else:
            seq = await self._cancel_import(wanted.job_id)
        await self._bus.publish_note(subjects.LIVE_CANCEL, str(wanted.job_id).encode())
        return Done(movie_id=movie_id, job_id=wanted.job_id, seq=seq)

    async def _cancel_enrichment(self, job_id: int, movie_id: int | None) -> int:
        if movie_id is None:
            # A refresh of no film: whoever gets it rejects it, there is nothing left to cancel.
            raise JobEndedError
        film = await self._movies.decide(
            movie_id, _cause("cancel"), lambda state: movie_decider.request_cancel(state, job_id)
        )
        return film.version

    async def _cancel_import(self, job_id: int) -> int:
        state, version = await self._jobs.decide(
            job_id,
            _cause("cancel"),
            lambda state: None if state.ended or state.cancel_requested else CancelRequested(job_id=job_id),
        )
        if state.ended:
            raise JobEndedError
        return version


def _cause(verb: str) -> Cause:
    return Cause(f"{verb}/{uuid4().hex}")


def _imdb(text: str | None) -> str | None:
    try:
        return None if text is None else canonical_imdb_id(text)
    except ValueError as error:
        raise RefusedError(400, f"imdbId: {error}", "invalid_request", "imdbId") from error


def _endpoint(verb: str, request: type[R], handle: Callable[[R], Awaitable[Value]]) -> Endpoint:
    async def answer(payload: bytes) -> bytes:
        try:
            return (await handle(request.model_validate_json(payload or b"{}"))).to_json()
        except RuleError as error:
            raise RefusedError(STATUS[error.code], str(error), error.code, error.field) from error

    return Endpoint(name=verb, subject=subjects.library(verb), handle=answer)
