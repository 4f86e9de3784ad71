"""Lists the films that a title may mean, for a person who adds or identifies one. Nothing is stored."""

import asyncio

from metarr_contracts.library import Found, SearchMovies
from metarr_contracts.movie import Candidate, ExternalIds
from metarr_enricher import refusals
from metarr_enricher.asking import Desk
from metarr_enricher.identities import Identities
from metarr_enricher.keys import keys_of
from metarr_enricher.lane import MANUAL
from metarr_enricher.providers.outcomes import Failure, LookedUp
from metarr_enricher.providers.registry import Tmdb

SEARCH_SECONDS = 6.0
"""A person waits for it, and the gateway for ten seconds."""


class Search:
    """`metarr.lib.search`."""

    def __init__(self, tmdb: Tmdb | None, desk: Desk, identities: Identities) -> None:
        self._tmdb = tmdb
        self._desk = desk
        self._identities = identities

    async def search(self, wanted: SearchMovies) -> Found:
        """The candidates in TMDB's order, with the films of the library that they are.

        Raises:
            RefusedError: TMDB is off, not to be asked now, or did not answer.
        """
        tmdb = self._tmdb
        if tmdb is None:
            raise refusals.has_no_key("tmdb")
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                asked = await self._desk.ask("tmdb", lambda: tmdb.search(wanted.title, wanted.year, MANUAL), MANUAL)
        except TimeoutError as error:
            raise refusals.is_too_slow("tmdb") from error
        outcome = asked.outcome
        if isinstance(outcome, Failure):
            raise refusals.has_failed("tmdb", outcome)
        if not isinstance(outcome, LookedUp):
            raise TypeError("a search is answered with candidates")
        return Found(candidates=tuple(await asyncio.gather(*map(self._with_movie, outcome.candidates))))

    async def _with_movie(self, candidate: Candidate) -> Candidate:
        [key] = keys_of(ExternalIds(tmdb=candidate.tmdb_id))
        return candidate.model_copy(update={"movie_id": await self._identities.owner(key)})
