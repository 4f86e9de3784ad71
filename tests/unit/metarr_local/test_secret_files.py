"""Secrets of a run: made once, for nobody else to read, replaced at one stroke."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from metarr_local.secret_files import LENGTH, new_secret, read_secret, replace_secret, secret_file


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    """Given none, when it is read, then it is made, and the next one who reads gets the same."""
    made = read_secret(tmp_path, "api-key")
    assert len(made) == LENGTH
    assert read_secret(tmp_path, "api-key") == made
    assert read_secret(tmp_path, "other") != made


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """The file is its owner's alone, and so is the folder."""
    read_secret(tmp_path, "api-key")
    file = secret_file(tmp_path, "api-key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_all_who_make_it_at_the_same_time_get_the_same(tmp_path: Path) -> None:
    """Two processes that start together agree."""
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: read_secret(tmp_path, "api-key"), range(32)))) == 1


def test_what_a_person_wrote_is_kept(tmp_path: Path) -> None:
    """A file that is there is used as it is, without the line's end."""
    file = secret_file(tmp_path, "api-key")
    file.parent.mkdir()
    file.write_text("a key of my own\n")
    assert read_secret(tmp_path, "api-key") == "a key of my own"


def test_a_replaced_secret_is_another(tmp_path: Path) -> None:
    """The old one is gone, and the new one is as little for others to read."""
    old = read_secret(tmp_path, "api-key")
    new = replace_secret(tmp_path, "api-key")
    assert new != old
    assert read_secret(tmp_path, "api-key") == new
    assert stat.S_IMODE(secret_file(tmp_path, "api-key").stat().st_mode) == 0o600


def test_needs_no_quotes_anywhere() -> None:
    """A letter first, then letters and digits: a server's configuration reads no number from it."""
    for _ in range(100):
        made = new_secret()
        assert made.isascii()
        assert made.isalnum()
        assert made[0].isalpha()
