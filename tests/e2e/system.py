"""The whole system as a black box: real servers, the sandbox and the four services as processes."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiohttp

from metarr_chassis.topology import setup
from metarr_contracts.permissions import USERS, UserName
from metarr_local.child import Command, end, spawn
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import READER, WRITER, EmbeddedPostgres
from metarr_local.ports import free_port
from metarr_local.secret_files import new_secret
from metarr_projector.schema import migrate

SERVICES = ("gateway", "enricher", "scheduler", "projector")
KEYS = {name: f"sandbox-{name}-key" for name in ("tmdb", "omdb", "fanart")}
PATHS = {"tmdb": "/tmdb/3", "omdb": "/omdb/", "fanart": "/fanart/v3"}
READY_SECONDS = 120
NATS_PASSWORDS: Mapping[UserName, str] = {user.name: new_secret() for user in USERS}
DATABASE_PASSWORDS: dict[str, str] = {user: new_secret() for user in (WRITER, READER)}


def service_of(name: str) -> UserName:
    """The service that a process is one of, by what its name begins with: `gateway2` is a gateway."""
    return next(user.name for user in USERS if name.startswith(user.name))


@dataclass
class System:
    """Everything that runs for one library. `demo` talks to the sandbox as a demo does; else by keys and addresses.

    `nats` and `postgres` can be stopped, killed and started again: same folder, same port. The schedule is off unless
    the environment sets one, so that no night falls into a test. `clock` is the product's time at the start.
    """

    folder: Path
    demo: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    clock: datetime | None = None
    sandbox_url: str = ""
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nats = EmbeddedNats(self.folder / "nats", passwords=NATS_PASSWORDS)
        self.postgres = EmbeddedPostgres(self.folder / "postgres")

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    async def __aenter__(self) -> Self:
        await asyncio.gather(self.nats.start(), self.postgres.start(), self._start_sandbox())
        await setup(self.nats.url, demo=self.demo)
        await migrate(*self.database_urls)
        if self.clock is not None:
            await self.set_clock(self.clock)
        await asyncio.gather(*(self.start(service) for service in SERVICES))
        return self

    async def __aexit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        await asyncio.gather(*map(self.stop, list(self.processes)))
        await asyncio.gather(self.nats.stop(), self.postgres.stop())
        if kind is None:
            assert not self.refused(), "what a service does on the bus is in metarr_contracts.permissions"

    def refused(self) -> list[str]:
        """What services have said of subjects that NATS does not let them use."""
        logs = (log.read_text().splitlines() for log in self.folder.glob("*.log"))
        return [line for lines in logs for line in lines if "permissions violation" in line]

    async def start(self, service: str, name: str | None = None) -> None:
        """Start a service and wait until it is ready; `name` for a second one of the same kind.

        One that was stopped or killed comes back at its old port.
        """
        name = name or service
        await self.launch(service, name)
        await self._until_ready(name)

    async def launch(self, service: str, name: str) -> None:
        """Start a service and do not wait for it."""
        self.ports.setdefault(name, free_port())
        command = Command((sys.executable, "-m", f"metarr_{service}"), self.environment_of(name))
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = await spawn(command, log)

    async def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End a process."""
        await end(self.processes.pop(name), how, 10)

    async def kill(self, name: str) -> None:
        """SIGKILL a process in the middle of whatever it does."""
        await self.stop(name, signal.SIGKILL)

    def log(self, name: str) -> str:
        """What a process has printed."""
        return (self.folder / f"{name}.log").read_text()

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask the sandbox's control endpoint."""
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, f"{self.sandbox_url}/control{path}", json=body) as answer,
        ):
            answer.raise_for_status()
            return await answer.json()

    async def provider(self, name: str, **settings: object) -> None:
        """Change settings of a provider of the sandbox, by their names there."""
        await self.control("PUT", f"/providers/{name}", settings)

    async def providers(self, **settings: object) -> None:
        """Change the same settings of all three."""
        for name in PATHS:
            await self.provider(name, **settings)

    @contextlib.contextmanager
    def providers_halted(self) -> Iterator[None]:
        """Providers take requests and answer none while the context is open: what asks them is at work until then.

        Not for much longer than a request may last; and what the sandbox is told waits, too.
        """
        sandbox = self.processes["sandbox"]
        sandbox.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            sandbox.send_signal(signal.SIGCONT)

    async def asked(self) -> dict[str, dict[str, int]]:
        """How often each provider was asked about each external id, since the counts were set to zero."""
        counts = await self.control("GET", "/requests")
        return {name: counts[name]["byId"] for name in PATHS}

    async def advance_clock(self, seconds: float) -> None:
        """Move the product's clock on; return when every service has followed. Only services of a demo do."""
        await self._move_clock({"advanceSeconds": seconds})

    async def set_clock(self, moment: datetime) -> None:
        """Set the product's clock, which then goes on; else as `advance_clock`."""
        await self._move_clock({"offsetSeconds": (moment - datetime.now(UTC)).total_seconds()})

    async def _move_clock(self, change: Mapping[str, float]) -> None:
        assert self.demo, "without a sandbox of its own a service keeps the system's time"
        await self.control("PUT", "/clock", change)
        followers = len(self.processes.keys() - {"sandbox"})
        async with asyncio.timeout(READY_SECONDS):
            while (await self.control("GET", ""))["clock"]["followers"] < followers:
                await asyncio.sleep(0.02)

    async def _start_sandbox(self) -> None:
        log = self.folder / "sandbox.log"
        command = Command((sys.executable, "-m", "metarr_sandbox", "--port", "0"), os.environ)
        with log.open("wb") as output:
            self.processes["sandbox"] = await spawn(command, output)
        async with asyncio.timeout(READY_SECONDS):
            while not (first := log.read_text().partition("\n"))[1]:
                await asyncio.sleep(0.02)
        self.sandbox_url = json.loads(first[0])["url"]

    def environment_of(self, name: str) -> dict[str, str]:
        """What a service of this name is told."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("METARR_")}
        picture_hosts = ("image.tmdb.org", "assets.fanart.tv", "m.media-amazon.com")
        real = {
            **{f"METARR_{provider.upper()}_KEY": key for provider, key in KEYS.items()},
            **{f"METARR_{provider.upper()}_URL": self.sandbox_url + path for provider, path in PATHS.items()},
            "METARR_PICTURE_HOSTS": json.dumps({host: f"{self.sandbox_url}/pictures/{host}" for host in picture_hosts}),
        }
        return {
            **kept,
            "METARR_NATS_URL": self.nats_url_of(name),
            **self.database_of(name),
            "METARR_HTTP_PORT": str(self.ports[name]),
            **({} if name.startswith("gateway") else {"METARR_HEALTH_PORT": str(self.ports[name])}),
            "METARR_PICTURE_CACHE_DIR": str(self.folder / "pictures"),
            "METARR_SCHEDULE": "off",
            "METARR_MANUAL_REFRESHES_PER_MINUTE": "100000",
            "METARR_BULK_STARTS_PER_MINUTE": "100000",
            "METARR_REQUESTS_PER_SECOND": "100000",
            "METARR_CONNECTIONS_PER_CLIENT": "10000",
            **{f"METARR_{provider.upper()}_RATE": "1000" for provider in KEYS},
            **({"METARR_SANDBOX_URL": self.sandbox_url} if self.demo else real),
            **self.environment,
        }

    def nats_url_of(self, name: str) -> str:
        """The bus for a service of this name: as the user that it is."""
        return self.nats.url_of(service_of(name))

    @property
    def database_urls(self) -> tuple[str, str, str]:
        """The database for its owner, for the writer and for the reader."""
        writer, reader = (self.postgres.url_of(user, password) for user, password in DATABASE_PASSWORDS.items())
        return self.postgres.url, writer, reader

    def database_of(self, name: str) -> dict[str, str]:
        """What a service of this name is told of the database."""
        owner, writer, reader = self.database_urls
        match service_of(name):
            case "projector":
                return {"METARR_DATABASE_URL": writer, "METARR_DATABASE_READER_URL": reader}
            case "setup":
                return {
                    "METARR_DATABASE_URL": owner,
                    "METARR_DATABASE_WRITER_URL": writer,
                    "METARR_DATABASE_READER_URL": reader,
                }
            case _:
                return {}

    async def _until_ready(self, name: str) -> None:
        url = f"http://127.0.0.1:{self.ports[name]}/readyz"
        async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as client:
            while True:
                assert self.processes[name].returncode is None, self.log(name)
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(url) as answer:
                        if answer.status == 200:
                            assert self.processes[name].returncode is None, self.log(name)
                            return
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def running(*, demo: bool = True, clock: datetime | None = None, **environment: str) -> AsyncIterator[System]:
    """A system of its own with settings of its own (an empty value unsets one), and a clock that shows this."""
    with tempfile.TemporaryDirectory(prefix="metarr-e2e-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with System(Path(folder), demo, environment, clock) as system:
            yield system
