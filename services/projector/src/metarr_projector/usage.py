"""How many requests providers had lately, as those who ask them count it on the bus."""

import asyncio
from collections.abc import Mapping

from metarr_chassis.bus import Bus
from metarr_chassis.rate import read_booked
from metarr_contracts import streams
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.rates import Booked

BUCKET = f"KV_{streams.RATES}"


async def requests_booked(bus: Bus) -> Mapping[ProviderName, Booked]:
    """The last day with requests of each provider.

    Raises:
        BusUnavailableError: the bus does not answer.
    """
    found = await asyncio.gather(*(_booked(bus, provider) for provider in PROVIDERS))
    return dict(zip(PROVIDERS, found, strict=True))


async def _booked(bus: Bus, provider: ProviderName) -> Booked:
    stored = await bus.last_message(BUCKET, f"$KV.{streams.RATES}.{provider}")
    return read_booked(stored.data) if stored else Booked()
