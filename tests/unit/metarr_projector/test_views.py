"""Rows become the answers that clients know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import FieldValue
from metarr_contracts.rates import Booked
from metarr_contracts.readmodels import ProviderState
from metarr_projector import views
from metarr_projector.staging import FIELD_VALUES

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
PLOT = FieldValue(value="Text", source="tmdb", fetched_at=NOW)
UNASKED: dict[ProviderName, Booked] = {name: Booked() for name in PROVIDERS}
VOTES = FieldValue(value=7, source="omdb", fetched_at=NOW)


def _movie(**columns: Any) -> dict[str, Any]:
    row = {
        "id": 1,
        "title": "The Matrix",
        "year": 1999,
        "imdb_id": None,
        "tmdb_id": None,
        "searched": False,
        "completeness": 0,
        "partial": False,
        "limited": [],
        "missing": ["plot"],
        "has_poster": False,
        "last_enriched": None,
        "added_at": NOW,
        "fields": "{}",
        "missing_detail": '[{"field":"plot","reason":"not_fetched","providers":["tmdb","omdb"]}]',
        "providers": "[]",
        "candidates": "[]",
        "locked": [],
        "duration": None,
        "last_job": None,
    }
    return {**row, **columns}


def test_status_before_the_first_refresh() -> None:
    """Lists are there from the first moment on, and each provider was not asked."""
    status = views.status(_movie())
    assert (status.last_enriched, status.enrichment_duration, status.last_job) == (None, None, None)
    assert [(view.name, view.outcome) for view in status.providers] == [
        ("tmdb", "not_asked"),
        ("omdb", "not_asked"),
        ("fanart", "not_asked"),
    ]
    assert [(view.field, view.display_name, view.category) for view in status.missing_fields] == [
        ("plot", "Plot", "metadata")
    ]


def test_sources_are_in_the_order_of_the_fields() -> None:
    """Jsonb keeps no order; the answer has that in which fields are shown, and only those that are tracked."""
    told = {"imdb_rating": VOTES, "imdb_votes": VOTES, "plot": PLOT}
    fields = FIELD_VALUES.dump_json(told, by_alias=True).decode()
    sources = views.status(_movie(fields=fields)).field_sources
    assert list(sources.items()) == [("plot", "tmdb"), ("imdb_rating", "omdb")]


def test_provider_of_the_last_refresh() -> None:
    """Outcome, the answer in use and the end of the limit are those of the last refresh."""
    outcome = '[{"name":"omdb","outcome":"quota_exhausted","fetchedAt":null,"limitedUntil":"2026-11-23T00:00:00Z"}]'
    omdb = views.status(_movie(providers=outcome)).providers[1]
    assert (omdb.name, omdb.outcome, omdb.limited_until) == (
        "omdb",
        "quota_exhausted",
        datetime(2026, 11, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("columns", "identification"),
    [
        ({}, "pending"),
        ({"imdb_id": "tt0133093"}, "identified"),
        ({"searched": True}, "unidentified"),
        ({"searched": True, "tmdb_id": 603}, "identified"),
    ],
)
def test_identification(columns: dict[str, Any], identification: str) -> None:
    """An id of either kind is an identification; without one it counts whether the film was looked up."""
    assert views.identification(_movie(**columns)) == identification


def test_candidates_are_shown_while_there_is_a_choice() -> None:
    """A film that has its TMDB id has no candidates."""
    found = '[{"tmdbId":603,"title":"The Matrix"}]'
    assert len(views.details(_movie(searched=True, candidates=found)).candidates) == 1
    assert views.details(_movie(searched=True, candidates=found, tmdb_id=603)).candidates == ()


@pytest.mark.parametrize(
    ("columns", "title"), [({"imdb_id": "tt0133093"}, "tt0133093"), ({"tmdb_id": 603}, "TMDB 603"), ({}, "Untitled")]
)
def test_film_without_title_is_called_by_its_id(columns: dict[str, Any], title: str) -> None:
    """Every film is called something."""
    assert views.summary(_movie(**{"title": None, **columns})).title == title


def test_average_has_one_decimal() -> None:
    """The average is a percentage with one decimal."""
    alone = {"enriched": 1, "partial": 1, "unenriched": 1, "sum": 200, "id": None}
    stats = views.stats([alone])
    assert (stats.average_completeness, stats.top_incomplete) == (66.7, ())


def _omdb(requests: int = 0, **columns: Any) -> ProviderState:
    row = {
        "name": "omdb",
        "configured": True,
        "condition": "none",
        "since": BEFORE,
        "until": None,
        "reason": None,
        "learned": None,
        "learned_at": NOW,
    }
    booked = {**UNASKED, "omdb": Booked(day=NOW.date(), requests=requests)}
    return views.provider_states([{**row, **columns}], booked, NOW).providers[1]


def test_provider_never_spoken_of_is_off() -> None:
    """All three are listed, in their order."""
    assert views.provider_states([], UNASKED, NOW).providers == tuple(
        ProviderState(name=name, state="off", since=None, until=None, reason=None, requests_today=0, remaining=None)
        for name in PROVIDERS
    )


def test_provider_that_works() -> None:
    """On since it was configured or resumed."""
    assert (_omdb().state, _omdb().since) == ("on", BEFORE)


def test_requests_of_today() -> None:
    """Requests count per UTC day; those of another day are over."""
    yesterday = {**UNASKED, "tmdb": Booked(day=BEFORE.date() - timedelta(days=1), requests=9)}
    assert views.provider_states([], yesterday, NOW).providers[0].requests_today == 0
    assert _omdb(requests=40).requests_today == 40


def test_what_remains_of_a_quota() -> None:
    """Unknown where the quota was not met within a week; else what was learned less today's requests, at least 0."""
    assert _omdb(requests=40).remaining is None
    assert _omdb(requests=40, learned=1_000).remaining == 960
    assert _omdb(requests=40, learned=40).remaining == 0
    assert _omdb(requests=40, learned=30).remaining is None
    week_ago = NOW - timedelta(days=7)
    assert _omdb(requests=40, learned=1_000, learned_at=week_ago).remaining is None
    assert _omdb(requests=40, learned=1_000, learned_at=week_ago + timedelta(seconds=1)).remaining == 960


def test_nothing_remains_while_the_quota_is_used_up() -> None:
    """A pause for a quota says that there is nothing left, a pause for failures does not."""
    assert _omdb(learned=1_000, condition="quota_used_up", until=AFTER).remaining == 0
    assert _omdb(learned=1_000, condition="quota_used_up", until=NOW).remaining == 1_000
    assert _omdb(learned=1_000, condition="paused", until=AFTER).remaining == 1_000


def test_pause_ends_by_itself() -> None:
    """A pause whose end has passed is none; nobody has to say so."""
    paused = _omdb(condition="paused", until=AFTER, reason="Request limit reached!")
    assert (paused.state, paused.since, paused.until, paused.reason) == (
        "paused",
        BEFORE,
        AFTER,
        "Request limit reached!",
    )
    over = _omdb(condition="paused", since=BEFORE, until=NOW, reason="Request limit reached!")
    assert (over.state, over.since, over.until, over.reason) == ("on", NOW, None, None)


def test_refused_key() -> None:
    """A refused key has no end of its own."""
    assert _omdb(condition="key_refused", reason="Invalid API key!").state == "key_refused"


def test_switched_off_wins() -> None:
    """A provider without a key is off, whatever happened to it before."""
    assert _omdb(configured=False, condition="paused", until=AFTER).state == "off"


def _job(**columns: Any) -> dict[str, Any]:
    row = {
        "job_id": 9,
        "kind": "import",
        "movie_id": None,
        "state": "running",
        "progress": 40,
        "started_at": NOW,
        "completed_at": None,
        "error": None,
        "code": None,
        "processed": 4,
        "total": 10,
        "counts": '{"added":4}',
    }
    return {**row, **columns}


def test_report_of_an_import_in_pages() -> None:
    """A page of noted rows says where the next one begins, the last one that there is none."""
    noted = [{"noted": f'{{"row":{row},"result":"conflict"}}'} for row in (1, 2, 3)]
    first = views.import_report(_job(), noted, 0, 2)
    assert first is not None
    assert ([row.row for row in first.rows], first.next_row_offset, first.counts.added) == ([1, 2], 2, 4)
    last = views.import_report(_job(), noted[2:], 2, 2)
    assert last is not None
    assert ([row.row for row in last.rows], last.next_row_offset) == ([3], None)


def test_refresh_has_no_report() -> None:
    """Only imports have a report of rows."""
    assert views.import_report(_job(kind="enrichment", total=None, processed=None, counts=None), [], 0, 2) is None
