"""How fast a provider is asked after it said that it is too much."""

from datetime import date
from typing import cast

import pytest

from metarr_chassis.rate import Rate, SharedRate
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.pacing import LONGEST_WAIT, Pacing, slowed
from metarr_enricher.providers.outcomes import Throttled

TODAY = date(2026, 11, 22)


class Shared:
    """Notes the rates that are set and who came patiently; has booked ten, of which two are not given out yet."""

    unused = 2
    unbooked = 3

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.patient: list[bool] = []

    async def acquire(self, *, patient: bool) -> None:
        """As SharedRate does."""
        self.patient.append(patient)

    def known_on(self, day: date) -> int:
        """As SharedRate does."""
        return 10 if day == TODAY else 0

    async def read_on(self, day: date) -> int:
        """As SharedRate does."""
        return self.known_on(day)

    def set_rate(self, rate: Rate) -> None:
        """As SharedRate does."""
        self.rates.append(rate.per_second)


@pytest.mark.parametrize(
    ("outcome", "rates"),
    [(Throttled(), [4.0]), (Throttled(LONGEST_WAIT), [4.0]), (Throttled(LONGEST_WAIT + 1), [])],
)
async def test_short_throttling_halves_the_rate(outcome: Throttled, rates: list[float]) -> None:
    """A long one pauses the provider instead."""
    shared = Shared()
    await Pacing(cast("SharedRate", shared), 8.0).on_throttled(outcome)
    assert shared.rates == rates


def test_the_rate_is_not_halved_for_ever() -> None:
    """An eighth is slow enough."""
    assert [slowed(1.0), slowed(0.5), slowed(1 / 8)] == [0.5, 0.25, 1 / 8]


async def test_runs_are_patient() -> None:
    """At the gate a manual refresh goes first."""
    shared = Shared()
    pacing = Pacing(cast("SharedRate", shared), 8.0)
    for lane in (MANUAL, Lane(run=True, reserve=20)):
        async with pacing.gate(lane):
            pass
    assert shared.patient == [False, True]


async def test_what_is_under_way_is_not_answered() -> None:
    """Nor is what is booked and not sent; what waits is expected."""
    pacing = Pacing(cast("SharedRate", Shared()), 8.0)
    async with pacing.gate(MANUAL), pacing.gate(MANUAL):
        assert pacing.answered_on(TODAY) == 6
    assert pacing.answered_on(TODAY) == 8
    assert pacing.answered_on(date(2026, 11, 23)) == 0
    assert await pacing.expected_on(TODAY) == 13
