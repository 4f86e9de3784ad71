"""Takes pictures of every page, dialog and state of the web UI: by day and by night, on three widths.

Run: `python -m tests.browser.screenshots [folder]`, or with `--readme` for the pictures of README.md alone.
"""

import argparse
import asyncio
from pathlib import Path
from typing import Any, get_args

from playwright.async_api import Page
from tests.browser.chromium import chromium
from tests.browser.pages import Pages, Theme
from tests.browser.stack import with_ui
from tests.browser.tour import DAILY, TOUR, Stage, with_demo_library
from tests.browser.visitor import SCREENS
from tests.e2e.client import api_of

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "build" / "screenshots"
README_FOLDER = REPOSITORY / "docs" / "images"
README_SIZE = (1440, 900)
README_FILM = "Inception"
NO_SCROLL_BARS = "document.documentElement.style.scrollbarGutter = 'auto'"
"""Pictures have none, so no room is kept for them."""
SETTLE_MS = 400
"""Posters are asked for when a row has been in sight for a moment."""


async def settled(page: Page) -> None:
    """Wait for what is still drawn or loaded."""
    await page.evaluate(NO_SCROLL_BARS)
    await page.wait_for_timeout(SETTLE_MS)
    await page.wait_for_load_state("networkidle")


async def take(page: Page, state: str, folder: Path) -> None:
    """A state on each screen in each theme; the whole page, unless a dialog or the long list is shown."""
    as_seen = state.startswith("movies") or await page.get_by_role("dialog").count() > 0
    for screen, (width, height) in SCREENS.items():
        await page.set_viewport_size({"width": width, "height": height})
        if not as_seen:
            # A window as high as the page: what sticks to its edges is at its edges.
            whole: int = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": width, "height": max(height, whole)})
        for theme in get_args(Theme):
            await page.emulate_media(color_scheme=theme)
            await settled(page)
            await page.screenshot(path=folder / f"{state}.{screen}.{theme}.png")


async def take_all(pages: Pages, stage: Stage, folder: Path) -> None:
    """All parts of the tour."""
    for part in TOUR.values():
        async for state in part(stage):
            print(state)
            await take(stage.page, state, folder)
    for problem in pages.problems:
        print(f"problem: {problem}")


async def take_for_readme(stage: Stage, folder: Path) -> None:
    """The demo's library as it is after its first night."""
    await with_demo_library(stage.api)
    await stage.api.bulk_status(lambda status: status["nextRun"] is not None)
    film = (await stage.api.get("/api/movies", search=README_FILM)).data["movies"][0]["id"]
    for name, path in (("dashboard", "/"), ("movie", f"/media/movies/{film}/edit"), ("settings", "/settings/general")):
        await stage.go(path)
        await settled(stage.page)
        await stage.page.screenshot(path=folder / f"{name}.png")


async def main() -> None:
    """Start everything and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--readme", action="store_true", help="only the pictures of README.md, into docs/images")
    told: Any = parser.parse_args()
    folder: Path = README_FOLDER if told.readme else told.folder
    folder.mkdir(parents=True, exist_ok=True)
    schedule = DAILY if told.readme else "off"
    async with (
        chromium() as browser,
        with_ui(METARR_SCHEDULE=schedule) as system,
        api_of(system.url) as api,
    ):
        pages = Pages(browser, system.url)
        width, height = README_SIZE
        stage = Stage(system, api, await pages.open("about:blank", width=width, height=height))
        await (take_for_readme(stage, folder) if told.readme else take_all(pages, stage, folder))
        await pages.close()
    print(folder)


if __name__ == "__main__":
    asyncio.run(main())
