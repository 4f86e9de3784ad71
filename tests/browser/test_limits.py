"""Our own pages stay within what one client may ask for, and their policy forbids nothing that they need."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Request, expect
from tests.browser.films import with_films
from tests.browser.pages import Pages
from tests.browser.scrolling import scroll_through
from tests.browser.stack import with_ui
from tests.e2e.client import Api
from tests.e2e.library import made_up
from tests.e2e.system import System

from metarr_gateway.limits import BURST_SECONDS
from metarr_gateway.settings import GatewaySettings

FILMS = 100
TABS = 10
RUN_SECONDS = 300
ALLOWED = GatewaySettings.model_fields["requests_per_second"].default
CONNECTIONS = GatewaySettings.model_fields["connections_per_client"].default


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A system with the limits that are there when nobody sets them."""
    async with with_ui(
        METARR_REQUESTS_PER_SECOND=str(ALLOWED), METARR_CONNECTIONS_PER_CLIENT=str(CONNECTIONS)
    ) as system:
        yield system


def requests_of(page: Page) -> list[str]:
    """Addresses that the page asks for from now on; answers out of the browser's own cache among them."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    return asked


async def test_many_posters_and_many_tabs_are_no_flood(pages: Pages, api: Api) -> None:
    """A list with 100 posters scrolled through, then ten tabs opened at once: all of it fits into one burst."""
    await with_films(api, list(made_up(FILMS)))
    await api.request("POST", "/api/enrichment/bulk-run")
    await api.bulk_status(lambda status: status["lastRun"] is not None and status["currentRun"] is None, RUN_SECONDS)
    page = await pages.open("about:blank")
    asked = requests_of(page)
    await page.goto("/media/movies")
    await expect(page.get_by_role("status").get_by_text(f"{FILMS} movies")).to_be_visible()
    await scroll_through(page, FILMS)
    tabs = [await page.context.new_page() for _ in range(TABS)]
    asked_by_tabs = [requests_of(tab) for tab in tabs]
    await asyncio.gather(*(tab.goto("/media/movies") for tab in tabs))
    for tab in tabs:
        await expect(tab.get_by_role("status").get_by_text(f"{FILMS} movies")).to_be_visible()
    assert len(asked) > TABS
    assert len(asked) + sum(map(len, asked_by_tabs)) < ALLOWED * BURST_SECONDS


async def test_the_documentation_of_the_api_needs_no_inline_styles(pages: Pages) -> None:
    """It is drawn, opened and tried out under its policy; a violation would be a problem of the page."""
    page = await pages.open("/api/docs")
    route = page.locator("#operations-default-about")
    await route.get_by_role("button").first.click()
    await route.get_by_role("button", name="Try it out").click()
    await route.get_by_role("button", name="Execute").click()
    await expect(route.locator(".live-responses-table")).to_contain_text("version")
    assert await page.evaluate("getComputedStyle(document.querySelector('.opblock')).borderRadius") != "0px"
