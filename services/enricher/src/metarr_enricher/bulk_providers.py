"""What the providers of a run allow: go on, go on without one, wait, or end. Pure.

Also what the run had of each of them so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from metarr_contracts.bulk import RunEnd, RunProvider
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ProviderOutcome
from metarr_contracts.rules import RunRules
from metarr_enricher.bulk_tally import away_message, gone_message, limit_message, refused_message, tally
from metarr_enricher.provider_state import ProviderState, is_unproven, standing
from metarr_enricher.providers.outcomes import QuotaExhausted, Unauthorized, Unavailable
from metarr_enricher.run_result import NOT_THE_FILMS_FAULT

LONGEST_WAIT = timedelta(minutes=30)
"""A run waits so long for providers that do not answer, in all."""


@dataclass(frozen=True)
class Verdict:
    """Why no further film starts."""

    status: RunEnd
    error: str | None = None
    code: Literal["key_refused", "all_providers_failed", "provider_away"] | None = None


@dataclass(frozen=True)
class Limit:
    """A provider's quota is used up: the run ends, or goes on without it."""

    provider: ProviderName
    until: datetime | None
    stops: bool

    @property
    def message(self) -> str:
        """For a person."""
        return limit_message(self.provider, stops=self.stops)


@dataclass
class RunProviders:
    """The providers that are on.

    Attributes:
        figures: What the run had of each.
        without: Those that it goes on without.
        waiting: Why no film starts just now, for a person.
    """

    on: Sequence[ProviderName]
    rules: RunRules
    figures: tuple[RunProvider, ...]
    without: tuple[ProviderName, ...]
    waiting: str | None = None
    waiting_until: datetime | None = None
    _waited: timedelta = timedelta()
    _since: datetime | None = None

    def count(self, outcomes: Sequence[ProviderOutcome]) -> None:
        """A film has ended."""
        self.figures = tally(self.figures, outcomes)

    def look(
        self, wanted: Sequence[ProviderName], states: Mapping[ProviderName, ProviderState], now: datetime
    ) -> Verdict | Limit | None:
        """Whether those that are wanted for a film may be asked; None: they may, or are waited for."""
        away: list[ProviderName] = []
        for provider in self._asked():
            if provider not in wanted:
                continue
            state = states[provider]
            match standing(state, now):
                case QuotaExhausted():
                    return self._limit(provider, state.paused_until)
                case Unauthorized():
                    return Verdict("failed", refused_message(provider, state.message), "key_refused")
                case Unavailable():
                    away.append(provider)
        return self._wait_for(away, states, now)

    def put_off(self, outcomes: Sequence[ProviderOutcome]) -> Verdict | Limit | None:
        """What it means that a film was put off; another replica may have found out before its state is here."""
        for fared in outcomes:
            if fared.name not in self._asked():
                continue
            if fared.outcome == "unauthorized":
                return Verdict("failed", refused_message(fared.name, fared.message), "key_refused")
            if fared.outcome == "quota_exhausted":
                return self._limit(fared.name, fared.limited_until)
        return None

    def explains(self, outcomes: Sequence[ProviderOutcome]) -> bool:
        """Whether a film that was put off may be looked at again: what kept it off is dealt with for all films."""
        return any(fared.name in self._asked() and fared.outcome in NOT_THE_FILMS_FAULT for fared in outcomes)

    def lose(self, limit: Limit, now: datetime) -> Verdict | None:
        """A provider is lost to this run; the verdict where that ends it."""
        self.figures = tuple(
            known.model_copy(update={"limited_at": now}) if known.name == limit.provider else known
            for known in self.figures
        )
        if limit.stops:
            return Verdict("partial")
        self.without = (*self.without, limit.provider)
        return None

    def _asked(self) -> Sequence[ProviderName]:
        return [provider for provider in self.on if provider not in self.without]

    def _limit(self, provider: ProviderName, until: datetime | None) -> Limit:
        is_last = set(self._asked()) <= {provider}
        return Limit(provider, until, stops=self.rules.on_quota == "stop" or is_last)

    def _wait_for(
        self, away: Sequence[ProviderName], states: Mapping[ProviderName, ProviderState], now: datetime
    ) -> Verdict | None:
        """Without a provider that does not answer no film can be completed: wait for it, for so long in all."""
        if self._since is not None:
            # A clock that is set back gives no time back.
            self._waited += max(timedelta(), now - self._since)
        self._since = now if away else None
        if not away:
            self.waiting = self.waiting_until = None
            return None
        if self._waited < LONGEST_WAIT:
            self.waiting_until = min(states[provider].paused_until or now for provider in away)
            self.waiting = away_message(away, self.waiting_until)
            return None
        # One whose pause is just over has not answered either.
        gone = [name for name in self._asked() if name in away or is_unproven(states[name], now)]
        if gone == self._asked():
            return Verdict("failed", "All providers failed", "all_providers_failed")
        return Verdict("failed", gone_message(gone), "provider_away")
