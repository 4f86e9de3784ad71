"""Rows 7 and 8: a run over the whole library where providers set the pace, and where nothing but the machine does.

Row 7: TMDB takes 40 requests a second and every provider answers after 100 ms. A run can't be faster than the requests
that it makes at TMDB, which the sandbox counts: two for each film whose TMDB id is to be looked up in the first run,
one in the second, which is forced to ask again.

Row 8: no limits and no latency, all processes on the same processors. The rival asks the same questions in the same
order of the same sandbox and does nothing with the answers; what it reaches is what asking alone costs. Another rival
also stores what a run has to store, in a stream of its own on the same server, by a plain publish for each message.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count as counted
from statistics import median
from time import perf_counter, process_time
from typing import Any

import nats
from tests.bench.bare_asking import Asker, Keep, asker
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.processes import family_seconds
from tests.bench.rounds import Size, alternating
from tests.e2e.client import Api, api_of
from tests.e2e.library import BECHDEL, BECHDEL_FILMS, import_csv, import_rows, made_up
from tests.e2e.system import PATHS, SERVICES, System, running

from metarr_contracts.movie import ExternalIds
from metarr_enricher.settings import EnricherSettings

TMDB_RATE = 40
LATENCY_MS = 100
OVER_PACE = 1.10
SOME_FILMS = 600
"""Of all rounds but the first: a whole library takes two minutes and more at this pace."""
UNLIMITED = 1_000_000
FREE_FILMS = 1_500
"""Fewer than the sandbox remembers, so that it makes up each film once, for whoever comes first."""
SHARE = 0.35
LEAST_SPEED = 80
PATIENCE_SECONDS = 3_600
WINDOW: int = EnricherSettings.model_fields["bulk_window"].default


@dataclass(frozen=True)
class Paced:
    """A run at TMDB's pace: what it took, and what its requests at TMDB alone take; in seconds."""

    seconds: float
    pace: float


@dataclass(frozen=True)
class Speed:
    """Films a second; milliseconds of processor time a film, by process; who was asked how often."""

    films: float
    processor: Mapping[str, float]
    requests: Mapping[str, int]


async def measure(size: Size) -> AsyncIterator[Figure]:
    """Row 7: the first run and one that knows all ids. Row 8."""
    films = (BECHDEL_FILMS, *[SOME_FILMS] * (size.rounds - 1)) if not size.small else (20,) * size.rounds
    rounds = [await paced_runs(count) for count in films]
    note = (
        f"{_counted(films)} {'real titles' if BECHDEL.exists() else 'made-up films, as no list of real ones is here'}"
    )
    for name, runs in zip(("first run", "second run, ids known"), zip(*rounds, strict=True), strict=True):
        yield Figure(
            7,
            f"{name}, TMDB {TMDB_RATE}/s",
            "s",
            tuple(run.seconds for run in runs),
            f"TMDB requests / {TMDB_RATE}",
            tuple(run.pace for run in runs),
            at_most(OVER_PACE),
            note,
        )
    whole, bare, stored = await without_limits(size)
    reached, rival, keeper = (tuple(speed.films for speed in speeds) for speeds in (whole, bare, stored))
    yield Figure(
        8, "run without limits", "films/s", reached, "asking alone", rival, at_least(SHARE), _bound(whole, bare, stored)
    )
    yield Figure(8, "the same, by itself", "films/s", reached, goal=at_least(LEAST_SPEED))
    yield Figure(8, "the same", "films/s", reached, "asking and storing", keeper)


async def paced_runs(count: int) -> tuple[Paced, Paced]:
    """Over a library of its own: the first run, and another one that asks everybody again."""
    async with running(METARR_TMDB_RATE=str(TMDB_RATE)) as system, api_of(system.url) as api:
        await fill(api, count)
        await system.providers(latencyMs=LATENCY_MS)
        # Were the rate exceeded, TMDB would refuse, and slow the run down for a minute.
        await system.provider("tmdb", ratePerSecond=TMDB_RATE + 10)
        return await paced_run(system, api, count), await paced_run(system, api, count)


async def paced_run(system: System, api: Api, count: int) -> Paced:
    """One run over all films."""
    before = await requests(system)
    seconds = await run_seconds(api, count)
    return Paced(seconds, ((await requests(system))["tmdb"] - before["tmdb"]) / TMDB_RATE)


async def fill(api: Api, count: int) -> None:
    """So many films, some of the real titles where these are at hand; the projection has them all then."""
    if BECHDEL.exists():
        lines = BECHDEL.read_bytes().splitlines(keepends=True)
        added = (await import_csv(api, b"".join(lines[: count + 1])))["added"]
    else:
        added = (await import_rows(api, made_up(count)))["added"]
    assert added == count, f"{added} of {count} films are new"


async def without_limits(size: Size) -> list[tuple[Speed, ...]]:
    """Runs that ask everybody about all films, and the same questions by both rivals, in alternating order."""
    films = size.of(FREE_FILMS, 30)
    rates: dict[str, Any] = {f"METARR_{provider.upper()}_RATE": str(UNLIMITED) for provider in PATHS}
    async with (
        running(**rates) as system,
        api_of(system.url) as api,
        asker(system.sandbox_url, WINDOW) as rival,
        stream_of_its_own(system.nats.url) as keep,
    ):
        await import_rows(api, made_up(films))
        # The sandbox makes up each film when it is first asked about it.
        await asked_alone(system, rival, films)
        whole, bare, stored = await alternating(
            size.rounds,
            lambda: library_run(system, api, films),
            lambda: asked_alone(system, rival, films),
            lambda: asked_alone(system, rival, films, keep),
        )
    assert all(speed.requests == whole[0].requests for speed in (*whole, *bare, *stored))
    return [whole, bare, stored]


@asynccontextmanager
async def stream_of_its_own(nats_url: str) -> AsyncIterator[Keep]:
    """Stores messages where nobody reads them."""
    connection = await nats.connect(nats_url)
    try:
        stream = connection.jetstream()
        await stream.add_stream(name="BENCH", subjects=["bench.>"])
        numbers = counted()
        yield lambda size: stream.publish(f"bench.{next(numbers)}", bytes(size))
    finally:
        await connection.close()


async def library_run(system: System, api: Api, count: int) -> Speed:
    """One run of the product over all films."""
    asked, used = await requests(system), processor(system)
    seconds = await run_seconds(api, count)
    return Speed(count / seconds, _a_film(used, processor(system), count), _more(asked, await requests(system)))


async def asked_alone(system: System, rival: Asker, count: int, keep: Keep | None = None) -> Speed:
    """The questions of such a run."""
    films = [ExternalIds.model_validate({"imdb": row["imdbId"], "tmdb": row["tmdbId"]}) for row in made_up(count)]
    asked, used, own, began = await requests(system), processor(system), process_time(), perf_counter()
    await rival.ask(films, keep)
    seconds, own = perf_counter() - began, process_time() - own
    servers = _a_film(used, processor(system), count)
    return Speed(count / seconds, servers | {"client": 1000 * own / count}, _more(asked, await requests(system)))


async def run_seconds(api: Api, count: int) -> float:
    """How long a run over all films takes, from the request to the message of its end; nothing is held to be fresh."""
    async with api.run_frames() as frames:
        began = perf_counter()
        end = await frames.until_end(await api.start_run(force=True), PATIENCE_SECONDS)
        seconds = perf_counter() - began
    stats: Mapping[str, Any] = end["stats"]
    assert (end["status"], stats["processed"]) == ("completed", count), end
    return seconds


async def requests(system: System) -> dict[str, int]:
    """How often each provider was asked so far."""
    counted = await system.control("GET", "/requests")
    return {name: counted[name]["requests"] for name in PATHS}


def processor(system: System) -> dict[str, float]:
    """What each process has used of processors so far, in seconds; servers with the children that work for them."""
    pids = {name: system.processes[name].pid for name in ("sandbox", *SERVICES)}
    servers = {"nats": system.nats.pid, "postgres": system.postgres.pid}
    return {name: family_seconds(pid) for name, pid in (pids | servers).items() if pid is not None}


def _more(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in after.items()}


def _a_film(before: Mapping[str, float], after: Mapping[str, float], count: int) -> dict[str, float]:
    return {name: 1000 * (seconds - before[name]) / count for name, seconds in after.items()}


def _counted(films: tuple[int, ...]) -> str:
    return " then ".join(f"{count:,}" for count in dict.fromkeys(films))


def _bound(whole: tuple[Speed, ...], bare: tuple[Speed, ...], stored: tuple[Speed, ...]) -> str:
    """What is the bound: how much of the processors is in use, and by whom."""
    used = _medians(whole)
    together, speed = sum(used.values()), median(run.films for run in whole)
    in_use = 100 * speed * together / 1000 / len(os.sched_getaffinity(0))
    return (
        f"processor ms a film: {_listed(used)}, together {together:.1f}, which is {in_use:.0f} % of all processors and "
        f"{100 * speed * used['enricher'] / 1000:.0f} % of one for the enricher; asking alone: "
        f"{_listed(_medians(bare))}; asking and storing: {_listed(_medians(stored))}"
    )


def _medians(speeds: tuple[Speed, ...]) -> dict[str, float]:
    return {name: median(speed.processor[name] for speed in speeds) for name in speeds[0].processor}


def _listed(used: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {ms:.2f}" for name, ms in used.items() if ms >= 0.05)
