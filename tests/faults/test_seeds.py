"""Short runs of the fault harness with fixed seeds; `make faults` does longer ones with any seed.

Seeds of longer runs that have found something are in the ledger, and each cause has a test of its own:
404 of format 2, who took over a cancelled run counted none of the films that the lead before had done
(test_run_handed_over), and a frozen enricher asked for what another one had stored meanwhile (test_refresh);
5 of format 3, a command that was settled while the disk was full stayed in the queue for ever (test_restarts);
25, who read between a restore and the read models that are made of it was never told (test_web_socket, test_rebuild);
27, a service that started while the bus did not answer ended (test_service);
2 with ten cycles, a rebuild of some thousand events held them all (`MAX_BATCH`, `MAX_WAITING` of the projector; what
NATS sends ahead, some 30 MB, it still does).
"""

from pathlib import Path

import pytest
from tests.faults.harness import invariants
from tests.faults.harness import run as harness
from tests.faults.harness.kinds import Topology
from tests.faults.harness.plan import Scale, make_plan
from tests.faults.harness.toxiproxy import toxiproxy_program

pytestmark = pytest.mark.skipif(
    toxiproxy_program() is None, reason="toxiproxy-server is not here: tests/faults/harness/fetch_toxiproxy.sh"
)

SHORT = Scale(steps=45, faults=7, topology=Topology(enrichers=2), earlier="")
SEEDS = (4, 178)
"""Between them: a kill, a freeze, a restored backup, a full disk, cut and half-open connections, a clock, poison."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_all_holds_whatever_happens(server_folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every invariant of the harness, after faults in the middle of work."""
    # How soon all are ready says also how busy the machine is: `make faults` asks it.
    for module in (invariants, harness):
        monkeypatch.setattr(module, "READY_SECONDS", 120.0)
    result = await harness.run(make_plan(seed, SHORT), server_folder)
    assert not result.violated, result.violated
