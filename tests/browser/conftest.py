"""A real browser before the whole real system, with the web UI as it was built."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect
from tests.browser.chromium import chromium
from tests.browser.pages import Pages
from tests.browser.stack import with_ui
from tests.e2e.client import Api, api_of
from tests.e2e.system import System

EXPECT_SECONDS = 90


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser of this worker."""
    expect.set_options(timeout=EXPECT_SECONDS * 1000)
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A demo system with an empty library and the web UI, shared by the tests of a module."""
    async with with_ui() as system:
        yield system


@pytest.fixture
async def api(system: System) -> AsyncIterator[Api]:
    """A client of it."""
    async with api_of(system.url, patient=True) as api:
        yield api


@pytest.fixture
async def pages(browser: Browser, system: System) -> AsyncIterator[Pages]:
    """Opens pages; after the test none may have had a problem."""
    pages = Pages(browser, system.url)
    yield pages
    await pages.close()
    assert pages.problems == []
