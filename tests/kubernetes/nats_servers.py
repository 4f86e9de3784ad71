"""NATS servers on this machine with the configuration and the environment that an overlay gives to its pods."""

import asyncio
import json
import os
import re
import shutil
import signal
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import trustme
from tests.kubernetes.manifests import Manifests, SecretKey, containers, secret_files, variables

from metarr_local.child import Command
from metarr_local.embedded_nats import nats_server_program
from metarr_local.ports import LOOPBACK, free_port
from metarr_local.server_process import ServerProcess

PATIENCE = 60


def secret(source: SecretKey) -> str:
    """The password in a Secret: for each another, as make-secrets.sh would make it."""
    return f"Password{''.join(re.findall('[a-z0-9]', '/'.join(source)))}"


@dataclass
class Authority:
    """In cert-manager's place."""

    ca: trustme.CA = field(default_factory=trustme.CA)

    def write(self, folder: Path, manifests: Manifests) -> None:
        """Make a certificate for the names in the manifests, in the files that the Secret has."""
        names = manifests.one("Certificate", "metarr-nats")["spec"]["dnsNames"]
        made = self.ca.issue_cert(*names)
        (folder / "tls.key").write_bytes(made.private_key_pem.bytes())
        (folder / "tls.crt").write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
        (folder / "ca.crt").write_bytes(self.ca.cert_pem.bytes())

    def context(self) -> ssl.SSLContext:
        """For a client that trusts it alone."""
        return ssl.create_default_context(cadata=self.ca.cert_pem.bytes().decode())


class Caller:
    """A connection in NATS's own words; a client library would try again, and hide why it is refused."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def says(self, *lines: str) -> str:
        """Send lines, and return what comes until all is answered or the server has hung up."""
        self._writer.write("".join(f"{line}\r\n" for line in (*lines, "PING")).encode())
        heard = b""
        async with asyncio.timeout(PATIENCE):
            while line := await self._reader.readline():
                heard += line
                if line == b"PONG\r\n":
                    break
        return heard.decode()

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(OSError, ssl.SSLError):
            await self._writer.wait_closed()


@asynccontextmanager
async def calling(port: int, context: ssl.SSLContext | None) -> AsyncIterator[Caller]:
    """Connect, with TLS if a context is given; raises ssl.SSLCertVerificationError."""
    reader, writer = await asyncio.open_connection("localhost", port)
    caller = Caller(reader, writer)
    try:
        await reader.readline()
        if context is not None:
            await writer.start_tls(context, server_hostname="localhost")
        yield caller
    finally:
        await caller.close()


def login(user: str, password: str) -> str:
    """The line that says who connects."""
    options = {"user": user, "pass": password, "verbose": False, "pedantic": False}
    return f"CONNECT {json.dumps(options)}"


class Pod:
    """The pod of this number."""

    def __init__(self, manifests: Manifests, folder: Path, number: int = 0) -> None:
        self.name = f"metarr-nats-{number}"
        self.port, self.route_port, self.monitor_port = free_port(), free_port(), free_port()
        self.folder = folder / self.name
        self._manifests = manifests
        self._server = ServerProcess(self.name, folder / f"{self.name}.log")
        for place in ("etc", "data", "run"):
            (self.folder / place).mkdir(parents=True)

    @property
    def settings(self) -> Path:
        """The file that the server reads."""
        return self.folder / "etc" / "nats.conf"

    def write(self) -> None:
        """Put the files of the ConfigMaps where the server finds them, with places of this machine."""
        places = {
            "/etc/nats-tls": self.folder / "etc",
            "/data": self.folder / "data",
            "/run/nats": self.folder / "run",
            # A client of a busy machine may take longer to say who it is than the two seconds that it has by default.
            **{block: f"{block}\ntimeout: {PATIENCE}" for block in ("authorization {", "tls {")},
            "port: 4222": f"host: {LOOPBACK}\nport: {self.port}",
            "port: 6222": f"host: {LOOPBACK}\nport: {self.route_port}",
            "http_port: 8222": f"http_port: {self.monitor_port}",
        }
        for name in ("metarr-nats", "metarr-nats-authorization"):
            for file, text in self._manifests.one("ConfigMap", name)["data"].items():
                (self.settings.parent / file).write_text(_replaced(text, places), encoding="utf-8")

    def environment(self, routes: Mapping[str, int], **others: str) -> dict[str, str]:
        """What the manifest gives to the container, with routes to this machine; `others` win."""
        (container,) = containers(self._manifests.one("StatefulSet", "metarr-nats"))
        given = variables(container, secret) | {"POD_NAME": self.name}
        places = {f"{name}.metarr-nats:6222": f"localhost:{port}" for name, port in routes.items()}
        return {name: _replaced(value, places) for name, value in (given | others).items()}

    def command(self) -> list[str]:
        """That of the container."""
        (container,) = containers(self._manifests.one("StatefulSet", "metarr-nats"))
        places = {"/etc/nats/nats.conf": self.settings, "/run/nats": self.folder / "run"}
        return [_replaced(word, places) for word in container["command"]]

    async def start(self, pods: list["Pod"], *command: str, **others: str) -> None:
        """Start it beside these and wait until it answers; it may not have found them yet.

        Without a command it is the server alone; `others` are variables.
        """
        self.write()
        environment = self.environment({pod.name: pod.route_port for pod in pods}, **others)
        path = os.pathsep.join((str(nats_server_program().parent), os.environ["PATH"]))
        program, *arguments = command or ("nats-server", "--config", str(self.settings))
        server = Command(
            (str(shutil.which(program, path=path)), *arguments),
            {**environment, "PATH": path},
            self.folder,
            death_signal=signal.SIGTERM,
        )
        await self._server.start(server, self._answers)

    async def stop(self) -> None:
        """End it."""
        await self._server.stop(signal.SIGTERM)

    async def asked(self, page: str) -> dict[str, Any]:
        """A page of its monitoring."""
        url = f"http://{LOOPBACK}:{self.monitor_port}/{page}"
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            found: dict[str, Any] = json.loads(await answer.read())
            return found

    async def _answers(self) -> bool:
        with suppress(OSError, aiohttp.ClientError):
            await self.asked("varz")
            async with calling(self.port, None):
                return True
        return False


def has_tls(manifests: Manifests) -> bool:
    """Whether the servers have a certificate."""
    return any(
        name == "metarr-nats-tls" for name, _ in secret_files(manifests.one("StatefulSet", "metarr-nats")).values()
    )


def _replaced(text: str, places: Mapping[str, object]) -> str:
    for old, new in places.items():
        text = re.sub(rf"(?m)(?<![\w-]){re.escape(old)}(?!\w)", str(new), text)
    return text
