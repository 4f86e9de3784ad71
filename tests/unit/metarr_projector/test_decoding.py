"""Messages become events, or say why they are none."""

from datetime import UTC, datetime

import pytest

from metarr_contracts import events
from metarr_contracts.envelope import Envelope
from metarr_contracts.movie import Completeness, ExternalIds, FieldValue, MissingField
from metarr_projector.decoding import Received, Recorded, Undecodable, decode

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HEADERS = Envelope(id="abc", type="metarr.movie.added.v1", source="/metarr/enricher", time=NOW).headers()
ADDED = events.MovieAdded(movie_id=1, title="Ran", year=1985, ids=ExternalIds(), request="r", missing=())


def _decode(data: bytes, headers: dict[str, str] = HEADERS) -> Recorded | Undecodable:
    return decode(Received(7, "metarr.evt.movie.1", headers, data))


def test_event_is_read_with_its_envelope() -> None:
    """Id and time of an event are those of its envelope."""
    item = _decode(ADDED.to_json())
    assert isinstance(item, Recorded)
    assert (item.seq, item.id, item.time, item.body) == (7, "abc", NOW, ADDED)


@pytest.mark.parametrize(
    ("data", "headers", "reason"),
    [
        (b"{", HEADERS, "MovieAdded : Invalid JSON"),
        (b'{"movieId":"x"}', HEADERS, "MovieAdded movieId: Input should be a valid integer"),
        (b"{}", {**HEADERS, "ce-type": "metarr.movie.sung.v1"}, "unknown message type metarr.movie.sung.v1"),
        (b"{}", {}, "Envelope id: Input should be a valid string"),
    ],
)
def test_reason_is_said_in_one_line(data: bytes, headers: dict[str, str], reason: str) -> None:
    """What cannot be read says what is wrong with it."""
    item = _decode(data, headers)
    assert isinstance(item, Undecodable)
    assert item.reason.startswith(reason)
    assert "\n" not in item.reason


CHANGED = events.MovieChanged(
    movie_id=1,
    title=None,
    year=None,
    changed={"plot": FieldValue(value=["A plot"], source="user", fetched_at=NOW)},
    cleared=(),
    locked=(),
    completeness=Completeness(before=0, after=5),
    missing=(MissingField(field="tagline", reason="not_fetched", providers=("tmdb",)),),
)
OF_CHANGED = {**HEADERS, "ce-type": "metarr.movie.changed.v1"}


def test_parts_of_an_event_are_read_tolerantly() -> None:
    """What a newer version says of a value beside what is known does not break an older one."""
    item = _decode(CHANGED.to_json().replace(b'"source":"user"', b'"source":"user","mood":"new"'), OF_CHANGED)
    assert isinstance(item, Recorded)
    assert item.body == CHANGED


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        (b'"source":"user"', b'"source":7', "changed.plot.source: Input should be a valid string"),
        (b'"source":"user",', b"", "changed.plot.source: Field required"),
        (b'"2026-11-22T03:00:00Z"', b'"2026-11-22T03:00:00"', "changed.plot.fetchedAt: a time needs a zone"),
        (b'"2026-11-22T03:00:00Z"', b'"yesterday"', "changed.plot.fetchedAt: a time needs a zone"),
        (b'"language":null', b'"language":["en"]', "changed.plot.language: Input should be a valid string"),
        (b'"not_fetched"', b'"lost"', "missing.0.reason: Input should be 'not_fetched'"),
        (b'["tmdb"]', b'"tmdb"', "missing.0.providers: Input should be a valid array"),
    ],
)
def test_no_part_of_a_wrong_type_gets_in(right: bytes, wrong: bytes, reason: str) -> None:
    """Values and missing fields are as strictly read as the event that holds them."""
    whole = CHANGED.to_json()
    assert right in whole
    item = _decode(whole.replace(right, wrong), OF_CHANGED)
    assert isinstance(item, Undecodable)
    assert item.reason.startswith(f"MovieChanged {reason}")


def test_nul_characters_are_left_out() -> None:
    """A NUL, which Postgres cannot store, costs a character and not the film; a written backslash stays."""
    item = _decode(ADDED.model_copy(update={"title": "R\0an \\u0000"}).to_json())
    assert isinstance(item, Recorded)
    assert item.body == ADDED.model_copy(update={"title": "Ran \\u0000"})


def test_row_of_a_dead_event_can_be_stored() -> None:
    """Whatever a stranger put into headers does not stop the projection."""
    dead = Undecodable(Received(7, "metarr.evt.movie.1", {"ce-type": "a\0b\ud800"}, b""), "why")
    assert dead.row().type == "ab?"
