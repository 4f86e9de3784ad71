"""What is installed is what was looked at: locks name hashes, and no place to load from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
UI = ROOT / "public" / "frontend"


def entries(lock: Path) -> list[str]:
    """Each requirement of a lock with its hashes, in one line."""
    text = re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.sub(r"\\\n\s*", "", text).splitlines()


def test_all_locks_are_seen() -> None:
    """Those that the Makefile and the images install from."""
    named = re.findall(r"requirements[\w-]*\.lock", (ROOT / "Makefile").read_text(encoding="utf-8"))

    assert {lock.name for lock in LOCKS} == set(named)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_python_packages_are_pinned_with_hashes(lock: Path) -> None:
    """One version and at least one hash each, and neither an address nor an option."""
    hashes = r"(--hash=sha256:[0-9a-f]{64} ?)+"
    pinned = re.compile(rf"[\w.-]+==[\w.!+]+ (; [^@]+ )?{hashes}")

    assert [entry for entry in entries(lock) if not pinned.fullmatch(entry)] == []
    assert "://" not in lock.read_text(encoding="utf-8")


def test_packages_of_the_web_ui_are_pinned_with_hashes() -> None:
    """Each has a hash, except those that come within another; none says where it is loaded from."""
    packages = json.loads((UI / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {path: package for path, package in packages.items() if path}

    assert [path for path, package in installed.items() if "resolved" in package or package.get("link")] == []
    without = [path for path, package in installed.items() if not package.get("integrity", "").startswith("sha512-")]
    assert [path for path in without if not installed[path].get("inBundle")] == []
    assert "omit-lockfile-registry-resolved=true" in (UI / ".npmrc").read_text(encoding="utf-8").splitlines()


def test_versions_of_the_web_ui_are_exact() -> None:
    """What we ask for by name is one version."""
    manifest = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    versions = {**manifest["dependencies"], **manifest["devDependencies"]}

    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", version)] == []
