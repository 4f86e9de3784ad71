"""The page opens; and the harness itself: what goes wrong in a page is found."""

import asyncio
from typing import get_args

import pytest
from playwright.async_api import expect
from tests.browser.pages import Pages, Theme

PATIENCE_SECONDS = 90


async def told(pages: Pages, *texts: str) -> None:
    """Wait until each text is in a problem, and take them as read."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not all(any(text in problem for problem in pages.problems) for text in texts):
            await asyncio.sleep(0.02)
    pages.problems.clear()


@pytest.mark.parametrize("theme", get_args(Theme))
async def test_the_page_opens(pages: Pages, theme: Theme) -> None:
    """The page comes with its heading, by day and by night."""
    page = await pages.open(theme=theme)
    await expect(page.get_by_role("heading").first).to_be_visible()


async def test_a_page_is_watched(pages: Pages) -> None:
    """An uncaught error, an error on the console, a violated policy and a request to somebody else are problems."""
    page = await pages.open()
    await page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    await page.evaluate("console.error('said')")
    await page.evaluate("fetch('http://192.0.2.1/other').catch(() => {})")
    await page.evaluate("fetch('/api/no-such-thing')")
    await told(pages, "uncaught: thrown", "on the console: said", "Content Security Policy", "404 (Not Found)")


async def test_a_request_to_somebody_else_is_found(pages: Pages) -> None:
    """Even one that the page's policy would allow: a link that leads away."""
    page = await pages.open()
    await page.evaluate("window.open('http://192.0.2.1/elsewhere')")
    await told(pages, "asked somebody else: http://192.0.2.1/elsewhere")


async def test_a_second_page_of_a_visitor_is_watched(pages: Pages) -> None:
    """It shares what is stored, and its problems are problems too."""
    page = await pages.open()
    await page.evaluate("localStorage.setItem('key', 'value')")
    second = await page.context.new_page()
    await second.goto("/")
    assert await second.evaluate("localStorage.getItem('key')") == "value"
    await second.evaluate("console.error('said')")
    await told(pages, "on the console: said")


async def test_an_error_that_a_test_expects_is_no_problem(pages: Pages) -> None:
    """That one alone."""
    page = await pages.open()
    pages.expect_error("^expected")
    await page.evaluate("console.error('expected')")
    await page.evaluate("console.error('other')")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not pages.problems:
            await asyncio.sleep(0.02)
    (problem,) = pages.problems
    assert "other" in problem
    pages.problems.clear()
