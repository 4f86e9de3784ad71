"""The images, built once, and what is started from them; only where somebody asks for it."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from tests.containers.engine import Stack, run
from tests.e2e.client import Api

from metarr_local.ports import free_port

SWITCH = "METARR_TEST_IMAGES"
BASES = ("PYTHON_IMAGE", "NODE_IMAGE")


def _why_not() -> str | None:
    """The reason why the tests are skipped."""
    if not os.environ.get(SWITCH):
        return f"{SWITCH} is not set: builds and starts all images, which takes minutes"
    program = shutil.which("docker")
    if program is None:
        return "there is no docker command"
    for command in ((program, "info"), (program, "compose", "version")):
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:  # noqa: S603 - a fixed command
            return f"`docker {' '.join(command[1:])}` fails"
    return None


@pytest.fixture(scope="session")
async def images() -> None:
    """All images of this version, built from what is here; variables name other base images."""
    if why := _why_not():
        pytest.skip(why)
    arguments = " ".join(f"--build-arg {name}" for name in BASES if name in os.environ)
    await run("make", "images", f"ARGS={arguments}")


@asynccontextmanager
async def _running(folder: Path, *files: str) -> AsyncIterator[Stack]:
    stack = Stack(folder, f"metarr-test-{uuid4().hex[:8]}", free_port(), *files)
    await stack.prepare()
    try:
        seconds = await stack.up()
        print(f"\n{' '.join(files)}: everything works after {seconds:.1f} s")  # noqa: T201 - with pytest -s
        yield stack
    finally:
        await stack.down()


@pytest.fixture(scope="module")
async def demo(images: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The four services with their servers, as a demo."""
    del images
    async with _running(tmp_path_factory.mktemp("demo"), "compose.yaml", "compose.demo.yaml") as stack:
        yield stack


@pytest.fixture(scope="module")
async def home(images: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Everything in one container, as a demo."""
    del images
    async with _running(tmp_path_factory.mktemp("home"), "compose.home.yaml") as stack:
        yield stack


@asynccontextmanager
async def _client(url: str, key: str) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(headers={"X-Api-Key": key}) as session:
        yield Api(session, url)


@pytest.fixture
async def demo_api(demo: Stack) -> AsyncIterator[Api]:
    """A client of the four services."""
    async with _client(demo.url, demo.secret("api-key")) as api:
        yield api


@pytest.fixture
async def home_api(home: Stack) -> AsyncIterator[Api]:
    """A client of the one container, with the key that it says it made."""
    async with _client(home.url, await home.made_key()) as api:
        yield api
