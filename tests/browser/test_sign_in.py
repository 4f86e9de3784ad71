"""Who has the key gets in and stays in; who has not, or has none any more, sees the sign-in page and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocket, expect
from tests.browser.access import HEADER, key_field, new_key, sign_in
from tests.browser.films import KNOWN
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.browser.tour import Stage
from tests.browser.visitor import tab_to
from tests.e2e.client import END_SECONDS, Api, api_of
from tests.e2e.system import System

NEXT = count()
"""Each test takes films that no other test of this module has."""

REFUSED = r"401 \(Unauthorized\)"
LONG_MS = 10 * 60 * 1000
DAYS_30 = 30 * 24 * 3600
COOKIE = "metarr_session"
ENDED = "You were signed out"


@pytest.fixture(scope="module")
async def system(
    browser: Browser,  # noqa: ARG001 - without one nothing is started
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[System]:
    """A system whose gateway asks for a key."""
    file = tmp_path_factory.mktemp("secrets") / "api-key"
    new_key(file)
    async with with_ui(METARR_API_KEY_FILE=str(file)) as system:
        yield system


@pytest.fixture
def key_file(system: System) -> Path:
    """Where the key is."""
    return Path(system.environment["METARR_API_KEY_FILE"])


@pytest.fixture
def key(key_file: Path) -> str:
    """The key of now."""
    return key_file.read_text().strip()


@pytest.fixture
async def api(system: System, key: str) -> AsyncIterator[Api]:
    """A program that has the key."""
    async with api_of(system.url, patient=True) as api:
        api.session.headers[HEADER] = key
        yield api


@pytest.fixture
async def page(pages: Pages) -> Page:
    """A page, not yet anywhere, of a browser that has never been here; its clock can be moved on."""
    page = await pages.open("about:blank")
    await page.clock.install()
    return page


def asked_for(page: Page) -> list[str]:
    """What the page asks the gateway for from now on, files left out."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(f"{one.method} {one.url}") if "/api/" in one.url else None)
    page.on("websocket", lambda socket: asked.append(f"socket {socket.url}"))
    return asked


def sockets_of(page: Page) -> list[WebSocket]:
    """The sockets that the page opens from now on."""
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright marks the function
    return sockets


async def closed(sockets: list[WebSocket]) -> None:
    """Wait until the one socket that the page had is closed; its gateway may have to agree."""
    (socket,) = sockets
    async with asyncio.timeout(END_SECONDS):
        while not socket.is_closed():
            await asyncio.sleep(0.05)


async def live(page: Page) -> None:
    """Wait until live messages come."""
    await expect(page.get_by_role("button", name="Live", exact=True)).to_be_visible()


async def test_a_deep_link(pages: Pages, page: Page, system: System, key: str) -> None:
    """Nothing but the session is asked for before the key is given; then the page that was asked for is shown, live."""
    asked = asked_for(page)
    link = "/media/movies?filter=incomplete&sort=completeness:asc"
    await page.goto(link)
    await expect(key_field(page)).to_be_focused()
    await expect(page).to_have_title("Sign in · Metarr")
    assert asked == [f"GET {pages.url}/api/session"]

    await sign_in(page, key)
    await expect(page.get_by_role("heading", level=1, name="Movies")).to_be_visible()
    await expect(page).to_have_url(system.url + link)
    await live(page)

    (cookie,) = await page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (COOKIE, True, "Strict")
    remaining = cookie["expires"] - await page.evaluate("Date.now() / 1000")
    assert remaining == pytest.approx(DAYS_30, abs=120)
    assert await page.evaluate("document.cookie") == ""
    kept = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert key not in kept


async def test_a_reload_and_another_tab_stay_signed_in(page: Page, key: str) -> None:
    """The page does not ask first how it is with the session; the sign-in page is not seen, however briefly."""
    await page.goto("/")
    await sign_in(page, key)
    await live(page)
    other = await page.context.new_page()
    for tab, path in ((page, "/"), (other, "/settings/general")):
        asked = asked_for(tab)
        await tab.add_init_script(WATCH_FOR_SIGN_IN)
        await tab.goto(path)
        await live(tab)
        await expect(tab.get_by_role("heading", level=1)).to_be_visible()
        assert await tab.evaluate("window.signInSeen") is False
        of_the_session = [one for one in asked if one.endswith("/api/session")]
        assert len(of_the_session) == (0 if path == "/" else 1), "the settings offer a sign-out where there is one"


WATCH_FOR_SIGN_IN = """
window.signInSeen = false;
new MutationObserver(() => {
    window.signInSeen ||= document.querySelector('input[name=password]') !== null;
}).observe(document, {childList: true, subtree: true});
"""


async def test_a_wrong_key(pages: Pages, page: Page, key: str) -> None:
    """It is said at the field, and typed over; by the keyboard alone, and what was typed can be looked at."""
    pages.expect_error(REFUSED)
    await page.goto("/settings/general")
    await sign_in(page, "this-is-not-the-key-of-metarr")
    await expect(page.get_by_role("alert")).to_have_text("This is not the key")
    await expect(key_field(page)).to_have_attribute("aria-invalid", "true")
    await page.keyboard.type(f" {key} ")
    await expect(page.get_by_role("alert")).to_have_count(0)

    await tab_to(page, page.get_by_role("button", name="Show the key"))
    await page.keyboard.press("Space")
    await expect(key_field(page)).to_have_attribute("type", "text")
    await expect(key_field(page)).to_have_value(f" {key} ")
    await tab_to(page, page.get_by_role("button", name="Sign in"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()


async def test_a_sign_out_in_another_tab(page: Page, key: str) -> None:
    """It ends both at once, asks for nothing more, and the cookie is gone; so does a sign-in begin in both."""
    await page.goto("/media/movies")
    await sign_in(page, key)
    await live(page)
    sockets = sockets_of(page)
    await page.reload()
    await live(page)
    other = await page.context.new_page()
    await other.goto("/settings/general")
    asked = asked_for(page)
    await other.get_by_role("button", name="Sign out").click()

    for tab in (other, page):
        await expect(key_field(tab)).to_be_visible()
        await expect(tab.get_by_text(ENDED)).to_have_count(0)
    assert await page.context.cookies() == []
    await page.clock.fast_forward(LONG_MS)
    assert asked == []
    await closed(sockets)
    await page.reload()
    await expect(key_field(page)).to_be_visible()

    await sign_in(page, key)
    await live(page)
    await live(other)
    await expect(other.get_by_role("heading", level=1, name="Settings")).to_be_visible()


async def test_the_key_is_replaced_while_a_page_is_open(
    pages: Pages, page: Page, system: System, api: Api, key_file: Path, key: str
) -> None:
    """Nothing of the library stays; the old key is none any more; with the new one the page is back, and live."""
    pages.expect_error(REFUSED)
    film = await Stage(system, api, page).add(**KNOWN[next(NEXT)])
    await page.goto(f"/media/movies/{film}/edit")
    sockets = sockets_of(page)
    await sign_in(page, key)
    await live(page)
    title = await page.get_by_role("heading", level=1).inner_text()
    asked = asked_for(page)

    other_key = new_key(key_file)
    await expect(page.get_by_text(ENDED)).to_be_visible()
    await expect(page.get_by_text(title)).to_have_count(0)
    await closed(sockets)
    assert len(asked) <= 5, asked
    asked.clear()
    await page.clock.fast_forward(LONG_MS)
    assert asked == []

    await sign_in(page, key)
    await expect(page.get_by_role("alert")).to_have_text("This is not the key")
    await page.keyboard.type(other_key)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await live(page)
    api.session.headers[HEADER] = other_key
    async with api.socket() as socket:
        await api.refresh(socket, film)
    await expect(page.get_by_text("Last enriched:")).to_be_visible()


async def test_the_gateway_is_away(pages: Pages, page: Page, system: System, key: str) -> None:
    """The sign-in page says so and keeps what was typed; when the gateway is back the same key is taken."""
    pages.expect_error("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    await page.goto("/")
    await expect(key_field(page)).to_be_focused()
    await system.stop("gateway")
    await sign_in(page, key)
    await expect(page.get_by_text("Metarr does not answer.")).to_be_visible()
    await system.start("gateway")
    await page.get_by_role("button", name="Sign in").click()
    await live(page)
