"""Pictures on disk."""

import os
from pathlib import Path

from metarr_gateway.picture_cache import Picture, PictureCache

KILOBYTE = 1024


def picture(size: int = KILOBYTE) -> Picture:
    """A picture of this many bytes."""
    return Picture("image/png", b"\n" * size)


def age(folder: Path, key: str, seconds: int) -> None:
    """The picture was last used then."""
    os.utime(folder / f"{key}.picture", (seconds, seconds))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Type and bytes are the same, also for another process; nothing else lies about."""
    folder = tmp_path / "new" / "folder"
    PictureCache(folder, KILOBYTE * 10).write("a", picture())
    assert PictureCache(folder, KILOBYTE * 10).read("a") == picture()
    assert [path.name for path in folder.iterdir()] == ["a.picture"]


def test_what_was_not_written_is_not_there(tmp_path: Path) -> None:
    """Neither a missing picture nor a missing folder is an error."""
    assert PictureCache(tmp_path / "no", KILOBYTE).read("a") is None


def test_the_one_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    """Reading counts as use."""
    cache = PictureCache(tmp_path, 3 * KILOBYTE + 100)
    for number, key in enumerate("abc"):
        cache.write(key, picture())
        age(tmp_path, key, 1_000 + number)
    cache.read("a")
    cache.write("d", picture())
    kept = {key for key in "abcd" if cache.read(key)}
    assert kept == {"a", "d"}


def test_what_lay_there_before_counts(tmp_path: Path) -> None:
    """The cap holds over restarts."""
    for key in "abcdef":
        PictureCache(tmp_path, KILOBYTE * 100).write(key, picture())
    PictureCache(tmp_path, KILOBYTE * 3).write("g", picture())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= KILOBYTE * 3
