"""Whatever goes wrong meanwhile, a page stays calm and correct, loses nothing, and comes back by itself."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

import pytest
from playwright.async_api import Browser, Page, Route, WebSocket, WebSocketRoute, expect
from tests.browser.films import KNOWN
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.tour import Stage
from tests.e2e.client import END_SECONDS, Api, api_of
from tests.e2e.system import System

NEXT = count()
"""Each test takes films that no other test of this module has."""

AWAY = "Metarr cannot be reached just now."
GATEWAY_AWAY = r"ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection to"
ADDRESSES = {
    "/": "Dashboard",
    "/media/movies": "Movies",
    "/media/movies?filter=incomplete&sort=completeness:asc": "Movies",
    "/media/movies?add=1": "Movies",
    "/media/movies/{film}/edit": "{title}",
    "/media/movies/{film}/edit?tab=artwork": "{title}",
    "/settings/general": "Settings",
    "/activity/history": "Activity",
    "/activity/history?type=bulk_enrichment": "Activity",
    "/nowhere": "Page not found",
}


@pytest.fixture
async def stage(pages: Pages, system: System, api: Api) -> Stage:
    """A page of the system, not yet anywhere."""
    return Stage(system, api, await pages.open("about:blank"))


async def new_film(stage: Stage) -> int:
    """A film of which nothing has been fetched yet."""
    return await stage.add(**KNOWN[next(NEXT)])


async def second_tab(stage: Stage) -> Stage:
    """Another page of the same visitor."""
    return Stage(stage.system, stage.api, await stage.page.context.new_page())


def asked_of_api(page: Page) -> list[str]:
    """What the page asks the API from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    return asked


def paths(asked: list[str]) -> set[str]:
    """What was asked for, without the questions' parameters."""
    return {url.partition("?")[0].partition("/api/")[2] for url in asked}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the browser tells later than the page shows it."""
    async with asyncio.timeout(END_SECONDS):
        while not condition():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def providers_halted(stage: Stage) -> AsyncIterator[None]:
    """The providers take requests and answer none of them until the context ends."""
    sandbox = stage.system.processes["sandbox"]
    sandbox.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        sandbox.send_signal(signal.SIGCONT)


@asynccontextmanager
async def without_gateway(system: System) -> AsyncIterator[None]:
    """Nobody listens where the page comes from."""
    await system.stop("gateway")
    try:
        yield
    finally:
        await system.start("gateway")


@asynccontextmanager
async def without_database(system: System) -> AsyncIterator[None]:
    """The database is away."""
    await system.postgres.kill()
    try:
        yield
    finally:
        await system.postgres.start()


async def test_the_server_goes_and_comes_back(pages: Pages, stage: Stage) -> None:
    """A calm word over what was shown before; when it is back the page is up to date without a hand."""
    pages.expect_error(GATEWAY_AWAY)
    before = (await stage.api.get("/api/movies/enrichment/stats")).data["total"]
    await new_film(stage)
    await stage.system.start("gateway", "gateway2")
    await stage.go("/", f"/ {before + 1} movies")
    async with without_gateway(stage.system):
        await expect(stage.page.get_by_text(AWAY)).to_be_visible()
        await expect(stage.page.get_by_text(f"/ {before + 1} movies")).to_be_visible()
        await expect(stage.page.get_by_role("main").get_by_role("alert")).to_have_count(0)
        other = Api(stage.api.session, f"http://127.0.0.1:{stage.system.ports['gateway2']}")
        assert (await other.post("/api/movies", KNOWN[next(NEXT)])).status == 201
    await expect(stage.page.get_by_text(AWAY)).to_have_count(0)
    await stage.sees(f"/ {before + 2} movies")
    await stage.system.stop("gateway2")


async def test_a_slow_answer(stage: Stage) -> None:
    """Its place is held and said to be loading; the rest of the page is there meanwhile."""
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await new_film(stage)
    await stage.page.route("**/api/movies/enrichment/stats*", hold)
    await stage.page.goto("/")
    await expect(stage.page.get_by_text("Loading completeness data...")).to_be_attached()
    await expect(stage.page.get_by_role("region", name="Providers").get_by_text("TMDB")).to_be_visible()
    before = await top_of(stage.page, "Providers")
    released.set()
    await stage.sees("Average")
    assert await top_of(stage.page, "Providers") == before


async def top_of(page: Page, card: str) -> float:
    """Where a card begins, in pixels."""
    box = await page.get_by_role("region", name=card, exact=True).bounding_box()
    assert box is not None
    return box["y"]


async def test_the_socket_is_cut(pages: Pages, stage: Stage) -> None:
    """The server ends it with 1012: the page connects anew, subscribes again, and misses nothing."""
    film = await new_film(stage)
    sockets: list[WebSocketRoute] = []
    said: list[str] = []

    def relay(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if '"subscribe"' in str(message):
                said.append(str(message))
            server.send(message)

        socket.on_message(pass_on)

    pages.expect_error(GATEWAY_AWAY)
    await stage.page.route_web_socket("**/ws", relay)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    await until(lambda: any(f'"movieId":{film}' in frame for frame in said))
    first = set(said)
    said.clear()
    asked = asked_of_api(stage.page)
    async with providers_halted(stage):
        await sockets[0].close(code=1012, reason="service restart")
        await stage.api.post(f"/api/movies/{film}/enrich")
        await stage.sees("Current provider: TMDB")
    await stage.sees("Metadata refreshed")
    assert len(sockets) >= 2
    await until(lambda: first <= {*said})
    await until(lambda: f"movies/{film}/enrichment-status" in paths(asked))


async def test_the_film_was_removed_in_another_tab(pages: Pages, stage: Stage) -> None:
    """The page that still shows it says so at once."""
    pages.expect_error("404")
    film = await new_film(stage)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    other = await second_tab(stage)
    await other.go(f"/media/movies/{film}/edit")
    await other.press("Remove")
    await other.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await other.sees("was removed")
    await expect(other.page).to_have_url(re.compile("/media/movies$"))
    await stage.sees("This movie is not in the library any more")


async def test_the_film_was_removed_by_somebody_else(pages: Pages, stage: Stage) -> None:
    """404: the page that still shows it says so as soon as it asks about it."""
    pages.expect_error("404")
    film = await new_film(stage)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    assert (await stage.api.request("DELETE", f"/api/movies/{film}")).status == 200
    await stage.press("Refresh Metadata")
    await stage.sees("This movie is not in the library any more")


async def test_a_refresh_that_goes_on_already(pages: Pages, stage: Stage) -> None:
    """409: somebody else was faster; the page shows their refresh as its own."""
    pages.expect_error("409")
    film = await new_film(stage)
    heard = asyncio.Event()

    def late(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def deliver(message: str | bytes) -> None:
            await heard.wait()
            socket.send(message)

        server.on_message(deliver)

    await stage.page.route_web_socket("**/ws", late)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    async with providers_halted(stage):
        assert (await stage.api.post(f"/api/movies/{film}/enrich")).status == 202
        await stage.press("Refresh Metadata")
        await stage.sees("Queued")
        heard.set()
        await stage.sees("Current provider: TMDB")
    await stage.sees("Metadata refreshed")


async def test_too_many_refreshes(browser: Browser) -> None:
    """429: the button says when it may be pressed again."""
    async with with_ui(METARR_MANUAL_REFRESHES_PER_MINUTE="1") as system, api_of(system.url, patient=True) as api:
        pages = Pages(browser, system.url)
        pages.expect_error("429")
        stage = Stage(system, api, await pages.open("about:blank"))
        for text in ("Metadata refreshed", "Too many refreshes at once: possible again in"):
            await stage.go(f"/media/movies/{await new_film(stage)}/edit", "Refresh Metadata")
            await stage.press("Refresh Metadata")
            await stage.sees(text)
        button = stage.page.get_by_role("button", name="Refresh Metadata")
        await expect(button).to_be_disabled()
        await expect(button).to_have_accessible_description(re.compile(r"possible again in \d+ seconds"))
        await pages.close()
        assert pages.problems == []


async def test_the_database_is_away(pages: Pages, stage: Stage) -> None:
    """500: what was read stays, what could not be read says so until it is there; a refresh is done all the same."""
    pages.expect_error("500")
    film = await new_film(stage)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    other = await second_tab(stage)
    async with without_database(stage.system):
        await other.go("/", "Failed to load completeness data")
        card = other.page.get_by_role("region", name="Library Completeness")
        await expect(card.get_by_role("button", name="Retry")).to_be_visible()
        await stage.press("Refresh Metadata")
        await stage.sees("Enriching metadata...")
    await stage.sees("Metadata refreshed")
    await other.sees("Average")


async def test_two_tabs_see_the_same(stage: Stage) -> None:
    """A refresh is shown wherever its film is open, and its end too."""
    film = await new_film(stage)
    other = await second_tab(stage)
    for one in (stage, other):
        await one.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    async with providers_halted(stage):
        await stage.press("Refresh Metadata")
        for one in (stage, other):
            await one.sees("Current provider: TMDB", "Providers remaining: TMDB, OMDB, Fanart")
    for one in (stage, other):
        await one.sees("Metadata refreshed")


async def test_nothing_is_polled_while_the_socket_is_up(stage: Stage) -> None:
    """What happens comes over the socket alone: over some messages nothing is asked for."""
    film = await new_film(stage)
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(frame))  # noqa: PLW0108 - Playwright marks the function

    stage.page.on("websocket", listen)
    await stage.go(f"/media/movies/{film}/edit", "Refresh Metadata")
    async with providers_halted(stage):
        await stage.press("Refresh Metadata")
        await stage.sees("Current provider: TMDB")
        await stage.page.wait_for_load_state("networkidle")
        asked = asked_of_api(stage.page)
        known = len(frames)
        # It is told anew every three seconds; without a socket it would be asked for every five.
        await until(lambda: len(frames) >= known + 3)
        assert asked == []
    await stage.sees("Metadata refreshed")
    await until(lambda: f"movies/{film}/enrichment-status" in paths(asked))


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_address_can_be_reloaded(pages: Pages, stage: Stage, address: str) -> None:
    """Typed in, or reloaded: the same page."""
    if "nowhere" in address:
        pages.expect_error("404")
    (film,) = (await stage.api.get("/api/movies", limit=1)).data["movies"] or [{"id": await new_film(stage)}]
    heading = ADDRESSES[address].format(title=await title_of(stage.api, film["id"]))
    await stage.go(address.format(film=film["id"]))
    for _ in ("typed in", "reloaded"):
        await expect(stage.page.get_by_role("heading", level=1, include_hidden=True)).to_have_text(heading)
        await expect(stage.page).to_have_title(re.compile(r" · Metarr$"))
        await stage.page.reload()
    assert stage.page.url.endswith(address.format(film=film["id"]))


async def title_of(api: Api, film: int) -> str:
    """A film as the page names it."""
    told = (await api.get(f"/api/movies/{film}")).data
    return f"{told['title']} ({told['year']})"


async def test_back_and_forward(stage: Stage) -> None:
    """They lead through the pages as they were: the list with its filter, the film on its tab."""
    film = await new_film(stage)
    title = await title_of(stage.api, film)
    page = stage.page
    heading = page.get_by_role("heading", level=1)
    await stage.go("/", "Library Completeness")
    await page.get_by_role("link", name="Movies", exact=True).click()
    await page.get_by_label("Filter").select_option("incomplete")
    await page.get_by_role("link", name=title).click()
    await expect(heading).to_have_text(title)
    await page.get_by_role("tab", name="Artwork").click()
    await page.get_by_role("link", name="Settings", exact=True).click()
    await expect(heading).to_have_text("Settings")
    await page.go_back()
    await expect(page.get_by_role("tab", name="Artwork")).to_have_attribute("aria-selected", "true")
    await page.go_back()
    await expect(page.get_by_label("Filter")).to_have_value("incomplete")
    await expect(page.get_by_role("link", name=title)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("Filter")).to_have_value("all")
    await page.go_back()
    await expect(heading).to_have_text("Dashboard")
    for _ in range(3):
        await page.go_forward()
    await expect(heading).to_have_text(title)
