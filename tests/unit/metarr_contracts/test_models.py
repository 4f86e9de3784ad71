"""Small rules that live in the models."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from metarr_contracts import registry
from metarr_contracts.commands import EnrichMovie
from metarr_contracts.envelope import Envelope, read_envelope, rfc3339
from metarr_contracts.events import ImportedRow, ProviderResumed
from metarr_contracts.fields import EXTRA, FIELDS, PROVIDERS, TRACKED
from metarr_contracts.http import count
from metarr_contracts.movie import ExternalIds, band, display_title

MOMENT = datetime(2025, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("completeness", "expected"),
    [(100, "enriched"), (90, "enriched"), (89, "partial"), (60, "partial"), (59, "unenriched"), (0, "unenriched")],
)
def test_bands(completeness: int, expected: str) -> None:
    """Enriched from 90 %, partial from 60 %."""
    assert band(completeness) == expected


@pytest.mark.parametrize(
    ("title", "ids", "shown"),
    [
        ("Heat", ExternalIds(imdb="tt0113277"), "Heat"),
        (None, ExternalIds(imdb="tt0113277", tmdb=949), "tt0113277"),
        (None, ExternalIds(tmdb=949), "TMDB 949"),
        (None, ExternalIds(), "Untitled"),
    ],
)
def test_films_without_a_title_are_called_by_their_id(title: str | None, ids: ExternalIds, shown: str) -> None:
    """A film is never shown without a name."""
    assert display_title(title, ids) == shown


def test_ids_are_told_as_answers_are_asked() -> None:
    """An answer counts while the film has the id it was asked with."""
    assert ExternalIds(imdb="tt0133093", tmdb=603).asked_with() == {"imdb:tt0133093", "tmdb:603"}
    assert ExternalIds().asked_with() == frozenset()


def test_twenty_fields_are_tracked() -> None:
    """Completeness counts the twenty fields of the design; the others are kept only."""
    groups = {category: sum(field.category == category for field in TRACKED) for category in _categories()}

    assert groups == {"metadata": 7, "ratings": 4, "credits": 3, "production": 2, "media": 4}
    assert len(FIELDS) == len(TRACKED) + len(EXTRA)
    assert all(set(field.providers) <= set(PROVIDERS) for field in FIELDS.values())


def _categories() -> set[str]:
    return {field.category for field in FIELDS.values()}


def test_rows_are_counted_by_result() -> None:
    """An import's counts are those of its rows."""
    rows = (
        ImportedRow(row=1, result="added"),
        ImportedRow(row=2, result="added"),
        ImportedRow(row=3, result="conflict"),
    )

    assert count(rows).model_dump() == {"added": 2, "unchanged": 0, "conflict": 1, "rejected": 0}


def test_empty_command_means_the_defaults() -> None:
    """`nats req metarr.cmd.enrich.123 '{}'` refreshes a film as an operator."""
    assert EnrichMovie.model_validate_json(b"{}") == EnrichMovie(force=False, trigger="operator")


def test_times_need_a_zone_and_become_utc() -> None:
    """A time without a zone is refused; any other is the same moment in UTC."""
    with pytest.raises(ValidationError, match="needs a zone"):
        ProviderResumed.model_validate({"provider": "omdb", "at": "2025-11-22T03:00:00"})
    resumed = ProviderResumed.model_validate({"provider": "omdb", "at": "2025-11-22T03:00:00+01:00"})

    assert resumed.to_json() == b'{"provider":"omdb","at":"2025-11-22T02:00:00Z","by":"answer"}'


@pytest.mark.parametrize("zone", ["Z", "+00:00", "-00:00", "+05:45", "-08:00"])
def test_times_of_any_zone_are_in_utc(zone: str) -> None:
    """The short way of a time that is in UTC already and the long way of others end at the same."""
    told = f"2025-11-22T03:00:00.123456{zone}"
    moment = datetime.fromisoformat(told)
    for read in (
        ProviderResumed(provider="omdb", at=moment),
        ProviderResumed.model_validate({"provider": "omdb", "at": told}),
        ProviderResumed.model_validate_json(f'{{"provider":"omdb","at":"{told}"}}'),
    ):
        assert (read.at, read.at.utcoffset()) == (moment, timedelta(0))
        assert read.at.isoformat() == moment.astimezone(UTC).isoformat()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-00:01"])
def test_times_that_no_calendar_has_in_utc(at: str) -> None:
    """They are refused as any wrong value is."""
    with pytest.raises(ValidationError, match="a year from 1 to 9999"):
        ProviderResumed.model_validate({"provider": "omdb", "at": at})


def test_headers_are_a_cloud_event() -> None:
    """Binary mode of CloudEvents 1.0: attributes are headers; absent ones are left out."""
    envelope = Envelope(
        id="a1", type="metarr.provider.resumed.v1", source="/metarr/enricher", time=MOMENT, correlation_id="c1"
    )

    assert envelope.headers() == {
        "Nats-Msg-Id": "a1",
        "ce-specversion": "1.0",
        "ce-id": "a1",
        "ce-type": "metarr.provider.resumed.v1",
        "ce-source": "/metarr/enricher",
        "ce-time": "2025-11-22T10:30:00.123456Z",
        "ce-correlationid": "c1",
        "content-type": "application/json",
    }
    assert rfc3339(MOMENT.replace(microsecond=0)) == "2025-11-22T10:30:00Z"


@pytest.mark.parametrize("name", ["ce-id", "ce-type", "ce-source", "ce-time"])
def test_message_without_a_required_attribute_is_refused(name: str) -> None:
    """Id, type, source and time are never guessed."""
    headers = Envelope(id="a1", type="metarr.provider.resumed.v1", source="/metarr/enricher", time=MOMENT).headers()
    del headers[name]

    with pytest.raises(ValidationError):
        read_envelope(headers)


def test_unknown_types_are_named() -> None:
    """A message of a type that this version does not know says which."""
    envelope = Envelope(id="a1", type="metarr.movie.painted.v1", source="/metarr/enricher", time=MOMENT)

    with pytest.raises(registry.UnknownTypeError, match=r"metarr\.movie\.painted\.v1"):
        registry.decode(envelope, b"{}")


def test_type_of_names_the_versioned_type() -> None:
    """A body knows under which type it travels."""
    assert registry.type_of(EnrichMovie()) == "metarr.command.enrich.v1"
