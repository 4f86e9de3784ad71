"""Three NATS servers on this machine that are one cluster, to stop, kill and start again one by one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp

from metarr_chassis.bus import UNAVAILABLE, Bus, connect
from metarr_chassis.errors import BusUnavailableError
from metarr_local.child import Command
from metarr_local.embedded_nats import embedded_url, nats_server_program
from metarr_local.nats_authorization import authorization, password_environment
from metarr_local.ports import LOOPBACK, free_port
from metarr_local.server_process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from metarr_contracts.permissions import UserName

PATIENCE = 120.0
SIZE = 3
LAME_DUCK = signal.SIGUSR2

T = TypeVar("T")


@dataclass
class Node:
    """One server of a cluster; after `stop` and `kill` what it stored is there again at the next `start`.

    `cluster_settings` is more text for that block of its settings, `environment` what they take from there.
    """

    folder: Path
    name: str
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    route_port: int = field(default_factory=free_port)
    cluster_settings: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ServerProcess(f"NATS {self.name}", self.folder / f"{self.name}.log")

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._server.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.pid is not None

    async def start(self, routes: list[str], login: str = "") -> None:
        """Start it and wait until it answers; JetStream may not be ready yet."""
        settings = self.folder / f"{self.name}.conf"
        settings.write_text(
            f"server_name: {self.name}\n"
            f"listen: {LOOPBACK}:{self.port}\n"
            f"http: {LOOPBACK}:{self.monitor_port}\n"
            "max_payload: 8MB\n"
            "lame_duck_duration: 30s\n"
            "lame_duck_grace_period: 1s\n"
            f"jetstream {{ store_dir: {json.dumps(str(self.folder / self.name))} }}\n"
            f"cluster {{ name: metarr, listen: {LOOPBACK}:{self.route_port}, routes: {json.dumps(routes)}\n"
            f"{self.cluster_settings} }}\n" + login
        )
        arguments = (str(nats_server_program()), "--config", str(settings))
        command = Command(arguments, {**os.environ, **self.environment}, self.folder, death_signal=signal.SIGTERM)
        await self._server.start(command, lambda: self.answers("/healthz?js-server-only=true"))

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in good order; as a lame duck (LAME_DUCK) it sends its clients away first, one after the other."""
        await self._server.stop(how)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._server.kill()

    def empty(self) -> None:
        """Lose its disk."""
        shutil.rmtree(self.folder / self.name)

    async def answers(self, path: str) -> bool:
        """Whether the monitoring page is there and says that all is well."""
        with contextlib.suppress(aiohttp.ClientError):
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"http://{LOOPBACK}:{self.monitor_port}{path}") as answer,
            ):
                return answer.status == 200
        return False


class NatsCluster:
    """Starts all nodes and waits until they are one; `url` names them all, for who may do everything.

    `passwords` are those of the users of `metarr_contracts.permissions`; without them there are no users.
    """

    def __init__(self, folder: Path, size: int = SIZE, passwords: Mapping[UserName, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        environment = password_environment(passwords) if passwords else {}
        self.nodes = [Node(folder, f"n{number}", environment=environment) for number in range(1, size + 1)]
        self._login = authorization() if passwords else ""
        self._passwords = passwords

    @property
    def url(self) -> str:
        """The addresses of all nodes."""
        return self.url_of("setup")

    def url_of(self, user: UserName) -> str:
        """The addresses of all nodes, as this user: the login stands at the first one alone."""
        first, *others = self.nodes
        return ",".join((embedded_url(first.port, user, self._passwords), *(node.url for node in others)))

    async def start(self, *nodes: Node) -> None:
        """Start these nodes (all, when none is named) and wait until all that run have every stream up to date."""
        await asyncio.gather(*(self.start_alone(node) for node in nodes or self.nodes if not node.running))
        await self.healthy()

    async def start_alone(self, node: Node) -> None:
        """Start a node and do not wait for the others."""
        await node.start([f"nats://{LOOPBACK}:{other.route_port}" for other in self.nodes], self._login)

    async def stop(self) -> None:
        """End all."""
        await asyncio.gather(*(node.stop() for node in self.nodes))

    async def healthy(self) -> None:
        """Wait until each node that runs knows a leader and has caught up with every stream and consumer it keeps."""
        async with asyncio.timeout(PATIENCE):
            while not all([await node.answers("/healthz") for node in self.nodes if node.running]):
                await asyncio.sleep(0.05)

    async def leader(self, stream: str) -> Node:
        """The node that leads a stream."""
        running = {node.name: node for node in self.nodes if node.running}
        async with asyncio.timeout(PATIENCE), connect(self.url, "test") as bus:
            while True:
                # Without a leader nobody answers; and one that was lost is named for a while.
                with contextlib.suppress(BusUnavailableError, TimeoutError):
                    async with asyncio.timeout(1):
                        name = (await peers(bus, stream)).get("leader")
                    if name in running:
                        return running[name]
                await asyncio.sleep(0.05)

    async def has_copies(self, number: int, *streams: str) -> None:
        """Wait until so many nodes have all of each stream."""
        async with asyncio.timeout(PATIENCE), connect(self.url, "test") as bus:
            for stream in streams:
                while len(await up_to_date(bus, stream)) != number:
                    await asyncio.sleep(0.05)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def answered(ask: Callable[[], Awaitable[T]]) -> T:
    """What the bus answers as soon as it does: a server that stands still for seconds loses its leads to others."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(BusUnavailableError, *UNAVAILABLE):
                return await ask()
            await asyncio.sleep(0.1)


async def peers(bus: Bus, stream: str) -> dict[str, Any]:
    """Who leads a stream and how far the others are."""
    cluster: dict[str, Any] = (await bus.api(f"STREAM.INFO.{stream}"))["cluster"]
    return cluster


async def up_to_date(bus: Bus, stream: str) -> set[str]:
    """The nodes that have a copy of the stream with all that is in it."""
    try:
        cluster = await peers(bus, stream)
    except BusUnavailableError:
        return set()
    followers = {peer["name"] for peer in cluster.get("replicas", ()) if peer["current"] and not peer.get("offline")}
    return followers | ({cluster["leader"]} if cluster.get("leader") else set())
