"""Who leads a run, how far it is, and what is killed in the middle of it."""

import asyncio
import json
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.client import END_SECONDS
from tests.e2e.system import System
from tests.faults.scale import RUN_SECONDS

ENRICHERS = ("enricher", "enricher2", "enricher3")
LEADS = frozenset({"run begins", "run taken over"})
ASKED_FIRST = "omdb"
LONGEST_PAUSE = 1.0
"""A kill comes up to so many seconds after its share of the run was reached: long before the run can have ended."""


@dataclass
class Attack:
    """A run that goes on, and what is done to it. `ended` names what was killed or restarted, in order."""

    system: System
    job: int
    films: int
    dice: random.Random
    ended: list[str] = field(default_factory=list)
    _over: int = 0
    """The last delivery of the run's command whose lead was ended."""

    async def kills(self, kind: str, count: int) -> None:
        """Kill something of this kind at so many random moments, spread over the whole run; start it again each time.

        A moment is a share of the run, by how often the provider that is asked first was asked, and a pause.
        """
        for part in range(count):
            await self.until_asked((part + self.dice.random()) / (count + 1))
            await asyncio.sleep(self.dice.uniform(0, LONGEST_PAUSE))
            match kind:
                case "lead":
                    lead = await self.lead()
                    self._over = max(self.attempts())
                    await self._restart(lead, signal.SIGKILL)
                case "other":
                    lead = await self.lead()
                    other = self.dice.choice([name for name in ENRICHERS if name != lead])
                    await self._restart(other, signal.SIGKILL)
                case "nats":
                    await self.system.nats.kill()
                    await self.system.nats.start()
                    self.ended.append(kind)
                case "postgres":
                    await self.system.postgres.kill()
                    await self.system.postgres.start()
                    self.ended.append(kind)

    async def until_asked(self, share: float) -> None:
        """Wait until this share of the films was asked for."""
        async with asyncio.timeout(RUN_SECONDS):
            while await self._asked() < share * self.films:
                await asyncio.sleep(0.05)

    async def lead(self) -> str:
        """The name of the enricher that leads the run, by what they log; not one that was ended."""
        async with asyncio.timeout(END_SECONDS):
            while max(attempts := self.attempts(), default=0) <= self._over:
                await asyncio.sleep(0.02)
        return attempts[max(attempts)]

    async def restart_lead(self) -> tuple[float, int, int | None]:
        """End the lead in good order and start it again.

        Seconds until there was another lead; by which delivery of the run's command this one led it; its exit code.
        """
        name = await self.lead()
        process, began = self.system.processes[name], time.monotonic()
        delivery = self._over = max(self.attempts())
        restarting = asyncio.create_task(self._restart(name, signal.SIGTERM))
        await self.lead()
        seconds = time.monotonic() - began
        await restarting
        return seconds, delivery, process.returncode

    def attempts(self) -> Mapping[int, str]:
        """Which enricher led the run by which delivery of its command."""
        said = (_parsed(line) | {"by": name} for name in ENRICHERS for line in self.system.log(name).splitlines())
        return {line["attempt"]: line["by"] for line in said if line.get("event") in LEADS and line["run"] == self.job}

    async def _restart(self, name: str, how: signal.Signals) -> None:
        await self.system.stop(name, how)
        self.ended.append(name)
        await self.system.start("enricher", name)

    async def _asked(self) -> int:
        state = await self.system.control("GET", "")
        return int(state["providers"][ASKED_FIRST]["requests"])


def _parsed(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}
