"""Scenario 1: a person sees how complete the library is, goes to a film that lacks much, and refreshes it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.films import known, refreshed, refreshed_without, with_films
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.visitor import assert_seen, card, on_each_screen, one_by_one, reads, tab_to, visit, watching
from tests.e2e.client import Api, api_of
from tests.e2e.system import System

NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
ENRICHED = [known(title) for title in ("The Godfather", "Pulp Fiction", "The Dark Knight")]
LACKING = [known(title) for title in ("Forrest Gump", "Fight Club", "The Pianist")]
POOR = cycle(known(title) for title in ("The Matrix", "Interstellar", "Inception", "Gladiator"))
"""A film for each test: it lacks most at its start, and next to nothing at its end."""
STEP_MS = 1_000


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A library of films that are enriched, and a few that lack what OMDb knows of them."""
    async with with_ui(clock=NOON) as system, api_of(system.url, patient=True) as api:
        library = await with_films(api, [*ENRICHED, *LACKING])
        await refreshed(api, library[: len(ENRICHED)])
        await refreshed_without(system, api, library[len(ENRICHED) :], ["omdb"])
        yield system


@pytest.fixture
async def film(system: System, api: Api) -> AsyncIterator[Any]:
    """The film that lacks most: of it fanart.tv's pictures are known and nothing else. Providers take their time."""
    added = await api.post("/api/movies", next(POOR))
    assert added.status == 201, added
    path = f"/api/movies/{added.data['movieId']}"
    film = (await api.get(path, after=added.data["seq"])).data
    await refreshed_without(system, api, [film], ["tmdb", "omdb"])
    await system.provider("tmdb", latencyMs=STEP_MS)
    await system.provider("omdb", latencyMs=2 * STEP_MS)
    yield (await api.get(path)).data
    await system.providers(latencyMs=0)
    removed = await api.request("DELETE", path)
    await api.get("/api/movies/enrichment/stats", after=removed.data["seq"])


async def completeness(api: Api, film: Any) -> int:
    """The film's completeness in percent."""
    percent: int = (await api.get(f"/api/movies/{film['id']}")).data["completeness"]
    return percent


async def average(api: Api) -> str:
    """The library's average as the page says it."""
    percent = (await api.get("/api/movies/enrichment/stats")).data["averageCompleteness"]
    return f"Average: {percent:g}%"


async def reads_dashboard(page: Page, api: Api, film: Any, shown: int) -> None:
    """The average, and so many films that lack something, the one that lacks most first."""
    widget = card(page, "Library Completeness")
    await reads(widget, await average(api), f"Enriched: {len(ENRICHED)} / {len(ENRICHED) + len(LACKING) + 1} movies")
    films = widget.get_by_role("list", name="Most Incomplete Movies").get_by_role("listitem").filter(visible=True)
    await expect(films).to_have_count(shown)
    await reads(films.first, f"{film['title']} ({film['year']})", f"{film['completeness']}%")


async def reads_the_refresh(seen: list[str]) -> None:
    """Each step was to be seen, as the providers answered: fanart.tv's answer was known, TMDB's came before OMDb's."""
    assert_seen(
        seen,
        "Enriching metadata...",
        "Cancel",
        "Enriching metadata: 33%",
        "Providers completed: Fanart",
        "Current provider: OMDB",
        "Enriching metadata: 66%",
        "Providers completed: Fanart, TMDB",
        "Providers remaining: OMDB",
        "Metadata refreshed",
    )


@on_each_screen
async def test_a_person_enriches_a_film(pages: Pages, system: System, api: Api, film: Any, screen: str) -> None:
    """Dashboard, average, most incomplete film, its missing fields, refresh, live progress, complete."""
    page = await visit(pages, system, "about:blank", screen)
    await one_by_one(page)
    await page.goto("/")
    await reads_dashboard(page, api, film, shown=3 if screen == "phone" else 4)
    before = await average(api)
    await card(page, "Library Completeness").get_by_role("link", name=film["title"]).click()

    await expect(page).to_have_url(f"{system.url}/media/movies/{film['id']}/edit")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{film['title']} ({film['year']})")
    status = card(page, "Enrichment Status")
    missing = (await api.get(f"/api/movies/{film['id']}/enrichment-status")).data["missingFields"]
    await reads(status, f"Completeness: {film['completeness']}%", f"Missing Fields ({len(missing)}):")
    await status.get_by_role("button", name=f"Show all {len(missing)}").click()
    await reads(status, "Last enriched: just now", *(field["displayName"] for field in missing))

    refresh = status.get_by_role("button", name="Refresh Metadata")
    async with watching(page) as seen:
        await refresh.click()
        await reads(status, "Metadata refreshed: now")
    await reads_the_refresh(seen)
    after = await completeness(api, film)
    assert film["completeness"] < 60
    assert after >= 90
    await reads(status, f"Completeness: {after}%")
    await expect(refresh).to_be_enabled()
    await expect(page.get_by_role("main").get_by_title(f"{after}% complete: enriched")).to_be_visible()

    await page.get_by_role("link", name="Dashboard").filter(visible=True).click()
    widget = card(page, "Library Completeness")
    assert await average(api) != before
    await reads(widget, await average(api))
    await expect(widget.get_by_role("link", name=film["title"])).to_have_count(0)


@on_each_screen
async def test_with_the_keyboard_alone(pages: Pages, system: System, api: Api, film: Any, screen: str) -> None:
    """The same with Tab, Enter and Escape: the focus is to be seen at each stop, and no place loses it."""
    page = await visit(pages, system, "about:blank", screen)
    await one_by_one(page)
    await page.goto("/")
    await reads_dashboard(page, api, film, shown=3 if screen == "phone" else 4)
    await tab_to(page, page.get_by_role("link", name="Skip to content"))
    await page.keyboard.press("Enter")
    await tab_to(page, card(page, "Library Completeness").get_by_role("link", name=film["title"]))
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(f"{system.url}/media/movies/{film['id']}/edit")
    status = card(page, "Enrichment Status")
    providers = status.get_by_role("button", name="View Provider Status")
    await tab_to(page, providers)
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Provider Status")
    await reads(dialog, "TMDB: Failed", "OMDB: Failed", "Fanart: Success (last fetched just now)")
    await expect(dialog.locator(":focus")).to_have_count(1)
    await tab_to(page, dialog.get_by_role("button", name="Close"))
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(providers).to_be_focused()

    refresh = status.get_by_role("button", name="Refresh Metadata")
    await page.keyboard.press("Shift+Tab")
    await expect(refresh).to_be_focused()
    async with watching(page) as seen:
        await page.keyboard.press("Enter")
        await reads(status, "Metadata refreshed: now")
    await reads_the_refresh(seen)
    await reads(status, f"Completeness: {await completeness(api, film)}%")
    await expect(refresh).to_be_focused()
    await tab_to(page, providers)
