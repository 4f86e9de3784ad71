"""Every operation of the OpenAPI document is attacked with data that fit and data that do not, by Schemathesis.

No answer is a 5xx, has a status, header, media type or shape that is not documented; what fits is accepted, what does
not is refused, and links are followed. `METARR_TEST_ATTACK_EXAMPLES` asks for more, each time with other data.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.e2e.client import Api
from tests.e2e.system import System, running

from metarr_local.secret_files import new_secret

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schema_attack.toml")
EXAMPLES = os.environ.get("METARR_TEST_ATTACK_EXAMPLES")
FEW = ("--max-examples=3", "--generation-deterministic", "--no-shrink")
UNFIT = "use_after_free"
"""What is read may be older than what was written: who wants to read its own write sends the `seq` of the answer as
`after`. This check does not, and finds a removed film when it is faster than the read model."""
KEY = new_secret()
"""Schemathesis has it, and looks at what happens without it or with another one."""
FILMS = ({"title": "The Matrix", "year": 1999}, {"title": "Heat", "year": 1995}, {"tmdbId": 550})


@pytest.fixture
async def attacked(tmp_path: Path) -> AsyncIterator[System]:
    """A system of its own with a key and some films, since films are removed and jobs are cancelled."""
    file = tmp_path / "api-key"
    file.write_text(KEY)
    async with running(METARR_API_KEY_FILE=str(file)) as system:
        async with aiohttp.ClientSession(headers={"X-Api-Key": KEY}) as session:
            for film in FILMS:
                added = await Api(session, system.url, patient=True).post("/api/movies", film)
                assert added.status == 201, added
        yield system


async def test_no_request_gets_an_answer_that_is_not_documented(attacked: System) -> None:
    """Whatever is sent, to whichever operation, also to those that destroy."""
    asked = (f"--max-examples={EXAMPLES}",) if EXAMPLES else FEW
    command = (
        *("schemathesis", f"--config-file={CONFIGURATION}", "run", f"{attacked.url}/api/openapi.json", "--no-color"),
        *("--checks=all", f"--exclude-checks={UNFIT}", f"--header=X-Api-Key: {KEY}", *asked),
    )
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.e2e.schema_hooks", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name(command[0])),
        *command[1:],
        env=environment,
        cwd=attacked.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    for service in ("gateway", "projector", "enricher"):
        assert "Traceback" not in attacked.log(service)
