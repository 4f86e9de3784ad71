"""Asks a provider again because a person wants it, pause or not, by a request that tests it."""

import asyncio
from collections.abc import Mapping

from metarr_contracts.fields import PROVIDER_TITLES, ProviderName
from metarr_contracts.library import Resumed, ResumeProvider
from metarr_contracts.movie import ExternalIds
from metarr_enricher import refusals
from metarr_enricher.asking import Desk
from metarr_enricher.lane import MANUAL
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.providers.outcomes import Failure
from metarr_enricher.providers.registry import Provider

KNOWN_FILM = ExternalIds(imdb="tt0111161", tmdb=278)
"""The Shawshank Redemption: each provider knows it."""
TEST_SECONDS = 20.0
"""A person waits for it: a provider that is slower than that is no use to them yet."""


class Resume:
    """`metarr.lib.resume`."""

    def __init__(self, providers: Mapping[ProviderName, Provider], desk: Desk, board: ProviderBoard) -> None:
        self._providers = providers
        self._desk = desk
        self._board = board

    async def resume(self, wanted: ResumeProvider) -> Resumed:
        """Test the provider; if it answers, any pause or refusal is over.

        Raises:
            RefusedError: it is off, or still does not answer.
        """
        name = wanted.provider
        provider = self._providers.get(name)
        if provider is None:
            raise refusals.has_no_key(name)
        try:
            async with asyncio.timeout(TEST_SECONDS):
                asked = await self._desk.test(name, lambda: provider.ask(KNOWN_FILM, MANUAL))
        except TimeoutError as error:
            raise refusals.is_too_slow(name) from error
        if isinstance(asked.outcome, Failure):
            raise refusals.has_failed(name, asked.outcome)
        return Resumed(provider=name, message=f"{PROVIDER_TITLES[name]} answers again", seq=self._board.version(name))
