"""`POST /api/enrichment/bulk-run`: the documented answers in the documented order."""

import asyncio
import json
from typing import Any

import pytest
from tests.integration.gateway.conftest import PATIENCE, Gateway, eventually

from metarr_chassis.errors import RefusedError
from metarr_contracts import streams, subjects
from metarr_contracts.commands import RunBulk
from metarr_contracts.envelope import read_envelope
from metarr_contracts.http import JobQueued, Success
from metarr_contracts.registry import decode
from metarr_gateway import examples, runs
from metarr_local.embedded_nats import EmbeddedNats

PATH = "/api/enrichment/bulk-run"
STATUS_SUBJECT = subjects.query("bulk.status")
STATUS = json.dumps(examples.ANSWERS["bulk_status"]).encode()
AWAY = RefusedError(500, "Database error", "database_error")
RUNNING = {"success": False, "error": "Bulk enrichment already running", "code": "bulk_already_running"}
NOT_STARTED = (500, {"success": False, "error": "Failed to start job", "code": "start_failed"})


async def finish(gateway: Gateway) -> None:
    """The run ends."""
    consumer = await gateway.bus.js.pull_subscribe_bind(streams.BULK, stream=streams.COMMANDS)
    (command,) = await consumer.fetch(1, timeout=PATIENCE)
    await command.ack_sync(timeout=PATIENCE)


@pytest.mark.parametrize(("force", "seconds"), [(False, 2700), (True, 3427)])
async def test_a_run_is_started(gateway: Gateway, *, force: bool, seconds: int) -> None:
    """202 with the documented body; the job id is the command's place in the queue. Who asks everybody takes longer."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    status, body = await gateway.post(PATH, json={"force": force})
    job = Success[JobQueued].model_validate(body).data
    assert (status, job.message, job.estimated_duration) == (202, "Bulk enrichment job started", seconds)
    command = await gateway.bus.message(streams.COMMANDS, job.job_id)
    assert command is not None
    assert command.subject == "metarr.cmd.bulk.run"
    assert decode(read_envelope(command.headers), command.data) == RunBulk(force=force, trigger="manual")


async def test_no_body_means_the_defaults(gateway: Gateway) -> None:
    """An empty body is `{"force": false}`; no night is named."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    assert (await gateway.post(PATH))[0] == 202
    command = await gateway.bus.last_message(streams.COMMANDS, subjects.BULK_RUN)
    assert command is not None
    assert RunBulk.model_validate_json(command.data) == RunBulk(force=False, trigger="manual", scheduled_for=None)


@pytest.mark.parametrize(
    ("path", "options", "code", "field"),
    [
        (PATH, {"json": {"force": "yes"}}, "invalid_request", "force"),
        (PATH, {"json": {"trigger": "schedule"}}, "invalid_request", "trigger"),
        (PATH, {"data": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json", None),
        (f"{PATH}?force=true", {}, "invalid_request", "force"),
    ],
)
async def test_what_is_wrong_is_said_first(
    gateway: Gateway, path: str, options: dict[str, Any], code: str, field: str | None
) -> None:
    """400 comes before 409, and names the field."""
    await gateway.bus.js.publish(subjects.BULK_RUN, b"{}")
    status, body = await gateway.post(path, **options)
    assert (status, body["code"], body.get("field")) == (400, code, field)


async def test_a_second_run_is_409(gateway: Gateway) -> None:
    """One run at a time, whoever started it; its job is named, and being told so uses up no start."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    first = await gateway.bus.js.publish(subjects.BULK_RUN, b"{}")
    for _ in range(3):
        assert await gateway.post(PATH) == (409, {**RUNNING, "jobId": first.seq})
    await finish(gateway)
    status, body = await gateway.post(PATH)
    assert status == 202
    assert await gateway.post(PATH) == (409, {**RUNNING, "jobId": body["data"]["jobId"]})


async def test_twenty_at_once_start_one(gateway: Gateway) -> None:
    """The server decides who is first: one 202, everybody else hears which run goes on."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    answers = await asyncio.gather(*(gateway.post(PATH) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [202] + [409] * 19
    assert len({body["jobId"] if status == 409 else body["data"]["jobId"] for status, body in answers}) == 1
    assert await gateway.commands() == 1


async def test_a_second_start_within_the_minute_is_429(gateway: Gateway) -> None:
    """The setting's number of starts passes (1 here); the next says when to come again, for a person too."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    assert (await gateway.post(PATH))[0] == 202
    await finish(gateway)
    async with gateway.http.post(PATH) as response:
        assert response.status == 429
        seconds = int(response.headers["Retry-After"])
        assert 1 <= seconds <= 60
        assert await response.json() == {
            "success": False,
            "error": f"Bulk enrichment was started a moment ago; try again in {seconds} seconds",
            "code": "bulk_rate_limited",
        }
    assert await gateway.commands() == 0


async def test_the_database_is_not_needed(gateway: Gateway) -> None:
    """Without read models a run starts, with an estimate that is a guess."""
    gateway.stand_in.on(STATUS_SUBJECT, AWAY)
    status, body = await gateway.post(PATH)
    assert (status, body["data"]["estimatedDuration"]) == (202, 60)


async def test_the_last_estimate_is_remembered(gateway: Gateway) -> None:
    """What this process was last told is better than a guess."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    async with gateway.http.ws_connect("/ws") as ws:
        await ws.send_json({"type": "subscribe", "channel": "bulk:enrichment"})
        await ws.receive_json()
    gateway.stand_in.on(STATUS_SUBJECT, AWAY)
    status, body = await gateway.post(PATH)
    assert (status, body["data"]["estimatedDuration"]) == (202, 2700)


async def test_read_models_that_hang_do_not_hold_it_up(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is queued while the estimate is waited for, which is not for long."""
    monkeypatch.setattr(runs, "ESTIMATE_PATIENCE_SECONDS", 0.2)
    answer = asyncio.Event()

    async def hang(_: bytes) -> bytes:
        await answer.wait()
        return STATUS

    async def is_queued() -> bool:
        return await gateway.commands() == 1

    gateway.stand_in.on(STATUS_SUBJECT, hang)
    starting = asyncio.create_task(gateway.post(PATH))
    await eventually(is_queued)
    status, body = await starting
    answer.set()
    assert (status, body["data"]["estimatedDuration"]) == (202, 60)


async def test_the_bus_away_is_500(gateway: Gateway, own_bus: EmbeddedNats) -> None:
    """Nothing can be started: "Failed to start job". It works again when the bus is back, and has cost no start."""
    gateway.stand_in.on(STATUS_SUBJECT, STATUS)
    await own_bus.stop()
    await eventually(lambda: is_ready(gateway, 503))
    assert await gateway.post(PATH) == NOT_STARTED
    await own_bus.start()
    await eventually(lambda: is_ready(gateway, 200))
    assert (await gateway.post(PATH))[0] == 202


async def is_ready(gateway: Gateway, status: int) -> bool:
    """Whether the gateway says so."""
    return (await gateway.get("/readyz"))[0] == status
