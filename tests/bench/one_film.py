"""Row 6: one refresh by hand, from the POST to `enrichment:complete`, less what the slowest provider takes to answer.

One after the other, in a library as large as the real list, with nothing else to do: what is left is the way of one
film through gateway, queue, enricher, event, projection and socket, each step of which waits for the one before.
"""

import statistics
from collections.abc import AsyncIterator
from itertools import islice
from time import perf_counter

from tests.bench.figures import Figure, at_most
from tests.bench.rounds import Size, percentile
from tests.e2e.client import Api, api_of
from tests.e2e.library import import_rows, made_up
from tests.e2e.system import running

ROW = 6
PROVIDER_MS = 100
"""What each provider takes; all three are asked side by side, as the films have the ids of each."""
MEDIAN_MS = 25
P99_MS = 80


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 6."""
    films, refreshes = size.of(1_794, 40), size.of(120, 5)
    async with running() as system, api_of(system.url) as api:
        assert (await import_rows(api, made_up(films)))["added"] == films
        await system.providers(latencyMs=PROVIDER_MS)
        movie_ids = iter(range(1, films + 1))
        await refresh(api, next(movie_ids))
        rounds = [
            [await refresh(api, movie_id) for movie_id in islice(movie_ids, refreshes)] for _ in range(size.rounds)
        ]
    medians = tuple(statistics.median(times) for times in rounds)
    yield Figure(ROW, "refresh over the slowest provider: median", "ms", medians, goal=at_most(MEDIAN_MS))
    worst = tuple(percentile(times, 0.99) for times in rounds)
    yield Figure(ROW, "refresh over the slowest provider: p99", "ms", worst, goal=at_most(P99_MS))


async def refresh(api: Api, movie_id: int) -> float:
    """Milliseconds from the request to the film's complete message on a socket, less the provider's own."""
    async with api.socket() as socket:
        await socket.subscribe(movie_id)
        began = perf_counter()
        await api.refresh(socket, movie_id)
        return 1000 * (perf_counter() - began) - PROVIDER_MS
