"""One system for the tests that change nothing about it, and a client."""

from collections.abc import AsyncIterator

import pytest
from tests.e2e.client import Api, api_of
from tests.e2e.system import System, running


@pytest.fixture(scope="module")
async def system() -> AsyncIterator[System]:
    """A demo system with an empty library, shared by the tests of a module."""
    async with running() as system:
        yield system


@pytest.fixture
async def api(system: System) -> AsyncIterator[Api]:
    """A client of it."""
    async with api_of(system.url, patient=True) as api:
        yield api
