"""Films come in: rows are checked, keys claimed, films added. Racing and repeated requests add each film once."""

import asyncio
from collections.abc import Sequence

from metarr_chassis.clock import Clock
from metarr_contracts.events import ImportedRow
from metarr_contracts.library import ImportRow
from metarr_enricher import movie_decider
from metarr_enricher.cause import Cause
from metarr_enricher.claims import Claims
from metarr_enricher.identities import Identities
from metarr_enricher.identity import Clash, Known, Unknown, resolve
from metarr_enricher.keys import Claim, keys_of
from metarr_enricher.movie_ids import MovieIds
from metarr_enricher.movies import Film, Movies
from metarr_enricher.rows import BadRow, CheckedRow, check
from metarr_enricher.rules import Rules

AT_ONCE = 32


class _Batch:
    """Rows that came together. Their films' ids are in the order of the rows, however the work interleaves."""

    def __init__(self, request: str, ids: MovieIds, size: int) -> None:
        self.request = request
        self.limit = asyncio.Semaphore(AT_ONCE)
        self._ids = ids
        self._size = size
        self._allocating = asyncio.Lock()
        self._block: range | None = None

    def cause(self, number: int) -> Cause:
        """What a row's events derive from."""
        return Cause(f"{self.request}/{number}", self.request)

    async def movie_id(self, index: int) -> int:
        """The id for a new film in this row; ids of rows that bring no new film stay unused."""
        async with self._allocating:
            if self._block is None:
                self._block = await self._ids.allocate(self._size)
        return self._block[index]


class AddMovies:
    """Adds rows; each gets a result of its own and none stops the others."""

    def __init__(
        self, movies: Movies, claims: Claims, identities: Identities, movie_ids: MovieIds, clock: Clock, rules: Rules
    ) -> None:
        self._movies = movies
        self._claims = claims
        self._identities = identities
        self._ids = movie_ids
        self._clock = clock
        self._rules = rules

    async def add(self, rows: Sequence[ImportRow], request: str) -> tuple[list[ImportedRow], int]:
        """Results in the order of the rows, and the highest sequence that was written (0: none).

        Of rows that mean the same film the first one adds it, so rows run side by side only where their keys differ.
        """
        checked = [(row, BadRow("row", row.problem) if row.problem else check(row)) for row in rows]
        batch = _Batch(request, self._ids, len(rows))
        before: dict[object, asyncio.Task[tuple[ImportedRow, int]]] = {}
        tasks = []
        for index, (row, read) in enumerate(checked):
            keys = keys_of(read.ids, read.title, read.year) if isinstance(read, CheckedRow) else ()
            earlier = [before[key] for key in keys if key in before]
            task = asyncio.create_task(self._row(row, read, earlier, index, batch))
            before.update(dict.fromkeys(keys, task))
            tasks.append(task)
        try:
            done = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return [result for result, _ in done], max((seq for _, seq in done), default=0)

    async def _row(
        self,
        row: ImportRow,
        read: CheckedRow | BadRow,
        earlier: Sequence[asyncio.Task[tuple[ImportedRow, int]]],
        index: int,
        batch: _Batch,
    ) -> tuple[ImportedRow, int]:
        if isinstance(read, BadRow):
            rejected = ImportedRow(
                row=row.row, result="rejected", title=row.title, field=read.field, reason=read.reason
            )
            return rejected, 0
        for task in earlier:
            await asyncio.wait([task])
        async with batch.limit:
            return await self._add(row.row, read, index, batch)

    async def _add(self, number: int, row: CheckedRow, index: int, batch: _Batch) -> tuple[ImportedRow, int]:
        while True:
            claims = [await self._claims.holder(key) for key in keys_of(row.ids, row.title, row.year)]
            films = {
                claim.movie_id: await self._movies.current(claim.movie_id)
                for claim in claims
                if claim.movie_id is not None
            }
            states = {movie_id: film.state for movie_id, film in films.items()}
            match resolve(row.ids, claims, states, self._clock.now()):
                case Known(movie_id):
                    return self._known(number, row, movie_id, films[movie_id], batch.cause(number))
                case Clash(movie_id, field, reason):
                    clash = ImportedRow(
                        row=number,
                        result="conflict",
                        movie_id=movie_id,
                        title=row.title,
                        field=field,
                        reason=reason,
                        note=row.note,
                    )
                    return clash, films[movie_id].version
                case Unknown() as new:
                    added = await self._add_new(number, row, new, index, batch)
                    if added is not None:
                        return added

    def _known(self, number: int, row: CheckedRow, movie_id: int, film: Film, cause: Cause) -> tuple[ImportedRow, int]:
        # A repeated request finds its own work and says again what it did.
        result = ImportedRow(
            row=number,
            result="added" if film.state.request == cause.id else "unchanged",
            movie_id=movie_id,
            title=row.title,
            note=row.note,
        )
        return result, film.version

    async def _add_new(
        self, number: int, row: CheckedRow, new: Unknown, index: int, batch: _Batch
    ) -> tuple[ImportedRow, int] | None:
        cause = batch.cause(number)
        movie_id = await batch.movie_id(index) if new.reserved is None else new.reserved
        if not await self._take_all(new.take, movie_id, cause):
            return None
        wanted = movie_decider.NewMovie(title=row.title, year=row.year, ids=new.ids, request=cause.id)
        film = await self._movies.decide(
            movie_id, cause, lambda state: movie_decider.add(state, movie_id, wanted, self._rules)
        )
        film = await self._identities.confirm(movie_id, film, cause)
        return self._known(number, row, movie_id, film, cause)

    async def _take_all(self, claims: Sequence[Claim], movie_id: int, cause: Cause) -> bool:
        for claim in claims:
            if not await self._claims.take(claim, movie_id, cause):
                return False
        return True
