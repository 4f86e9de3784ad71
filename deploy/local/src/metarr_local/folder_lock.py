"""One owner per folder: an advisory lock that the system releases when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from metarr_local.errors import FolderInUseError
from metarr_local.waiting import comes_true


@asynccontextmanager
async def folder_lock(folder: Path, used_by: str, patience: float = 0.0) -> AsyncIterator[int]:
    """Hold the folder's lock; yield its descriptor, which a child may inherit to hold it on.

    Raises FolderInUseError when somebody else still holds it after `patience` seconds. `used_by` names that holder.
    """
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not await comes_true(lambda: _locked(descriptor), patience):
            raise FolderInUseError(folder, used_by)
        yield descriptor
    finally:
        os.close(descriptor)


async def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
