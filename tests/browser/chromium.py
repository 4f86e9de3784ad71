"""The browser: a Chromium of this machine, on the path or at METARR_TEST_CHROMIUM; none is ever downloaded."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "google-chrome", "chromium-browser")
LAUNCH_MS = 180_000
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""It speaks with nobody but the stack, and may run in a container and as root (Playwright starts it unsandboxed)."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, until the context ends; a test is skipped where there is none."""
    program = os.environ.get("METARR_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no {', '.join(NAMES)} on the path, and METARR_TEST_CHROMIUM names none")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS, timeout=LAUNCH_MS)
        yield browser
        await browser.close()
