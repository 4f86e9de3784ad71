"""An earlier version of the services, with which a library begins: ours go on with what it has written."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.faults.versions import is_known, unpack

from metarr_local.child import Command, run_to_end

SETUP = "setup"


class EarlierVersion:
    """The services of a commit of the repository's history."""

    def __init__(self, commit: str, folder: Path) -> None:
        assert is_known(commit), f"the repository's history has not got {commit}"
        self._log = folder / f"{SETUP}.log"
        self._path = unpack(folder / commit, commit)

    def told(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What its services are told: it knew one NATS server alone."""
        return {
            **environment,
            "PYTHONPATH": self._path,
            "METARR_NATS_URL": environment["METARR_NATS_URL"].partition(",")[0],
        }

    async def set_up(self, environment: Mapping[str, str]) -> None:
        """Bring an empty bus and an empty database to that version."""
        command = Command((sys.executable, "-m", "metarr_local.cli", SETUP), environment)
        assert await run_to_end(command, self._log) == 0, self._log.read_text()
