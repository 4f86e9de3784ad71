"""What a visitor of the scenarios has, does and sees: a screen, the product's time, texts that come and go, keys."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Error, Locator, Page, WebSocketRoute, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from tests.browser.pages import Pages
from tests.e2e.system import System

SCREENS = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
"""Width and height in CSS pixels."""
on_each_screen = pytest.mark.parametrize("screen", SCREENS)

MAX_STOPS = 100
"""Presses of Tab after which what was looked for is not to be reached."""


async def product_time(system: System) -> datetime:
    """What the product's clock shows."""
    offset: float = (await system.control("GET", "/clock"))["offsetSeconds"]
    return datetime.now(UTC) + timedelta(seconds=offset)


async def visit(pages: Pages, system: System, path: str, screen: str) -> Page:
    """A page on such a screen, before somebody whose clock agrees with the product's."""
    width, height = SCREENS[screen]
    return await pages.open(path, width=width, height=height, clock=await product_time(system))


def card(page: Page, title: str) -> Locator:
    """The card with this title."""
    return page.get_by_role("region", name=title, exact=True)


def pattern(text: str) -> re.Pattern[str]:
    """A text as it may stand on a page: broken into lines, the colon of a label left out where it has its own place."""
    words = [re.escape(word) for word in text.split()]
    return re.compile(r"\s+".join(f"{word[:-1]}:?" if word.endswith(":") else word for word in words))


async def reads(where: Locator, *texts: str) -> None:
    """Wait until each text is to be read there."""
    for text in texts:
        await expect(where).to_contain_text(pattern(text), use_inner_text=True)


async def reads_not(where: Locator, *texts: str) -> None:
    """Wait until none of these is to be read there."""
    for text in texts:
        await expect(where).not_to_contain_text(pattern(text), use_inner_text=True)


@asynccontextmanager
async def watching(page: Page) -> AsyncIterator[list[str]]:
    """All that is to be read on the page while the context is open, however short it is there; filled at its end.

    Progress bars are in it as they are read out.
    """
    await page.evaluate(WATCH)
    seen: list[str] = []
    yield seen
    seen += await page.evaluate("window.seenByTest")


async def one_by_one(page: Page) -> None:
    """Each message that the page gets by its socket from its next address on comes when the one before is shown.

    Those that come all at once, after a moment in which the page stood still, are drawn at once: the last is seen.
    """

    async def connect(socket: WebSocketRoute) -> None:
        server, turn = socket.connect_to_server(), asyncio.Lock()

        async def pass_on(message: str | bytes) -> None:
            async with turn:
                socket.send(message)
                # The page may be gone by then.
                with contextlib.suppress(Error):
                    await page.evaluate(DRAWN)

        server.on_message(pass_on)

    await page.route_web_socket("**/ws", connect)


DRAWN = "new Promise((drawn) => setTimeout(() => requestAnimationFrame(() => setTimeout(drawn, 50)), 50))"


WATCH = """() => {
    const main = document.querySelector('main');
    const seen = [];
    const look = () => {
        const bars = [...main.querySelectorAll('[role=progressbar]')].map((bar) => bar.ariaLabel);
        const text = [main.innerText, ...bars].join('\\n');
        if (text !== seen.at(-1)) seen.push(text);
    };
    look();
    new MutationObserver(look).observe(main, {
        attributes: true, characterData: true, childList: true, subtree: true,
    });
    window.seenByTest = seen;
}"""


def assert_seen(seen: list[str], *texts: str) -> None:
    """Each of these was to be read, one after the other or together."""
    place = 0
    for text in texts:
        found = [number for number, one in enumerate(seen[place:], place) if pattern(text).search(one)]
        assert found, f"{text!r} was not seen after the texts before it: {seen[place:]}"
        place = found[0]


async def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; at each stop on the way the visitor sees where the focus is."""
    await expect(target).to_be_visible()
    for _ in range(MAX_STOPS):
        await page.keyboard.press("Tab")
        await assert_focus_is_seen(page)
        if await target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} is not to be reached with Tab")


async def assert_focus_is_seen(page: Page) -> None:
    """What has the focus has a ring, is on the screen, and nothing lies over it."""
    try:
        await page.wait_for_function(FOCUS_IS_SEEN)
    except PlaywrightTimeoutError:
        focused = await page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
        pytest.fail(f"the focus is not to be seen at {focused}")


FOCUS_IS_SEEN = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    const box = focused.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    return ring && focused.matches(':focus-visible') && focused.contains(document.elementFromPoint(x, y));
}"""
