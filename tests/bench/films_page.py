"""Measures the list of films in a real browser: rows in the page, the longest task while a person scrolls, first rows.

Starts a whole demo system and fills its read model by events, without asking any provider.
Run: `python -m tests.bench.films_page --films 100000`. Needs a Chromium and the built web UI.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from playwright.async_api import Page
from tests.bench.projection import tell_many
from tests.browser.chromium import chromium
from tests.browser.pages import Pages
from tests.browser.scrolling import ROWS_IN_PAGE, list_questions, scroll_through
from tests.browser.stack import with_ui
from tests.e2e.client import Api, api_of
from tests.e2e.system import System
from tests.unit.metarr_projector.histories import START, completeness_of, missing_of

from metarr_chassis.bus import connect
from metarr_contracts import events, subjects
from metarr_contracts.base import Value
from metarr_contracts.fields import PROVIDERS, TRACKED
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, ProviderOutcome

WORDS = ("Silent", "Red", "Last", "River", "Night", "Garden", "Winter", "Señor", "Été", "Road", "House", "Sea")
FILL_SECONDS = 1_800
CALLS = 20
FIRST_ROW = """
    new MutationObserver((_, observer) => {
        if (!document.querySelector('[role=row][aria-rowindex="2"]')) return;
        window.firstRowAt = performance.now();
        observer.disconnect();
    }).observe(document, {childList: true, subtree: true});
    new PerformanceObserver((list) => {
        (window.longTasks ??= []).push(...list.getEntries().map((task) => task.duration));
    }).observe({type: 'longtask', buffered: true});
"""
"""Notes in the page when its first film is there, and each task of 50 ms or more."""


def added(count: int) -> Iterator[tuple[str, Value]]:
    """Films that come into the library."""
    chance = random.Random(1)  # noqa: S311  # examples, no secrets
    for movie_id in range(1, count + 1):
        event = events.MovieAdded(
            movie_id=movie_id,
            title=f"{' '.join(chance.sample(WORDS, chance.randint(1, 4)))} {movie_id}",
            year=chance.choice([None, *range(1950, 2026)]),
            ids=ExternalIds(imdb=f"tt{movie_id:07d}", tmdb=movie_id),
            request=f"row {movie_id}",
            missing=missing_of(set()),
        )
        yield subjects.movie_event(movie_id), event


def enriched(count: int) -> Iterator[tuple[str, Value]]:
    """Each of them is enriched, more or less; none has a picture, so that no drawing of pictures is measured."""
    chance = random.Random(2)  # noqa: S311  # examples, no secrets
    names = [field.name for field in TRACKED if field.category != "media"]
    outcomes = tuple(ProviderOutcome(name=name, outcome="found", fetched_at=START) for name in PROVIDERS)
    for movie_id in range(1, count + 1):
        present = set(chance.sample(names, chance.randint(3, len(names))))
        event = events.MovieEnriched(
            movie_id=movie_id,
            job_id=movie_id,
            started_at=START,
            completed_at=START + timedelta(seconds=movie_id),
            partial=False,
            changed={name: FieldValue(value="text", source="tmdb", fetched_at=START) for name in present},
            providers=outcomes,
            completeness=Completeness(before=0, after=completeness_of(present)),
            missing=missing_of(present),
        )
        yield subjects.movie_event(movie_id), event


async def fill(system: System, api: Api, count: int) -> None:
    """Tell the events and wait until the read model shows them all."""
    began = time.perf_counter()
    async with connect(system.nats.url, "bench") as bus:
        await tell_many(bus, list(added(count)), 0)
        await tell_many(bus, list(enriched(count)), count)
    async with asyncio.timeout(FILL_SECONDS):
        while (await api.get("/api/movies", sort="lastEnriched", order="desc", limit=1)).data["movies"][0][
            "id"
        ] < count:
            await asyncio.sleep(0.1)
    print(f"{count:,} films in the read model after {time.perf_counter() - began:.0f} s")


async def bare_call(api: Api) -> float:
    """Milliseconds that the question for the first page takes without a browser: the middle of some calls."""
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await api.get("/api/movies", filter="all", sort="title", order="asc", limit=100)
        taken.append(1_000 * (time.perf_counter() - began))
    return statistics.median(taken)


async def first_rows(page: Page) -> dict[str, float]:
    """Milliseconds from the beginning of the visit to the first film, and after the answer that has it."""
    await page.goto("/media/movies")
    await page.locator('[role=row][aria-rowindex="2"]').wait_for()
    told: dict[str, float] = await page.evaluate(
        """() => {
            const answer = performance.getEntriesByType('resource').find(({name}) => name.includes('/api/movies?'));
            return {all: firstRowAt, afterAnswer: firstRowAt - answer.responseEnd};
        }"""
    )
    return told


async def measure(pages: Pages, api: Api, rows: int) -> None:
    """Print the figures."""
    bare = await bare_call(api)
    page = await pages.open("about:blank")
    await page.add_init_script(FIRST_ROW)
    asked = list_questions(page)
    print(f"the bare question for the first page: {bare:.1f} ms")
    for visit in ("first visit", "second visit"):
        told = await first_rows(page)
        print(
            f"first rows, {visit}: {told['all']:.0f} ms ({told['all'] / bare:.1f} times the bare question), "
            f"{told['afterAnswer']:.0f} ms after the answer"
        )
    await page.evaluate("window.longTasks = []")
    began = time.perf_counter()
    seen = await scroll_through(page, rows)
    seconds = time.perf_counter() - began
    tasks: list[float] = await page.evaluate("window.longTasks")
    longest = f"{max(tasks):.0f} ms, {len(tasks)} of 50 ms or more" if tasks else "under 50 ms"
    print(f"{len(seen.films):,} rows scrolled through in {seconds:.0f} s; longest task: {longest}")
    print(f"rows in the page: {seen.most_rows} at most (limit {ROWS_IN_PAGE})")
    print(f"questions for pages: {len(asked)}; largest page: {max(limit for limit in asked)} films")
    for problem in pages.problems:
        print(f"problem: {problem}")


async def main() -> None:
    """Start everything and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000, help="rows to scroll through")
    told: Any = parser.parse_args()
    async with chromium() as browser, with_ui() as system, api_of(system.url) as api:
        await fill(system, api, told.films)
        pages = Pages(browser, system.url)
        await measure(pages, api, told.rows)
        await pages.close()


if __name__ == "__main__":
    asyncio.run(main())
