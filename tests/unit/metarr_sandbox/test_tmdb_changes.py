"""TMDB's lists of changes: windows, pages, and which films they name."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_sandbox import tmdb
from metarr_sandbox.library import Library
from metarr_sandbox.tmdb_changes import Changed
from metarr_sandbox.wire import Answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
NOTHING: Changed = {}


def ask(library: Library, query: Mapping[str, str], changed: Changed = NOTHING) -> Answer:
    """Ask for a page of the list."""
    return tmdb.ask(library, "/movie/changes", query, NOW, changed).answer()


def page(library: Library, window: Mapping[str, str], number: int = 1, changed: Changed = NOTHING) -> Any:
    """A page's body."""
    return json.loads(ask(library, {**window, "page": str(number)}, changed).body)


def named(library: Library, start: date, end: date, changed: Changed = NOTHING) -> list[int]:
    """All ids of a window, page by page."""
    window = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    pages = page(library, window, 1, changed)["total_pages"]
    bodies = [page(library, window, number, changed) for number in range(1, pages + 1)]
    return [item["id"] for body in bodies for item in body["results"]]


def known(count: int) -> Library:
    """A library whose made-up films have been asked for."""
    library = Library()
    for number in range(count):
        library.changing.add(20_000_000 + number)
    return library


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"start_date": "2026-11-07", "end_date": "2026-11-22"}, 422, 20),
        ({"start_date": "2026-11-07"}, 422, 20),
        ({"start_date": "2026-11-22", "end_date": "2026-11-21"}, 422, 20),
        ({"page": "0"}, 400, 22),
        ({"page": "501"}, 400, 22),
        ({"page": "one"}, 400, 22),
        ({"start_date": "yesterday"}, 400, 23),
        ({"start_date": "20261121"}, 400, 23),
        ({"end_date": "2026-W47-6"}, 400, 23),
        ({"end_date": "2026-02-30"}, 400, 23),
    ],
)
def test_what_is_refused(query: dict[str, str], status: int, code: int) -> None:
    """More than 14 days or an end before the start, pages outside 1 to 500, dates that are none."""
    answer = ask(Library(), query)
    assert (answer.status, json.loads(answer.body)["status_code"]) == (status, code)


def test_a_window_may_have_fourteen_days() -> None:
    """Of the last page nothing is left over, and a page beyond it is empty."""
    window = {"start_date": "2026-11-08", "end_date": "2026-11-22"}
    first = page(Library(), window)
    assert len(first["results"]) == 100
    assert first["total_pages"] == ceil(first["total_results"] / 100)
    last = page(Library(), window, first["total_pages"])
    assert len(last["results"]) == first["total_results"] - 100 * (first["total_pages"] - 1)
    assert page(Library(), window, first["total_pages"] + 1)["results"] == []


def test_without_dates_it_is_the_last_24_hours() -> None:
    """Yesterday and today, as days."""
    library = known(500)
    last = [item["id"] for number in (1, 2) for item in page(library, {}, number)["results"]]
    assert last == named(library, TODAY - timedelta(days=1), TODAY)


def test_items_are_as_recorded() -> None:
    """An id and ``adult``, which is null for some."""
    pages = [page(Library(), {"start_date": "2026-11-08"}, number) for number in range(1, 9)]
    items = [item for body in pages for item in body["results"]]
    assert all(set(item) == {"id", "adult"} for item in items)
    assert {item["adult"] for item in items} >= {False, None}


def test_a_hundredth_of_the_known_films_changes_each_day() -> None:
    """The same ones each time; over many days, each film now and then."""
    library, films = known(2000), {20_000_000 + number for number in range(2000)}
    days = [TODAY - timedelta(days=step) for step in range(200)]
    shares = [len(films.intersection(named(library, day, day))) for day in days]
    assert 15 <= sum(shares) / len(shares) <= 25
    assert named(library, TODAY, TODAY) == named(known(2000), TODAY, TODAY)


def test_a_film_is_known_once_its_details_were_given_out() -> None:
    """On its day it is in the list from then on."""
    library = Library()
    film = 20_000_005
    day = next(day for step in range(1000) if film in named(known(10), day := TODAY - timedelta(days=step), day))
    assert film not in named(library, day, day)
    assert tmdb.ask(library, f"/movie/{film}", {}, NOW).answer().status == 200
    assert film in named(library, day, day)


def test_films_that_were_set_come_first() -> None:
    """Only on their day, also such as nobody knows."""
    changed = {"2026-11-21": [603, 99_999_999_999]}
    yesterday = TODAY - timedelta(days=1)
    assert named(Library(), yesterday, yesterday, changed)[:2] == [603, 99_999_999_999]
    assert 99_999_999_999 not in named(Library(), TODAY, TODAY, changed)


@given(st.integers(0, 14), st.lists(st.integers(1, 10_000_000), max_size=250))
def test_a_window_names_every_film_of_its_days_once(length: int, films: list[int]) -> None:
    """The pages together are the union of the days."""
    library, changed = known(300), {TODAY.isoformat(): films}
    days = [TODAY - timedelta(days=step) for step in range(length + 1)]
    together = named(library, days[-1], TODAY, changed)
    assert len(together) == len(set(together))
    assert set(together) == {film for day in days for film in named(library, day, day, changed)}


def test_a_film_tells_of_its_own_changes() -> None:
    """It has some on exactly those days on which the list names it."""
    library, changed = Library(), {"2026-11-20": [603]}
    for day in ("2026-11-19", "2026-11-20"):
        listed = 603 in named(library, date.fromisoformat(day), date.fromisoformat(day), changed)
        query = {"start_date": day, "end_date": day}
        body = json.loads(tmdb.ask(library, "/movie/603/changes", query, NOW, changed).answer().body)
        assert [item["time"][:10] for change in body["changes"] for item in change["items"]] == [day] * listed
