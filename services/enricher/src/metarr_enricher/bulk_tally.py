"""What a run had of its providers, and what is said of them to a person. Pure."""

from collections.abc import Sequence
from datetime import datetime

from metarr_contracts.bulk import RunProvider
from metarr_contracts.fields import PROVIDER_TITLES, ProviderName
from metarr_contracts.movie import ANSWERED, ProviderOutcome


def tally(providers: Sequence[RunProvider], outcomes: Sequence[ProviderOutcome]) -> tuple[RunProvider, ...]:
    """The providers' figures after another film; answers that were stored already are no work of this run."""
    fared = {outcome.name: outcome for outcome in outcomes}
    return tuple(_after(provider, fared.get(provider.name)) for provider in providers)


def _after(provider: RunProvider, fared: ProviderOutcome | None) -> RunProvider:
    if fared is None or fared.requests == 0:
        return provider
    return provider.model_copy(
        update={
            "requests": provider.requests + fared.requests,
            "found": provider.found + (fared.outcome == "found"),
            "not_found": provider.not_found + (fared.outcome == "not_found"),
            "failed": provider.failed + (fared.outcome not in ANSWERED),
        }
    )


def answered_now(outcomes: Sequence[ProviderOutcome]) -> list[ProviderName]:
    """Who answered a request for this film."""
    return [fared.name for fared in outcomes if fared.outcome in ANSWERED and fared.requests > 0]


def limit_message(provider: ProviderName, *, stops: bool) -> str:
    """A provider's quota is used up."""
    consequence = "stopping bulk enrichment" if stops else f"going on without {PROVIDER_TITLES[provider]}"
    return f"{PROVIDER_TITLES[provider]} rate limit reached - {consequence}"


def refused_message(provider: ProviderName, message: str | None) -> str:
    """A provider refuses our key: what it said, which names the setting that holds the key."""
    return message or f"{PROVIDER_TITLES[provider]} refuses the key (METARR_{provider.upper()}_KEY)"


def away_message(providers: Sequence[ProviderName], until: datetime) -> str:
    """The run waits."""
    return f"{gone_message(providers)}; trying again at {until:%H:%M} UTC"


def gone_message(providers: Sequence[ProviderName]) -> str:
    """Providers that do not answer."""
    names = " and ".join(PROVIDER_TITLES[provider] for provider in providers)
    return f"{names} {'does' if len(providers) == 1 else 'do'} not answer"
