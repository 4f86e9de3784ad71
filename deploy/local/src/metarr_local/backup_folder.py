"""A backup as a folder: it has its name once it is complete, and is compared with its checksums before it is used."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from metarr_local.backup_manifest import MANIFEST, CopiedStream, Manifest, read_manifest
from metarr_local.errors import LocalError

BLOCK = 1024 * 1024
Told = Callable[[str, int], None]
"""Called with what is going on and how many bytes of it are done."""


class HashedFile:
    """Writes a new file that its owner alone may read, and knows its size and SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._hash.hexdigest()


@contextmanager
def new_file(path: Path) -> Iterator[HashedFile]:
    """A file that is on the disk when the context is left."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        yield HashedFile(file)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `folder` when the context is left; after an error nothing of it is left.

    Raises LocalError at once when `folder` is there and not empty.
    """
    folder = folder.absolute()
    _require_unused(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    filling = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".unfinished", dir=folder.parent))
    try:
        yield filling
        _sync(filling)
        _require_unused(folder)
        filling.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(filling, ignore_errors=True)
        raise


def read_backup(folder: Path, told: Told) -> Manifest:
    """What the backup is; raise LocalError unless every file is as it was written."""
    manifest_file = folder / MANIFEST
    if not manifest_file.is_file():
        raise LocalError(f"{folder} is no backup: there is no {MANIFEST} in it.")
    manifest = read_manifest(manifest_file.read_bytes(), str(manifest_file))
    for copied in manifest.streams:
        _require_whole(folder / copied.file, copied, told)
    return manifest


def _require_whole(path: Path, copied: CopiedStream, told: Told) -> None:
    if not path.is_file():
        raise LocalError(f"The backup is not whole: {path} is missing.")
    size = path.stat().st_size
    if size != copied.size:
        raise LocalError(f"The backup is damaged: {path} has {size} bytes, and had {copied.size}.")
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            told(f"Checking {copied.name}", done)
    if digest.hexdigest() != copied.sha256:
        raise LocalError(f"The backup is damaged: {path} is not what was written (its SHA-256 is another one).")


def _require_unused(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        if any(folder.iterdir()):
            raise LocalError(f"{folder} is there already and is not empty. Name a new folder.")
    elif folder.exists() or folder.is_symlink():
        raise LocalError(f"{folder} is there already and is no folder. Name a new folder.")


def _sync(folder: Path) -> None:
    """Have the folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
