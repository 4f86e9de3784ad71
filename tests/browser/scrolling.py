"""Scrolling through the list of films as a person does, and what was in the page meanwhile."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, Request

ROWS_IN_PAGE = 60
"""Rows that the page may have at any moment, however long the list is."""

SCROLL = """async (rows) => {
    const films = {};
    let mostRows = 0;
    const table = document.querySelector('[role=table]');
    const body = () => table.querySelector('[role=rowgroup]:last-child');
    const frame = () => new Promise(requestAnimationFrame);
    const inSight = (row) => {
        const {top, bottom} = row.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    };
    const loading = () => [...body().children].some((row) => row.role !== 'row' && inSight(row));
    for (let last = 0; ; window.scrollBy(0, 0.9 * innerHeight)) {
        do await frame(); while (loading());
        mostRows = Math.max(mostRows, body().children.length);
        for (const row of body().querySelectorAll('[role=row]')) {
            const index = row.ariaRowIndex - 1;
            (films[index] ??= new Set()).add(Number(row.querySelector('a').pathname.split('/')[3]));
            last = Math.max(last, index);
        }
        if (last >= Math.min(rows, table.ariaRowCount - 1)) break;
    }
    return {mostRows, films: Object.fromEntries(Object.entries(films).map(([index, ids]) => [index, [...ids]]))};
}"""
"""A screen after the other; rows that are still being read are waited for."""


@dataclass(frozen=True)
class Scrolled:
    """What was seen: the ids of the films by the number of their row, and how many rows were in the page at most."""

    films: dict[int, list[int]]
    most_rows: int


async def scroll_through(page: Page, rows: int) -> Scrolled:
    """Scroll from where the page is through so many rows, or to the end of the list."""
    told: Any = await page.evaluate(SCROLL, rows)
    return Scrolled({int(index): ids for index, ids in told["films"].items()}, told["mostRows"])


def list_questions(page: Page) -> list[int]:
    """How many films each question for the list asks for, from now on."""
    limits: list[int] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.path == "/api/movies" and request.method == "GET":
            limits.append(int(parse_qs(address.query)["limit"][0]))

    page.on("request", note)
    return limits
