"""What a visitor loads: how much of it, from whom, and how long it may be kept."""

import re

from playwright.async_api import Page, Response, expect
from tests.browser.pages import Pages
from tests.e2e.client import Api

FIRST_PAGE_BYTES = 150_000
"""JavaScript of the first page as it is sent: every script that is loaded before a person does anything."""
HASHED = re.compile(r"/assets/[\w.-]+-[\w-]{8}\.\w+$")
FOR_EVER = "public, max-age=31536000, immutable"


async def loaded(pages: Pages, path: str) -> tuple[Page, list[Response]]:
    """The page, once it asks for nothing more, and all answers that it got, without those of the API."""
    page = await pages.open("about:blank")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks the function
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.evaluate("document.fonts.ready")
    await page.wait_for_load_state("networkidle")
    return page, [answer for answer in answers if "/api/" not in answer.url]


async def sent_bytes(api: Api, url: str) -> int:
    """How many bytes of body are sent to somebody who takes gzip."""
    async with api.session.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status == 200, url
        assert answer.headers.get("Content-Encoding", "none") in {"gzip", "none"}
        return int(answer.headers["Content-Length"])


async def test_the_first_page_is_small(pages: Pages, api: Api) -> None:
    """All scripts that `/` loads, with that of the dashboard, are 150 kB at most as gzip sends them."""
    page, answers = await loaded(pages, "/")
    scripts = {answer.url for answer in answers if answer.request.resource_type == "script"}
    modules = await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    scripts |= {name for name in modules if name.endswith(".js")}
    sizes = {url: await sent_bytes(api, url) for url in scripts}
    assert any("/assets/" in url for url in sizes)
    assert sum(sizes.values()) <= FIRST_PAGE_BYTES, sizes


async def test_a_hashed_file_is_kept_for_ever(pages: Pages) -> None:
    """Whatever a page loads from /assets has a hash in its name and is immutable; the page itself is asked for anew."""
    _, answers = await loaded(pages, "/media/movies")
    headers = {answer.url: (await answer.all_headers()).get("cache-control") for answer in answers}
    assets = {url: kept for url, kept in headers.items() if "/assets/" in url}
    assert assets
    assert all(HASHED.search(url) for url in assets), assets
    assert set(assets.values()) == {FOR_EVER}
    (of_the_page,) = (kept for url, kept in headers.items() if url.endswith("/media/movies"))
    assert of_the_page == "no-cache"


async def test_fonts_are_our_own(pages: Pages) -> None:
    """The page's letters are drawn with a font that our own server sends, in the file for the letters it needs."""
    page, answers = await loaded(pages, "/")
    assert await page.evaluate("(font) => document.fonts.check(font)", "1em 'Inter Variable'")
    fonts = [answer.url for answer in answers if answer.request.resource_type == "font"]
    assert len(fonts) == 1
    assert fonts[0].startswith(pages.url + "/assets/")
