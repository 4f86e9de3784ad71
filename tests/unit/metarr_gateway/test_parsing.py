"""Ids, query strings and JSON bodies."""

from collections.abc import Callable

import pytest

from metarr_contracts.http import ChangeRequest, EnrichRequest, IdentifyRequest
from metarr_contracts.library import AddRequest, CancelJob
from metarr_contracts.readmodels import MovieListQuery
from metarr_gateway import parsing
from metarr_gateway.errors import ApiError


def refusal(call: Callable[[], object]) -> ApiError:
    """What the call raises."""
    with pytest.raises(ApiError) as raised:
        call()
    return raised.value


@pytest.mark.parametrize("token", ["", "0", "01", "+1", "-1", "1.0", "1 ", "\u0661", "1e3", "99999999999999999"])
def test_ids_are_canonical(token: str) -> None:
    """One film, one address: nothing but digits without a leading zero."""
    assert refusal(lambda: parsing.movie_id(token)).field == "id"
    assert refusal(lambda: parsing.job_id(token)).field == "id"


def test_a_canonical_id() -> None:
    """Job ids may be longer than film ids."""
    assert parsing.movie_id("123456789") == 123456789
    assert parsing.job_id("1234567890123456") == 1234567890123456


def test_ids_have_a_largest() -> None:
    """The sentence says what is allowed, also of a job's id, which JSON has to keep exactly."""
    assert refusal(lambda: parsing.movie_id("1000000000")).error == "id: expected a whole number from 1 to 999999999"
    assert parsing.job_id(str(2**53)) == 2**53
    refused = refusal(lambda: parsing.job_id(str(2**53 + 1)))
    assert refused.error == "id: expected a whole number from 1 to 9007199254740992"


def test_the_name_of_a_provider() -> None:
    """As it is written everywhere else; another one is no address."""
    assert parsing.provider_name("omdb") == "omdb"
    for token in ("OMDB", "imdb", "", "nfo"):
        error = refusal(lambda token=token: parsing.provider_name(token))  # type: ignore[misc]
        assert (error.code, error.http_status) == ("provider_not_found", 404)


@pytest.mark.parametrize(
    "token", ["or06FN3Dka5tukK1e9sl16pB3iy.jpg", "a_b-C.jpeg", "x.png", "x.svg", "x.webp", "x" * 80 + ".jpg"]
)
def test_the_file_of_a_picture(token: str) -> None:
    """A name and how pictures end."""
    assert parsing.picture_file(token) == token


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".jpg",
        "x",
        "x.gif",
        "x.JPG",
        "x.jpg\n",
        "..jpg",
        "a/b.jpg",
        "a%2Fb.jpg",
        "é.jpg",
        "x" * 81 + ".jpg",
        "x.jpg?",
    ],
)
def test_no_file_of_a_picture(token: str) -> None:
    """Nothing else leads to the picture host."""
    error = refusal(lambda: parsing.picture_file(token))
    assert (error.code, error.http_status) == ("picture_not_found", 404)


def test_a_query_string() -> None:
    """Text becomes the types of the query."""
    query = parsing.query_string([("limit", "7"), ("search", "heat"), ("order", "desc")], MovieListQuery)
    assert query == MovieListQuery(limit=7, search="heat", order="desc")


def test_a_parameter_given_twice_is_refused() -> None:
    """Neither of the two is silently dropped."""
    error = refusal(lambda: parsing.query_string([("limit", "7"), ("limit", "8")], MovieListQuery))
    assert (error.field, error.http_status) == ("limit", 400)


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_no_body_means_the_defaults(body: bytes) -> None:
    """Nothing, blanks and an empty object are the same, whatever the media type says of nothing."""
    assert parsing.json_body(body, "application/json", EnrichRequest) == EnrichRequest()


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"]
)
def test_media_types_of_json(content_type: str | None) -> None:
    """JSON by any of its names, or nothing said."""
    assert parsing.json_body(b'{"force":true}', content_type, EnrichRequest).force


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin-1"]
)
def test_other_media_types(content_type: str) -> None:
    """What is not said to be JSON is not read as JSON."""
    error = refusal(lambda: parsing.json_body(b'{"force":true}', content_type, EnrichRequest))
    assert (error.code, error.http_status) == ("unsupported_media_type", 415)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"fields":{"runtime":NaN}}', b"[" * 1000, b'{"title":"\\ud800"}'])
def test_what_is_not_json(body: bytes) -> None:
    """NaN is no JSON either: it would clear a value."""
    assert refusal(lambda: parsing.json_body(body, None, ChangeRequest)).code == "invalid_json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"force":"true"}', "force"),
        (b'{"force":null}', "force"),
        (b'{"froce":true}', "froce"),
        (b"[]", None),
        (b'"x"', None),
    ],
)
def test_what_is_not_expected_is_named(body: bytes, field: str | None) -> None:
    """The sentence begins with the field."""
    error = refusal(lambda: parsing.json_body(body, None, EnrichRequest))
    assert (error.code, error.field) == ("invalid_request", field)
    assert field is None or (error.error or "").startswith(f"{field}: ")


@pytest.mark.parametrize("body", [b'{"year":1999.5}', b'{"year":[]}', b'{"year":true}'])
def test_a_field_of_several_types_is_named_alone(body: bytes) -> None:
    """`year.int` would be no field that the sender knows."""
    error = refusal(lambda: parsing.json_body(body, None, AddRequest))
    assert error.field == "year"
    assert (error.error or "").startswith("year: ")


def test_unknown_and_missing_fields_are_said_for_a_person() -> None:
    """Not in the words of a validator."""
    unknown = refusal(lambda: parsing.json_body(b'{"froce":true}', None, EnrichRequest))
    assert unknown.error == "froce: is not known here"
    missing = refusal(lambda: parsing.json_body(b"{}", None, CancelJob))
    assert missing.error == "jobId: is required"


def test_kinds_of_pictures() -> None:
    """Three kinds there are."""
    assert parsing.picture_kind("fanart") == "fanart"
    assert refusal(lambda: parsing.picture_kind("disc")).field == "kind"


def test_a_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    """JSON knows one kind of numbers; many writers know no other either."""
    wanted = parsing.json_body(b'{"tmdbId": 603.0}', None, IdentifyRequest)
    assert (wanted.tmdb_id, type(wanted.tmdb_id)) == (603, int)
    for body in (b'{"tmdbId": 603.5}', b'{"tmdbId": 1e300}', b'{"tmdbId": true}', b'{"tmdbId": "603"}'):
        assert refusal(lambda body=body: parsing.json_body(body, None, IdentifyRequest)).field == "tmdbId"  # type: ignore[misc]
    added = parsing.json_body(b'{"title": "Heat", "year": 1995.0, "tmdbId": "949"}', None, AddRequest)
    assert (added.year, added.tmdb_id) == (1995, "949")


def test_names_are_shown_in_bounded_length() -> None:
    """A megabyte that is no name known here is not sent back, let alone twice."""
    name = "x" * 100_000
    for refused in (
        refusal(lambda: parsing.json_body(f'{{"{name}":1}}'.encode(), None, EnrichRequest)),
        refusal(lambda: parsing.query_string([(name, "")], MovieListQuery)),
        refusal(lambda: parsing.query_string([(name, ""), (name, "")], MovieListQuery)),
    ):
        assert len(refused.body()) < 500
