"""Gathers what the providers say of one film, side by side; answers are stored before anything is decided from them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import TypeGuard, TypeVar

from metarr_chassis.clock import Clock
from metarr_contracts.answers import LookupAnswered, ProviderAnswered
from metarr_contracts.commands import Mode, RunPart
from metarr_contracts.events import IdentifiedBy
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import LIMITED, Candidate, ExternalIds, Outcome, ProviderOutcome
from metarr_contracts.streams import HEARTBEAT_SECONDS
from metarr_enricher import movie_decider
from metarr_enricher.answer_store import AnswerStore, is_fresh, serves_run
from metarr_enricher.asking import Asked, Desk
from metarr_enricher.cause import Cause
from metarr_enricher.complete_mode import keeps_incomplete
from metarr_enricher.freshness import times_in_vain
from metarr_enricher.identities import Held, Identities
from metarr_enricher.lane import MANUAL, Lane, NotWantedError
from metarr_enricher.movie_state import MovieState
from metarr_enricher.movies import Film, Movies
from metarr_enricher.providers.outcomes import Answer, Failure, Found, LookedUp, Lookup, NotFound
from metarr_enricher.providers.registry import Provider, Tmdb
from metarr_enricher.providers.tmdb_lookup import looked_up_with

Told = TypeVar("Told", bound=Answer | Lookup)
REFUSING: frozenset[Outcome] = LIMITED | {"unauthorized"}
"""A provider that is only away may be back for the next film; what the others answer meanwhile is kept."""

OnComplete = Callable[[ProviderName], Awaitable[None]]


@dataclass(frozen=True)
class EnrichJob:
    """One refresh of one film, by itself or as a part of a run over the whole library."""

    movie_id: int
    job_id: int
    force: bool
    commanded_at: datetime
    cause: Cause
    mode: Mode = "best_effort"
    run: RunPart | None = None

    @property
    def lane(self) -> Lane:
        """Of the providers' request rates."""
        return MANUAL if self.run is None else Lane(run=True, reserve=self.run.reserve)


@dataclass(frozen=True)
class Sources:
    """Where answers come from and go to."""

    providers: Mapping[ProviderName, Provider]
    desk: Desk
    answers: AnswerStore
    movies: Movies
    identities: Identities
    clock: Clock


@dataclass
class Gathering:
    """The work of one job on a film, as it was at its begin.

    Attributes:
        known: The film as far as it is known here. Its ids grow meanwhile: TMDB tells those that others are asked by.
    """

    job: EnrichJob
    film: Film
    sources: Sources
    on_complete: OnComplete
    known: Film = field(init=False)
    answers: list[ProviderAnswered] = field(default_factory=list)
    _sent: Counter[ProviderName] = field(default_factory=Counter)
    _looked_up: asyncio.Event = field(default_factory=asyncio.Event)
    _tmdb_done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.known = self.film

    @property
    def ids(self) -> ExternalIds:
        """The film's external ids as far as they are known here."""
        return self.known.state.ids

    def is_about(self, film: MovieState) -> bool:
        """Whether all answers are about this film. A person may have corrected it while it was asked about."""
        valid = film.ids.asked_with()
        return all(answer.asked_with in valid for answer in self.answers)

    async def run(self) -> list[ProviderOutcome]:
        """Ask all that are on; how each fared, in the usual order. Of several errors the first one is raised.

        A film that is changed completely or not at all costs the others nothing when a scarce provider refuses.
        """
        told: dict[ProviderName, ProviderOutcome] = {}
        for name in self._scarce():
            told[name] = await self._provider(name)
            if told[name].outcome in REFUSING and keeps_incomplete(told[name], self.job.run):
                return [told[name]]
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._provider(name)) for name in PROVIDERS if name not in told]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        told |= {fared.name: fared for fared in (task.result() for task in running)}
        return [told[name] for name in PROVIDERS]

    def _scarce(self) -> list[ProviderName]:
        """Who is asked before the others: whoever is most likely to refuse, if the film has the id for it."""
        if self.job.mode == "best_effort":
            return []
        on = self.sources.providers.values()
        return [provider.name for provider in on if provider.daily_quota and provider.needs(self.ids) is not None]

    async def _provider(self, name: ProviderName) -> ProviderOutcome:
        provider = self.sources.providers.get(name)
        if provider is None:
            fared = ProviderOutcome(name=name, outcome="off")
        elif isinstance(provider, Tmdb):
            fared = await self._tmdb(provider)
        else:
            await self._wait_for_id(provider)
            fared = await self._answer(provider)
        if name == "tmdb":
            self._looked_up.set()
            self._tmdb_done.set()
        if provider is not None:
            await self.on_complete(name)
        return fared.model_copy(update={"requests": self._sent[name]})

    async def _wait_for_id(self, provider: Provider) -> None:
        for told in (self._looked_up, self._tmdb_done):
            if provider.needs(self.ids) is not None:
                return
            await told.wait()

    async def _tmdb(self, provider: Tmdb) -> ProviderOutcome:
        if self.ids.tmdb is None:
            unknown = await self._look_up(provider)
            if unknown is not None:
                return unknown
        self._looked_up.set()
        return await self._answer(provider)

    async def _answer(self, provider: Provider) -> ProviderOutcome:
        ids = self.ids  # Those of this moment: they may grow while the provider is asked.
        name, asked_with = provider.name, provider.needs(ids)
        if asked_with is None:
            return ProviderOutcome(name=name, outcome="not_found", message="The film has no id this provider knows")
        stored = await self.sources.answers.last(name, self.job.movie_id)
        if self._serves(stored, ids):
            await self._use(stored)
            return _told(stored, cached=True)

        async def is_answered() -> bool:
            return self._serves(await self.sources.answers.last(name, self.job.movie_id), ids)

        lane = self._lane(is_answered)
        try:
            asked = await self._ask(name, lambda: provider.ask(ids, lane))
        except NotWantedError:
            return await self._answer(provider)
        if not isinstance(asked.outcome, Found | NotFound):
            return _fared(name, asked)
        answer = ProviderAnswered(
            provider=name,
            movie_id=self.job.movie_id,
            job_id=self.job.job_id,
            asked_with=asked_with,
            outcome=asked.outcome.outcome,
            fetched_at=self.sources.clock.now(),
            fields=asked.outcome.fields if isinstance(asked.outcome, Found) else {},
            ids=asked.outcome.ids if isinstance(asked.outcome, Found) else ExternalIds(),
        )
        answer = answer.model_copy(update={"vain": times_in_vain(answer, stored)})
        await self.sources.answers.put(answer, self.job.cause)
        await self._use(answer)
        return _told(answer, cached=False)

    async def _ask(self, provider: ProviderName, request: Callable[[], Awaitable[Told]]) -> Asked:
        asked = await self.sources.desk.ask(provider, request, self.job.lane)
        self._sent[provider] += asked.sent
        return asked

    async def _use(self, answer: ProviderAnswered) -> None:
        self.answers.append(answer)
        if answer.provider == "tmdb" and self.ids.imdb is None and answer.ids.imdb is not None:
            # If the id is another film's, this film goes without it: OMDb then does not know it.
            await self._identify(ExternalIds(imdb=answer.ids.imdb, tmdb=self.ids.tmdb), "provider")

    async def _look_up(self, provider: Tmdb) -> ProviderOutcome | None:
        """Find the TMDB id. None: the film has one now."""
        stored = await self.sources.answers.last_lookup(self.job.movie_id)
        lookup = stored if self._is_usable(stored) else None
        if lookup is None:
            title, year, imdb = self.film.state.title or "", self.film.state.year, self.ids.imdb

            async def is_answered() -> bool:
                return self._is_usable(await self.sources.answers.last_lookup(self.job.movie_id))

            lane = self._lane(is_answered)
            try:
                asked = await self._ask(provider.name, lambda: provider.lookup(title, year, imdb, lane))
            except NotWantedError:
                return await self._look_up(provider)
            if not isinstance(asked.outcome, LookedUp):
                return _fared(provider.name, asked)
            lookup = LookupAnswered(
                movie_id=self.job.movie_id,
                job_id=self.job.job_id,
                asked_with=self._lookup_key(),
                fetched_at=self.sources.clock.now(),
                tmdb_id=asked.outcome.tmdb_id,
                candidates=asked.outcome.candidates,
            )
            lookup = lookup.model_copy(update={"vain": times_in_vain(lookup, stored)})
            await self.sources.answers.put(lookup, self.job.cause)
        candidates = await self._settle(lookup)
        if candidates is None:
            return None
        if candidates or self.ids.imdb is None:
            self.known = await self.sources.movies.decide(
                self.job.movie_id,
                self.job.cause,
                lambda state: movie_decider.offer_candidates(state, self.job.movie_id, self.job.job_id, candidates),
                self.known,
            )
        return ProviderOutcome(
            name=provider.name,
            outcome="not_found",
            fetched_at=lookup.fetched_at,
            asked_with=lookup.asked_with,
            vain=lookup.vain,
        )

    async def _settle(self, lookup: LookupAnswered) -> tuple[Candidate, ...] | None:
        """Take the one film that is meant (None), or say which are left to choose from."""
        if lookup.tmdb_id is None:
            return lookup.candidates
        held = await self._identify(ExternalIds(imdb=self.ids.imdb, tmdb=lookup.tmdb_id), "lookup")
        if held is None:
            return None
        known = [found for found in lookup.candidates if found.tmdb_id == lookup.tmdb_id]
        meant = known[0] if known else Candidate(tmdb_id=lookup.tmdb_id, title=self.film.state.title or "")
        return (meant.model_copy(update={"movie_id": held.movie_id}),)

    async def _identify(self, ids: ExternalIds, by: IdentifiedBy) -> Held | None:
        done = await self.sources.identities.identify(
            self.job.movie_id, ids, by, self.job.cause, job_id=self.job.job_id, instead_of=self.ids
        )
        if isinstance(done, Held):
            return done
        self.known = done
        return None

    def _lane(self, is_answered: Callable[[], Awaitable[bool]]) -> Lane:
        """The job's lane for a request whose answer was looked for just now.

        Until it may go out, this replica may have been away for so long that another one has done the job.
        """
        looked_at = monotonic()

        async def wanted() -> bool:
            return monotonic() - looked_at < HEARTBEAT_SECONDS or not await is_answered()

        return replace(self.job.lane, wanted=wanted)

    def _serves(self, answer: ProviderAnswered | None, ids: ExternalIds) -> TypeGuard[ProviderAnswered]:
        return answer is not None and answer.asked_with in ids.asked_with() and self._is_fresh(answer.provider, answer)

    def _is_usable(self, lookup: LookupAnswered | None) -> TypeGuard[LookupAnswered]:
        return lookup is not None and lookup.asked_with == self._lookup_key() and self._is_fresh("tmdb", lookup)

    def _lookup_key(self) -> str:
        return looked_up_with(self.film.state.title or "", self.film.state.year, self.ids.imdb)

    def _is_fresh(self, provider: ProviderName, answer: ProviderAnswered | LookupAnswered) -> bool:
        if self.job.run is not None:
            return serves_run(answer, self.job.run, provider=provider, job_id=self.job.job_id)
        return is_fresh(
            answer,
            job_id=self.job.job_id,
            force=self.job.force,
            commanded_at=self.job.commanded_at,
            now=self.sources.clock.now(),
        )


def _told(answer: ProviderAnswered, *, cached: bool) -> ProviderOutcome:
    return ProviderOutcome(
        name=answer.provider,
        outcome=answer.outcome,
        fetched_at=answer.fetched_at,
        cached=cached,
        asked_with=answer.asked_with,
        vain=answer.vain,
    )


def _fared(name: ProviderName, asked: Asked) -> ProviderOutcome:
    outcome = asked.outcome
    if isinstance(outcome, LookedUp):
        raise TypeError("a lookup is no answer about a film")
    return ProviderOutcome(
        name=name,
        outcome=outcome.outcome,
        limited_until=asked.limited_until,
        message=getattr(outcome, "message", None) if isinstance(outcome, Failure) else None,
    )
