"""Shows what is known of the providers as metrics: their states, and what remains of daily quotas."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from metarr_chassis.clock import Clock
from metarr_chassis.metrics import poll
from metarr_contracts.fields import ProviderName
from metarr_enricher.metrics import PROVIDER_STATE, QUOTA_LIMIT, QUOTA_REMAINING
from metarr_enricher.pacing import Pacing
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.provider_state import ProviderState, daily_quota, standing
from metarr_enricher.providers.outcomes import QuotaExhausted, Unauthorized

Word = Literal["on", "off", "paused", "key_refused"]


def word(state: ProviderState, now: datetime) -> Word:
    """The one word for a provider's state."""
    if not state.on:
        return "off"
    match standing(state, now):
        case None:
            return "on"
        case Unauthorized():
            return "key_refused"
        case _:
            return "paused"


async def watch(board: ProviderBoard, pacing: Mapping[ProviderName, Pacing], clock: Clock) -> None:
    """Look until cancelled."""

    async def look() -> None:
        now = clock.now()
        states = board.states()
        PROVIDER_STATE.replace(
            {(name, one): one == word(state, now) for name, state in states.items() for one in get_args(Word)}
        )
        quotas = {name: daily_quota(states[name], now) for name in pacing}
        known = {name: quota for name, quota in quotas.items() if quota is not None}
        QUOTA_LIMIT.replace({(name,): quota for name, quota in known.items()})
        remaining = {name: await _remaining(states[name], pacing[name], quotas[name], now) for name in pacing}
        QUOTA_REMAINING.replace({(name,): left for name, left in remaining.items() if left is not None})

    await poll(look, PROVIDER_STATE, QUOTA_LIMIT, QUOTA_REMAINING)


async def _remaining(state: ProviderState, pacing: Pacing, quota: int | None, now: datetime) -> int | None:
    """As the provider's status says it; None: it is not known."""
    if isinstance(standing(state, now), QuotaExhausted):
        return 0
    if quota is None:
        return None
    left = quota - await pacing.expected_on(now.date())
    # Where more has been asked today than that, the quota is another one.
    return left if left >= 0 else None
