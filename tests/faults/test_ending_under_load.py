"""Each service is told to end in the middle of its work: nothing is lost or done twice, and another one goes on."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.client import END_SECONDS, Api, api_of, assert_sums
from tests.e2e.library import films, import_rows, made_up
from tests.e2e.system import SERVICES, System, running
from tests.e2e.test_nights import DAILY, EVENING, FIRST_NIGHT
from tests.faults.ending import (
    answers_stored,
    assert_rows_equal_a_rebuild,
    hand_backs,
    idle,
    moment,
    said,
    terminate,
    until_asked,
)
from tests.faults.load import GOING_AWAY, WATCHERS, Load
from tests.faults.story import read_story
from tests.faults.wire import Reply, Wire, request, silent, wire_to
from tests.terminal import TERMINAL

from metarr_chassis.bus import Bus, connect
from metarr_chassis.event_store import EventStore
from metarr_contracts import bulk, streams
from metarr_contracts.subjects import SCHEDULE_EVENTS
from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port

RUN_FILMS = 120
QUEUED = 200
"""Requests on one connection before the first of them is answered."""
NO_ANSWER = "projector_unavailable"
MOMENTS = (-10, 5, 40)
"""Milliseconds after a night has come."""


@dataclass(frozen=True)
class Pairs:
    """A system with two of each service, a client of each gateway, and a connection to its bus."""

    system: System
    api: Api
    bus: Bus

    @property
    def urls(self) -> tuple[str, str]:
        """Where the gateways listen."""
        return self.system.url, f"http://127.0.0.1:{self.system.ports['gateway2']}"

    async def replace(self, name: str) -> float:
        """End a process well, start it again, and return how many seconds it took to end."""
        seconds = await terminate(self.system, name)
        await self.system.start(name.rstrip("2"), name)
        return seconds


@pytest.fixture(scope="module")
async def pairs() -> AsyncIterator[Pairs]:
    """One system for all tests of this module: who was ended is there again at the end of a test."""
    async with (
        running(clock=EVENING, METARR_LOG_FORMAT="json", METARR_LOG_LEVEL="debug", METARR_SCHEDULE=DAILY) as system,
        connect(system.nats.url, "test") as bus,
    ):
        services = ("gateway", "enricher", "projector", "scheduler")
        await asyncio.gather(*(system.start(service, f"{service}2") for service in services))
        async with api_of(system.url, patient=True) as api:
            await import_rows(api, made_up(40))
            yield Pairs(system, api, bus)


async def _terminal(pairs: Pairs, start: int) -> Counter[int]:
    """How many terminal events each job has had since this sequence."""
    story = await read_story(pairs.bus, 0, start)
    return Counter(fact.job_id for fact in story.facts if isinstance(fact, TERMINAL))


async def _next_event(pairs: Pairs) -> int:
    return 1 + (await pairs.bus.stream_state(streams.EVENTS)).last_seq


async def test_a_gateway(pairs: Pairs) -> None:
    """Each request that was sent is wholly answered; WebSocket clients are sent away with 1001 and are served again."""
    start = await _next_event(pairs)
    load = Load(pairs.urls, [film["id"] for film in await films(pairs.api)])
    leaving, staying = pairs.urls
    async with load.going_on():
        await load.until_more(10)
        seconds = await pairs.replace("gateway")
        await load.until_watching(staying, WATCHERS)
        await load.until_more(10)
    assert load.failed == []
    assert {close for close in load.closes if close[0] == leaving} == {(leaving, GOING_AWAY)}
    assert {url for url, _ in load.closes} == {leaving}
    await idle(pairs.bus)
    terminal = await _terminal(pairs, start)
    assert load.jobs == terminal.keys()
    assert set(terminal.values()) == {1}
    print(  # noqa: T201 - the figures of the test
        f"gateway: {load.answers.total()} requests, {dict(load.answers)}, {len(load.failed)} failed, "
        f"{load.refused} refused, {len(load.closes)} sockets sent away, ended in {seconds:.2f} s"
    )


async def test_readiness_of_a_gateway_that_ends(pairs: Pairs) -> None:
    """From the signal on `/readyz` says 503 and why, and each answer says that it is the last of its connection."""
    _, url = pairs.urls
    gateway = pairs.system.processes["gateway2"]
    async with wire_to(url) as wire, wire_to(url) as other:
        assert (await wire.ask("GET", "/readyz")).status == 200
        assert (await other.ask("GET", "/healthz")).is_last is False
        # It finds more requests than it can answer before it knows of the signal, which it finds beside them.
        gateway.send_signal(signal.SIGSTOP)
        try:
            await wire.send(QUEUED * request("GET", "/readyz"))
            await other.send(QUEUED * request("GET", "/api/movies/1"))
            gateway.send_signal(signal.SIGTERM)
        finally:
            gateway.send_signal(signal.SIGCONT)
        ending = asyncio.create_task(pairs.replace("gateway2"))
        try:
            reply = await _last(wire)
            assert reply.status == 503
            assert json.loads(reply.body) == {"status": "not ready", "problems": {"service": "stopping"}}
            await _last(other)
        finally:
            await ending


async def _last(wire: Wire) -> Reply:
    """The answer that says that it is the last of its connection."""
    while not (reply := await wire.reply()).is_last:
        pass
    return reply


async def test_a_gateway_whose_clients_hang(pairs: Pairs) -> None:
    """A body that never comes and a WebSocket that does not answer hold it up, but not for long."""
    _, url = pairs.urls
    upload = "POST /api/movies/import HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"
    key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13"
    socket = f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
    async with silent(url, upload), silent(url, socket):
        print(f"gateway whose clients hang: ended in {await pairs.replace('gateway2'):.2f} s")  # noqa: T201


async def test_an_enricher_that_leads_a_run(pairs: Pairs) -> None:
    """What is short ends, the rest is handed back once; no answer that was stored is asked for again; sums hold."""
    system, bus = pairs.system, pairs.bus
    await import_rows(pairs.api, made_up(RUN_FILMS, 21_000_000))
    await idle(bus)
    new = [film["id"] for film in await films(pairs.api)][-RUN_FILMS:]
    before, start = await answers_stored(bus), await _next_event(pairs)
    await system.providers(latencyMs=300, jitterMs=100)
    async with pairs.api.run_frames() as frames, hand_backs(bus) as handed_back:
        job = await pairs.api.start_run()
        by_hand = [(await pairs.api.post(f"/api/movies/{movie_id}/enrich")).data["jobId"] for movie_id in new[-12:]]
        await until_asked(system, RUN_FILMS // 3)
        # The run stays in its middle until its lead has been told to end.
        with system.providers_halted():
            (lead,) = (name for name in ("enricher", "enricher2") if _of_run(system, name, "run begins", job))
            (other,) = {"enricher", "enricher2"} - {lead}
            at = time.time()
            system.processes[lead].send_signal(signal.SIGTERM)
        seconds = await pairs.replace(lead)
        async with asyncio.timeout(END_SECONDS):
            while not (taken_over := _of_run(system, other, "run taken over", job)):
                await asyncio.sleep(0.02)
        await pairs.api.run_ended(job, 2 * END_SECONDS)
        await frames.until_end(job)
        await idle(bus)
        await system.providers(latencyMs=0, jitterMs=0)
        delivered = {line["job"]: line["attempt"] for name in (lead, other) for line in said(system, name, "command")}
        async with asyncio.timeout(END_SECONDS):
            # The server tells of what was handed back on a way of its own.
            while len(handed_back) < sum(attempt - 1 for one, attempt in delivered.items() if one >= job):
                await asyncio.sleep(0.02)
    assert len(taken_over) == 1
    assert_sums(frames.of(job))
    terminal = await _terminal(pairs, start)
    assert set(terminal.values()) == {1}
    assert set(by_hand) <= terminal.keys()
    counts = (await read_story(bus, job, start)).end.counts
    assert (counts.failed, counts.remaining, counts.total) == (0, 0, len(await films(pairs.api)))
    asked_again = {subject: n for subject, n in (await answers_stored(bus)).items() if n > before.get(subject, 0) + 1}
    assert not asked_again
    again = Counter(one for one, _ in handed_back)
    assert job in again
    assert set(again.values()) == {1}
    assert all(attempt == 1 + again[one] for one, attempt in delivered.items() if one >= job)
    print(  # noqa: T201 - the figures of the test
        f"enricher: {again.total()} handed back, taken over after {moment(taken_over[0]) - at:.2f} s, "
        f"ended in {seconds:.2f} s, {len(terminal)} jobs, {counts}"
    )


def _of_run(system: System, name: str, event: str, job: int) -> list[dict[str, Any]]:
    """The lines with this event about a run."""
    return [line for line in said(system, name, event) if line["run"] == job]


async def test_a_projector_at_work(pairs: Pairs) -> None:
    """The other one goes on; questions are answered; every end is heard of; rows equal a rebuild."""
    system, bus = pairs.system, pairs.bus
    at_work = await _projecting(system)
    (other,) = {"projector", "projector2"} - {at_work}
    load = Load(pairs.urls, [film["id"] for film in await films(pairs.api)])
    async with load.going_on():
        await load.until_more(10)
        at = time.time()
        seconds = await pairs.replace(at_work)
        await _takes_over(system, other, at)
        await load.until_more(10)
    assert load.failed == []
    assert NO_ANSWER not in load.slow
    assert load.closes == []
    took_over = next(
        moment(line) for line in said(system, other, "projection") if _projects(line) and moment(line) > at
    )
    await idle(bus)
    await assert_rows_equal_a_rebuild(system, bus)
    print(  # noqa: T201 - the figures of the test
        f"projector: {load.answers.total()} requests, {dict(load.answers)}, {len(load.failed)} failed, "
        f"{len(load.jobs)} ends heard of by each of {WATCHERS}, taken over after {took_over - at:.2f} s, "
        f"ended in {seconds:.2f} s"
    )


def _projects(line: dict[str, Any]) -> bool:
    return bool(line["state"] == "projecting")


async def _projecting(system: System) -> str:
    """The projector that said last that it projects."""
    lines = {name: [*filter(_projects, said(system, name, "projection"))] for name in ("projector", "projector2")}
    return max((name for name in lines if lines[name]), key=lambda name: moment(lines[name][-1]))


async def _takes_over(system: System, name: str, after: float) -> None:
    async with asyncio.timeout(END_SECONDS):
        while not any(_projects(line) and moment(line) > after for line in said(system, name, "projection")):
            await asyncio.sleep(0.02)


async def test_a_query_replica(pairs: Pairs) -> None:
    """A projector that waits for its turn answers questions, too: those that it was sent it answers before it ends."""
    system = pairs.system
    waiting = ({"projector", "projector2"} - {await _projecting(system)}).pop()
    load = Load(pairs.urls, [film["id"] for film in await films(pairs.api)])
    async with load.going_on():
        for _ in range(2):
            await load.until_more(5)
            await pairs.replace(waiting)
        await load.until_more(5)
    assert load.failed == []
    assert NO_ANSWER not in load.slow
    print(f"query replica, twice: {load.answers.total()} requests, {len(load.failed)} failed")  # noqa: T201


async def test_both_schedulers_at_the_moment_of_firing(pairs: Pairs) -> None:
    """Each night has exactly one run, whichever scheduler ends just then, also when both do."""
    system = pairs.system
    start = await _next_event(pairs)
    nights = [FIRST_NIGHT + timedelta(days=night) for night in range(len(MOMENTS))]
    for night, after in zip(nights, MOMENTS, strict=True):
        await system.set_clock(night - timedelta(seconds=1))
        offset = timedelta(seconds=(await system.control("GET", "/clock"))["offsetSeconds"])
        await _until(night + timedelta(milliseconds=after) - offset)
        await asyncio.gather(*(pairs.replace(name) for name in ("scheduler", "scheduler2")))
        await _dealt_with(pairs.bus, night)
        await idle(pairs.bus)
    story = await read_story(pairs.bus, 0, start)
    begun = [fact.scheduled_for for fact in story.facts if isinstance(fact, bulk.BulkStarted)]
    assert begun == nights
    print(f"schedulers: {len(nights)} nights, one run each")  # noqa: T201 - the figures of the test


async def _until(moment: datetime) -> None:
    while datetime.now(UTC) < moment:
        await asyncio.sleep(0.001)


async def _dealt_with(bus: Bus, night: datetime) -> None:
    """Wait until the schedule's story says what became of this night."""
    async with asyncio.timeout(END_SECONDS):
        while (last := await EventStore(bus, "test").last(SCHEDULE_EVENTS)) is None or getattr(
            last.body, "due", None
        ) != night:
            await asyncio.sleep(0.05)


async def test_it_ends_while_it_starts(tmp_path: Path) -> None:
    """Bus, database or sandbox away: whoever waits for them ends all the same, with code 0."""
    nowhere = free_port()
    away = {
        "METARR_NATS_URL": f"nats://127.0.0.1:{nowhere}",
        "METARR_DATABASE_URL": f"postgresql://127.0.0.1:{nowhere}/metarr",
        "METARR_SANDBOX_URL": f"http://127.0.0.1:{nowhere}",
    }
    ended = await asyncio.gather(*(_ended_at_start(tmp_path / service, service, away) for service in SERVICES))
    assert ended == [0] * len(SERVICES)


async def test_it_ends_without_the_database(pairs: Pairs, tmp_path: Path) -> None:
    """A projector that has the bus and waits for the database."""
    settings = pairs.system.environment_of("projector") | {
        "METARR_DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/metarr",
        "METARR_HEALTH_PORT": str(free_port()),
    }
    assert await _ended_at_start(tmp_path / "projector", "projector", settings) == 0


async def _ended_at_start(log: Path, service: str, settings: Mapping[str, str]) -> int:
    """Start a service, end it when it has said for the first time what it waits for, and return its exit code."""
    with log.open("wb") as output:
        command = Command((sys.executable, "-m", f"metarr_{service}"), {**os.environ, **settings})
        process = await spawn(command, output)
    async with asyncio.timeout(END_SECONDS):
        while not log.read_text():
            await asyncio.sleep(0.02)
    return await end(process, signal.SIGTERM, END_SECONDS)
