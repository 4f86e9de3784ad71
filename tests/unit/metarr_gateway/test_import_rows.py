"""Lists of films as people have them."""

import codecs
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_contracts.library import ImportRow
from metarr_gateway import import_rows
from metarr_gateway.errors import ApiError
from metarr_gateway.import_columns import Ignored
from metarr_gateway.import_format import decode, format_of
from metarr_gateway.import_rows import read_rows

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"


def rows(text: str, content_type: str | None = None) -> list[ImportRow]:
    """The rows of a file."""
    return list(read_rows(text, format_of(content_type, text), Ignored()))


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


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_the_text_that_excel_calls_unicode(mark: bytes) -> None:
    """Its mark says that it is UTF-16, and in which order."""
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    assert decode(mark + "title\tyear\r\n七人の侍\t1954\r\n".encode(encoding)) == "title\tyear\r\n七人の侍\t1954\r\n"


def test_a_workbook_is_named() -> None:
    """It is no text, which the sentence says instead of what its bytes are not."""
    with pytest.raises(ApiError, match="workbook"):
        decode(b"PK\x03\x04\x14\x00\x06\x00")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_for_excel_is_no_header(first: str) -> None:
    """It may stand before the header; alone it is none."""
    assert titles(f"{first}\r\ntitle;year\r\nHeat;1995\r\n") == ["Heat"]
    with pytest.raises(ApiError, match="No column was recognised"):
        rows(first, "text/csv")


def test_whole_numbers_of_a_column_with_gaps() -> None:
    """Tables write them with a point as soon as one is missing; a title is left as it is."""
    (row,) = rows("title,year,tmdbId\n300.0,2006.0,1271.0\n")
    assert row == ImportRow(row=1, title="300.0", year="2006", tmdb_id="1271")


@pytest.mark.parametrize(
    "text",
    [
        (
            '{"jsonrpc":"2.0","result":{"limits":{"total":1},"movies":[{"label":"x","title":"Heat","year":1995,'
            '"imdbnumber":"tt0113277","uniqueid":{"imdb":"tt0113277","tmdb":"949"}}]}}'
        ),
        (
            '{"Items":[{"Name":"Heat","Id":"7f","ProductionYear":1995,"ProviderIds":{"Imdb":"tt0113277","Tmdb":"949"}}],'
            '"TotalRecordCount":1}'
        ),
    ],
    ids=["Kodi", "Jellyfin"],
)
def test_exports_of_media_servers(text: str) -> None:
    """The list is wrapped, and ids stand in an object of their own."""
    (row,) = rows(text, "application/json")
    assert row == ImportRow(row=1, title="Heat", year="1995", imdb_id="tt0113277", tmdb_id="949")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Title;Shelf;Year;;Seen on;Shelf\r\nHeat;3;1995;;2020;4\r\n", ("Shelf", "Seen on")),
        ("name,title\nheat.mkv,Heat\n", ("name",)),
        ("title,year\nHeat,1995\n", ()),
        ('[{"title":"Heat","disc":1},{"title":"Alien","shelf":2,"disc":1}]', ("disc", "shelf")),
        ('{"title":"Heat","disc":1}\n{"broken\n{"shelf":1}', ("disc", "shelf")),
        ('[{"title":"Heat","a\\nb":1}]', ("a b",)),
        (json.dumps([{"title": "Heat", "x" * 100: 1}]), ("x" * 59 + "…",)),
        (json.dumps([{"title": "Heat"} | {f"key {n}": n for n in range(60)}]), tuple(f"key {n}" for n in range(50))),
    ],
)
def test_what_nothing_is_read_from_is_named(text: str, names: tuple[str, ...]) -> None:
    """Each column or key once, in the order of the file, in one line and not without end."""
    ignored = Ignored()
    list(read_rows(text, format_of(None, text), ignored))
    assert ignored.names == names


def test_a_file_without_a_header_shows_what_was_taken_for_one() -> None:
    """So that a person sees that there has to be one."""
    with pytest.raises(ApiError, match=r"the first line reads 'Heat,1995'"):
        rows("Heat,1995\nAlien,1979\n")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-32"])
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


def test_a_file_of_open_quotation_marks_takes_no_long_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that no further one can mend is given up at once, so each is looked at a few times only."""
    looked_at = 0
    cells = import_rows._cells

    def counting(lines: Sequence[str], delimiter: str) -> Sequence[str]:
        nonlocal looked_at
        looked_at += len(lines)
        return cells(lines, delimiter)

    monkeypatch.setattr(import_rows, "_cells", counting)
    problems = [row.problem for row in rows("title\n" + '"a\n' * 1000)]
    assert len(problems) == 1000
    assert all(problem and "quotation mark" in problem for problem in problems)
    assert looked_at < 5 * 1000


@pytest.mark.parametrize("element", ["[]", "{}", "1", '{"a":[1,2]}'])
def test_a_text_of_very_many_values_is_not_read(element: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes far more memory than its characters do; where lines are films, only that line is refused."""
    monkeypatch.setattr(import_rows, "MOST_VALUES", 100)
    many = f"[{','.join([element] * 101)}]"
    with pytest.raises(ApiError, match="more than 100 values"):
        rows(many)
    [bad, good] = rows(f'{many}\n{{"title": "Heat"}}', "application/x-ndjson")
    assert "more than 100 values" in str(bad.problem)
    assert good.title == "Heat"


def test_a_first_line_that_is_endless_is_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken apart."""
    monkeypatch.setattr(import_rows, "_header", None)
    with pytest.raises(ApiError, match="too long to be a header"):
        rows("title" + "," * import_rows.LONGEST_HEADER)


def test_a_file_of_very_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blank ones do not count; what is too much is not taken apart."""
    monkeypatch.setattr(import_rows, "MOST_LINES", 10)
    assert titles("title\n" + "\r\n \n" * 100 + "a\rb\n" * 4) == ["a", "b"] * 4
    with pytest.raises(ApiError, match="more than 10 lines"):
        rows("title\n" + "a\n" * 10)
