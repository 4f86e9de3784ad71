"""No page, dialog or state has anything that axe-core objects to: WCAG 2 at A and AA, and its best practices."""

from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.async_api import Page
from tests.browser.pages import Pages, Theme
from tests.browser.tour import TOUR, Stage
from tests.e2e.client import Api
from tests.e2e.system import System

AXE = Path(__file__).parents[2] / "public" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not among the web UI's packages: make check")


async def objections(page: Page) -> list[str]:
    """What axe-core objects to, with the elements that it is about and why."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    violations: Any = await page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {node['html'][:300]} {node['failureSummary']}" for one in violations for node in one["nodes"]
    ]


@pytest.mark.parametrize("part", TOUR)
async def test_everybody_can_use_it(pages: Pages, system: System, api: Api, part: str) -> None:
    """By day and by night, nothing on this part of the tour keeps anybody out."""
    pages.expect_error(r"404 \(Not Found\)|401 \(Unauthorized\)")
    page = await pages.open("about:blank")
    found: list[str] = []
    async for state in TOUR[part](Stage(system, api, page)):
        for theme in get_args(Theme):
            await page.emulate_media(color_scheme=theme)
            found += [f"{state}, {theme}: {objection}" for objection in await objections(page)]
    assert not found, "\n".join(found)
