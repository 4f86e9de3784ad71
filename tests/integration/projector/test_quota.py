"""What is known of a daily quota: the rows say the same as those who ask the providers."""

from datetime import timedelta
from random import Random

import asyncpg
import pytest
from tests.unit.metarr_projector.histories import START

from metarr_contracts import events, quotas
from metarr_contracts.quotas import MetQuota
from metarr_enricher import provider_state
from metarr_projector import writer
from metarr_projector.fold_providers import fold_provider
from metarr_projector.patches import Changes
from metarr_projector.staging import Staged


def history(dice: Random) -> list[events.ProviderEvent]:
    """A provider's life over some weeks: keys change rarely, and quotas are met on the hour, often the same ones."""
    now, told = START, list[events.ProviderEvent]()
    for _ in range(dice.randint(1, 12)):
        now += dice.choice((timedelta(hours=1), timedelta(days=3), quotas.KNOWN_FOR - timedelta(days=3)))
        until = now + timedelta(hours=1)
        key = dice.choice(("a", "a", "b", None))
        requests = dice.choice((None, 1, 400, 1_000))
        told.append(
            dice.choice(
                (
                    events.ProviderConfigured(provider="omdb", on=key is not None, key_fingerprint=key, at=now),
                    *(
                        events.ProviderPaused(
                            provider="omdb", reason="quota", until=until, message="Limit", at=now, requests=requests
                        ),
                    )
                    * 4,
                    events.ProviderPaused(provider="omdb", reason="failures", until=until, message="Down", at=now),
                    events.ProviderResumed(provider="omdb", at=now),
                    events.ProviderKeyRefused(provider="omdb", message="Wrong key", at=now),
                )
            )
        )
    return told


@pytest.mark.parametrize("at_once", [True, False])
async def test_rows_and_enrichers_agree(tables: str, *, at_once: bool) -> None:
    """Whatever happened, in one batch or in many."""
    connection = await asyncpg.connect(tables)
    await writer.prepare(connection)
    for seed in range(60):
        told, state = history(Random(seed)), provider_state.INITIAL  # noqa: S311
        for event in told:
            state = provider_state.evolve(state, event)
        for batch in [told] if at_once else [[event] for event in told]:
            changes = Changes()
            for event in batch:
                fold_provider(changes, event)
            async with connection.transaction():
                await writer.write(connection, "live", Staged(changes, []))
        [row] = await connection.fetch("DELETE FROM live.provider RETURNING learned, learned_at")
        known = None if row["learned"] is None else MetQuota(requests=row["learned"], at=row["learned_at"])
        assert known == state.quota, seed
    await connection.close()
