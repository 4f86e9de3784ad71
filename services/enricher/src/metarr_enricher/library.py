"""The short commands on films, answered at once: add, import, identify, change, remove."""

from collections.abc import Sequence
from uuid import uuid4

from metarr_chassis import tracing
from metarr_chassis.clock import Clock
from metarr_chassis.errors import RefusedError
from metarr_chassis.micro import Endpoint
from metarr_contracts.identifiers import canonical_imdb_id
from metarr_contracts.library import (
    Added,
    AddRequest,
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
from metarr_enricher.identities import Held, Identities
from metarr_enricher.movies import Movies
from metarr_enricher.rule_errors import MovieNotFoundError, RuleError
from metarr_enricher.rules import Rules
from metarr_enricher.verbs import endpoint, new_cause


class Library:
    """Handlers of `metarr.lib.<verb>`."""

    def __init__(
        self,
        clock: Clock,
        movies: Movies,
        add_movies: AddMovies,
        identities: Identities,
        rules: Rules,
    ) -> None:
        self._clock = clock
        self._movies = movies
        self._add_movies = add_movies
        self._identities = identities
        self._rules = rules

    def endpoints(self) -> Sequence[Endpoint]:
        """What this service answers."""
        return (
            endpoint("add", AddRequest, self.add),
            endpoint("import", ImportRows, self.import_rows),
            endpoint("identify", IdentifyMovie, self.identify),
            endpoint("change", ChangeMovie, self.change),
            endpoint("remove", RemoveMovie, self.remove),
        )

    async def add(self, wanted: AddRequest) -> Added:
        """One film."""
        row = ImportRow(row=1, **wanted.model_dump(exclude={"request"}))
        [result], seq = await self._add_movies.add([row], f"add/{wanted.request or uuid4().hex}")
        return Added(result=result, seq=seq)

    async def import_rows(self, wanted: ImportRows) -> Imported:
        """Some films; every row gets a result."""
        # The parts of an import make a thousand spans each: a trace for each part.
        with tracing.own_trace("import rows"):
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
        done = await self._identities.identify(wanted.movie_id, ids, "user", new_cause("identify"))
        if isinstance(done, Held):
            raise RuleError(
                f"{done.key.kind.upper()} id {done.key.id} belongs to film {done.movie_id}",
                "id_conflict",
                "tmdbId" if wanted.tmdb_id is not None else "imdbId",
                movie_id=done.movie_id,
            )
        return Done(movie_id=wanted.movie_id, seq=done.version)

    async def change(self, wanted: ChangeMovie) -> Done:
        """A person sets, clears, locks or unlocks values."""
        film = await self._movies.decide(
            wanted.movie_id,
            new_cause("change"),
            lambda state: movie_decider.change(state, wanted, self._clock.now(), self._rules),
        )
        return Done(movie_id=wanted.movie_id, seq=film.version)

    async def remove(self, wanted: RemoveMovie) -> Done:
        """A film leaves the library."""
        cause = new_cause("remove")
        film = await self._movies.decide(
            wanted.movie_id, cause, lambda state: movie_decider.remove(state, wanted.movie_id, self._rules)
        )
        await self._identities.release_former(wanted.movie_id, film, cause)
        return Done(movie_id=wanted.movie_id, seq=film.version)


def _imdb(text: str | None) -> str | None:
    try:
        return None if text is None else canonical_imdb_id(text)
    except ValueError as error:
        raise RefusedError(400, f"imdbId: {error}", "invalid_request", "imdbId") from error
