"""Gives films their external ids: the claim first, then the fact, then the claims of ids that were given up."""

from dataclasses import dataclass

from metarr_chassis.clock import Clock
from metarr_contracts.events import IdentifiedBy
from metarr_contracts.movie import ExternalIds
from metarr_enricher import movie_decider
from metarr_enricher.cause import Cause
from metarr_enricher.claims import Claims
from metarr_enricher.identity import stands
from metarr_enricher.keys import Key, keys_of, without
from metarr_enricher.movies import Film, Movies
from metarr_enricher.rules import Rules


@dataclass(frozen=True)
class Held:
    """The id belongs to another film."""

    key: Key
    movie_id: int


class Identities:
    """Identification of films that are in the library."""

    def __init__(self, movies: Movies, claims: Claims, clock: Clock, rules: Rules) -> None:
        self._clock = clock
        self._movies = movies
        self._claims = claims
        self._rules = rules

    async def identify(
        self,
        movie_id: int,
        ids: ExternalIds,
        by: IdentifiedBy,
        cause: Cause,
        *,
        job_id: int | None = None,
        instead_of: ExternalIds | None = None,
    ) -> Film | Held:
        """The film has these ids from now on, unless one of them is another film's.

        With `instead_of` only while it has those; the film that is returned may have others.

        Raises:
            movie_decider.MovieNotFoundError: no such film.
        """
        for key in keys_of(ids):
            held = await self._take(key, movie_id, cause)
            if held is not None:
                return held
        film = await self._movies.decide(
            movie_id,
            cause,
            lambda state: movie_decider.identify(state, movie_id, ids, by, self._rules, job_id, instead_of),
        )
        await self.release_former(movie_id, film, cause, ids)
        return await self.confirm(movie_id, film, cause)

    async def confirm(self, movie_id: int, film: Film, cause: Cause) -> Film:
        """Check, after the fact, that the film holds the claims of its ids; it gives up an id that another film got.

        Who releases a claim and who uses it may have overtaken each other; whoever writes last looks again.
        """
        for key in keys_of(film.state.ids):
            if await self._take(key, movie_id, cause) is not None:
                film = await self._movies.decide(
                    movie_id,
                    cause,
                    lambda state, key=key: movie_decider.identify(  # type: ignore[misc]
                        state, movie_id, without(state.ids, key), "lookup", self._rules
                    ),
                )
        return film

    async def release_former(self, movie_id: int, film: Film, cause: Cause, *others: ExternalIds) -> None:
        """Free the claims of ids, these others among them, that the film has not; safe to repeat after a crash."""
        kept = set(keys_of(film.state.ids)) if film.state.exists else set()
        freed = {key for ids in (*film.state.former_ids, film.state.ids, *others) for key in keys_of(ids)} - kept
        for key in freed:
            await self._claims.release(key, movie_id, cause)
        if freed:
            newest = await self._movies.current(movie_id)
            if newest.state.exists and not freed.isdisjoint(keys_of(newest.state.ids)):
                await self.confirm(movie_id, newest, cause)

    async def owner(self, key: Key) -> int | None:
        """The film of the library that has this key; None where there is none.

        Raises:
            ConflictError: the last fact on the key cannot be read.
        """
        claim = await self._claims.holder(key)
        if claim.movie_id is None:
            return None
        film = await self._movies.current(claim.movie_id)
        return claim.movie_id if stands(claim, film.state, self._clock.now()) else None

    async def _take(self, key: Key, movie_id: int, cause: Cause) -> Held | None:
        while True:
            claim = await self._claims.holder(key)
            if claim.movie_id is not None and claim.movie_id != movie_id:
                holder, now = await self._movies.current(claim.movie_id), self._clock.now()
                is_being_added = not holder.state.added and claim.is_young(now)
                if is_being_added or stands(claim, holder.state, now):
                    return Held(key, claim.movie_id)
            if await self._claims.take(claim, movie_id, cause):
                return None
