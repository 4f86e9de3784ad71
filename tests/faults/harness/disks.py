"""Small file systems for what the servers store, to be filled up. They are of memory, and need the right to mount."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NO_RIGHT = "small file systems need the right to mount"


@dataclass(frozen=True)
class Disk:
    """A file system on its own."""

    path: Path

    def fill(self) -> None:
        """Leave no room, as somebody else's large file does."""
        with self._ballast.open("ab") as ballast:
            size = ballast.tell()
            while (state := os.statvfs(self.path)).f_bavail:
                # The server writes meanwhile.
                with contextlib.suppress(OSError):
                    os.posix_fallocate(ballast.fileno(), size, state.f_bavail * state.f_frsize)
                    size += state.f_bavail * state.f_frsize

    def empty(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"


@contextlib.asynccontextmanager
async def small_disks(wanted: Mapping[str, tuple[Path, int]]) -> AsyncIterator[Mapping[str, Disk]]:
    """A disk in the place of each folder, of so many megabytes; none at all without the right to mount."""
    async with contextlib.AsyncExitStack() as closing:
        disks: dict[str, Disk] = {}
        for name, (folder, megabytes) in wanted.items():
            folder.mkdir(parents=True)
            if not await _succeeds("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)):
                break
            closing.push_async_callback(_succeeds, "umount", "--lazy", str(folder))
            disks[name] = Disk(folder)
        yield disks


async def _succeeds(*command: str) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        return False
    return await process.wait() == 0
