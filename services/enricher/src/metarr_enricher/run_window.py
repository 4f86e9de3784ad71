"""How many films of a run are at work at once: so many for each replica that the queue knows of."""

from dataclasses import dataclass

from metarr_chassis.bus import Bus
from metarr_contracts.streams import COMMANDS, ENRICHER


@dataclass(frozen=True)
class RunWindow:
    """Of the `hands` of a replica so many work on `films` of a run at once; the others are for refreshes by hand.

    All replicas are taken to have as many of both as this one.
    """

    bus: Bus
    films: int
    hands: int

    async def now(self) -> int:
        """The window over all replicas that are there now.

        Raises:
            BusUnavailableError: the queue does not say.
        """
        told = await self.bus.api(f"CONSUMER.INFO.{COMMANDS}.{ENRICHER}")
        # Each hand waits for a command or has one. It may be between the two, or have died with what it had just now:
        # the window is a little off for a moment.
        return self.over(told["num_waiting"] + told["num_ack_pending"])

    def over(self, hands: int) -> int:
        """The window over so many hands; never below what this replica has."""
        return max(self.films, hands * self.films // self.hands)
