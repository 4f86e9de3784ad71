"""Every command of the operations page is tried: it ends well and says something."""

import asyncio
import re
from pathlib import Path

import pytest
from tests.e2e.client import Api
from tests.e2e.system import System
from tests.e2e.test_nats_cli import NATS, nats

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
COMMANDS = re.findall(r"^    (nats .+)$", PAGE.read_text(), re.MULTILINE)


@pytest.mark.skipif(NATS is None, reason="the nats command-line client is neither in .tools nor on the path")
async def test_each_nats_command(system: System, api: Api) -> None:
    """In the order of the page, on a library with one refreshed film and one dead letter."""
    assert (await api.post("/api/movies", {"title": "The Shawshank Redemption", "imdbId": "tt0111161"})).status == 201
    await nats(system, "req", "metarr.cmd.enrich.1", '{"colour": "red"}')
    await _free(system)
    assert COMMANDS
    for command in COMMANDS:
        said = await nats(system, *(word.strip("'") for word in re.findall(r"'[^']*'|\S+", command)[1:]))
        assert said.strip(), command
        assert "nats: error" not in said, (command, said)
        await _free(system)


async def _free(system: System) -> None:
    """Wait until no job runs, so that the next command finds the film free."""
    async with asyncio.timeout(30):
        while "metarr.cmd" in await nats(system, "stream", "subjects", "METARR_COMMANDS"):
            await asyncio.sleep(0.05)


async def test_the_http_commands(api: Api) -> None:
    """The addresses that the page names answer."""
    paths = re.findall(r"localhost:3000(/\S+)", PAGE.read_text())
    assert paths
    for path in paths:
        async with api.session.get(api.url + path) as answer:
            assert answer.status == 200, path
