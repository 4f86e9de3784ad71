"""Secrets of a run on this machine: a file each in a folder of their own, made when they are first needed."""

import contextlib
import os
import secrets
import string
from pathlib import Path

FOLDER = "secrets"
LENGTH = 40
"""Characters; of 62 kinds, which is 238 bits."""


def secret_file(data_dir: Path, name: str) -> Path:
    """The file of a secret below the data folder, whether it is there or not."""
    return data_dir.absolute() / FOLDER / name


def read_secret(data_dir: Path, name: str) -> str:
    """The secret of this name. One that is not there yet is made; of two processes that make it one wins."""
    file = secret_file(data_dir, name)
    if not file.exists():
        made = _write_beside(file, new_secret())
        with contextlib.suppress(FileExistsError):
            os.link(made, file)
        made.unlink()
    return file.read_text(encoding="utf-8").strip()


def replace_secret(data_dir: Path, name: str) -> str:
    """Make a new secret in the place of what was there, at one stroke, and return it."""
    file = secret_file(data_dir, name)
    _write_beside(file, new_secret()).replace(file)
    return file.read_text(encoding="utf-8").strip()


def new_secret() -> str:
    """Letters and digits, a letter first: so it needs no quotes in an address, a shell or a configuration file."""
    first = secrets.choice(string.ascii_letters)
    return first + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(LENGTH - 1))


def _write_beside(file: Path, secret: str) -> Path:
    """Write a whole file that nobody else can read."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(f"{secret}\n")
        out.flush()
        os.fsync(out.fileno())
    return beside
