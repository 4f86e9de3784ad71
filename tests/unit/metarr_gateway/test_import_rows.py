"""Lists of films as people have them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.library import ImportRow
from metarr_gateway.errors import ApiError
from metarr_gateway.import_format import decode, format_of
from metarr_gateway.import_rows import read_rows

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"


def rows(text: str, content_type: str | None = None) -> list[ImportRow]:
    """The rows of a file."""
    return list(read_rows(text, format_of(content_type, text)))


def titles(text: str) -> list[str | None]:
    """The titles of a CSV file; a problem shows as "!"."""
    return ["!" if row.problem else row.title for row in rows(text)]


@pytest.mark.parametrize(
    "header",
    [
        "title,year,imdbId,tmdbId",
        "Title,Year,IMDb ID,TMDB-ID",
        "NAME,YEAR,imdb_id,tmdb_id",
        '"film","year","tt","tmdb"',
        "\tMovie , Year, Const ,TmdbId",
    ],
)
def test_usual_names_of_columns(header: str) -> None:
    """Case, blanks, quotes and punctuation do not matter."""
    (row,) = rows(f"{header}\nThe Matrix,1999,tt0133093,603\n")
    assert row == ImportRow(row=1, title="The Matrix", year="1999", imdb_id="tt0133093", tmdb_id="603")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_any_order(delimiter: str) -> None:
    """Order is free, other columns are skipped, the header tells the delimiter."""
    lines = [["rank", "imdb", "year", "title"], ["1", "tt0113277", "1995", "Heat"]]
    (row,) = rows("\r\n".join(delimiter.join(line) for line in lines))
    assert row == ImportRow(row=1, title="Heat", year="1995", imdb_id="tt0113277")


def test_the_better_known_name_wins() -> None:
    """A list with both `title` and `name`."""
    assert titles("name,title\nheat.mkv,Heat\n") == ["Heat"]


def test_one_column_keeps_commas() -> None:
    """A list of bare titles."""
    assert titles("title\nThe Good, the Bad and the Ugly\nHeat\n") == ["The Good, the Bad and the Ugly", "Heat"]


def test_entities_are_unescaped() -> None:
    """Lists from web pages hold them, in titles only."""
    assert titles("title,year\n21 &amp; Over,2013\n&quot;Heat&quot;,1995\n") == ["21 & Over", '"Heat"']


def test_blank_lines_are_not_rows() -> None:
    """Nor are lines of delimiters; rows are numbered without them."""
    text = "\n\ntitle,year\n\nHeat,1995\n,\n   \nAlien,1979\n\n"
    assert [(row.row, row.title) for row in rows(text)] == [(1, "Heat"), (2, "Alien")]


def test_quotes() -> None:
    """Delimiters, doubled quotes and line breaks within quotes; quotes within a title."""
    text = 'title,year\n"The Good, the Bad",1966\n"a ""b"" c",1\n"two\nlines",2\n12" Monkeys,1995\n'
    assert titles(text) == ["The Good, the Bad", 'a "b" c', "two\nlines", '12" Monkeys']


@pytest.mark.parametrize(
    "bad", ['"never closed,1999', '"a" b,1999', "Heat,1995,x", '"' + "x" * 200_000 + '"', "y" * 501]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_line_never_stops_the_rest(bad: str, place: int) -> None:
    """It becomes a row that says what is wrong, and all other rows are read."""
    lines = ["Heat,1995", "Alien,1979"]
    lines.insert(place, bad)
    read = titles("title,year\n" + "\n".join(lines) + "\n")
    assert read == ["!" if line == bad else line.split(",")[0] for line in lines]


@pytest.mark.parametrize("bad", ['"' + "x" * 200_000 + '"', "x" * 200_000])
def test_a_huge_value_is_not_called_an_open_quote(bad: str) -> None:
    """The reason is the length, whatever else the reader of CSV would say."""
    assert rows(f"title,year\n{bad},1999\n")[0].problem == "a value is longer than 500 characters"
    assert rows('title,year\n"x,1999\n')[0].problem == "a quotation mark is not closed, or text follows it"


def test_short_lines() -> None:
    """What is missing at the end of a line is simply not known; empty cells at its end are none too many."""
    text = "title,year,imdb\nHeat\nAlien,1979,,,\n"
    assert [(row.title, row.year, row.problem) for row in rows(text)] == [("Heat", None, None), ("Alien", "1979", None)]


def test_json_keys_like_those_of_columns() -> None:
    """Unknown keys are ignored; numbers may be titles and ids; null is nothing."""
    text = json.dumps(
        [
            {"title": "Heat", "year": 1995, "imdbId": "tt0113277", "tmdbId": 949, "monitored": True, "images": [{}]},
            {"Name": 300, "tmdb_id": "1271", "year": 2006.0, "imdb": None},
        ]
    )
    assert rows(text) == [
        ImportRow(row=1, title="Heat", year="1995", imdb_id="tt0113277", tmdb_id="949"),
        ImportRow(row=2, title="300", year="2006", tmdb_id="1271"),
    ]


def test_json_rows_with_problems() -> None:
    """Each says what is wrong; the others are read."""
    read = rows('[1, {"title": ["Heat"]}, {"title": true}, {"title": "Heat"}, null]')
    assert [bool(row.problem) for row in read] == [True, True, True, False, True]
    assert read[1].problem == "title: expected text or a number"


def test_json_lines_with_problems() -> None:
    """A line that is no JSON is one bad row."""
    read = rows('{"title":"Heat"}\n{"title":\n\n[]\n{"title":"Alien"}', "application/x-ndjson")
    assert [row.title for row in read] == ["Heat", None, None, "Alien"]
    assert [bool(row.problem) for row in read] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year\n1999\n", "title, imdbId or tmdbId"),
        ("The Matrix,1999\n", "title, imdbId or tmdbId"),
        ("[", "not valid JSON"),
        ("[]", "empty"),
    ],
)
def test_what_is_no_list(text: str, said: str) -> None:
    """The whole file is refused, with what was expected."""
    with pytest.raises(ApiError, match=said):
        rows(text)


def test_the_beginning_tells_the_format() -> None:
    """Where the media type says nothing; where it does, it is believed."""
    assert format_of(None, " \n[") == "json"
    assert format_of("application/octet-stream", "{") == "ndjson"
    assert format_of("text/plain; charset=utf-8", "title") == "csv"
    assert format_of("text/csv", "[") == "csv"


def test_bytes_become_text() -> None:
    """A byte order mark is no part of the first column's name."""
    assert decode("title\nAmélie".encode("utf-8-sig")) == "title\nAmélie"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_named(encoding: str) -> None:
    """The sentence says what to do."""
    with pytest.raises(ApiError, match="UTF-8"):
        decode("title\nAmélie".encode(encoding))


@given(st.lists(st.text(max_size=20), max_size=10))
def test_whatever_is_in_the_file_the_good_line_is_read(lines: list[str]) -> None:
    """The last line is whole, so it is read whatever came before, unless it became part of a quoted value."""
    text = "\n".join(["title,year", *(line.replace('"', "") for line in lines), "Heat,1995"])
    last = rows(text)[-1]
    assert (last.title, last.year, last.problem) == ("Heat", "1995", None)


@pytest.mark.skipif(not DATA.exists(), reason="the recorded lists are not here")
def test_recorded_lists() -> None:
    """A list of 1,794 films with entities in titles, and answers of Radarr's API."""
    films = rows((DATA / "library" / "fivethirtyeight_bechdel_movies.csv").read_text("utf-8"), "text/csv")
    assert len(films) == 1794
    assert films[0] == ImportRow(row=1, title="21 & Over", year="2013", imdb_id="tt1711425")
    assert not any(row.problem for row in films)
    radarr = rows((DATA / "radarr" / "api_v3_movie_list_four_2020.json").read_text("utf-8"))
    assert [(row.title, row.tmdb_id) for row in radarr][:1] == [("Despicable Me 2", "93456")]
    assert len(radarr) == 4
