"""Two versions of the services side by side: the one before, out of the repository's history, and the present one."""

import asyncio
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

from tests.e2e.system import SERVICES, System

from metarr_local.child import Command, run_to_end

BEFORE = "16504b5"
"""The version that was in use before this one: renewed when a version is released."""
REPOSITORY = Path(__file__).parents[2]
GIT = shutil.which("git")
SOURCES = (
    "contracts/src",
    *(f"services/{name}/src" for name in ("chassis", "api-gateway", "enricher", "scheduler", "projector")),
    "deploy/local/src",
)
WINDOW = "2"
"""Films of a run at once: it goes on for as long as an upgrade takes."""
SECOND = "2"
"""A replica that runs beside the first one of its service has this after its name."""


def is_known(commit: str = BEFORE) -> bool:
    """Whether the history is here, which it is not in a shallow clone."""
    return GIT is not None and _git("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def unpack(folder: Path, commit: str = BEFORE) -> str:
    """Put the packages of an earlier version into a folder; returns the search path on which they come first."""
    archive = _git("archive", commit, *SOURCES)
    archive.check_returncode()
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return ":".join(str(folder / source) for source in SOURCES)


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run((str(GIT), "-C", str(REPOSITORY), *arguments), capture_output=True, check=False)  # noqa: S603


class Versions:
    """A system that began with the version before; each service is replaced by one of the present version."""

    def __init__(self, folder: Path, old_path: str) -> None:
        self._old = {"PYTHONPATH": old_path}
        self._environment = {"METARR_BULK_WINDOW": WINDOW, **self._old}
        self.system = System(folder, environment=self._environment)

    async def begin(self) -> None:
        """The bus, the database and the services, made by the version before."""
        system = self.system
        await asyncio.gather(system.nats.start(), system.postgres.start(), system._start_sandbox())
        # One user of the bus and one of the database did everything.
        self._old |= {"METARR_NATS_URL": system.nats.url, "METARR_DATABASE_URL": system.postgres.url}
        self.turn_to_old()
        await self.set_up()
        await asyncio.gather(*(system.start(service) for service in SERVICES))

    async def set_up(self) -> None:
        """`metarr setup` of the version whose turn it is."""
        log = self.system.folder / "setup.log"
        self.system.ports.setdefault("setup", 0)
        command = Command((sys.executable, "-m", "metarr_local.cli", "setup"), self.system.environment_of("setup"))
        assert await run_to_end(command, log) == 0, log.read_text()

    def turn_to_present(self) -> None:
        """What is started from now on is of the present version."""
        for name in self._old:
            self._environment.pop(name, None)

    def turn_to_old(self) -> None:
        """What is started from now on is of the version before."""
        self._environment.update(self._old)

    async def restart(self, name: str) -> None:
        """A replica is killed, and comes back as it was."""
        await self.system.kill(name)
        await self.system.start(name)

    async def roll(self, services: Iterable[str]) -> None:
        """Replace one service after the other: the next is there and ready before the one before is told to end."""
        for service in services:
            await self.system.start(service, service + SECOND)
            await self.system.stop(service)
