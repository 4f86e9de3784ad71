"""How quiet the machine is: the same piece of work, timed between the benchmarks; what others took (Linux)."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.bench.figures import Spread, spread

WORK = 2_000_000
TIMES = 3


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on."""

    processors: int
    memory_mb: int
    system: str
    python: str


def machine() -> Machine:
    """This one."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Machine(len(os.sched_getaffinity(0)), memory, system, platform.python_version())


class Noise:
    """Collects how long a fixed piece of work takes; a quiet machine always takes the same time for it."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._stolen_before = _stolen()

    def look(self) -> None:
        """Time the piece of work."""
        for _ in range(TIMES):
            began = perf_counter()
            sum(range(WORK))
            self._seconds.append(perf_counter() - began)

    @property
    def work_ms(self) -> Spread:
        """What the piece of work took."""
        return spread(tuple(1000 * seconds for seconds in self._seconds))

    @property
    def stolen(self) -> float:
        """The part of all processor time since the beginning that the hypervisor gave to others."""
        stolen, total = _stolen()
        return (stolen - self._stolen_before[0]) / max(total - self._stolen_before[1], 1)


def _stolen() -> tuple[int, int]:
    # user, nice, system, idle, iowait, irq, softirq, steal: proc_stat(5)
    ticks = [int(told) for told in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[7], sum(ticks)
