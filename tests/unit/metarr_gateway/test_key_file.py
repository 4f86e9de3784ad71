"""The key's file is followed, whatever it goes through."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from metarr_gateway import key_file
from metarr_gateway.api_key import ApiKey

OLD, HALF, NEW = (
    ApiKey(text.encode()) for text in ("an-old-key-an-old-key-an", "a-new-key-a-new-key-a", "a-new-key-a-new-key-a-new")
)
GONE = FileNotFoundError(2, "No such file or directory")
NO_KEY = ValueError("expected a key")


async def followed(monkeypatch: pytest.MonkeyPatch, looks: Sequence[ApiKey | Exception]) -> list[ApiKey]:
    """The keys that are told of, when this is found in the file at one look after the other."""
    coming = iter(looks)
    over = asyncio.Event()

    def read_key(_file: Path) -> ApiKey:
        found = next(coming, None)
        if found is None:
            over.set()
            return looks[-1] if isinstance(looks[-1], ApiKey) else OLD
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(key_file, "read_key", read_key)
    monkeypatch.setattr(key_file, "LOOK_SECONDS", 0)
    told: list[ApiKey] = []
    following = asyncio.create_task(key_file.follow(Path("key"), OLD, told.append))
    await over.wait()
    following.cancel()
    await asyncio.wait([following])
    return told


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([OLD, OLD], []),
        ([NEW, NEW], [NEW]),
        ([NEW, NEW, NEW, NEW], [NEW]),
        ([HALF, NEW, NEW], [NEW]),
        ([NO_KEY, HALF, NO_KEY, NEW, NEW], [NEW]),
        ([NEW, OLD, OLD], []),
        ([NEW, NEW, OLD, OLD], [NEW, OLD]),
        ([GONE, OLD, OLD], []),
        ([GONE, NEW, NEW], [NEW]),
    ],
)
async def test_a_key_counts_when_it_stays(
    monkeypatch: pytest.MonkeyPatch, looks: list[ApiKey | Exception], told: list[ApiKey]
) -> None:
    """Half a key that is being written is none, and neither is what cannot be read."""
    assert await followed(monkeypatch, looks) == told


async def test_what_is_wrong_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again when it is something else, or when it comes back."""
    with capture_logs() as logs:
        await followed(monkeypatch, [GONE, GONE, NO_KEY, NO_KEY, OLD, NO_KEY])
    assert [line["error"] for line in logs] == [GONE.strerror, str(NO_KEY), str(NO_KEY)]


def test_only_the_beginning_of_a_file_is_read(tmp_path: Path) -> None:
    """Whatever somebody has named as the key's file."""
    file = tmp_path / "key"
    file.write_bytes(b" " * key_file.LARGEST + OLD.secret)
    with pytest.raises(ValueError, match="expected a key"):
        key_file.read_key(file)
    file.write_bytes(b"\xff" + OLD.secret)
    with pytest.raises(ValueError, match="expected a key"):
        key_file.read_key(file)
    file.write_bytes(OLD.secret + b"\r\n")
    assert key_file.read_key(file) == OLD
