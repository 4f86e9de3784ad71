"""The folder of the built web UI. It may be built anew at any time, so each answer reads it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from metarr_gateway.accept_encoding import SUFFIXES

PAGE = "index.html"
CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Not what the machine thinks of suffixes: machines differ."""
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class UiFile:
    """What is sent. `coding` is how `content` is compressed, None where it is not."""

    content: bytes
    content_type: str
    coding: str | None


class UiFiles:
    """Reads files of the folder, and nothing outside it. All methods block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self) -> str | None:
        """The page of all client routes; None while it is not there."""
        content = self._content(PurePosixPath(PAGE))
        return None if content is None else content.decode()

    def file(self, name: PurePosixPath, codings: Sequence[str]) -> UiFile | None:
        """A file, in the first of these codings in which it is there, else as it is; None where there is none."""
        content_type = CONTENT_TYPES.get(name.suffix.lower(), UNKNOWN_TYPE)
        for coding in codings:
            compressed = self._content(PurePosixPath(f"{name}{SUFFIXES[coding]}"))
            if compressed is not None:
                return UiFile(compressed, content_type, coding)
        content = self._content(name)
        return None if content is None else UiFile(content, content_type, None)

    def _content(self, name: PurePosixPath) -> bytes | None:
        if ".." in name.parts:
            return None
        try:
            folder = self._folder.resolve()
            path = (folder / name).resolve()
            return path.read_bytes() if path.is_relative_to(folder) else None
        except (OSError, ValueError):
            # No file, or no name that a file could have.
            return None
