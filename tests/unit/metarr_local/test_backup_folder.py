"""A backup has its name once it is complete, and is compared with its checksums before it is used."""

import hashlib
from pathlib import Path
from stat import S_IMODE

import pytest
from tests.unit.metarr_local.test_backup_manifest import made

from metarr_local.backup_folder import new_file, new_folder, read_backup
from metarr_local.backup_manifest import MANIFEST, Manifest
from metarr_local.errors import LocalError


def _quiet(_what: str, _done: int) -> None:
    """Nobody watches."""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A whole backup."""
    folder = tmp_path / "backup"
    with new_folder(folder) as filling:
        copies = []
        for copied in made().streams:
            with new_file(filling / copied.file) as file:
                file.write(b"first ")
                file.write(copied.name.encode())
            copies.append(copied.model_copy(update={"size": file.size, "sha256": file.sha256}))
        with new_file(filling / MANIFEST) as file:
            file.write(made(streams=copies).to_json())
    return folder


def test_a_file_knows_its_size_and_checksum(tmp_path: Path) -> None:
    """As anybody can reckon them again with `sha256sum`."""
    with new_file(tmp_path / "x") as file:
        file.write(b"ab")
        file.write(b"c")
    assert (file.size, file.sha256) == (3, hashlib.sha256(b"abc").hexdigest())
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_nobody_else_may_read_it(backup: Path) -> None:
    """Providers' answers and a person's library are in there."""
    assert S_IMODE(backup.stat().st_mode) == 0o700
    assert {S_IMODE(path.stat().st_mode) for path in backup.iterdir()} == {0o600}


def test_a_whole_one_is_read(backup: Path) -> None:
    """Each file is gone through."""
    seen: list[str] = []
    manifest = read_backup(backup, lambda what, _done: seen.append(what))
    assert isinstance(manifest, Manifest)
    assert seen == [f"Checking {copied.name}" for copied in manifest.streams]


def test_one_that_broke_off_leaves_nothing(tmp_path: Path) -> None:
    """Neither under its name nor beside it."""

    def break_off() -> None:
        with new_folder(tmp_path / "deep" / "backup") as filling:
            (filling / "some").write_bytes(b"x")
            assert not (tmp_path / "deep" / "backup").exists()
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        break_off()
    assert list((tmp_path / "deep").iterdir()) == []


def test_one_that_was_killed_has_another_name(tmp_path: Path) -> None:
    """A folder that is being filled is hidden and says that it is not finished."""
    with new_folder(tmp_path / "backup") as filling:
        assert filling.name.startswith(".backup.")
        assert filling.suffix == ".unfinished"


def test_a_folder_that_is_used_is_refused(tmp_path: Path) -> None:
    """An older backup is never written over, and it is said before anything is copied."""
    (tmp_path / "something").write_text("mine")
    with pytest.raises(LocalError, match="is not empty"), new_folder(tmp_path):
        pytest.fail("nothing is copied")
    assert (tmp_path / "something").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """Somebody has made it before."""
    folder = tmp_path / "backup"
    folder.mkdir()
    with new_folder(folder) as filling:
        (filling / "some").write_bytes(b"x")
    assert [path.name for path in folder.iterdir()] == ["some"]


def test_a_file_of_that_name_is_refused(tmp_path: Path) -> None:
    """It is not removed for a backup."""
    (tmp_path / "backup").write_text("mine")
    with pytest.raises(LocalError, match="is no folder"), new_folder(tmp_path / "backup"):
        pytest.fail("nothing is copied")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """With what is missing."""
    with pytest.raises(LocalError, match=r"is no backup: there is no backup\.json"):
        read_backup(tmp_path, _quiet)


def test_a_missing_file_is_named(backup: Path) -> None:
    """Nothing is restored from the rest."""
    (backup / "METARR_EVENTS.tar.s2").unlink()
    with pytest.raises(LocalError, match=r"not whole: .*METARR_EVENTS\.tar\.s2 is missing"):
        read_backup(backup, _quiet)


def test_a_truncated_file_is_named(backup: Path) -> None:
    """With both sizes."""
    file = backup / "METARR_EVENTS.tar.s2"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(LocalError, match=r"METARR_EVENTS\.tar\.s2 has 18 bytes, and had 19"):
        read_backup(backup, _quiet)


def test_a_changed_file_is_named(backup: Path) -> None:
    """Of the same size, by its checksum."""
    file = backup / "METARR_ANSWERS.tar.s2"
    file.write_bytes(b"X" + file.read_bytes()[1:])
    with pytest.raises(LocalError, match=r"METARR_ANSWERS\.tar\.s2 is not what was written"):
        read_backup(backup, _quiet)
