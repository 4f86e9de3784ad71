"""Measures the list of films in a real browser: rows in the page, the longest task while a person scrolls, first rows.

Starts a whole demo system and fills its read model by events, without asking any provider.
Run: `python -m tests.bench.films_page --films 100000`. Needs a Chromium and the built web UI.
"""

import argparse
import asyncio
import statistics
import time
from typing import Any

from playwright.async_api import Page
from tests.bench.filled import fill
from tests.browser.chromium import chromium
from tests.browser.pages import Pages
from tests.browser.scrolling import ROWS_IN_PAGE, list_questions, scroll_through
from tests.browser.stack import with_ui
from tests.e2e.client import Api, api_of

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
        began = time.perf_counter()
        # No drawing of pictures is measured, and none is there to be had.
        await fill(system, told.films, pictures=False)
        print(f"{told.films:,} films in the read model after {time.perf_counter() - began:.0f} s")
        pages = Pages(browser, system.url)
        await measure(pages, api, told.rows)
        await pages.close()


if __name__ == "__main__":
    asyncio.run(main())
