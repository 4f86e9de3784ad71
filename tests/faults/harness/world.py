"""The system under attack: replicas as the plan wants them, each connection through a proxy, everything can be stopped.

Nothing here waits until what it has started is ready: that may take as long as another fault lasts.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit

import aiohttp
from tests.e2e.system import READY_SECONDS, System
from tests.faults.harness.cluster import Cluster
from tests.faults.harness.disks import Disk, small_disks
from tests.faults.harness.kinds import NATS, POSTGRES, SANDBOX, SERVICES, Topology, service_of
from tests.faults.harness.previous import SETUP, EarlierVersion
from tests.faults.harness.toxiproxy import Toxiproxy, toxiproxy

from metarr_chassis.topology import setup
from metarr_local.ports import LOOPBACK
from metarr_projector.schema import migrate

PROBE = aiohttp.ClientTimeout(total=2)
DISK_MEGABYTES = {NATS: 64, POSTGRES: 256}
"""PostgreSQL keeps what it will write next as well."""
SERVERS = {
    "METARR_NATS_URL": NATS,
    "METARR_DATABASE_URL": POSTGRES,
    "METARR_DATABASE_READER_URL": POSTGRES,
    "METARR_SANDBOX_URL": SANDBOX,
}


class Server(Protocol):
    """NATS, one of its servers, or PostgreSQL."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""

    async def start(self) -> None:
        """Start it and wait until it answers."""

    async def stop(self) -> None:
        """End it in good order."""

    async def kill(self) -> None:
        """End it as a power cut would."""


@dataclass
class World(System):
    """The system of the end-to-end tests behind proxies.

    Attributes:
        earlier: The commit of the version with whose services it begins; none: ours.
        ended_by_us: The replicas that are away on purpose.
        disks: Those of the servers, by their names; none without the right to mount.
    """

    topology: Topology = field(default_factory=Topology)
    earlier: str = ""
    ended_by_us: set[str] = field(default_factory=set)
    proxies: Toxiproxy = field(init=False)
    disks: Mapping[str, Disk] = field(default_factory=dict)
    _closing: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _leads: dict[str, list[int]] = field(default_factory=dict)
    _earlier: EarlierVersion | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.servers: dict[str, Server] = {NATS: self.nats, POSTGRES: self.postgres}
        self.cluster: Cluster | None = None
        if self.topology.routes:
            self.cluster = Cluster(self.folder / NATS, self.topology)
            self.nats = self.cluster  # type: ignore[assignment]  # it is used for its url, start() and stop() alone
            self.servers = {**self.cluster.servers, POSTGRES: self.postgres}

    async def __aenter__(self) -> Self:
        self.proxies = await self._closing.enter_async_context(toxiproxy(self.folder))
        sizes = {name: (self._stores(name), DISK_MEGABYTES[service_of(name)]) for name in self.servers}
        self.disks = await self._closing.enter_async_context(small_disks(sizes))
        if self.cluster is not None:
            await self.cluster.lead(self.proxies)
        await asyncio.gather(self.nats.start(), self.postgres.start(), self._start_sandbox())
        upstreams = {NATS: self.nats.url, POSTGRES: self.postgres.url, SANDBOX: self.sandbox_url}
        for link in self.topology.services_links:
            addresses = map(urlsplit, upstreams[link.rpartition("-")[2]].split(","))
            self._leads[link] = await self.proxies.lead(link, *(f"{at.hostname}:{at.port}" for at in addresses))
        if self.earlier:
            self.ports[SETUP] = 0
            self._earlier = EarlierVersion(self.earlier, self.folder)
            await self._earlier.set_up(self.environment_of(SETUP))
        else:
            await self._set_up()
        await self._begin_services()
        return self

    async def turn_to_present(self) -> None:
        """End the services of the earlier version in good order, and start ours on what they leave."""
        await asyncio.gather(*(self.finish(name, signal.SIGTERM) for name in self.replicas))
        self._earlier = None
        await self._set_up()
        await self._begin_services()

    async def _set_up(self) -> None:
        """Bring bus and database to this version."""
        await setup(self.nats.url, demo=True, replicas=self.topology.nats)
        await migrate(*self.database_urls)

    async def _begin_services(self) -> None:
        """Start all services and wait until they are ready."""
        await asyncio.gather(*map(self.begin, self.replicas))
        async with asyncio.timeout(READY_SECONDS):
            while await self.not_ready():
                await asyncio.sleep(0.05)

    async def __aexit__(self, kind: type[BaseException] | None = None, *error: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            for name in (*self.processes, *self.servers):
                self.signal(name, signal.SIGCONT)
        await super().__aexit__(kind, *error)
        await self._closing.aclose()

    @property
    def replicas(self) -> tuple[str, ...]:
        """The names of all services' processes."""
        return self.topology.replicas(*SERVICES)

    @property
    def gateways(self) -> list[str]:
        """The addresses of the gateways."""
        return [f"http://{LOOPBACK}:{self.ports[name]}" for name in self.topology.replicas("gateway")]

    def environment_of(self, name: str) -> dict[str, str]:
        """What a service is told: the proxies' addresses instead of the servers'."""
        told = super().environment_of(name)
        for variable, server in SERVERS.items():
            if variable in told and (ports := self._leads.get(f"{name}-{server}")) is not None:
                addresses = zip(told[variable].split(","), ports, strict=True)
                told[variable] = ",".join(_through(address, port) for address, port in addresses)
        return told if self._earlier is None else self._earlier.told(told)

    def nats_url_of(self, name: str) -> str:
        """Earlier versions know of no users."""
        return self.nats.url if self._earlier else super().nats_url_of(name)

    def database_of(self, name: str) -> dict[str, str]:
        """Earlier versions know of one user alone."""
        return {"METARR_DATABASE_URL": self.postgres.url} if self._earlier else super().database_of(name)

    async def begin(self, name: str) -> None:
        """Start a service or a server."""
        if name not in self.servers:
            await self.launch(service_of(name), name)
        elif self.servers[name].pid is None:
            await self.servers[name].start()
        self.ended_by_us.discard(name)

    async def finish(self, name: str, how: signal.Signals) -> None:
        """End a service or a server: by SIGKILL, or by SIGTERM in good order."""
        self.ended_by_us.add(name)
        if name in self.servers:
            server = self.servers[name]
            await (server.kill() if how is signal.SIGKILL else server.stop())
        elif name in self.processes:
            await self.stop(name, how)

    async def end_services(self) -> None:
        """End all services in good order, frozen ones too, and see to it that NATS can be worked with."""
        for name in (*self.processes, *self.servers):
            self.signal(name, signal.SIGCONT)
        for route in self.topology.routes:
            await self.proxies.cleanse(route)
        for name in self.topology.nats_servers:
            if name in self.disks:
                await self.make_room(name)
            await self.begin(name)
        if self.cluster is not None:
            await self.cluster.healthy()
        await asyncio.gather(*(self.finish(name, signal.SIGTERM) for name in self.replicas))

    async def make_room(self, name: str) -> None:
        """There is room on a server's disk again. It is restarted: a stream that could not be written stays so."""
        self.disks[name].empty()
        await self.finish(name, signal.SIGTERM)
        await self.begin(name)

    def _stores(self, name: str) -> Path:
        """Where a server keeps what it stores."""
        if name == POSTGRES:
            return self.folder / POSTGRES
        return self.folder / NATS / ("jetstream" if name == NATS else name)

    def signal(self, name: str, what: signal.Signals) -> None:
        """Send a signal to a service or a server, and to all processes that it consists of."""
        for pid in self._pids(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    async def not_ready(self) -> list[str]:
        """The replicas that do not say that they are ready, and the servers of a cluster that have not caught up."""
        cluster = self.cluster.servers if self.cluster is not None else {}
        async with aiohttp.ClientSession(timeout=PROBE) as session:
            said = await asyncio.gather(
                *(self._says_ready(session, name) for name in self.replicas),
                *(server.has_caught_up() for server in cluster.values()),
            )
        return [name for name, ready in zip((*self.replicas, *cluster), said, strict=True) if not ready]

    def ended(self) -> Mapping[str, str]:
        """The replicas that ended though nobody ended them, with the last that they said."""
        return {
            name: f"exit code {self.processes[name].returncode}: {self.log(name)[-1500:]}"
            for name in self.replicas
            if name not in self.ended_by_us and self.processes[name].returncode is not None
        }

    def resident(self) -> Mapping[str, int]:
        """How many bytes each service has in memory; 0: it has ended."""
        return {name: _resident(self.processes[name].pid) for name in self.replicas}

    async def _says_ready(self, session: aiohttp.ClientSession, name: str) -> bool:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(f"http://{LOOPBACK}:{self.ports[name]}/readyz") as answer:
                return answer.status == 200
        return False

    def _pids(self, name: str) -> Iterator[int]:
        pid = self.servers[name].pid if name in self.servers else self.processes[name].pid
        if pid is not None:
            yield pid
            yield from _children(pid)


def _resident(pid: int) -> int:
    with contextlib.suppress(FileNotFoundError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")
    return 0


def _through(address: str, port: int) -> str:
    """The address, by way of a proxy."""
    parts = urlsplit(address)
    login, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{login}{at}{LOOPBACK}:{port}").geturl()


def _children(parent: int) -> Iterator[int]:
    """Each connection of PostgreSQL is a process in a group of its own."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(state[1]) == parent:
                yield int(folder.name)


@contextlib.asynccontextmanager
async def running(folder: Path, topology: Topology, earlier: str = "", **environment: str) -> AsyncIterator[World]:
    """A world with an empty library in this folder, which every user can enter; its services may be of a commit."""
    async with World(folder, environment=environment, topology=topology, earlier=earlier) as world:
        yield world
