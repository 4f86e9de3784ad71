"""Containers as a person has them: the docker command, and a Compose project with a name and a port of its own."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
STACK_FILES = ("compose.yaml", "compose.demo.yaml", "compose.home.yaml", "nats.conf", "make-secrets.sh")


async def run(*command: str, environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Run a command to its end and return what it wrote; its end with another code than 0 is an error."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}\n{output.decode(errors='replace')}"
    return output.decode(errors="replace")


@dataclass(frozen=True)
class Container:
    """A container by its id."""

    id: str

    async def inspect(self) -> dict[str, Any]:
        """What the engine knows of it."""
        (found,) = json.loads(await run("docker", "inspect", self.id))
        return dict(found)

    async def python(self, code: str) -> str:
        """What a program prints that runs inside of it, as the container's user."""
        return await run("docker", "exec", self.id, "python", "-c", code)

    async def stop(self) -> tuple[int, float]:
        """End it as `docker stop` does, killed after 10 seconds; its exit code, and seconds until its end."""
        began = time.monotonic()
        await run("docker", "stop", "--time", "10", self.id)
        return int((await self.inspect())["State"]["ExitCode"]), time.monotonic() - began

    async def written(self) -> set[str]:
        """Paths of its own file system that were added or changed, but for what the engine itself puts there."""
        found = (await run("docker", "diff", self.id)).splitlines()
        mounted = {mount["Destination"] for mount in (await self.inspect())["Mounts"]}
        engine = {"/usr/sbin/docker-init", *mounted}
        parents = {str(parent) for path in engine for parent in Path(path).parents}
        return {line.partition(" ")[2] for line in found} - engine - parents


class Stack:
    """A Compose project in a folder of its own, whose secrets are new."""

    def __init__(self, folder: Path, project: str, port: int, *files: str) -> None:
        self.folder = folder / "docker"
        self._command = ["docker", "compose", "--project-name", project]
        self._command += [word for file in files for word in ("--file", file)]
        self._environment = {"METARR_PORT": str(port)}
        self.url = f"http://127.0.0.1:{port}"

    async def prepare(self) -> None:
        """Make the folder."""
        shutil.copytree(DOCKER.parent / "nats", self.folder.parent / "nats")
        self.folder.mkdir()
        for name in STACK_FILES:
            shutil.copy(DOCKER / name, self.folder)
        await run(str(self.folder / "make-secrets.sh"))

    async def up(self) -> float:
        """Start everything and wait until all of it works; seconds that it took. Images are there already."""
        began = time.monotonic()
        await self("up", "--no-build", "--wait")
        return time.monotonic() - began

    async def down(self) -> None:
        """Remove it with its volumes."""
        await self("down", "--volumes")

    def secret(self, name: str) -> str:
        """A secret that the script made."""
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    async def made_key(self) -> str:
        """The key that everything in one container made at its first start."""
        return (await self("exec", "--no-TTY", "metarr", "metarr", "api-key")).strip()

    async def container(self, service: str) -> Container:
        """The one container of a service, whether it runs or not."""
        return Container((await self("ps", "--all", "--quiet", service)).strip())

    async def __call__(self, *arguments: str) -> str:
        """Any command of Compose."""
        return await run(*self._command, *arguments, environment=self._environment, cwd=self.folder)
