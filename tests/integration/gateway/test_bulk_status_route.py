"""`GET /api/enrichment/bulk-status`: what the read models say, and a run that they do not know yet."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.integration.gateway.conftest import PATIENCE, Gateway

from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_contracts import subjects
from metarr_contracts.readmodels import BulkStatus, Job
from metarr_gateway import examples, keys, runs

PATH = "/api/enrichment/bulk-status"
START = "/api/enrichment/bulk-run"
STATUS_SUBJECT = subjects.query("bulk.status")
STATUS: dict[str, Any] = {**examples.ANSWERS["bulk_status"]}  # type: ignore[dict-item]
RUNNING = BulkStatus.model_validate(STATUS)
LAST = {**STATUS["lastRun"], "jobId": 0}
IDLE = RUNNING.model_validate({**STATUS, "currentRun": None, "lastRun": LAST}).to_json()


async def current_run(gateway: Gateway) -> Any:
    """The present run, as it is shown."""
    status, body = await gateway.get(PATH)
    assert (status, body["success"]) == (200, True)
    return body["data"]["currentRun"]


async def test_what_the_read_models_say(gateway: Gateway) -> None:
    """The documented body; `after` reaches the query."""
    gateway.stand_in.on(STATUS_SUBJECT, json.dumps(STATUS).encode())
    assert await gateway.get(f"{PATH}?after=7") == (200, {"success": True, "data": json.loads(RUNNING.to_json())})
    assert [json.loads(payload) for _, payload in gateway.stand_in.asked] == [{"after": 7}]


async def test_nothing_is_queued(gateway: Gateway) -> None:
    """Without a run and without a command there is no present run."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    assert await current_run(gateway) is None


async def test_a_run_is_shown_from_its_start_on(gateway: Gateway) -> None:
    """Whoever got the 202 finds the run, though nobody has begun it; its job says the same."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    gateway.stand_in.on(subjects.query("job.get"), RefusedError(404, "Job not found", "job_not_found"))
    before = datetime.now(UTC)
    _, started = await gateway.post(START, json={"force": True})
    run = await current_run(gateway)
    assert (run["jobId"], run["state"]) == (started["data"]["jobId"], "queued")
    assert (run["trigger"], run["force"], run["progress"]) == ("manual", True, 0)
    assert before <= datetime.fromisoformat(run["startedAt"]) <= datetime.now(UTC)
    assert (run["totalMovies"], run["stats"]["remaining"]) == (1523, 1523)
    assert run["currentMovie"] == {"id": 0, "title": "", "year": None}
    _, job = await gateway.get(f"/api/jobs/{run['jobId']}")
    assert job["data"]["state"] == "queued"


async def test_a_subscriber_is_told_so_too(gateway: Gateway) -> None:
    """The acknowledgement holds the queued run, and no progress follows; its job stays queued."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    await gateway.bus.js.publish(subjects.BULK_RUN, b"")
    async with gateway.http.ws_connect("/ws") as ws:
        await ws.send_json({"type": "subscribe", "channel": "bulk:enrichment"})
        await ws.send_json({"type": "ping"})
        subscribed = await ws.receive_json(timeout=PATIENCE)
        run = subscribed["status"]["currentRun"]
        assert (run["state"], run["trigger"]) == ("queued", "operator")
        assert await ws.receive_json(timeout=PATIENCE) == {"type": "pong"}


async def test_a_run_that_has_ended_is_not_queued(gateway: Gateway) -> None:
    """Its command stands for a moment longer than the run."""
    job_id = (await gateway.bus.js.publish(subjects.BULK_RUN, b"")).seq
    ended = {**json.loads(IDLE), "lastRun": {**LAST, "jobId": job_id}}
    gateway.stand_in.on(STATUS_SUBJECT, json.dumps(ended).encode())
    assert await current_run(gateway) is None


async def test_a_run_that_was_refused_is_not_queued(gateway: Gateway) -> None:
    """Who reads anew on its end does not see it wait, though its command stands for a moment longer."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    job_id = (await gateway.bus.js.publish(subjects.BULK_RUN, b"")).seq
    job = Job(job_id=job_id, kind="bulk", movie_id=None, state="failed", progress=0, started_at=None, completed_at=None)
    gateway.stand_in.on(subjects.query("job.get"), job.to_json())
    assert await current_run(gateway) is None


async def test_a_queue_that_is_away_hides_nothing_else(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the read models say is shown, whether the queue refuses to answer or does not answer."""
    gateway.stand_in.on(STATUS_SUBJECT, IDLE)
    await gateway.bus.js.publish(subjects.BULK_RUN, b"")

    async def away() -> None:
        raise BusUnavailableError("the stream has no leader")

    monkeypatch.setattr(gateway.app[keys.QUEUE], "queued_bulk", away)
    assert await current_run(gateway) is None

    async def hang() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(runs, "QUEUE_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(gateway.app[keys.QUEUE], "queued_bulk", hang)
    assert await current_run(gateway) is None
