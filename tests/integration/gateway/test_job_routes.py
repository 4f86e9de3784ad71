"""Jobs: what the read models know, else what stands in the queue."""

import json
from typing import Any

from tests.integration.gateway.conftest import PATIENCE, Gateway, eventually
from tests.integration.gateway.run_notes import run_progress

from metarr_chassis.errors import RefusedError
from metarr_contracts import subjects
from metarr_contracts.library import CancelJob, Done
from metarr_contracts.websocket import EnrichmentProgress
from metarr_gateway import keys

UNKNOWN = RefusedError(404, "Job not found", "job_not_found")
NOT_FOUND = (404, {"success": False, "error": "Job not found", "code": "job_not_found"})
JOB = subjects.query("job.get")


async def queue(gateway: Gateway, subject: str) -> int:
    """A command is queued; its job id."""
    return (await gateway.bus.js.publish(subject, b"{}")).seq


async def test_what_the_read_models_know_is_shown(gateway: Gateway) -> None:
    """An ended job comes from the read models."""
    gateway.stand_in.on(JOB, b'{"jobId":1,"state":"completed"}')
    assert await gateway.get("/api/jobs/1") == (200, {"success": True, "data": {"jobId": 1, "state": "completed"}})


async def test_a_queued_job(gateway: Gateway) -> None:
    """A command that nobody has begun yet is queued, although the read models do not know it."""
    gateway.stand_in.on(JOB, UNKNOWN)
    job_id = await queue(gateway, subjects.enrich_command(12))
    status, body = await gateway.get(f"/api/jobs/{job_id}")
    assert status == 200
    expected = {"jobId": job_id, "kind": "enrichment", "movieId": 12, "state": "queued", "progress": 0}
    assert expected.items() <= body["data"].items()


async def test_a_running_job_shows_its_last_progress(gateway: Gateway) -> None:
    """Progress comes from the live messages."""
    gateway.stand_in.on(JOB, UNKNOWN)
    job_id = await queue(gateway, subjects.enrich_command(12))
    note = EnrichmentProgress(
        movie_id=12,
        job_id=job_id,
        progress=66,
        current_provider="fanart",
        providers_complete=("tmdb", "omdb"),
        providers_remaining=("fanart",),
    )
    await gateway.note(note, 12)

    async def is_running() -> bool:
        _, body = await gateway.get(f"/api/jobs/{job_id}")
        return bool(body["data"]["state"] == "running" and body["data"]["progress"] == 66)

    await eventually(is_running)
    assert gateway.app[keys.HUB].sockets == set()


async def test_a_queued_import(gateway: Gateway) -> None:
    """An import belongs to no film."""
    gateway.stand_in.on(JOB, UNKNOWN)
    job_id = await queue(gateway, subjects.import_command("u1"))
    _, body = await gateway.get(f"/api/jobs/{job_id}")
    assert (body["data"]["kind"], body["data"]["movieId"]) == ("import", None)


async def test_a_queued_run_over_the_whole_library(gateway: Gateway) -> None:
    """It is shown before anybody has begun it, and belongs to no film."""
    gateway.stand_in.on(JOB, UNKNOWN)
    job_id = await queue(gateway, subjects.BULK_RUN)
    _, body = await gateway.get(f"/api/jobs/{job_id}")
    expected = {"jobId": job_id, "kind": "bulk", "movieId": None, "state": "queued", "progress": 0}
    assert expected.items() <= body["data"].items()


async def test_a_running_run_shows_its_last_progress(gateway: Gateway) -> None:
    """Progress comes from the live messages, with nobody connected who hears them."""
    gateway.stand_in.on(JOB, UNKNOWN)
    job_id = await queue(gateway, subjects.BULK_RUN)
    await gateway.run_note(run_progress(job_id, seq=9))

    async def is_running() -> bool:
        _, body = await gateway.get(f"/api/jobs/{job_id}")
        return bool(body["data"]["state"] == "running" and body["data"]["progress"] == 42)

    await eventually(is_running)


async def test_a_job_that_ended_just_now_is_waited_for(gateway: Gateway) -> None:
    """The command is gone and the read models are not there yet: they are asked again with the last event."""
    job_id = await queue(gateway, subjects.enrich_command(12))
    consumer = await gateway.bus.js.pull_subscribe_bind("enricher", stream="METARR_COMMANDS")
    (command,) = await consumer.fetch(1, timeout=PATIENCE)
    await command.ack_sync(timeout=PATIENCE)

    async def late(payload: bytes) -> bytes:
        if "after" not in json.loads(payload):
            raise UNKNOWN
        return b'{"state":"completed"}'

    gateway.stand_in.on(JOB, late)
    assert await gateway.get(f"/api/jobs/{job_id}") == (200, {"success": True, "data": {"state": "completed"}})


async def test_a_job_that_never_was_is_404(gateway: Gateway) -> None:
    """Nobody ever queued it; nobody waits for it."""
    gateway.stand_in.on(JOB, UNKNOWN)
    assert await gateway.get("/api/jobs/4711") == NOT_FOUND
    assert len(gateway.stand_in.asked) == 1


async def test_the_database_away_is_500(gateway: Gateway) -> None:
    """Whether the job has ended cannot be told then."""
    gateway.stand_in.on(JOB, RefusedError(500, "Database error", "database_error"))
    status, body = await gateway.get("/api/jobs/1")
    assert (status, body["error"]) == (500, "Database error")


async def test_a_job_is_cancelled(gateway: Gateway) -> None:
    """202: the enricher was asked; the end comes as a message."""
    asked: list[Any] = []

    async def cancel(payload: bytes) -> bytes:
        asked.append(CancelJob.model_validate_json(payload))
        return Done(job_id=7, movie_id=1, seq=2).to_json()

    gateway.stand_in.on(subjects.library("cancel"), cancel)
    status, body = await gateway.post("/api/jobs/7/cancel")
    assert (status, body["data"]["jobId"], asked) == (202, 7, [CancelJob(job_id=7)])


async def test_a_job_that_cannot_be_cancelled(gateway: Gateway) -> None:
    """Unknown job 404, ended job 409."""
    gateway.stand_in.on(subjects.library("cancel"), UNKNOWN)
    assert await gateway.post("/api/jobs/7/cancel") == NOT_FOUND
    gateway.stand_in.on(subjects.library("cancel"), RefusedError(409, "The job has already ended", "job_ended"))
    assert (await gateway.post("/api/jobs/7/cancel"))[0] == 409
