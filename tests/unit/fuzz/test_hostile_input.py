"""The rules of `tests/fuzz` hold for whatever is sent: what once broke one, mutated samples, and random bytes."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.mutate import mutated
from tests.fuzz.rules import RULES
from tests.fuzz.seeds import LONG_BOUNDARY, RECORDED, seeds, some_form, some_manifest

SEEDS = {rule: tuple(seeds(rule)) for rule in RULES}
ODD_TIME = '"0001-01-01T00:00:00+23:59"'

FOUND = {
    "a time that no calendar has in UTC, in a command": ("command", f'\1{{"scheduledFor": {ODD_TIME}}}'.encode()),
    "the same in an event's headers": (
        "envelope",
        b"ce-id=1\nce-type=a\nce-source=b\nce-time=0001-01-01T00:00:00+23:59",
    ),
    "the same in a cursor": (
        "query",
        b"\0sort=added&cursor=eyJzb3J0IjoiYWRkZWQiLCJvcmRlciI6ImFzYyIsInZhbHVlIjoiMDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSIsImlkIjoxfQ==",
    ),
    "a long name of a missing field": ("query", b"\0missing=" + b"p" * 5_000),
    "a variable in another encoding": ("environment", b"\2TIME_ZONE=Espa\xf1a"),
    "brackets in the middle of a host": ("servers", b"wss://token@\xff[::1]en@\xff[::1\1\xff"),
    "several hosts in brackets": ("servers", b"@[::]@[:8]"),
    "a form that says its charset, with a boundary as browsers make them": (
        "form",
        b"\x01" + some_form(LONG_BOUNDARY, b"_charset_"),
    ),
    "forms in forms in forms": (
        "form",
        b"\0--b\r\n" + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 5_000,
    ),
    "a backup that does not say where a stream ends": ("manifest", some_manifest().replace(b"last_seq", b"last")),
    "metrics in a version that is no number": ("accept", b"application/openmetrics-text;version=x"),
    "a subject that is no text": ("message", b"metarr.cmd.enrich.\xff\n\n"),
    "a reply that is no text": ("message", b"metarr.lib.add\n\xff\n"),
    "a status that is no text": ("message", b"a\n\nNATS/1.0 \xff\xff\xff\xff\r\n\r\n"),
    "a status before headers that are no text": ("message", b"a\n\nNATS/1.0 100\r\na: 3\xb7\n\r\n"),
    "an answer of lists in lists": ("answer", b"\0" + b"[" * 10_000),
    "a picture's address with a NUL (OMDb)": (
        "omdb",
        b'\0{"Response":"True","imdbID":"tt1","Poster":"https://a.b/\\u0000.jpg"}',
    ),
    "a picture's address with a NUL (fanart.tv)": (
        "fanart",
        b'\0{"tmdb_id":"1","hdmovielogo":[{"url":"https://a.b/\\u0000.png","lang":"en"}]}',
    ),
    "half a surrogate in a picture's address": (
        "omdb",
        b'\0{"Response":"True","imdbID":"tt1","Poster":"https://a.b/\\ud800.jpg"}',
    ),
}


@pytest.mark.parametrize("found", FOUND)
def test_what_once_broke_a_rule(found: str) -> None:
    """Each was found by `make fuzz`."""
    rule, data = FOUND[found]
    RULES[rule](data)


@pytest.mark.parametrize("rule", RULES)
def test_samples(rule: str) -> None:
    """Each rule has inputs to begin with, and they do not break it."""
    assert SEEDS[rule]
    for data in SEEDS[rule]:
        RULES[rule](data)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=50)
@given(data=st.binary(max_size=200))
def test_random_bytes(rule: str, data: bytes) -> None:
    """Bytes of any kind."""
    RULES[rule](data)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=50)
@given(seed=st.integers(0, 2**32))
def test_mutated_samples(rule: str, seed: int) -> None:
    """Samples with some of their values changed."""
    data = random.Random(seed).choice(SEEDS[rule])  # noqa: S311 - no secret
    changed = mutated(data, seed)
    RULES[rule](changed if changed is not None else data[: seed % (len(data) + 1)])


@pytest.mark.parametrize("rule", RULES)
def test_inputs_made_to_break_a_reader(rule: str) -> None:
    """Deep, long and endless ones; none takes long."""
    deep = (
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b"1" * 20_000,
        b'"' * 20_000,
        b"\\" * 20_000,
        b"," * 20_000,
        b"=&" * 10_000,
    )
    for content in (*deep, b"title\n" + b'"a\n' * 300, json.dumps({"a" * 20_000: "b" * 20_000}).encode()):
        RULES[rule](b"\0" + content)
        RULES[rule](content)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not on this machine")
def test_recorded_answers_are_among_the_samples() -> None:
    """Where they are there, fuzzing begins with them."""
    assert len(SEEDS["tmdb"]) > 5
