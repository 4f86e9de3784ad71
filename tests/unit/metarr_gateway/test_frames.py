"""Frames of WebSocket clients."""

import json

import pytest

from metarr_contracts.websocket import ErrorFrame, Ping, Subscribe, Unsubscribe
from metarr_gateway.frames import parse_frame


def test_frames_that_are_understood() -> None:
    """The documented ones."""
    assert parse_frame('{"type":"ping"}') == Ping(type="ping")
    subscribe = {"type": "subscribe", "channel": "movie:enrichment", "movieId": 123}
    assert parse_frame(json.dumps(subscribe)) == Subscribe(type="subscribe", channel="movie:enrichment", movie_id=123)
    bulk = '{"type":"unsubscribe","channel":"bulk:enrichment"}'
    assert parse_frame(bulk) == Unsubscribe(type="unsubscribe", channel="bulk:enrichment")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "invalid_json", "not valid JSON"),
        ("ping", "invalid_json", "not valid JSON"),
        ("null", "invalid_frame", ""),
        ("{}", "invalid_frame", "type: "),
        ('{"type":7}', "invalid_frame", "type: "),
        ('{"type":"subscribe","channel":"movie:enrichment","movieId":0}', "invalid_frame", "movieId: "),
        ('{"type":"subscribe","channel":"movie:enrichment","movieId":1000000000}', "invalid_frame", "movieId: "),
        ('{"type":"unsubscribe","channel":"movie:enrichment","movieId":1000000000}', "invalid_frame", "movieId: "),
        ('{"type":"subscribe","channel":"movie:enrichment","movieId":true}', "invalid_frame", "movieId: "),
        ('{"type":"subscribe","channel":"movie:enrichment","movieId":1.5}', "invalid_frame", "movieId: "),
        ('{"type":"subscribe","channel":"movie:enrichment","movie":1}', "invalid_frame", "movie: is not known here"),
        ('{"type":"subscribe"}', "invalid_frame", "channel: is required"),
        ('{"type":"subscribe","channel":["movie:enrichment"]}', "invalid_frame", "channel: "),
        ('{"type":"unsubscribe","channel":"bulk:enrichment","movieId":1}', "invalid_frame", "movieId: "),
    ],
)
def test_frames_that_are_not(text: str, code: str, said: str) -> None:
    """The error names the field."""
    error = parse_frame(text)
    assert isinstance(error, ErrorFrame)
    assert error.code == code
    assert said in error.error
