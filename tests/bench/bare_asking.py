"""The rivals of a run over the library: the same questions to the same providers, and nothing done with the answers.

They are the enricher's own client with its own requests and parsers, as many films at once and in the order in which a
run asks: OMDb, whose quota is scarce, then the others side by side. No bus, no events, no limits. One of them also
stores as many messages of the same sizes as a run has to for each film: the command, the answers, the event.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ANSWERED, ExternalIds
from metarr_enricher.lane import Lane
from metarr_enricher.providers.client import Client, Pace, open_client
from metarr_enricher.providers.outcomes import Throttled
from metarr_enricher.providers.registry import CONNECTIONS, Fanart, Omdb, Provider, Tmdb
from metarr_enricher.providers.tmdb import Locale
from metarr_enricher.settings import SANDBOX_PATHS

RUN = Lane(run=True)
LANGUAGE, REGION = "en", "US"
COMMAND, EVENT = 1_000, 5_500
ANSWERS: Mapping[ProviderName, int] = {"omdb": 1_800, "tmdb": 2_200, "fanart": 800}
"""Bytes of a film's messages, headers included, as they are on average."""

Keep = Callable[[int], Awaitable[object]]
"""Stores so many bytes."""


@dataclass(frozen=True)
class Asker:
    """All three providers of the sandbox, asked as fast as they answer."""

    tmdb: Tmdb
    omdb: Omdb
    fanart: Fanart
    at_once: int

    async def ask(self, films: Iterable[ExternalIds], keep: Keep | None = None) -> None:
        """Ask about these films; each question has to be answered, and is stored by `keep` where that is given."""
        left = iter(films)
        async with asyncio.TaskGroup() as lanes:
            for _ in range(self.at_once):
                lanes.create_task(self._lane(left, keep or _nothing))

    async def _lane(self, left: Iterator[ExternalIds], keep: Keep) -> None:
        for ids in left:
            await keep(COMMAND)
            await self._answer(self.omdb, ids, keep)
            await asyncio.gather(self._answer(self.tmdb, ids, keep), self._answer(self.fanart, ids, keep))
            await keep(EVENT)

    async def _answer(self, provider: Provider, ids: ExternalIds, keep: Keep) -> None:
        outcome = await provider.ask(ids, RUN)
        assert outcome.outcome in ANSWERED, outcome
        await keep(ANSWERS[provider.name])


async def _nothing(_size: int) -> None:
    """Answers are forgotten."""


@contextlib.asynccontextmanager
async def asker(sandbox_url: str, at_once: int) -> AsyncIterator[Asker]:
    """An asker with connections of its own."""
    async with contextlib.AsyncExitStack() as stack:
        clients: Mapping[ProviderName, Client] = {
            name: await stack.enter_async_context(open_client(sandbox_url + path, CONNECTIONS[name], _without_limits()))
            for name, path in SANDBOX_PATHS.items()
        }
        keys = {name: f"sandbox-{name}-key" for name in clients}
        yield Asker(
            Tmdb(clients["tmdb"], keys["tmdb"], Locale(LANGUAGE, REGION)),
            Omdb(clients["omdb"], keys["omdb"]),
            Fanart(clients["fanart"], keys["fanart"], LANGUAGE),
            at_once,
        )


def _without_limits() -> Pace:
    return Pace(gate=lambda _lane: contextlib.nullcontext(), on_throttled=_throttled)


async def _throttled(_outcome: Throttled) -> None:
    """Nobody waits: an answer that is none ends the measurement."""
