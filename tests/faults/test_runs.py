"""Runs over the whole library while what they consist of is killed or restarted: done once, asked once, told truly."""

import asyncio
from itertools import product

import pytest
from tests.e2e.client import END_SECONDS
from tests.faults.ending import hand_backs
from tests.faults.scale import KILLS, MANY
from tests.faults.site import Site

KINDS = ("lead", "other", "nats", "postgres")
FEW = (("lead", False), ("other", True), ("nats", False), ("postgres", True))


@pytest.mark.parametrize(("kind", "force"), FEW if KILLS < MANY else tuple(product(KINDS, (False, True))))
async def test_killed_in_the_middle_of_a_run(site: Site, kind: str, force: bool) -> None:  # noqa: FBT001
    """An enricher, the bus or the database dies at random moments: the run is completed all the same."""
    async with site.run(f"{kind}-{force}", force=force, losses=0 if kind == "postgres" else KILLS) as attack:
        await attack.kills(kind, KILLS)
    assert len(attack.ended) == KILLS


async def test_enrichers_are_restarted_one_after_the_other(site: Site) -> None:
    """Whoever leads hands the run back and ends in good order; the next one need not wait until the server notices."""
    took, deliveries = [], set()
    async with site.run("restarts", losses=KILLS) as attack, hand_backs(site.bus) as handed_back:
        for restart in range(KILLS):
            await attack.until_asked((restart + 0.5) / (KILLS + 1))
            seconds, delivery, code = await attack.restart_lead()
            assert code == 0
            took.append(round(seconds, 1))
            deliveries.add((attack.job, delivery))
        async with asyncio.timeout(END_SECONDS):
            while not deliveries <= {*handed_back}:
                await asyncio.sleep(0.05)
    print(f"seconds from one lead to the next: {took}")  # noqa: T201 - the figures of a run at full scale
    assert len(attack.ended) == KILLS
