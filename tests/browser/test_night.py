"""Scenario 4: at night OMDb's quota ends; what a person reads of it in the morning, and after the next night."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect
from tests.browser.films import KNOWN, with_films, without_films
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.visitor import card, on_each_screen, product_time, reads, reads_not, visit
from tests.e2e.client import Api
from tests.e2e.system import System

EVENING = (datetime.now(UTC) + timedelta(days=1)).replace(hour=22, minute=0, second=0, microsecond=0)
FILMS = KNOWN[:30]
DONE = 12
NIGHT_SECONDS = 300
SETTINGS = "/settings/general"


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A system with a run each night at three, which takes one film after the other."""
    async with with_ui(clock=EVENING, METARR_SCHEDULE="0 3 * * *", METARR_BULK_WINDOW="1") as system:
        yield system


@pytest.fixture
async def night(system: System, api: Api) -> datetime:
    """The next night's three o'clock; it is the evening before, and the library is new."""
    await without_films(api)
    evening = (await product_time(system)).replace(hour=22, minute=0, second=0, microsecond=0)
    await system.set_clock(evening)
    await with_films(api, FILMS)
    return evening + timedelta(hours=5)


async def until_morning(system: System, api: Api, night: datetime) -> None:
    """Let the night's run come and end; then it is half past seven."""
    await system.set_clock(night - timedelta(seconds=1))
    # The scheduler may say what it has started, and what comes next, after the run has ended.
    await api.bulk_status(
        lambda status: (
            status["lastRun"] is not None
            and datetime.fromisoformat(status["lastRun"]["startedAt"]) >= night
            and datetime.fromisoformat(status["nextRun"]["scheduledAt"]) > night
        ),
        NIGHT_SECONDS,
    )
    await system.set_clock(night.replace(hour=7, minute=30))


@on_each_screen
async def test_a_person_reads_of_two_nights(
    pages: Pages, system: System, api: Api, night: datetime, screen: str
) -> None:
    """Partial with what remains and where it goes on; details; the next night completes; Activity has both."""
    await system.provider("omdb", dailyLimit=DONE)
    await until_morning(system, api, night)
    page = await visit(pages, system, SETTINGS, screen)
    bulk = card(page, "Bulk Metadata Enrichment")
    await reads(bulk, "Scheduled Run: Daily at 03:00", "Next run: in 19 hours")
    await reads(bulk, f"Last Run: {night.day} {night:%b %Y}, 03:00", "Status: Partial (Rate Limit Hit)")
    await reads(bulk, "OMDB rate limit reached - stopped early", "Processed: 12 / 30 movies")
    await reads(bulk, "Remaining: 18 (will retry tomorrow)", "(Will continue from movie #13)", "Duration:")
    await bulk.get_by_role("button", name="View Details").click()
    await reads(bulk, "OMDB: Rate limit hit at 03:00")
    await reads(bulk, "TMDB: All requests successful", "Fanart: All requests successful")

    await system.provider("omdb", dailyLimit=None)
    await until_morning(system, api, night + timedelta(days=1))
    page = await visit(pages, system, SETTINGS, screen)
    bulk = card(page, "Bulk Metadata Enrichment")
    await reads(bulk, "Status: Completed", "Processed: 18 / 30 movies", "Skipped: 12 (already enriched)")
    await reads_not(bulk, "Remaining:", "Will continue")

    await bulk.get_by_role("link", name="View History").click()
    await expect(page).to_have_url(f"{system.url}/activity/history?type=bulk_enrichment")
    entries = page.get_by_role("main").get_by_role("button").filter(has_text="Scheduled run")
    await reads(entries.nth(0), "Completed", "Processed: 18 / 30 movies", "Skipped: 12")
    await reads(entries.nth(1), "Partial", "Processed: 12 / 30 movies", "Rate-limited providers: OMDB")
    await entries.nth(1).click()
    await reads(page.get_by_role("main"), "Next run continues from movie #13")
