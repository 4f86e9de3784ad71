"""One run: a fresh system, the plan's steps and faults, peace, a look at everything, and what the invariants say."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from tests.e2e.client import api_of
from tests.faults.harness import observing
from tests.faults.harness.injections import INJECTIONS, LATENCY, Site
from tests.faults.harness.invariants import READY_SECONDS, violations, watchers_know
from tests.faults.harness.kinds import NATS, PROVIDERS, service_of
from tests.faults.harness.observed import Observed
from tests.faults.harness.plan import EARLIER_STEPS, Fault, Plan
from tests.faults.harness.watching import Watcher, watching
from tests.faults.harness.workload import Workload
from tests.faults.harness.world import World, running
from tests.faults.story import left

from metarr_chassis.bus import connect
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams

WATCHERS = 3
AT_ONCE = 16
"""Steps that may be under way: some wait for what is away."""
PACE_SECONDS = 0.2
"""Between the beginnings of two steps."""
MOMENT_SECONDS = 3.0
"""The longest that a fault waits for its moment: nobody may be asked any more."""
WINDOW = 8
QUIET_SECONDS = 300.0
"""The longest until the queue is empty after the last fault."""
PAUSES_END_SECONDS = 600
"""Product time by which the clock is moved on while a run waits for a provider that is paused."""
WAITING_SECONDS = 4.0
HEARD_SECONDS = 90.0
CLUSTER = frozenset({"leader_lost", "alone", "partition", "rolling_restart"})
LIMBO = frozenset({"freeze", "cut", "delay", "half_open"}) | CLUSTER
"""After these an enricher may go on with what another one has done meanwhile."""
IN_LIMBO = 3
"""Requests that may be on their way then: each waits for the shared rate, for a connection, or is repeated."""
SETTINGS = {"METARR_LOG_FORMAT": "json", "METARR_BULK_WINDOW": str(WINDOW), "METARR_SCHEDULE": "0 3 * * *"}


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    plan: Plan
    seen: Observed
    violated: Mapping[str, Sequence[str]]
    left_out: Mapping[Fault, str]
    seconds: float

    @property
    def done(self) -> Sequence[Fault]:
        """The faults that were done."""
        return [fault for fault in self.plan.faults if fault not in self.left_out]


async def run(plan: Plan, folder: Path, cycles: int = 1) -> Result:
    """Do what the plan says, so many times over, with everything's files in this folder."""
    began = time.monotonic()
    async with (
        running(folder, plan.topology, plan.earlier, **SETTINGS) as world,
        connect(world.nats.url, "harness") as bus,
        aiohttp.ClientSession() as session,
        watching(world.gateways, WATCHERS) as watchers,
    ):
        site = Site(world, bus, [])
        await site.listen()
        work = Workload(site, session, world.gateways, watchers)
        await work.fill()
        for name in PROVIDERS:
            await world.provider(name, latencyMs=LATENCY, jitterMs=LATENCY)
        resident: list[Mapping[str, int]] = []
        ready, queued = None, 0
        for _ in range(cycles):
            ready = await _carry_out(plan, site, work)
            queued = await _until_idle(site)
            resident.append(world.resident())
        seen = replace(
            await _observe(site, work, watchers),
            queued=queued,
            ready_seconds=ready,
            in_limbo=IN_LIMBO * max(cycles * sum(map(_strands, plan.faults)), _stood_still(site)),
            memory={name: [after[name] for after in resident] for name in world.replicas} if cycles > 1 else {},
        )
    return Result(plan, seen, violations(seen), site.left_out, time.monotonic() - began)


async def run_in_new_folder(plan: Plan, cycles: int = 1) -> Result:
    """A run in a folder that is removed when it is over."""
    with tempfile.TemporaryDirectory(prefix="metarr-faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        return await run(plan, Path(folder), cycles)


async def _carry_out(plan: Plan, site: Site, work: Workload) -> float | None:
    """Do the steps and the faults; how many seconds after the last fault all were ready."""
    peace, free = max((fault.ends for fault in plan.faults), default=0), asyncio.Semaphore(AT_ONCE)
    all_ready: list[asyncio.Task[float | None]] = []

    async def one(number: int) -> None:
        try:
            await work.do(plan.steps[number])
        finally:
            free.release()

    async with asyncio.TaskGroup() as tasks:
        for number in range(len(plan.steps)):
            if plan.earlier and number == EARLIER_STEPS:
                await _turn_to_present(site, free)
            for fault in plan.beginning(number):
                await _moment(site.world, fault)
                await INJECTIONS[fault.kind].begin(site, fault)
            await free.acquire()
            tasks.create_task(one(number))
            await asyncio.sleep(PACE_SECONDS)
            for fault in plan.ending(number):
                await INJECTIONS[fault.kind].end(site, fault)
            if number == peace:
                all_ready.append(tasks.create_task(_all_ready(site.world)))
    return all_ready[0].result()


async def _turn_to_present(site: Site, free: asyncio.Semaphore) -> None:
    """Wait until all that the earlier version was told to do is done, and let ours take its place."""
    for _ in range(AT_ONCE):
        await free.acquire()
    await _until_idle(site)
    await site.world.turn_to_present()
    for _ in range(AT_ONCE):
        free.release()


async def _moment(world: World, fault: Fault) -> None:
    """Wait until the providers have had so many more requests."""
    if not fault.requests:
        return
    goal = await _requests(world) + fault.requests
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MOMENT_SECONDS):
            while await _requests(world) < goal:
                await asyncio.sleep(0.02)


async def _requests(world: World) -> int:
    state = await world.control("GET", "")
    return sum(int(provider["requests"]) for provider in state["providers"].values())


async def _observe(site: Site, work: Workload, watchers: Sequence[Watcher]) -> Observed:
    ended = site.world.ended()
    seen = Observed(
        commands=(await observing.answered(lambda: site.bus.stream_state(streams.COMMANDS))).last_seq,
        queued=0,
        accepted=work.accepted,
        facts=await observing.facts(site.bus),
        asked=await observing.asked(site),
        stored=await observing.stored_answers(site.bus),
        dead=await observing.dead_letters(site.bus),
        answers=work.answers,
        watched=[],
        shown={},
        rows=await observing.rows(site),
        forced=work.forced,
        poisoned=frozenset(site.poisoned),
        undone=site.undone,
        lies=await observing.lies(site),
        ended=ended,
        raised=observing.raised(site.world),
    )
    seen = await _heard(seen, watchers)
    async with api_of(site.world.gateways[0], patient=True) as api:
        return replace(seen, shown=await observing.shown(api))


def _strands(fault: Fault) -> bool:
    """Whether an enricher loses sight of the others."""
    replica, _, server = fault.target.partition("-")
    service = service_of(replica)
    ends_one_of_several = service == NATS != replica
    return ends_one_of_several or (
        fault.kind in LIMBO
        and (fault.kind in CLUSTER or service == NATS or (service == "enricher" and server in ("", NATS)))
    )


def _stood_still(site: Site) -> int:
    """How often an enricher may have lost sight of the others, as far as anybody knows: the machine stops them, too."""
    return site.deliveries.overtaken * len(site.world.topology.replicas("enricher"))


async def _all_ready(world: World) -> float | None:
    """Seconds until all are ready."""
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2 * READY_SECONDS):
            while await world.not_ready():
                await asyncio.sleep(0.1)
            return round(time.monotonic() - began, 1)
    return None


async def _until_idle(site: Site) -> int:
    """Wait for the end of all jobs, and let the pauses of providers pass; how many commands are left."""
    waiting, ends_at = 0, time.monotonic() + QUIET_SECONDS
    while time.monotonic() < ends_at:
        moved_at = time.monotonic() + WAITING_SECONDS
        while time.monotonic() < moved_at:
            # A stream whose leader was lost by the last fault has none yet.
            with contextlib.suppress(BusUnavailableError):
                if (waiting := await left(site.bus, streams.COMMANDS)) == 0:
                    return 0
            await asyncio.sleep(0.1)
        await site.world.control("PUT", "/clock", {"advanceSeconds": PAUSES_END_SECONDS})
    return waiting


async def _heard(seen: Observed, watchers: Sequence[Watcher]) -> Observed:
    """Wait until the clients know how everything has ended, or for so long that they never will."""
    ends_at = time.monotonic() + HEARD_SECONDS
    while True:
        told = replace(seen, watched=[client.watched() for client in watchers])
        if not list(watchers_know(told)) or time.monotonic() > ends_at:
            return told
        await asyncio.sleep(0.2)
