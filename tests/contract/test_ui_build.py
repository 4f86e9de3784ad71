"""When `make` builds the web UI, and what it installs for that.

Node, npm and pip are stand-ins; npm and pip note what is asked of them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = "public/frontend/dist/index.html"
STAND_INS = {
    "node": 'if [ -e "$PROJECT/old-node" ]; then echo false; else echo true; fi',
    "npm": """
        [ "$1" = --version ] && exit
        echo "npm $*" >>"$PROJECT/asked"
        echo "a line of npm"
        [ -e "$PROJECT/broken" ] && { echo "the reason" >&2; exit 1; }
        [ "$1" = ci ] && { rm -rf node_modules; mkdir node_modules; }
        [ "$*" = "run build" ] && { mkdir -p dist; touch dist/index.html; }
        exit 0
    """,
    "python": 'case "$*" in *"pip install"*) echo "pip ${*##* }" >>"$PROJECT/asked";; esac',
}
INSTALL, BUILD = "npm ci --omit=dev", "npm run build"


class Project:
    """A copy of what the build looks at, with a Python environment that is set up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "Makefile", folder)
        manifests = [str(path.relative_to(ROOT)) for path in ROOT.glob("*/**/pyproject.toml")]
        for name in ("requirements.lock", "requirements-node.lock", "public/frontend/package-lock.json", *manifests):
            self.write(name, "")
        shutil.copy(ROOT / "public" / "frontend" / "package.json", folder / "public" / "frontend")
        self.write("public/frontend/src/main.tsx", "")
        for name, script in STAND_INS.items():
            self.program(f".venv/bin/{name}" if name == "python" else f"bin/{name}", script)
        self.write(".venv/.run", "")
        self.age()

    def write(self, name: str, text: str) -> Path:
        """A file in the project, written now."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def program(self, name: str, script: str) -> None:
        """A shell script in the project."""
        self.write(name, f"#!/bin/sh\n{script}\n").chmod(0o755)

    def age(self) -> None:
        """Let a minute pass since everything was written."""
        for path in (self.folder, *self.folder.rglob("*")):
            at = path.stat().st_mtime - 60
            os.utime(path, (at, at))

    def make(self, target: str = PAGE) -> tuple[int, str, list[str]]:
        """The exit code, what a person sees, and what was asked of npm and pip."""
        environment = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "PROJECT": str(self.folder)}
        command = ("make", "--no-print-directory", target)
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        asked = self.folder / "asked"
        lines = asked.read_text().splitlines() if asked.exists() else []
        asked.unlink(missing_ok=True)
        self.age()
        return done.returncode, done.stdout + done.stderr, lines


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose web UI was never built."""
    return Project(tmp_path)


def test_the_first_build_is_quiet(project: Project) -> None:
    """Only what the build needs is installed, and one line is said."""
    assert project.make() == (0, "Building the web UI (once) ...\n", [INSTALL, BUILD])


def test_what_is_built_needs_neither_node_nor_packages(project: Project) -> None:
    """A second start asks nobody for anything, even when all that the build needed is gone."""
    project.make()
    for name in ("node", "npm"):
        project.program(f"bin/{name}", 'echo "$0 $*" >>"$PROJECT/asked"; exit 127')
    shutil.rmtree(project.folder / "public" / "frontend" / "node_modules")
    code, _, asked = project.make()
    assert (code, asked) == (0, [])


@pytest.mark.parametrize("name", ["src/main.tsx", "src/new.tsx", "index.html", "vite.config.ts"])
def test_a_newer_source_is_built(project: Project, name: str) -> None:
    """Changed or new, with the packages that are there."""
    project.make()
    project.write(f"public/frontend/{name}", "changed")
    assert project.make()[2] == [BUILD]


def test_a_removed_source_is_built(project: Project) -> None:
    """It may be missed by another."""
    project.make()
    (project.folder / "public/frontend/src/main.tsx").unlink()
    assert project.make()[2] == [BUILD]


def test_a_changed_lock_installs_again(project: Project) -> None:
    """And builds with the new packages."""
    project.make()
    project.write("public/frontend/package-lock.json", "changed")
    assert project.make()[2] == [INSTALL, BUILD]


def test_packages_for_tests_are_enough_for_the_build(project: Project) -> None:
    """They are not thrown away by a start."""
    project.make("public/frontend/node_modules/.dev")
    assert project.make()[2] == [BUILD]


def test_a_failure_is_shown_whole(project: Project) -> None:
    """All that npm has said is shown, nothing counts as built, and the next start tries again."""
    broken = project.write("broken", "")
    code, said, _ = project.make()
    assert code != 0
    assert "a line of npm\nthe reason\n" in said
    broken.unlink()
    assert project.make()[2] == [INSTALL, BUILD]


def test_an_old_node_is_replaced(project: Project) -> None:
    """By that of the wheel, which is installed once."""
    project.write("old-node", "")
    wheel = "pip requirements-node.lock"
    assert project.make()[2] == [wheel, INSTALL, BUILD]
    project.write("public/frontend/src/main.tsx", "changed")
    assert project.make()[2] == [BUILD]


@pytest.mark.parametrize("missing", ["node", "npm"])
def test_no_node_is_replaced(project: Project, missing: str) -> None:
    """One without npm, as some systems have it, is as good as none. What is in the environment is used first."""
    project.program(f"bin/{missing}", "exit 127")
    project.program(".venv/bin/npm", STAND_INS["npm"])
    assert project.make()[2] == ["pip requirements-node.lock", INSTALL, BUILD]
