"""The committed list of runs: a line of JSON for each, so that anybody can repeat it. No IO but for the file itself."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.faults.harness.kinds import SERVICES
from tests.faults.harness.plan import FORMAT
from tests.faults.harness.run import Result

LEDGER = Path(__file__).parents[1] / "ledger.ndjson"
GIT = shutil.which("git")


def line(result: Result) -> dict[str, Any]:
    """What is remembered of a run."""
    return {
        "seed": result.plan.seed,
        "format": FORMAT,
        "version": version("metarr-contracts"),
        "commit": _commit(),
        "replicas": len(result.plan.topology.replicas(*SERVICES)),
        "nats": result.plan.topology.nats,
        "earlier": result.plan.earlier,
        "steps": len(result.plan.steps),
        "jobs": result.seen.jobs,
        "faults": dict(sorted(Counter(fault.kind for fault in result.done).items())),
        **({"cycles": _cycles(result)} if result.seen.memory else {}),
        "result": "violated" if result.violated else "held",
        "violated": {name: len(problems) for name, problems in result.violated.items()},
        "seconds": round(result.seconds),
    }


def _cycles(result: Result) -> dict[str, Sequence[float]]:
    """The MiB of each service after each cycle."""
    return {name: [round(size / 2**20, 1) for size in after] for name, after in result.seen.memory.items()}


def append(result: Result) -> None:
    """Write the line."""
    with LEDGER.open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(line(result)) + "\n")


def _commit() -> str:
    """The short commit, with a `+` where files are changed."""
    if GIT is None:
        return ""
    said = (str(GIT), "-C", str(LEDGER.parent), "describe", "--always", "--exclude=*", "--dirty=+")
    return subprocess.run(said, capture_output=True, check=False, text=True).stdout.strip()  # noqa: S603
