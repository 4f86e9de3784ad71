"""How each kind of fault is begun and ended: one table, beside that of the kinds."""

import asyncio
import contextlib
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from tests.faults.harness.cluster import Cluster, Server
from tests.faults.harness.deliveries import HEARD, Deliveries
from tests.faults.harness.disks import NO_RIGHT
from tests.faults.harness.kinds import PROVIDERS
from tests.faults.harness.observed import Undone
from tests.faults.harness.plan import Fault
from tests.faults.harness.restoring import Taken, restore, take
from tests.faults.harness.world import World

from metarr_chassis.bus import UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_contracts import streams, subjects
from metarr_contracts.envelope import MESSAGE_ID

REMEMBERED = 64
GARBAGE = (b"", b"{", b"null", b"[]", b'{"force": "perhaps"}', b'{"movieId": -1}', b"\xff\xfe\x00", b'"\\u0000"')
UNREADABLE = {"ce-id": "poison", "ce-type": "metarr.movie.enriched.v99", "ce-source": "/poison"}
COMMAND_SUBJECTS = (
    "metarr.cmd.enrich.{film}",
    "metarr.cmd.enrich.00{film}",
    "metarr.cmd.enrich.film",
    "metarr.cmd.import.nothing{film}",
    "metarr.cmd.bulk.run",
)
EVENT_SUBJECTS = (
    "metarr.evt.movie.{film}",
    "metarr.evt.bulk",
    "metarr.evt.job.{film}",
    "metarr.evt.provider.tmdb",
    "metarr.evt.schedule.bulk",
    "metarr.evt.rules",
    "metarr.evt.claim.tmdb.{film}",
    "metarr.evt.unheard.of",
)
VERBS = ("add", "import", "identify", "change", "lock", "remove", "rules", "cancel", "resume", "search")
QUERIES = ("library.stats", "movie.status", "movie.list", "movie.get", "movie.history", "bulk.status", "job.get")
NOTES = ("metarr.live.movie.{film}", "metarr.live.bulk", "metarr.live.cancel")
REQUEST_SECONDS = 5.0


@dataclass
class Site:
    """What faults befall.

    Attributes:
        bus: A connection of the harness's own, past the proxies.
        commands: The last commands that anybody has sent: subject, headers, payload.
        poisoned: Subjects on which something was sent that nobody can read.
        films: The films of the library, as far as the harness knows.
        left_out: Faults that could not be done, and why.
        undone: What a restored backup has undone.
        deliveries: What enrichers tell the bus of the films that they work on.
    """

    world: World
    bus: Bus
    films: list[int]
    commands: deque[tuple[str, Mapping[str, str], bytes]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    poisoned: set[str] = field(default_factory=set)
    left_out: dict[Fault, str] = field(default_factory=dict)
    undone: list[Undone] = field(default_factory=list)
    deliveries: Deliveries = field(default_factory=Deliveries)

    @property
    def cluster(self) -> Cluster:
        """The cluster that NATS is in some runs."""
        assert self.world.cluster is not None
        return self.world.cluster

    async def listen(self) -> None:
        """Remember the commands that are sent from now on, and follow what becomes of them."""

        async def heard(message: Msg) -> None:
            self.commands.append((message.subject, dict(message.headers or {}), message.data))

        await self.bus.listen(subjects.COMMANDS, heard)
        await self.bus.listen(HEARD, self.deliveries.hear)


class Injection(Protocol):
    """One kind of fault."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """Do it."""

    async def end(self, site: Site, fault: Fault) -> None:
        """Undo it."""


@dataclass(frozen=True)
class Ended:
    """A process is ended, and comes back."""

    how: signal.Signals

    async def begin(self, site: Site, fault: Fault) -> None:
        """End it."""
        await site.world.finish(fault.target, self.how)

    async def end(self, site: Site, fault: Fault) -> None:
        """Start it again."""
        await site.world.begin(fault.target)


class Frozen:
    """A process does nothing for a while, and knows nothing of that."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """SIGSTOP."""
        site.world.signal(fault.target, signal.SIGSTOP)

    async def end(self, site: Site, fault: Fault) -> None:
        """SIGCONT."""
        site.world.signal(fault.target, signal.SIGCONT)


class Cut:
    """A connection ends, and none can be made."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """Close the proxy."""
        await site.world.proxies.switch(fault.target, on=False)

    async def end(self, site: Site, fault: Fault) -> None:
        """Open it."""
        await site.world.proxies.switch(fault.target, on=True)


@dataclass(frozen=True)
class Spoilt:
    """A connection has a toxic: `attributes` are made of the fault's value."""

    toxic: str
    attributes: Callable[[float], Mapping[str, int]]

    async def begin(self, site: Site, fault: Fault) -> None:
        """Put it in."""
        await site.world.proxies.spoil(fault.target, self.toxic, self.attributes(fault.value))

    async def end(self, site: Site, fault: Fault) -> None:
        """Take it out."""
        await site.world.proxies.cleanse(fault.target)


@dataclass(frozen=True)
class Provided:
    """A provider of the sandbox behaves otherwise: `settings` are made of the fault's value."""

    settings: Callable[[float], Mapping[str, Any]]

    async def begin(self, site: Site, fault: Fault) -> None:
        """Set it so."""
        await site.world.provider(fault.target, **self.settings(fault.value))

    async def end(self, site: Site, fault: Fault) -> None:
        """Set it back."""
        await site.world.provider(fault.target, fault=None, latencyMs=LATENCY, jitterMs=LATENCY)


@dataclass(frozen=True)
class Once:
    """Something that is over at once. A bus that is away is no reason to end the run."""

    act: Callable[[Site, Fault], Awaitable[None]]

    async def begin(self, site: Site, fault: Fault) -> None:
        """Do it."""
        with contextlib.suppress(*UNAVAILABLE, BusUnavailableError, nats.js.errors.Error):
            await self.act(site, fault)

    async def end(self, site: Site, fault: Fault) -> None:
        """Nothing is left to undo."""


class DiskFull:
    """Nothing more can be written where a server stores."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """Fill it."""
        if fault.target in site.world.disks:
            site.world.disks[fault.target].fill()
        else:
            site.left_out[fault] = NO_RIGHT

    async def end(self, site: Site, fault: Fault) -> None:
        """Make room, as a person does, and restart what cannot go on by itself."""
        if fault not in site.left_out:
            await site.world.make_room(fault.target)


class Restored:
    """A backup is taken, and restored while everything is away: what came after it is gone."""

    def __init__(self) -> None:
        self._taken: dict[Fault, Taken] = {}

    async def begin(self, site: Site, fault: Fault) -> None:
        """Take it."""
        taken = await take(site.world, site.bus, f"backup-{fault.begins}")
        if isinstance(taken, Taken):
            self._taken[fault] = taken
        else:
            site.left_out[fault] = f"there is no backup: {taken}"

    async def end(self, site: Site, fault: Fault) -> None:
        """Restore it."""
        if fault in site.left_out:
            return
        taken = self._taken.pop(fault)
        await restore(site.world, taken)
        last_job = (await site.bus.stream_state(streams.COMMANDS)).last_seq
        site.undone.append(Undone(taken.last_job, last_job, taken.at, time.time()))


class LeaderLost:
    """Whichever server leads a stream dies."""

    def __init__(self) -> None:
        self._lost: dict[Fault, Server] = {}

    async def begin(self, site: Site, fault: Fault) -> None:
        """SIGKILL."""
        self._lost[fault] = await site.cluster.leader_of(site.bus, fault.target)
        await self._lost[fault].kill()

    async def end(self, site: Site, fault: Fault) -> None:
        """Start it again."""
        del site
        await self._lost.pop(fault).start()


class Alone:
    """All servers of the cluster but one die: that one decides nothing."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """SIGKILL."""
        await asyncio.gather(*(server.kill() for server in site.cluster.others(fault.target)))

    async def end(self, site: Site, fault: Fault) -> None:
        """Start them again."""
        await asyncio.gather(*(server.start() for server in site.cluster.others(fault.target)))


class Parted:
    """A server of the cluster and the others do not reach each other; its clients reach it."""

    async def begin(self, site: Site, fault: Fault) -> None:
        """Close the proxies of its routes."""
        await self._switch(site, fault, on=False)

    async def end(self, site: Site, fault: Fault) -> None:
        """Open them."""
        await self._switch(site, fault, on=True)

    async def _switch(self, site: Site, fault: Fault, *, on: bool) -> None:
        for route in site.world.topology.routes:
            if fault.target in route.split("-"):
                await site.world.proxies.switch(route, on=on)


class RollingRestart:
    """One server of the cluster after the other is restarted, while the work goes on."""

    def __init__(self) -> None:
        self._going_on: dict[Fault, asyncio.Task[None]] = {}

    async def begin(self, site: Site, fault: Fault) -> None:
        """Begin with the first."""
        self._going_on[fault] = asyncio.create_task(site.cluster.restart_one_by_one())

    async def end(self, site: Site, fault: Fault) -> None:
        """Wait for the last."""
        del site
        await self._going_on.pop(fault)


def _playing(kind: str, **fields: Any) -> Provided:
    return Provided(lambda _: {"fault": {"kind": kind, **fields}})


async def _command_again(site: Site, fault: Fault) -> None:
    """Publish a command once more; by an odd value with another message id, as a sender does that begins anew."""
    if not site.commands:
        return
    subject, headers, data = site.commands[int(fault.value) * 7 % len(site.commands)]
    if int(fault.value) % 2:
        headers = {**headers, MESSAGE_ID: f"again-{fault.begins}"}
    await site.bus.js.publish(subject, data, stream=streams.COMMANDS, headers=dict(headers) or None)


async def _event_again(site: Site, fault: Fault) -> None:
    """Publish an event once more, as who did not hear that it was stored: the server must not take it twice."""
    state = await site.bus.stream_state(streams.EVENTS)
    event = await site.bus.message(streams.EVENTS, max(1, state.last_seq - int(fault.value) * 3))
    if event is None or "ce-id" not in event.headers or event.headers["ce-id"] == UNREADABLE["ce-id"]:
        return
    await site.bus.js.publish(event.subject, event.data, stream=streams.EVENTS, headers=dict(event.headers))


def _clock(sign: int) -> Once:
    async def jump(site: Site, fault: Fault) -> None:
        # Who is cut off from the sandbox follows later: clocks of different machines differ.
        await site.world.control("PUT", "/clock", {"advanceSeconds": sign * fault.value})

    return Once(jump)


def _subject(site: Site, fault: Fault, templates: tuple[str, ...]) -> str:
    film = site.films[int(fault.value) % len(site.films)] if site.films else 1
    subject = templates[int(fault.value) % len(templates)].format(film=film)
    site.poisoned.add(subject)
    return subject


def _garbage(fault: Fault) -> bytes:
    return GARBAGE[fault.begins % len(GARBAGE)]


async def _poison_command(site: Site, fault: Fault) -> None:
    subject = _subject(site, fault, COMMAND_SUBJECTS)
    # An empty body means the defaults: it is no poison.
    await site.bus.js.publish(subject, _garbage(fault) or b"0", stream=streams.COMMANDS)


async def _poison_event(site: Site, fault: Fault) -> None:
    subject = _subject(site, fault, EVENT_SUBJECTS)
    headers = UNREADABLE if int(fault.value) % 2 else None
    await site.bus.js.publish(subject, _garbage(fault), stream=streams.EVENTS, headers=headers)


async def _poison_answer(site: Site, fault: Fault) -> None:
    templates = (*(f"metarr.ans.{name}.{{film}}" for name in PROVIDERS), "metarr.ans.lookup.{film}")
    await site.bus.js.publish(_subject(site, fault, templates), _garbage(fault), stream=streams.ANSWERS)


async def _poison_request(site: Site, fault: Fault) -> None:
    for subject in (*map(subjects.library, VERBS), *map(subjects.query, QUERIES)):
        with contextlib.suppress(RefusedError, BusUnavailableError):
            await site.bus.request(subject, _garbage(fault) or b"0", timeout=REQUEST_SECONDS)


async def _poison_note(site: Site, fault: Fault) -> None:
    await site.bus.publish_unconfirmed(_subject(site, fault, NOTES), _garbage(fault))


async def _rebuild(site: Site, _fault: Fault) -> None:
    with contextlib.suppress(RefusedError, TimeoutError):
        await site.bus.request(subjects.REBUILD, timeout=REQUEST_SECONDS)


HUGE_BYTES = 100 << 20
LATENCY = 120
"""Milliseconds that a provider takes when all is well, and up to as many more: faults fall into work."""

INJECTIONS: Mapping[str, Injection] = {
    "kill": Ended(signal.SIGKILL),
    "freeze": Frozen(),
    "restart": Ended(signal.SIGTERM),
    "cut": Cut(),
    "delay": Spoilt("latency", lambda seconds: {"latency": int(1000 * seconds), "jitter": int(500 * seconds)}),
    "half_open": Spoilt("timeout", lambda _: {"timeout": 0}),
    "slow": Provided(lambda seconds: {"latencyMs": int(1000 * seconds), "jitterMs": int(1000 * seconds)}),
    "hang": _playing("timeout"),
    "down": Provided(lambda status: {"fault": {"kind": "http", "status": int(status)}}),
    "disconnect": _playing("disconnect"),
    "throttle": Provided(lambda seconds: {"fault": {"kind": "throttle", "retryAfter": int(seconds)}}),
    "quota": _playing("quota"),
    "garbage": _playing("garbage"),
    "wrong_shape": _playing("wrong_shape"),
    "wrong_film": _playing("wrong_film"),
    "empty": _playing("empty"),
    "huge": Provided(lambda gzip: {"fault": {"kind": "huge", "size": HUGE_BYTES, "gzip": bool(gzip)}}),
    "redirect": _playing("redirect"),
    "command_again": Once(_command_again),
    "event_again": Once(_event_again),
    "clock_forward": _clock(1),
    "clock_back": _clock(-1),
    "poison_command": Once(_poison_command),
    "poison_event": Once(_poison_event),
    "poison_answer": Once(_poison_answer),
    "poison_request": Once(_poison_request),
    "poison_note": Once(_poison_note),
    "rebuild": Once(_rebuild),
    "disk_full": DiskFull(),
    "restore": Restored(),
    "leader_lost": LeaderLost(),
    "alone": Alone(),
    "partition": Parted(),
    "rolling_restart": RollingRestart(),
}
