"""Pictures on disk: whole files only, the ones not used for longest make room."""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".picture"
FULL_TO = 0.9
"""Share of the cap that is left when room has been made, so that it is not made for each picture."""


@dataclass(frozen=True)
class Picture:
    """A picture as its host delivered it."""

    content_type: str
    content: bytes


class PictureCache:
    """A folder with a cap. Every method blocks; several processes may share the folder."""

    def __init__(self, folder: Path, cap: int) -> None:
        self._folder = folder
        self._cap = cap
        self._size: int | None = None

    def read(self, key: str) -> Picture | None:
        """The picture, which counts as used now."""
        path = self._path(key)
        try:
            stored = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        content_type, _, content = stored.partition(b"\n")
        return Picture(content_type.decode(), content)

    def write(self, key: str, picture: Picture) -> None:
        """Keep a picture.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        stored = picture.content_type.encode() + b"\n" + picture.content
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="new-", delete=False) as file:
            file.write(stored)
        Path(file.name).replace(self._path(key))
        self._size = self._measure() if self._size is None else self._size + len(stored)
        if self._size > self._cap:
            self._make_room()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{SUFFIX}"

    def _measure(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _make_room(self) -> None:
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= self._cap * FULL_TO:
                break
            path.unlink(missing_ok=True)
            left -= size
        self._size = left

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return found
