"""How far a refresh is, as WebSocket clients see it."""

from metarr_contracts.fields import ProviderName
from metarr_contracts.websocket import EnrichmentProgress


class Progress:
    """Which providers are done. A provider that is off takes no part."""

    def __init__(self, movie_id: int, job_id: int, providers: tuple[ProviderName, ...]) -> None:
        self._movie_id = movie_id
        self._job_id = job_id
        self._providers = providers
        self._complete: list[ProviderName] = []

    def restart(self) -> None:
        """Nobody has been asked yet."""
        self._complete.clear()

    def complete(self, provider: ProviderName) -> None:
        """This provider has answered, failed or been skipped."""
        self._complete.append(provider)

    def note(self) -> EnrichmentProgress:
        """The present state; percentages are floored."""
        remaining = tuple(provider for provider in self._providers if provider not in self._complete)
        return EnrichmentProgress(
            movie_id=self._movie_id,
            job_id=self._job_id,
            progress=100 * len(self._complete) // max(1, len(self._providers)),
            current_provider=remaining[0] if remaining else None,
            providers_complete=tuple(self._complete),
            providers_remaining=remaining,
        )
