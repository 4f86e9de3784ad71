"""Who gets which live message on runs over the whole library."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.metarr_gateway.sent import sent

from metarr_contracts.bulk import RunMovie
from metarr_contracts.readmodels import BulkStatus, LiveRunStats, RunStats
from metarr_contracts.websocket import (
    BulkComplete,
    BulkNote,
    BulkProgress,
    BulkRateLimit,
    EnrichmentComplete,
    ErrorFrame,
    Subscribe,
    Unsubscribe,
)
from metarr_gateway import examples
from metarr_gateway.hub import Hub, Socket
from metarr_gateway.outbox import CONFLATE_FROM
from metarr_gateway.run_progress import progress_of
from metarr_gateway.text_frame import text_frame
from metarr_gateway.topics import RUNS, Note

NOW = 1_000.0
RUN = 901
SUBSCRIBE = Subscribe(type="subscribe", channel="bulk:enrichment")
AWAY = ErrorFrame(error="away", code="unavailable")
RUNNING = BulkStatus.model_validate(examples.ANSWERS["bulk_status"])
IDLE = RUNNING.model_copy(update={"current_run": None})


def progress(seq: int = 10, job_id: int = RUN) -> BulkProgress:
    """A run goes on."""
    return BulkProgress(
        job_id=job_id,
        seq=seq,
        progress=seq % 100,
        processed_movies=seq,
        total_movies=1523,
        current_movie=RunMovie(id=seq, title="Heat"),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=1523, processed=seq, skipped=0, failed=0, remaining=1523 - seq),
    )


def limited(seq: int = 20, job_id: int = RUN) -> BulkRateLimit:
    """A quota is used up."""
    return BulkRateLimit(
        job_id=job_id, seq=seq, provider="omdb", processed_movies=500, total_movies=1523, message="OMDB"
    )


def complete(seq: int = 30, job_id: int = RUN) -> BulkComplete:
    """A run ended."""
    return BulkComplete(
        job_id=job_id,
        seq=seq,
        status="partial",
        stats=RunStats(total_movies=1523, processed=500, skipped=1023, failed=0),
        rate_limit_hit=True,
        rate_limited_providers=("omdb",),
    )


def ended(status: BulkStatus, job_id: int) -> BulkStatus:
    """The status after this run."""
    assert status.last_run is not None
    return status.model_copy(update={"last_run": status.last_run.model_copy(update={"job_id": job_id})})


def running(job_id: int = RUN, seq: int = 4800) -> BulkStatus:
    """The status while this run goes on."""
    assert RUNNING.current_run is not None
    run = RUNNING.current_run.model_copy(update={"job_id": job_id, "seq": seq})
    return RUNNING.model_copy(update={"current_run": run})


def queued() -> BulkStatus:
    """The status while this run waits to begin."""
    run = running(seq=0).current_run
    assert run is not None
    return RUNNING.model_copy(update={"current_run": run.model_copy(update={"state": "queued"})})


def publish(to: Hub, *notes: Note) -> None:
    """Notes arrive."""
    for note in notes:
        to.publish(note, note.to_json(), NOW)


def drained(socket: Socket) -> list[tuple[str, int | None]]:
    """All that goes out, as (type, sequence)."""
    return [(frame["type"].removeprefix("bulk:"), frame.get("seq")) for frame in sent(socket.outbox)]


def subscribed(to: Hub, status: BulkStatus | ErrorFrame = IDLE, *meanwhile: BulkNote) -> Socket:
    """A client that subscribed to runs; `meanwhile` arrived while the status was fetched."""
    socket = to.connect()
    assert to.begin_subscribe(socket, SUBSCRIBE)
    publish(to, *meanwhile)
    to.end_subscribe(socket, SUBSCRIBE, status, NOW)
    return socket


def test_who_never_subscribed_gets_everything() -> None:
    """Existing clients send no subscribe."""
    hub = Hub()
    socket = hub.connect()
    publish(hub, progress(), limited(), complete())
    assert drained(socket) == [("progress", 10), ("rate_limit", 20), ("complete", 30)]


def test_a_subscription_to_films_brings_no_runs() -> None:
    """And one to runs brings no films."""
    hub = Hub()
    films, runs = hub.connect(), subscribed(hub)
    frame = Subscribe(type="subscribe", channel="movie:enrichment")
    hub.begin_subscribe(films, frame)
    hub.end_subscribe(films, frame, None, NOW)
    refreshed = EnrichmentComplete(
        movie_id=5, job_id=7, seq=40, completeness=92, partial=False, rate_limited_providers=()
    )
    publish(hub, progress(), limited(), complete(), refreshed)
    assert drained(films) == [("subscribed", None), ("enrichment:complete", 40)]
    assert drained(runs) == [("subscribed", None), ("progress", 10), ("rate_limit", 20), ("complete", 30)]


def test_unsubscribe() -> None:
    """Who has no subscription left gets nothing."""
    hub = Hub()
    socket = subscribed(hub)
    hub.unsubscribe(socket, Unsubscribe(type="unsubscribe", channel="bulk:enrichment"))
    publish(hub, progress(), limited(), complete())
    assert drained(socket) == [("subscribed", None), ("unsubscribed", None)]


def test_the_present_run_follows_the_acknowledgement() -> None:
    """A gateway that has heard nothing yet makes the progress of the status."""
    hub = Hub()
    socket = subscribed(hub, running(seq=4800))
    assert drained(socket) == [("subscribed", None), ("progress", 4800)]
    assert hub.progress(RUNS, NOW + 3_600)


def test_a_queued_run_has_no_progress() -> None:
    """The acknowledgement says that it waits; a bar is shown from its first message on."""
    hub = Hub()
    socket = subscribed(hub, queued())
    assert hub.progress(RUNS, NOW) is None
    publish(hub, progress(10))
    assert drained(socket) == [("subscribed", None), ("progress", 10)]


def test_a_queued_run_that_is_refused_has_ended() -> None:
    """Who saw it wait, or asks while it is refused, is told so after the acknowledgement; it makes no progress."""
    hub = Hub()
    refused = complete().model_copy(update={"status": "failed", "error": "Ran already"})
    before, meanwhile = subscribed(hub, queued()), subscribed(hub, queued(), refused)
    publish(hub, progress(10))
    for socket in (before, meanwhile):
        assert drained(socket) == [("subscribed", None), ("complete", 30)]
    publish(hub, progress(40, RUN + 1))
    assert drained(before) == [("progress", 40)]


def test_progress_says_what_the_status_says() -> None:
    """Every name that both have, with the same value."""
    assert RUNNING.current_run is not None
    state = json.loads(RUNNING.current_run.to_json())
    frame = json.loads(progress_of(RUNNING.current_run).to_json())
    assert frame == {"type": "bulk:progress"} | {name: state[name] for name in frame if name != "type"}


@pytest.mark.parametrize(("status_seq", "heard_seq", "shown"), [(12, 10, 12), (10, 12, 12), (0, 10, 10)])
def test_the_newer_of_status_and_progress_follows(status_seq: int, heard_seq: int, shown: int) -> None:
    """The status may have been read before or after the last progress was heard."""
    hub = Hub()
    socket = subscribed(hub, running(seq=status_seq), progress(heard_seq))
    assert drained(socket) == [("subscribed", None), ("progress", shown)]


def test_without_the_read_models_the_subscription_holds() -> None:
    """An error frame, the last progress that was heard, then what comes."""
    hub = Hub()
    publish(hub, progress(10))
    socket = subscribed(hub, AWAY)
    publish(hub, progress(11), limited(), complete())
    assert drained(socket) == [
        ("error", None),
        ("progress", 10),
        ("progress", 11),
        ("rate_limit", 20),
        ("complete", 30),
    ]


def test_an_end_during_the_subscribe_comes_after_the_acknowledgement() -> None:
    """Nothing is lost, and no progress of the run follows its end, whatever the status said."""
    hub = Hub()
    socket = subscribed(hub, running(), progress(), limited(), complete())
    publish(hub, progress(29))
    assert drained(socket) == [("subscribed", None), ("rate_limit", 20), ("complete", 30)]
    assert socket.held == []


def test_the_next_run_during_the_subscribe_comes_last() -> None:
    """The end of one run before the progress of the next."""
    hub = Hub()
    socket = subscribed(hub, running(), complete(), progress(40, RUN + 1))
    assert drained(socket) == [("subscribed", None), ("complete", 30), ("progress", 40)]


def test_a_run_that_the_status_calls_ended_shows_no_progress() -> None:
    """The status may know of the end before the message comes; that one is not lost."""
    hub = Hub()
    publish(hub, progress())
    socket = subscribed(hub, ended(IDLE, RUN))
    publish(hub, progress(29), complete())
    assert drained(socket) == [("subscribed", None), ("complete", 30)]
    assert hub.progress(RUNS, NOW) is None


def test_progress_that_was_overtaken_is_dropped() -> None:
    """Messages come at least once: repeated ones do not turn the bar back."""
    hub = Hub()
    socket = hub.connect()
    publish(hub, progress(10), progress(12), progress(11), progress(12))
    assert drained(socket) == [("progress", 10), ("progress", 12), ("progress", 12)]


def test_a_client_that_is_behind_gets_the_newest_progress_and_every_other_message() -> None:
    """Progress is conflated per run; limits and ends are never lost."""
    hub = Hub()
    socket = hub.connect()
    for _ in range(CONFLATE_FROM):
        socket.outbox.put(text_frame(b'{"type":"earlier"}'))
    publish(hub, progress(10), limited(20), progress(21), limited(22), progress(23))
    publish(hub, complete(30), progress(40, RUN + 1), progress(41, RUN + 1))
    frames = [frame for frame in drained(socket) if frame[0] != "earlier"]
    assert frames == [("rate_limit", 20), ("rate_limit", 22), ("complete", 30), ("progress", 41)]


@given(st.sampled_from(list(permutations([progress(10), progress(11), limited(), complete()]))), st.integers(0, 4))
def test_whatever_the_order_and_the_moment(notes: tuple[BulkNote, ...], begun: int) -> None:
    """Acknowledged first; no limit and no end lost; no progress of a run after its end."""
    hub = Hub()
    publish(hub, *notes[:begun])
    socket = subscribed(hub, running(seq=9), *notes[begun:])
    kinds = [kind for kind, _ in drained(socket)]
    assert kinds[0] == "subscribed"
    assert kinds.count("complete") == (complete() in notes[begun:])
    assert kinds.count("rate_limit") == (limited() in notes[begun:])
    assert complete() not in notes[:begun] or "progress" not in kinds
    assert "complete" not in kinds or "progress" not in kinds[kinds.index("complete") :]
