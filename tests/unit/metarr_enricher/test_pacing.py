"""How fast a provider is asked after it said that it is too much."""

from typing import cast

import pytest

from metarr_chassis.rate import Rate, SharedRate
from metarr_enricher.pacing import LONGEST_WAIT, Pacing, slowed
from metarr_enricher.providers.outcomes import Throttled


class Shared:
    """Notes the rates that are set."""

    def __init__(self) -> None:
        self.rates: list[float] = []

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
