"""The map of the bus: every type has a subject, every subject a stream, and services keep to it."""

import re
from datetime import date
from inspect import signature
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from metarr_contracts import commands, events, library, registry, streams, subjects
from metarr_contracts.base import Request, Value
from metarr_contracts.channels import CHANNELS, LIVE, QUERIES, REQUESTS, STORED, VERBS, Channel, covers, stream_of
from metarr_contracts.http import BulkRunRequest, ChangeRequest, EnrichRequest, IdentifyRequest
from metarr_enricher.cancels import Cancels
from metarr_enricher.library import Library
from metarr_projector.queries import Queries

EXAMPLES = {
    subjects.enrich_command(123): "METARR_COMMANDS",
    subjects.BULK_RUN: "METARR_COMMANDS",
    subjects.import_command("0b6c1d9e"): "METARR_COMMANDS",
    subjects.movie_event(123): "METARR_EVENTS",
    subjects.job_event(789): "METARR_EVENTS",
    subjects.claim_event("imdb", "tt0133093"): "METARR_EVENTS",
    subjects.provider_event("omdb"): "METARR_EVENTS",
    subjects.SCHEDULE_EVENTS: "METARR_EVENTS",
    subjects.BULK_EVENTS: "METARR_EVENTS",
    subjects.RULES_EVENTS: "METARR_EVENTS",
    subjects.answer("tmdb", 123): "METARR_ANSWERS",
    subjects.lookup_answer(123): "METARR_ANSWERS",
    subjects.changes_answer(date(2025, 11, 21)): "METARR_ANSWERS",
    subjects.dead_letter(subjects.enrich_command(123)): "METARR_DEAD",
    subjects.live_movie(123): None,
    subjects.LIVE_BULK: None,
    subjects.LIVE_CANCEL: None,
    subjects.library("add"): None,
    subjects.query("movie.get"): None,
    subjects.REBUILD: None,
}
NO_PROVIDER = {"lookupAnswers", "changesAnswers"}
EVENT_MODELS = [model for union in get_args(events.Event) for model in (get_args(union) or (union,))]


FACTS = [name for name, (model, _) in registry.TYPES.items() if model not in get_args(commands.Command)]


def without_parts(service: Any) -> Any:
    """The object that answers, to be looked at and not to be asked."""
    return service(**dict.fromkeys(signature(service).parameters))


def channels_of(model: type[Value]) -> list[Channel]:
    """Where a model travels as a stored message."""
    return [channel for channel in STORED if model in channel.bodies]


@pytest.mark.parametrize("message_type", sorted(registry.TYPES))
def test_every_type_has_a_subject(message_type: str) -> None:
    """A type travels on at least one family of subjects, and the registry says the same."""
    model, pattern = registry.TYPES[message_type]

    assert channels_of(model)
    assert [channel.name for channel in channels_of(model) if not covers(pattern, channel.pattern)] == []


@pytest.mark.parametrize("channel", STORED, ids=lambda channel: channel.name)
def test_every_stored_subject_belongs_to_one_stream(channel: Channel) -> None:
    """No subject is kept twice, and none is forgotten."""
    keeping = [s.name for s in streams.STREAMS if any(covers(kept, channel.pattern) for kept in s.subjects)]

    assert len(keeping) == 1


@pytest.mark.parametrize("channel", [*LIVE, *REQUESTS], ids=lambda channel: channel.name)
def test_notes_and_requests_are_not_stored(channel: Channel) -> None:
    """Live notes and request/reply never fill a stream."""
    assert stream_of(channel) is None


@pytest.mark.parametrize(("subject", "stream"), EXAMPLES.items())
def test_every_subject_is_on_the_map(subject: str, stream: str | None) -> None:
    """Each subject that services build lies in the family and the stream that are said; answers name one provider."""
    [channel, *others] = sorted(
        (channel for channel in CHANNELS if covers(channel.pattern, subject)),
        key=lambda channel: channel.pattern.count("*"),
    )

    kept = stream_of(channel)
    assert (kept.name if kept else None) == stream
    assert [other.name for other in others] == (["providerAnswers"] if channel.name in NO_PROVIDER else [])


def test_every_event_is_registered() -> None:
    """Every model of events.py that is a message has a type, and every event type is one of them."""
    registered = {model for model, pattern in registry.TYPES.values() if covers(subjects.EVENTS, pattern)}
    public = {
        model
        for name, model in vars(events).items()
        if isinstance(model, type)
        and issubclass(model, Value)
        and model.__module__ == events.__name__
        and not name.startswith("_")
    }

    assert registered == set(EVENT_MODELS)
    assert public - registered == {events.ImportedRow, events.ImportCounts}  # parts of messages


def test_types_are_versioned() -> None:
    """A type ends in its version, and each model has a type of its own."""
    assert all(re.fullmatch(r"metarr(\.[a-z-]+){2}\.v\d+", message_type) for message_type in registry.TYPES)
    assert len({model for model, _ in registry.TYPES.values()}) == len(registry.TYPES)


@pytest.mark.parametrize(
    "model",
    [
        *get_args(commands.Command),
        *(request for exchanges in (VERBS, QUERIES) for request, _ in exchanges.values()),
        *(EnrichRequest, BulkRunRequest, IdentifyRequest, ChangeRequest, library.ImportRow),
    ],
)
def test_commands_refuse_unknown_fields(model: type[Request]) -> None:
    """A typing error in a request is said and not lost in silence."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"forse": True})

    assert ("forse",) in [error["loc"] for error in refused.value.errors() if error["type"] == "extra_forbidden"]


@pytest.mark.parametrize("message_type", FACTS)
def test_stored_facts_tolerate_unknown_fields(message_type: str) -> None:
    """A newer writer does not break an older reader."""
    assert registry.TYPES[message_type][0].model_config["extra"] == "ignore"


def test_event_with_unknown_fields_is_read() -> None:
    """Unknown fields are ignored at every depth."""
    added = {"kind": "imdb", "id": "tt0133093", "movieId": 123, "since": "2025", "more": {"a": 1}}

    assert events.ClaimTaken.model_validate(added) == events.ClaimTaken(kind="imdb", id="tt0133093", movie_id=123)


def test_services_answer_what_the_map_says() -> None:
    """The endpoints of the two micro services are those of the map; verbs that stand alone are wired in bootstrap."""
    verbs = [*without_parts(Library).endpoints(), *without_parts(Cancels).endpoints()]
    queries = without_parts(Queries).endpoints()

    alone = {subjects.library("resume"), subjects.library("rules"), subjects.library("search")}
    assert {endpoint.subject for endpoint in verbs} == {subjects.library(verb) for verb in VERBS} - alone
    assert {endpoint.subject for endpoint in queries} == {subjects.query(name) for name in QUERIES}


def test_streams_are_those_of_the_design() -> None:
    """Architecture §4.1: what is kept, for how long, and the settings that matter."""
    by_name = {stream.name: stream for stream in streams.STREAMS}
    queue, truth = by_name["METARR_COMMANDS"], by_name["METARR_EVENTS"]
    answers, dead = by_name["METARR_ANSWERS"], by_name["METARR_DEAD"]

    assert set(by_name) == {"METARR_COMMANDS", "METARR_EVENTS", "METARR_ANSWERS", "METARR_DEAD"}
    assert (queue.retention, queue.max_msgs_per_subject) == ("workqueue", 1)
    assert (queue.discard, queue.discard_new_per_subject) == ("new", True)
    assert (truth.retention, truth.max_age, truth.max_msgs_per_subject) == ("limits", 0, -1)
    assert (truth.deny_delete, truth.deny_purge, truth.allow_direct) == (True, True, True)
    assert (answers.max_age, answers.max_msgs_per_subject > 1) == (180 * 86_400, True)
    assert dead.max_age == 30 * 86_400


def test_consumers_share_the_queue_without_overlap() -> None:
    """A work queue delivers a subject to one consumer only, and every command reaches one."""
    [queue] = [stream for stream in streams.STREAMS if stream.name == streams.COMMANDS]
    filters = [consumer.filter_subject for consumer in streams.CONSUMERS if consumer.stream == queue.name]
    kept = [channel for channel in STORED if stream_of(channel) is queue]

    assert [sum(covers(taken, channel.pattern) for taken in filters) for channel in kept] == [1] * len(kept)
    assert (streams.ACK_WAIT_SECONDS, streams.HEARTBEAT_SECONDS, streams.MAX_DELIVERIES) == (10, 3, 5)
