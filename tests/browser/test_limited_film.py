"""Scenario 2: a person sees why a film is enriched in part only: OMDb's quota is used up."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect
from tests.browser.films import known, refreshed, with_films
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.visitor import card, on_each_screen, reads, visit
from tests.e2e.client import Api, api_of
from tests.e2e.library import films
from tests.e2e.system import System

MORNING = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
LATER = timedelta(hours=3, minutes=1)
OMDB_FIELDS = ("Awards", "IMDb Rating", "Rotten Tomatoes Score", "Metacritic Score")


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A film was refreshed three hours ago, when OMDb's quota was used up; at three the schedule comes."""
    async with with_ui(clock=MORNING, METARR_SCHEDULE="0 3 * * *") as system, api_of(system.url, patient=True) as api:
        await system.provider("omdb", dailyLimit=0)
        await refreshed(api, await with_films(api, [known("Inception")]))
        await system.advance_clock(LATER.total_seconds())
        yield system


@on_each_screen
async def test_a_person_understands_a_partial_film(pages: Pages, system: System, api: Api, screen: str) -> None:
    """Badge, warning, missing fields with who knows them, the limited provider, and when it is asked again."""
    (film,) = await films(api)
    page = await visit(pages, system, f"/media/movies/{film['id']}/edit", screen)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Inception (2010)")
    badge = page.get_by_role("main").get_by_title("partial enrichment, some providers failed")
    await reads(badge, f"{film['completeness']}%")

    status = card(page, "Enrichment Status")
    await reads(status, "Partial enrichment - some providers failed", "Rate-limited providers: OMDB")
    await reads(status, "Last enriched: 3 hours ago", f"Missing Fields ({len(OMDB_FIELDS)}):")
    await expect(status.get_by_role("button", name="Missing Fields")).to_have_attribute("aria-expanded", "true")
    await expect(status.get_by_role("listitem")).to_have_text([f"{name} (OMDB)" for name in OMDB_FIELDS])

    providers = status.get_by_role("button", name="View Provider Status")
    await providers.click()
    dialog = page.get_by_role("dialog", name="Provider Status")
    await reads(dialog, "TMDB: Success (last fetched 3 hours ago)", "Fanart: Success (last fetched 3 hours ago)")
    await reads(dialog, "OMDB: Rate limited (will retry at 03:00)")
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_have_count(0)
    await expect(providers).to_be_focused()
