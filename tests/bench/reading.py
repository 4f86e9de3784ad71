"""Rows 1 to 3: answers over HTTP, through gateway, NATS, projector and PostgreSQL, from libraries of several sizes.

The libraries run side by side, each with servers and services of its own, and are asked in turn. Latencies are those of
one client that asks again when it has its answer. The rival of row 2 is aiohttp alone, in a process of its own, which
answers the same bytes; the load is the same. wrk asks; where there is none, nothing is measured.
"""

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode

import aiohttp
import asyncpg
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.filled import fill
from tests.bench.films import common_prefix, rare_word, title_of
from tests.bench.load import Load, load, wrk_program
from tests.bench.processes import family_seconds, processor_seconds
from tests.bench.rounds import Size, alternating
from tests.e2e.system import System

from metarr_chassis.topology import setup
from metarr_contracts.readmodels import MovieListQuery, SortKey, SortOrder
from metarr_local.child import Command, end, spawn
from metarr_projector.listing import FILTERS, SORT_COLUMNS, write_cursor
from metarr_projector.schema import migrate

STATS = "/api/movies/enrichment/stats"
CONNECTIONS = 64
LATENCY_SECONDS = 2
LOAD_SECONDS = 4
LIST_SECONDS = 4
DEEP = 50_000
AS_DEPLOYED = {"METARR_LOG_FORMAT": "json"}
PAGE: Mapping[str, object] = {"limit": 50}


@dataclass(frozen=True)
class Library:
    """A system with so many films."""

    films: int
    system: System

    async def latency(self, *paths: str, seconds: int) -> Load:
        """One client asks these paths in turn."""
        return await load(self.system.url, paths, connections=1, seconds=seconds)

    async def rows(self, sql: str) -> list[asyncpg.Record]:
        """What the database says."""
        connection = await asyncpg.connect(self.system.postgres.url)
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()


class _Whole:
    """The whole path under load, and what each of its parts uses meanwhile."""

    def __init__(self, library: Library, paths: Sequence[str], seconds: int) -> None:
        self._library = library
        self._paths = paths
        self._seconds = seconds
        self._used: list[Mapping[str, float]] = []

    async def load(self) -> Load:
        """Load it once."""
        before = _processor_seconds(self._library.system)
        told = await load(self._library.system.url, self._paths, connections=CONNECTIONS, seconds=self._seconds)
        after = _processor_seconds(self._library.system)
        self._used.append({part: (after[part] - before[part]) / told.requests for part in before})
        return told

    def processor_time(self) -> str:
        """What a request took of each part, in the middle of all loads."""
        each = {part: 1_000_000 * statistics.median(used[part] for used in self._used) for part in self._used[0]}
        return "processor time of a request: " + ", ".join(f"{part} {took:.0f} µs" for part, took in each.items())


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Rows 1, 2 and 3."""
    if wrk_program() is None:
        sys.stderr.write("reading: left out, for wrk is not here; see tests/bench/fetch_wrk.sh\n")
        return
    async with contextlib.AsyncExitStack() as stack:
        counts = (100, 300) if size.small else (1_000, 10_000, 100_000)
        libraries = [await stack.enter_async_context(_library(count)) for count in counts]
        for library in libraries:
            await fill(library.system, library.films)
            await _settle(library)
        async for figure in _sizes(libraries, size):
            yield figure
        async for figure in _throughput(libraries[-1], size):
            yield figure
        async for figure in _lists(libraries[0], libraries[-1], size):
            yield figure


async def _sizes(libraries: Sequence[Library], size: Size) -> AsyncIterator[Figure]:
    """Row 1."""
    seconds = size.of(LATENCY_SECONDS, 1)
    found = await alternating(size.rounds, *(partial(library.latency, STATS, seconds=seconds) for library in libraries))
    least = libraries[0].films
    for library, loads in zip(libraries[1:], found[1:], strict=True):
        for name, values, ceilings in (
            ("p50", [one.p50_ms for one in loads], [one.p50_ms for one in found[0]]),
            ("p99", [one.p99_ms for one in loads], [one.p99_ms for one in found[0]]),
        ):
            yield Figure(
                1,
                f"stats of {library.films:,} films, {name}",
                "ms",
                tuple(values),
                f"of {least:,} films",
                tuple(ceilings),
                at_most(1.2),
            )


async def _throughput(library: Library, size: Size) -> AsyncIterator[Figure]:
    """Row 2. The films that are asked about are others each time."""
    every = max(1, library.films // 10_000)
    statuses = [f"/api/movies/{movie_id}/enrichment-status" for movie_id in range(1, library.films + 1, every)]
    seconds = size.of(LOAD_SECONDS, 1)
    for name, paths, goal in (("stats", [STATS], 0.4), ("enrichment-status", statuses, 0.25)):
        body = await _answer(library.system.url + paths[len(paths) // 2])
        whole = _Whole(library, paths, seconds)
        async with _bare(body) as url:
            rival = partial(load, url, paths, connections=CONNECTIONS, seconds=seconds)
            answers, bare = await alternating(size.rounds, whole.load, rival)
        yield Figure(
            2,
            f"{name}, {CONNECTIONS} connections",
            "requests/s",
            tuple(one.per_second for one in answers),
            "bare aiohttp handler",
            tuple(one.per_second for one in bare),
            at_least(goal),
            whole.processor_time(),
        )


async def _lists(small: Library, large: Library, size: Size) -> AsyncIterator[Figure]:
    """Row 3. All questions of a kind are asked in turn: each is more than a hundredth, so a slow one shows in p99."""
    seconds = size.of(LIST_SECONDS, 1)
    kinds = await _questions(large, size)
    for name, goal, questions in kinds[:1] if size.small else kinds:
        rival, loads = await alternating(
            size.rounds,
            partial(small.latency, _list(), seconds=seconds),
            partial(large.latency, *questions, seconds=seconds),
        )
        yield Figure(
            3,
            f"list of {large.films:,} films, {name}, p99",
            "ms",
            tuple(one.p99_ms for one in loads),
            f"first page of {small.films:,} films",
            tuple(one.p99_ms for one in rival),
            at_most(goal),
            f"p50 {statistics.median(one.p50_ms for one in loads):.1f} ms, "
            f"of the first page {statistics.median(one.p50_ms for one in rival):.1f} ms",
        )


async def _questions(library: Library, size: Size) -> list[tuple[str, float, Sequence[str]]]:
    """Kinds of questions for pages: what they may take beside the first page of a small library, and what they are."""
    orders = [(sort, order) for sort in get_args(SortKey) for order in get_args(SortOrder)]
    deep = size.of(DEEP, library.films // 2)
    somewhere = library.films // 2
    searches = (common_prefix(), rare_word(somewhere), "xylophone", " ".join(title_of(somewhere).split()[:2]))
    free = (
        _list(filter="limited", sort="year", order="desc"),
        _list(filter="partial", sort="year"),
        _list(filter="incomplete", sort="lastEnriched", order="desc"),
        _list(filter="unidentified", sort="completeness"),
        _list(missing="clearlogo"),
        _list(missing="plot", sort="completeness"),
        _list(filter="incomplete", missing="awards", sort="added"),
        _list(search=common_prefix(), filter="enriched", sort="year"),
    )
    return [
        ("first page by every sort", 1.5, [_list(sort=sort, order=order) for sort, order in orders]),
        (f"page {deep:,} deep by every sort", 1.5, [await _deep(library, deep, *order) for order in orders]),
        ("every filter", 1.5, [_list(filter=name) for name in FILTERS]),
        ("search: short prefix, rare word, no hit, two words", 1.5, [_list(search=search) for search in searches]),
        ("filters that no index serves", 3, free),
    ]


def _list(**query: object) -> str:
    return f"/api/movies?{urlencode({**PAGE, **query})}"


async def _deep(library: Library, deep: int, sort: SortKey, order: SortOrder) -> str:
    """The page that begins after so many films."""
    column = SORT_COLUMNS[sort]
    row = (
        await library.rows(
            f"SELECT {column} AS value, id FROM live.movie WHERE {column} IS NOT NULL "  # noqa: S608  # a name of ours
            f"ORDER BY {column} {order}, id {order} OFFSET {deep - 1} LIMIT 1"
        )
    )[0]
    query = MovieListQuery(sort=sort, order=order)
    return _list(sort=sort, order=order, cursor=write_cursor(query, row["value"], row["id"]))


async def _answer(url: str) -> bytes:
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        assert answer.content_type == "application/json"
        return await answer.read()


async def _settle(library: Library) -> None:
    """As the server itself does after a while, so that it is not at it while we measure."""
    await library.rows("VACUUM ANALYZE")


def _processor_seconds(system: System) -> Mapping[str, float]:
    """What each part of the path has used so far."""
    assert system.nats.pid
    assert system.postgres.pid
    return {
        **{name: processor_seconds(process.pid) for name, process in system.processes.items()},
        "nats-server": processor_seconds(system.nats.pid),
        "postgres": family_seconds(system.postgres.pid),
    }


@contextlib.asynccontextmanager
async def _library(films: int) -> AsyncIterator[Library]:
    """The part of a system that answers questions; the others have nothing to do with it."""
    with tempfile.TemporaryDirectory(prefix="metarr-reading-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        system = System(Path(folder), demo=False, environment=AS_DEPLOYED)
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(system.nats)
            await stack.enter_async_context(system.postgres)
            await setup(system.nats.url, demo=False)
            await migrate(*system.database_urls)
            for service in ("projector", "gateway"):
                stack.push_async_callback(system.stop, service)
                await system.start(service)
            yield Library(films, system)


@contextlib.asynccontextmanager
async def _bare(body: bytes) -> AsyncIterator[str]:
    """The address of the rival, which answers this."""
    with tempfile.NamedTemporaryFile(prefix="body-") as file:
        file.write(body)
        file.flush()
        command = Command((sys.executable, "-m", "tests.bench.bare_answers", file.name), os.environ)
        process = await spawn(command, asyncio.subprocess.PIPE)
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
        finally:
            await end(process, signal.SIGTERM, 10)
