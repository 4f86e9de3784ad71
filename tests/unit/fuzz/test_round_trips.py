"""What we write we read again as the same: cursors, envelopes, addresses; and a list of films in any of its formats."""

import csv
import io
import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metarr_chassis.nats_servers import NatsServers, parse_servers
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.readmodels import ActivityQuery, MovieListQuery, SortKey
from metarr_gateway.import_columns import Ignored
from metarr_gateway.import_format import Format
from metarr_gateway.import_rows import read_rows
from metarr_projector import history
from metarr_projector.listing import listing, write_cursor

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
IDS = st.integers(1, 2**63 - 1)
INT4 = st.integers(-(2**31), 2**31 - 1)
SORTED_BY: dict[SortKey, st.SearchStrategy[object]] = {
    "id": IDS,
    "title": st.none() | TEXTS,
    "year": st.none() | INT4,
    "completeness": INT4,
    "lastEnriched": st.none() | MOMENTS,
    "added": MOMENTS,
}
HOSTS = st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True) | st.just("[::1]")


@pytest.mark.parametrize("sort", SORTED_BY)
@given(data=st.data(), movie_id=IDS, order=st.sampled_from(("asc", "desc")))
def test_a_cursor_names_its_place(sort: SortKey, data: st.DataObject, movie_id: int, order: str) -> None:
    """The page after a film begins after its value and its id, whichever they are."""
    query = MovieListQuery.model_validate({"sort": sort, "order": order})
    value = data.draw(SORTED_BY[sort])
    cursor = write_cursor(query, value if sort != "id" else movie_id, movie_id)
    (first, *_) = listing(query.model_copy(update={"cursor": cursor})).parts(0, 0)
    expected = [movie_id] if value is None or sort == "id" else [value, movie_id]
    assert [*first.arguments] == [*expected, query.limit + 1]


@given(IDS)
def test_a_cursor_of_activities_names_its_place(activity_id: int) -> None:
    """As that of films."""
    assert history.page(ActivityQuery(cursor=history.write_cursor(activity_id))).arguments[0] == activity_id


@given(TEXTS, TEXTS, TEXTS, MOMENTS, st.none() | TEXTS, st.none() | TEXTS)
def test_an_envelope_is_what_its_headers_say(
    name: str, kind: str, source: str, time: datetime, subject: str | None, trace: str | None
) -> None:
    """Nothing of it is lost on the way."""
    envelope = Envelope(id=name, type=kind, source=source, time=time, subject=subject, traceparent=trace)
    assert read_envelope(envelope.headers()) == envelope


@given(
    st.lists(st.tuples(HOSTS, st.none() | st.integers(1, 65535)), min_size=1, max_size=4),
    st.none() | st.tuples(TEXTS, TEXTS),
)
def test_addresses_of_servers(places: list[tuple[str, int | None]], login: tuple[str, str] | None) -> None:
    """Whatever user and password are, they come through, and no address shows them."""
    user = "" if login is None else f"{quote(login[0], safe='')}:{quote(login[1], safe='')}@"
    shown = tuple(f"nats://{host}" + ("" if port is None else f":{port}") for host, port in places)
    read = parse_servers(",".join(url.replace("//", f"//{user}") for url in shown))
    assert read == NatsServers(shown, *(login or (None, None)))


FILMS = st.lists(st.tuples(TEXTS.map(str.strip).filter(bool), st.integers(1870, 2200)), min_size=1, max_size=10)


@given(FILMS.filter(lambda films: all("&" not in title for title, _ in films)))
def test_a_list_is_the_same_in_each_format(films: list[tuple[str, int]]) -> None:
    """Commas, quotation marks and letters of all scripts are the file's business; `&` may begin an entity."""
    written = io.StringIO()
    csv.writer(written).writerows([("title", "year"), *films])
    objects = [{"year": year, "title": title} for title, year in films]
    texts: dict[Format, str] = {
        "csv": written.getvalue(),
        "json": json.dumps(objects),
        "ndjson": "\n".join(map(json.dumps, objects)),
    }
    for kind, text in texts.items():
        assert [(row.title, row.year, row.problem) for row in read_rows(text, kind, Ignored())] == [
            (title, str(year), None) for title, year in films
        ]
