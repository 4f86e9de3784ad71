"""A library of thousands in the list: a page's worth is asked for and a screen's worth is in the page."""

from playwright.async_api import expect
from tests.browser.pages import Pages
from tests.browser.scrolling import ROWS_IN_PAGE, list_questions, scroll_through
from tests.e2e.client import Api
from tests.e2e.library import films, import_rows, made_up

FILMS = 3_000
PAGE = 100


async def test_scrolled_from_top_to_bottom(pages: Pages, api: Api) -> None:
    """Every film is there exactly once, by its title; never more than 60 rows are in the page."""
    assert (await import_rows(api, made_up(FILMS)))["added"] == FILMS
    library = sorted(await films(api), key=lambda film: str(film["title"]))
    page = await pages.open("about:blank")
    asked = list_questions(page)
    await page.goto("/media/movies")
    await expect(page.get_by_role("status").get_by_text("3,000 movies")).to_be_visible()
    seen = await scroll_through(page, FILMS)
    assert seen.most_rows <= ROWS_IN_PAGE
    assert list(seen.films) == list(range(1, FILMS + 1)), "a row for each film"
    assert all(len(ids) == 1 for ids in seen.films.values()), "a row shows one film, whenever it is looked at"
    assert [ids[0] for ids in seen.films.values()] == [film["id"] for film in library], "every film, once"
    assert set(asked) == {PAGE}
    assert len(asked) == FILMS / PAGE, "each page was asked for once"
