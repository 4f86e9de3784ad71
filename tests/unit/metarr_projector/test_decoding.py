"""Messages become events, or say why they are none."""

from datetime import UTC, datetime

import pytest

from metarr_contracts import events
from metarr_contracts.envelope import Envelope
from metarr_contracts.movie import ExternalIds
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


def test_nul_characters_are_left_out() -> None:
    """A NUL, which Postgres cannot store, costs a character and not the film; a written backslash stays."""
    item = _decode(ADDED.model_copy(update={"title": "R\0an \\u0000"}).to_json())
    assert isinstance(item, Recorded)
    assert item.body == ADDED.model_copy(update={"title": "Ran \\u0000"})


def test_row_of_a_dead_event_can_be_stored() -> None:
    """Whatever a stranger put into headers does not stop the projection."""
    dead = Undecodable(Received(7, "metarr.evt.movie.1", {"ce-type": "a\0b\ud800"}, b""), "why")
    assert dead.row().type == "ab?"
