"""`POST /api/movies/{id}/enrich`: the documented answers in the documented order."""

import asyncio
import io
import time
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.integration.gateway.conftest import Gateway, eventually

from metarr_chassis import rate
from metarr_contracts import streams, subjects
from metarr_contracts.commands import EnrichMovie
from metarr_contracts.envelope import read_envelope
from metarr_contracts.events import MovieAdded, MovieRemoved
from metarr_contracts.http import JobQueued, Success
from metarr_contracts.movie import ExternalIds
from metarr_contracts.registry import decode
from metarr_local.embedded_nats import EmbeddedNats

NOT_QUEUED = (500, {"success": False, "error": "Failed to queue job", "code": "queue_unavailable"})


async def add_film(gateway: Gateway, movie_id: int) -> None:
    """A film is in the library."""
    film = MovieAdded(movie_id=movie_id, title="Heat", year=1995, ids=ExternalIds(), request="r", missing=())
    await gateway.append(subjects.movie_event(movie_id), film)


async def test_a_refresh_is_queued(gateway: Gateway) -> None:
    """202 with the documented body; the job id is the command's place in the queue."""
    await add_film(gateway, 123)
    status, body = await gateway.post("/api/movies/123/enrich", json={"force": True})
    job = Success[JobQueued].model_validate(body).data
    assert (status, job.message, job.estimated_duration) == (202, "Enrichment job queued", 3)
    command = await gateway.bus.message(streams.COMMANDS, job.job_id)
    assert command is not None
    assert command.subject == "metarr.cmd.enrich.123"
    decoded = decode(read_envelope(command.headers), command.data)
    assert decoded == EnrichMovie(force=True, trigger="manual")


async def test_no_body_means_the_defaults(gateway: Gateway) -> None:
    """An empty body is `{"force": false}`."""
    await add_film(gateway, 1)
    status, _ = await gateway.post("/api/movies/1/enrich")
    command = await gateway.bus.last_message(streams.COMMANDS, "metarr.cmd.enrich.1")
    assert status == 202
    assert command is not None
    assert EnrichMovie.model_validate_json(command.data) == EnrichMovie(force=False, trigger="manual")


@pytest.mark.parametrize(
    ("path", "options", "code", "field"),
    [
        ("/api/movies/007/enrich", {}, "invalid_request", "id"),
        ("/api/movies/0/enrich", {}, "invalid_request", "id"),
        ("/api/movies/1/enrich", {"json": {"force": "yes"}}, "invalid_request", "force"),
        ("/api/movies/1/enrich", {"json": {"force": 1}}, "invalid_request", "force"),
        ("/api/movies/1/enrich", {"json": {"forced": True}}, "invalid_request", "forced"),
        ("/api/movies/1/enrich", {"json": [1]}, "invalid_request", None),
        ("/api/movies/1/enrich", {"data": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json", None),
        ("/api/movies/1/enrich?force=true", {}, "invalid_request", "force"),
    ],
)
async def test_what_is_wrong_is_said_first(
    gateway: Gateway, path: str, options: dict[str, Any], code: str, field: str | None
) -> None:
    """400 comes before 404, and names the field."""
    status, body = await gateway.post(path, **options)
    assert (status, body["code"], body.get("field")) == (400, code, field)


async def test_another_media_type_is_415(gateway: Gateway) -> None:
    """Only JSON is a body here."""
    status, body = await gateway.post("/api/movies/1/enrich", data={"force": "true"})
    assert (status, body["code"]) == (415, "unsupported_media_type")


async def test_a_body_that_is_too_large_is_413(gateway: Gateway) -> None:
    """A megabyte is more than anybody needs to say here."""
    status, body = await gateway.post("/api/movies/1/enrich", data=io.BytesIO(b" " * (1024 * 1024 + 1)))
    assert (status, body["code"]) == (413, "body_too_large")


async def test_an_unknown_film_is_404(gateway: Gateway) -> None:
    """No event of this film: no such film; nothing is queued."""
    answer = await gateway.post("/api/movies/9/enrich")
    assert answer == (404, {"success": False, "error": "Movie not found", "code": "movie_not_found"})
    assert await gateway.commands() == 0


async def test_a_removed_film_is_404(gateway: Gateway) -> None:
    """A film whose last event says that it is gone is not there."""
    await add_film(gateway, 2)
    await gateway.append(subjects.movie_event(2), MovieRemoved(movie_id=2, ids=ExternalIds(), completeness=0))
    assert (await gateway.post("/api/movies/2/enrich"))[0] == 404


async def test_a_second_refresh_of_a_film_is_409(gateway: Gateway) -> None:
    """One refresh of a film at a time, whoever started the first, which is named; 409 comes before 429."""
    await add_film(gateway, 3)
    first = await gateway.bus.js.publish("metarr.cmd.enrich.3", b"{}")
    conflict = {
        "success": False,
        "error": "Enrichment already in progress for this movie",
        "code": "enrichment_in_progress",
        "jobId": first.seq,
    }
    for _ in range(7):
        assert await gateway.post("/api/movies/3/enrich") == (409, conflict)


async def test_twenty_at_once_queue_one(gateway: Gateway) -> None:
    """The server decides who is first: one 202, everybody else 409 with its job or, past the rate, 429."""
    await add_film(gateway, 4)
    answers = await asyncio.gather(*(gateway.post("/api/movies/4/enrich") for _ in range(20)))
    statuses = [status for status, _ in answers]
    assert statuses.count(202) == 1
    assert set(statuses) <= {202, 409, 429}
    (job_id,) = (body["data"]["jobId"] for status, body in answers if status == 202)
    assert all(body["jobId"] == job_id for status, body in answers if status == 409)
    assert await gateway.commands() == 1


async def test_too_many_refreshes_are_429(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting's number of refreshes passes (5 here); the next says when to come again."""
    now = time.time()
    monkeypatch.setattr(rate, "time", SimpleNamespace(time=lambda: now))
    for movie_id in range(1, 7):
        await add_film(gateway, movie_id)
    for movie_id in range(1, 6):
        assert (await gateway.post(f"/api/movies/{movie_id}/enrich"))[0] == 202
    async with gateway.http.post("/api/movies/6/enrich") as response:
        assert response.status == 429
        # Sums of floats are not exact, and what is said is rounded up.
        assert int(response.headers["Retry-After"]) in {12, 13}
        assert await response.json() == {
            "success": False,
            "error": "Too many manual enrichment requests",
            "code": "rate_limited",
        }
    assert (await gateway.post("/api/movies/99/enrich"))[0] == 404


async def test_the_bus_away_is_500(gateway: Gateway, own_bus: EmbeddedNats) -> None:
    """Nothing can be queued: "Failed to queue job"; reading fails too. Both work again when the bus is back."""
    await add_film(gateway, 5)
    await own_bus.stop()
    await eventually(lambda: has_status(gateway.get("/readyz"), 503))
    assert await gateway.post("/api/movies/5/enrich") == NOT_QUEUED
    status, body = await gateway.get("/api/movies/enrichment/stats")
    assert (status, body["error"], body["code"]) == (500, "Database error", "bus_unavailable")
    await own_bus.start()
    await eventually(lambda: has_status(gateway.get("/readyz"), 200))
    assert (await gateway.post("/api/movies/5/enrich"))[0] == 202


async def has_status(asked: Awaitable[tuple[int, Any]], status: int) -> bool:
    """Whether the answer has this status."""
    return (await asked)[0] == status
