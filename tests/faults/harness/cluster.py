"""NATS as a cluster: servers that are lost, sent away and parted from each other, and what befalls it as a whole."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.system import NATS_PASSWORDS
from tests.faults.harness.kinds import Topology
from tests.faults.harness.toxiproxy import Toxiproxy
from tests.integration.cluster.nats_cluster import LAME_DUCK, NatsCluster, Node, peers

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_local.errors import ServerFailedError
from metarr_local.ports import LOOPBACK

LEADER_SECONDS = 3.0
"""The longest that is asked for a leader: while there is none, the first server is as good."""
CAUGHT_UP_SECONDS = 15.0
"""The longest that a rolling restart waits for a server: others may be away meanwhile."""
NOWHERE = f"{LOOPBACK}:1"
"""What servers tell each other and clients of where they are, so that nobody finds a way past the proxies."""


class Server:
    """One server of the cluster, used as the only server of other seeds is. Who runs already is not started again."""

    def __init__(self, cluster: "Cluster", node: Node) -> None:
        self._cluster = cluster
        self._node = node
        self._starting = asyncio.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._node.url

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._node.pid

    async def start(self) -> None:
        """Start it and wait until it answers; it may lack the others.

        With a full disk it ends, and stays away until it is started again when there is room.
        """
        async with self._starting:
            if not self._node.running:
                with contextlib.suppress(ServerFailedError):
                    await self._cluster.start_alone(self._node)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in good order, also where it was frozen."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)
        await self._node.stop(how)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._node.kill()

    async def has_caught_up(self) -> bool:
        """Whether it knows a leader and has all that it keeps."""
        return await self._node.answers("/healthz")


class Cluster(NatsCluster):
    """A cluster whose routes lead through proxies: one for each direction of each connection."""

    def __init__(self, folder: Path, topology: Topology) -> None:
        super().__init__(folder, topology.nats, NATS_PASSWORDS)
        self._links = topology.routes
        self._routes: dict[str, list[str]] = {}
        for name, node in zip(topology.nats_servers, self.nodes, strict=True):
            node.name, node.cluster_settings = name, f"no_advertise: true, advertise: {NOWHERE}"
        self.servers = {node.name: Server(self, node) for node in self.nodes}

    async def lead(self, proxies: Toxiproxy) -> None:
        """Make the proxies of the routes; before the start."""
        nodes = {node.name: node for node in self.nodes}
        for link in self._links:
            names = link.split("-")
            ports = await proxies.lead(link, *(f"{LOOPBACK}:{nodes[name].route_port}" for name in names))
            for asking, port in zip(reversed(names), ports, strict=True):
                self._routes.setdefault(asking, []).append(f"nats://{LOOPBACK}:{port}")

    async def start_alone(self, node: Node) -> None:
        """Start a node and do not wait for the others."""
        await node.start(self._routes[node.name], self._login)

    async def leader_of(self, bus: Bus, stream: str) -> Server:
        """The server that leads a stream, as far as anybody says so; else the first."""
        leader: str | None = None
        with contextlib.suppress(BusUnavailableError, TimeoutError):
            async with asyncio.timeout(LEADER_SECONDS):
                leader = (await peers(bus, stream)).get("leader")
        return self.servers[leader or self.nodes[0].name]

    async def restart_one_by_one(self) -> None:
        """Each server is sent away and comes back, the next one when it has caught up, in turn in the two ways."""
        for server, how in zip(self.servers.values(), (LAME_DUCK, signal.SIGTERM, LAME_DUCK), strict=True):
            await server.stop(how)
            await server.start()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CAUGHT_UP_SECONDS):
                    while not await server.has_caught_up():
                        await asyncio.sleep(0.1)

    def others(self, name: str) -> Sequence[Server]:
        """All servers but this one."""
        return [server for other, server in self.servers.items() if other != name]
