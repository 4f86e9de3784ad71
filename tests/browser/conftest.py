"""A real browser before the whole real system, with the web UI as it was built.

The browser is a Chromium of this machine, on the path or at METARR_TEST_CHROMIUM; none is ever downloaded.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect
from tests.browser.pages import Pages
from tests.e2e.client import Api, api_of
from tests.e2e.system import System, running

from metarr_local.ui import built_ui

NAMES = ("chromium", "google-chrome", "chromium-browser")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""It speaks with nobody but the stack, and may run in a container and as root (Playwright starts it unsandboxed)."""

EXPECT_SECONDS = 20


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser of this worker."""
    program = os.environ.get("METARR_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no {', '.join(NAMES)} on the path, and METARR_TEST_CHROMIUM names none")
    expect.set_options(timeout=EXPECT_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def system(browser: Browser) -> AsyncIterator[System]:  # noqa: ARG001 - without one nothing is started
    """A demo system with an empty library and the web UI, shared by the tests of a module."""
    ui = built_ui()
    if ui is None:
        pytest.skip("the web UI is not built")
    async with running(METARR_UI_DIR=str(ui)) as system:
        yield system


@pytest.fixture
async def api(system: System) -> AsyncIterator[Api]:
    """A client of it."""
    async with api_of(system.url) as api:
        yield api


@pytest.fixture
async def pages(browser: Browser, system: System) -> AsyncIterator[Pages]:
    """Opens pages; after the test none may have had a problem."""
    pages = Pages(browser, system.url)
    yield pages
    await pages.close()
    assert pages.problems == []
