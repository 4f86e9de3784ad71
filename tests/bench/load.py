"""HTTP load from a process of its own: wrk, which asks so lightly that the server is what is measured.

`fetch_wrk.sh` gets it. Its processor time for a request is 10 µs where a bare aiohttp handler needs 25; vegeta's is 37.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OWN = Path(__file__).parents[2] / ".tools" / "wrk"
SCRIPT = Path(__file__).with_name("wrk.lua")


class LoadFailedError(Exception):
    """Not every request was answered with a success."""


@dataclass(frozen=True)
class Load:
    """What came of a load."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


def wrk_program() -> str | None:
    """Where wrk is; None: not on this machine."""
    return str(OWN) if OWN.exists() else shutil.which("wrk")


async def load(url: str, paths: Sequence[str], *, connections: int, seconds: int) -> Load:
    """Ask these paths in turn, on so many connections at once, each of which asks again as soon as it has its answer.

    Raises:
        LoadFailedError: a request was not answered, or with a status that is no success.
    """
    program = wrk_program()
    assert program, "wrk is not here: see fetch_wrk.sh"
    with tempfile.NamedTemporaryFile("w", prefix="paths-") as file:
        file.write("\n".join(paths))
        file.flush()
        options = ("--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s")
        process = await asyncio.create_subprocess_exec(
            program, *options, "--script", str(SCRIPT), url, "--", file.name, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
    if process.returncode:
        raise LoadFailedError(f"wrk could not ask {url}")
    told = json.loads(said.splitlines()[-1])
    if told["failed"] or not told["requests"]:
        raise LoadFailedError(
            f"{told['failed']} of {told['requests']} requests failed: {paths[0]} and {len(paths)} more"
        )
    return Load(
        requests=told["requests"],
        per_second=1_000_000 * told["requests"] / told["microseconds"],
        p50_ms=told["p50"] / 1000,
        p99_ms=told["p99"] / 1000,
    )
