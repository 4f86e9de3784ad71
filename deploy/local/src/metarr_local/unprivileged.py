"""PostgreSQL refuses to run as root: who it runs as instead, and where that user can reach what it needs."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from metarr_local.child import Identity
from metarr_local.errors import LocalError

REFUGE = Path("/var/lib/metarr")
USER = "nobody"


def server_identity() -> Identity | None:
    """Return the user for a server when we are root, None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        raise LocalError(
            f"PostgreSQL does not run as root and this machine has no user {USER!r}. "
            "Run Metarr as an ordinary user, or give METARR_DATABASE_URL."
        ) from None
    return Identity(user.pw_uid, user.pw_gid)


def can_run(identity: Identity, *command: str) -> bool:
    """Tell whether that user can run the command with success."""
    try:
        done = subprocess.run(  # noqa: S603 - our own commands only
            command, user=identity.uid, group=identity.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except PermissionError:
        return False
    return done.returncode == 0


def reachable_folder(identity: Identity | None, folder: Path) -> Path:
    """Return `folder`, or its substitute under /var/lib where that user cannot get to it (a home closed to others).

    The same folder always gets the same substitute. Losing it loses nothing: the database is made again from events.
    """
    if identity is None or can_run(identity, "/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)):
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return _open_folder(_open_folder(REFUGE) / f"postgres-{name}")


def reachable_programs(identity: Identity | None, installation: Path) -> Path:
    """Return the PostgreSQL installation, or a copy under /var/lib where that user cannot run the original."""
    if identity is None or _runs(identity, installation):
        return installation
    package = installation.parent
    key = f"{installation}:{(installation / 'bin' / 'postgres').stat().st_mtime_ns}"
    copy = _open_folder(REFUGE) / f"programs-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        # The programs look for the wheel's libraries beside the package, hence the same layout.
        _copy(installation, draft / package.name / installation.name)
        for libraries in (Path(f"{package}.libs"), package / ".dylibs"):
            if libraries.is_dir():
                _copy(libraries, draft / libraries.relative_to(package.parent))
        _open(draft)
        _move(draft, copy)
    return copy / package.name / installation.name


def _runs(identity: Identity, installation: Path) -> bool:
    return can_run(identity, str(installation / "bin" / "initdb"), "--version")


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))


def _open(folder: Path) -> None:
    """Let everybody read what is there."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _move(draft: Path, copy: Path) -> None:
    """Put the finished copy in place, unless another run was faster."""
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft)


def _open_folder(folder: Path) -> Path:
    """Make a folder that all users can enter and only root can change; refuse one that is somebody else's."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.chmod(0o755)
        found = folder.lstat()
    except OSError as error:
        raise LocalError(
            f"PostgreSQL does not run as root, user {USER!r} cannot enter the data folder, and {folder} cannot be made "
            f"({error.strerror}). Choose a data folder that others can enter with METARR_DATA_DIR."
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
        raise LocalError(f"{folder} has to be a folder of root. Move it away, or choose another METARR_DATA_DIR.")
    return folder
