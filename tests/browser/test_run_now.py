"""Scenario 3: a person has the whole library enriched now, goes away, and comes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, expect
from tests.browser.films import KNOWN, with_films, without_films
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.visitor import card, on_each_screen, reads, reads_not, visit
from tests.e2e.client import Api
from tests.e2e.system import System

NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
EARLIER = KNOWN[:2]
FILMS = KNOWN[2:42]
SLOW_MS = 3_000
WINDOW = 4
SETTINGS = "/settings/general"


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A system whose nights are far enough, and whose runs take half a minute while providers take their time."""
    async with with_ui(clock=NOON, METARR_BULK_WINDOW=str(WINDOW)) as system:
        yield system


@pytest.fixture
async def library(system: System, api: Api) -> None:
    """Films of which nothing is known yet. Providers take their time."""
    await system.providers(latencyMs=0)
    await without_films(api)
    await with_films(api, FILMS)
    await system.provider("omdb", latencyMs=SLOW_MS)


@pytest.fixture
async def earlier_run(system: System, api: Api) -> datetime:
    """When a run began two days ago, over other films that the library had."""
    await system.providers(latencyMs=0)
    await without_films(api)
    await with_films(api, EARLIER)
    last = await api.run_ended(await api.start_run())
    await system.advance_clock(timedelta(days=2, minutes=1).total_seconds())
    return datetime.fromisoformat(last["startedAt"])


async def run_now(page: Page) -> Locator:
    """Press Run Now and read the question; the dialog."""
    await card(page, "Bulk Metadata Enrichment").get_by_role("button", name="Run Now").click()
    dialog = page.get_by_role("dialog", name="Run Now")
    await reads(dialog, f"This will enrich all {len(FILMS)} movies. Continue?")
    return dialog


async def confirm(dialog: Locator) -> None:
    """Answer with yes."""
    await dialog.get_by_role("button", name="Continue").click()
    await expect(dialog).to_have_count(0)


@on_each_screen
@pytest.mark.usefixtures("earlier_run", "library")
async def test_a_person_enriches_all_films(
    pages: Pages, system: System, api: Api, earlier_run: datetime, screen: str
) -> None:
    """Last run, Run Now, question, progress; the page is left and come back to: completed, all of all."""
    page = await visit(pages, system, SETTINGS, screen)
    bulk = card(page, "Bulk Metadata Enrichment")
    await reads(bulk, f"Last Run: {earlier_run.day} {earlier_run:%b %Y}", "Status: Completed")
    await reads(bulk, "Processed: 2 / 2 movies")

    await confirm(await run_now(page))
    await reads(bulk, "Enriching library...", "/ 40 movies", "Elapsed:", "Estimated remaining:")
    await expect(bulk.get_by_role("progressbar", name="Enriching library")).to_be_visible()
    status = await api.bulk_status(lambda status: status["currentRun"] is not None)
    job = status["currentRun"]["jobId"]
    await reads_not(bulk, "Estimated remaining: Not known yet", "Progress: 0 / 40 movies")
    titles = {f"{film['title']} ({film['year']})" for film in FILMS}
    assert titles & set((await bulk.inner_text()).splitlines()), "no film is named as the one at work"

    await page.get_by_role("link", name="Movies", exact=True).filter(visible=True).click()
    await expect(page).to_have_url(f"{system.url}/media/movies")
    await expect(page.get_by_role("link", name="Enriching library")).to_be_visible()
    await system.providers(latencyMs=0)
    await api.run_ended(job)
    await expect(page.get_by_role("link", name="Enriching library")).to_have_count(0)
    await page.get_by_role("link", name="Settings").filter(visible=True).click()
    await reads(bulk, "Status: Completed", "Processed: 40 / 40 movies", "Failed: 0", "Skipped: 0", "Duration:")


@on_each_screen
@pytest.mark.usefixtures("library")
async def test_a_person_cancels(pages: Pages, system: System, screen: str) -> None:
    """Films at work end properly; the card says that the run was cancelled, and another one can be started."""
    page = await visit(pages, system, SETTINGS, screen)
    bulk = card(page, "Bulk Metadata Enrichment")
    await confirm(await run_now(page))
    await reads(bulk, "Enriching library...", "Current:")
    with system.providers_halted():
        await bulk.get_by_role("button", name="Cancel").click()
        await expect(bulk.get_by_role("button", name="Cancelling")).to_be_visible()
    await system.providers(latencyMs=0)
    await reads(bulk, "Status: Cancelled")
    await expect(bulk.get_by_role("button", name="Run Now")).to_be_enabled()


@pytest.mark.usefixtures("library")
async def test_in_other_tabs(pages: Pages, system: System, api: Api) -> None:
    """A tab that is told of the run stops asking; one that is not yet told, and presses too, is shown that run."""
    first = await visit(pages, system, SETTINGS, "desktop")
    told = await first.context.new_page()
    await told.goto(SETTINGS)
    # Tabs of one visitor tell each other, so this one is somebody else's.
    late = await visit(pages, system, "about:blank", "desktop")
    messages = await held_messages(late)
    await late.goto(SETTINGS)
    dialogs = [await run_now(page) for page in (first, told, late)]
    await confirm(dialogs[0])
    await reads(card(told, "Bulk Metadata Enrichment"), "Enriching library...")
    await expect(dialogs[1]).to_have_count(0)
    pages.expect_error("409")
    await confirm(dialogs[2])
    await reads(card(late, "Bulk Metadata Enrichment"), "Enriching library...")
    await expect(late.get_by_text("A run goes on already; this is how far it is.", exact=True)).to_be_visible()
    messages.set()
    await system.providers(latencyMs=0)
    for page in (first, told, late):
        await reads(card(page, "Bulk Metadata Enrichment"), "Status: Completed", "Processed: 40 / 40 movies")
    assert [run["stats"]["processed"] for run in (await api.history())["activities"]][:1] == [len(FILMS)]


async def held_messages(page: Page) -> asyncio.Event:
    """Keep back what the server tells this page by its socket, until the event is set."""
    released = asyncio.Event()

    async def pass_on(socket: WebSocketRoute, message: str | bytes) -> None:
        await released.wait()
        socket.send(message)

    async def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: pass_on(socket, message))

    await page.route_web_socket("**/ws", connect)
    return released
