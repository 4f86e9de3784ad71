"""Who leads a run, how far it is, and what is killed in the middle of it."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.client import END_SECONDS
from tests.e2e.system import System

ENRICHERS = ("enricher", "enricher2", "enricher3")
LEADS = frozenset({"run begins", "run taken over"})
ASKED_FIRST = "omdb"
LONGEST_PAUSE = 2.0
"""A kill comes up to so many seconds after its share of the run was reached."""


@dataclass
class Attack:
    """A run that goes on, and the killing in it. `killed` names what was killed, in order."""

    system: System
    job: int
    films: int
    dice: random.Random
    killed: list[str] = field(default_factory=list)
    _over: int = 0
    """The last attempt at the run whose lead was ended."""

    async def kills(self, kind: str, count: int) -> None:
        """Kill something of this kind at so many random moments, spread over the whole run; start it again each time.

        A moment is a share of the run, by how often the provider that is asked first was asked, and a pause.
        """
        for share in sorted(self.dice.uniform(0.02, 0.9) for _ in range(count)):
            await self.until_asked(share)
            await asyncio.sleep(self.dice.uniform(0, LONGEST_PAUSE))
            match kind:
                case "nats":
                    await self.system.nats.kill()
                    await self.system.nats.start()
                    self.killed.append(kind)
                case "postgres":
                    await self.system.postgres.kill()
                    await self.system.postgres.start()
                    self.killed.append(kind)
                case "lead":
                    await self._kill(await self.lead())
                case "other":
                    lead = await self.lead()
                    await self._kill(self.dice.choice([name for name in ENRICHERS if name != lead]))

    async def until_asked(self, share: float) -> None:
        """Wait until this share of the films was asked for."""
        async with asyncio.timeout(END_SECONDS):
            while await self._asked() < share * self.films:
                await asyncio.sleep(0.05)

    async def lead(self) -> str:
        """The name of the enricher that leads the run, by what they log; after a kill, of the next one."""
        async with asyncio.timeout(END_SECONDS):
            while max(attempts := self.attempts(), default=0) <= self._over:
                await asyncio.sleep(0.02)
        return attempts[max(attempts)]

    def attempts(self) -> Mapping[int, str]:
        """Which enricher led the run by which delivery of its command."""
        said = (_parsed(line) | {"by": name} for name in ENRICHERS for line in self.system.log(name).splitlines())
        return {line["attempt"]: line["by"] for line in said if line.get("event") in LEADS and line["run"] == self.job}

    async def _kill(self, name: str) -> None:
        if name == await self.lead():
            self._over = max(self.attempts())
        await self.system.kill(name)
        self.killed.append(name)
        await self.system.start("enricher", name)

    async def _asked(self) -> int:
        state = await self.system.control("GET", "")
        return int(state["providers"][ASKED_FIRST]["requests"])


def _parsed(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}
