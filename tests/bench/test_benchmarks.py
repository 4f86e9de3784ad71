"""Each benchmark works: at its smallest, where its figures mean nothing."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from tests.bench.__main__ import BENCHES, Bench
from tests.bench.load import wrk_program

GROWTH = {"B", "kB"}
"""Units of what something has grown by: at this size it may be nothing, or less where something was let go."""
NO_LOAD = pytest.mark.skipif(wrk_program() is None, reason="wrk, the load generator for HTTP, is not on this machine")


@pytest.mark.parametrize(
    "bench",
    [pytest.param(bench, id=bench.name, marks=[NO_LOAD] if bench.name == "reading" else []) for bench in BENCHES],
)
async def test_it_gives_a_figure_for_each_of_its_rows(bench: Bench, tmp_path: Path) -> None:
    """As a table on standard output and as JSON in a file, and nothing measured is nothing."""
    told = tmp_path / "figures.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench", "--small", "--rounds", "1", "--only", bench.name, "--json", str(told)),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    figures = json.loads(told.read_text())["figures"]
    assert {figure["row"] for figure in figures} == set(bench.rows)
    for figure in figures:
        assert figure["name"] in printed.decode()
        measured = (*figure["values"], *figure["ceilings"])
        assert figure["unit"] in GROWTH or all(value > 0 for value in measured), figure
