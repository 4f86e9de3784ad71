"""Who gets which live message."""

from typing import Any

import pytest
from tests.unit.metarr_gateway.sent import sent

from metarr_contracts.readmodels import MovieStatus
from metarr_contracts.websocket import (
    EnrichmentComplete,
    EnrichmentFailedNote,
    EnrichmentProgress,
    ErrorFrame,
    Subscribe,
    Unsubscribe,
)
from metarr_gateway import examples, hub
from metarr_gateway.hub import Hub, Socket
from metarr_gateway.topics import Note, film

FILM = 123
NOW = 1_000.0
STATUS = MovieStatus.model_validate(examples.ANSWERS["movie_status"])
UNKNOWN = ErrorFrame(error="Movie not found", code="movie_not_found", movie_id=FILM)
AWAY = ErrorFrame(error="away", code="unavailable", movie_id=FILM)


def progress(percent: int = 33, *, movie_id: int = FILM, job_id: int = 7) -> EnrichmentProgress:
    """A job runs."""
    return EnrichmentProgress(
        movie_id=movie_id,
        job_id=job_id,
        progress=percent,
        current_provider="omdb",
        providers_complete=(),
        providers_remaining=("omdb",),
    )


def complete(*, movie_id: int = FILM, job_id: int = 7) -> EnrichmentComplete:
    """A job ended."""
    return EnrichmentComplete(
        movie_id=movie_id, job_id=job_id, seq=1, completeness=92, partial=False, rate_limited_providers=()
    )


def publish(to: Hub, note: Note, now: float = NOW) -> list[Socket]:
    """A note arrives."""
    return list(to.publish(note, note.to_json(), now))


def subscribe(movie_id: int | None = FILM) -> Subscribe:
    """A client's frame."""
    return Subscribe(type="subscribe", channel="movie:enrichment", movie_id=movie_id)


def subscribed(to: Hub, *movie_ids: int | None) -> Socket:
    """A client with these subscriptions that has read its acknowledgements."""
    socket = to.connect()
    for movie_id in movie_ids:
        assert to.begin_subscribe(socket, subscribe(movie_id))
        to.end_subscribe(socket, subscribe(movie_id), None if movie_id is None else STATUS, NOW)
    drained(socket)
    return socket


def drained(socket: Socket) -> list[Any]:
    """All that goes out, as (type, film)."""
    return [(frame["type"].removeprefix("enrichment:"), frame.get("movieId")) for frame in sent(socket.outbox)]


def test_who_never_subscribed_gets_everything() -> None:
    """Existing clients send no subscribe."""
    all_films = Hub()
    socket = all_films.connect()
    publish(all_films, progress())
    publish(all_films, complete(movie_id=5))
    assert drained(socket) == [("progress", FILM), ("complete", 5)]


def test_a_subscription_narrows() -> None:
    """From the first subscribe on only what was subscribed to."""
    films = Hub()
    one, everything, two = subscribed(films, FILM), subscribed(films, None), subscribed(films, FILM, 5)
    assert set(publish(films, complete(movie_id=5))) == {everything, two}
    publish(films, complete())
    assert drained(one) == [("complete", FILM)]
    assert drained(everything) == drained(two) == [("complete", 5), ("complete", FILM)]


def test_bulk_brings_no_films() -> None:
    """Who subscribed to bulk messages alone gets no messages on films."""
    films = Hub()
    socket = films.connect()
    frame = Subscribe(type="subscribe", channel="bulk:enrichment")
    films.begin_subscribe(socket, frame)
    publish(films, progress())
    films.end_subscribe(socket, frame, None, NOW)
    assert drained(socket) == [("subscribed", None)]


def test_unsubscribe_undoes_the_same_subscribe() -> None:
    """One film's subscription is not that of all films."""
    films = Hub()
    socket = subscribed(films, None, FILM)
    films.unsubscribe(socket, Unsubscribe(type="unsubscribe", channel="movie:enrichment", movie_id=FILM))
    publish(films, complete())
    films.unsubscribe(socket, Unsubscribe(type="unsubscribe", channel="movie:enrichment"))
    publish(films, complete(job_id=8))
    assert drained(socket) == [("unsubscribed", FILM), ("complete", FILM), ("unsubscribed", None)]


def test_a_running_jobs_progress_follows_the_acknowledgement() -> None:
    """Its last progress, at once; for all films that of all running jobs."""
    films = Hub()
    for running in (FILM, 5):
        publish(films, progress(0, movie_id=running))
    publish(films, progress(66))
    for movie_id, expected in [(FILM, [("progress", FILM)]), (None, [("progress", FILM), ("progress", 5)])]:
        socket = films.connect()
        films.begin_subscribe(socket, subscribe(movie_id))
        films.end_subscribe(socket, subscribe(movie_id), None, NOW)
        assert drained(socket) == [("subscribed", movie_id), *expected]


def test_an_end_during_the_subscribe_comes_after_the_acknowledgement() -> None:
    """The state that is being fetched may be the one before the end: the end has the last word and is never lost."""
    films = Hub()
    publish(films, progress())
    socket = films.connect()
    films.begin_subscribe(socket, subscribe())
    publish(films, progress(66))
    publish(films, complete())
    films.end_subscribe(socket, subscribe(), STATUS, NOW)
    assert drained(socket) == [("subscribed", FILM), ("complete", FILM)]
    assert socket.held == []


def test_other_films_go_on_during_a_subscribe() -> None:
    """Only messages on the film that is asked for wait."""
    films = Hub()
    socket = subscribed(films, 5)
    films.begin_subscribe(socket, subscribe())
    publish(films, complete(movie_id=5))
    assert drained(socket) == [("complete", 5)]


def test_an_unknown_film_is_not_subscribed_to() -> None:
    """The error frame is the answer; nothing on that film follows, and nothing on others."""
    films = Hub()
    socket = films.connect()
    films.begin_subscribe(socket, subscribe())
    publish(films, complete())
    films.end_subscribe(socket, subscribe(), UNKNOWN, NOW)
    publish(films, complete(job_id=8))
    publish(films, complete(movie_id=5))
    assert drained(socket) == [("error", FILM)]


def test_without_the_database_the_subscription_holds() -> None:
    """Live messages do not need it."""
    films = Hub()
    socket = films.connect()
    publish(films, progress())
    films.begin_subscribe(socket, subscribe())
    films.end_subscribe(socket, subscribe(), AWAY, NOW)
    publish(films, complete())
    assert drained(socket) == [("progress", FILM), ("error", FILM), ("progress", FILM), ("complete", FILM)]


def test_progress_of_an_ended_job_is_dropped() -> None:
    """It may arrive after the end: two services send them. The next job's progress passes."""
    films = Hub()
    socket = films.connect()
    publish(films, complete())
    assert publish(films, progress(100)) == []
    assert films.progress(film(FILM), NOW) is None
    publish(films, progress(0, job_id=8))
    assert drained(socket) == [("complete", FILM), ("progress", FILM)]


def test_a_late_end_leaves_the_next_jobs_progress() -> None:
    """The end of job 7 arrives when job 8 runs already."""
    films = Hub()
    publish(films, progress(job_id=8))
    publish(films, complete(job_id=7))
    running = films.progress(film(FILM), NOW)
    assert running is not None
    assert running.job_id == 8


def test_a_repeated_end_goes_out_again() -> None:
    """Ends come at least once; clients only refetch."""
    films = Hub()
    socket = films.connect()
    publish(films, complete())
    publish(films, complete())
    assert drained(socket) == [("complete", FILM)] * 2


def test_every_end_ends() -> None:
    """Failed and cancelled jobs are over too."""
    films = Hub()
    publish(films, progress())
    publish(films, EnrichmentFailedNote(movie_id=FILM, job_id=7, seq=1, error="Enrichment cancelled", code="cancelled"))
    assert films.progress(film(FILM), NOW) is None


def test_silence_means_that_nothing_is_known() -> None:
    """Progress is repeated while a job runs; what is old is not shown as running. Nor is anything after a gap."""
    films = Hub()
    publish(films, progress(), now=NOW)
    assert films.progress(film(FILM), NOW + 14)
    assert films.progress(film(FILM), NOW + 15) is None
    films.forget_progress()
    assert films.progress(film(FILM), NOW) is None


def test_too_many_subscriptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error frame; a repeated subscribe is no further one."""
    monkeypatch.setattr(hub, "MAX_SUBSCRIPTIONS", 2)
    films = Hub()
    socket = subscribed(films, 1, 2)
    assert not films.begin_subscribe(socket, subscribe(3))
    assert films.begin_subscribe(socket, subscribe(2))
    assert drained(socket) == [("error", None)]


def test_who_is_gone_gets_nothing() -> None:
    """A closed socket holds nothing up."""
    films = Hub()
    socket = films.connect()
    films.disconnect(socket)
    assert publish(films, complete()) == []
    assert drained(socket) == []
