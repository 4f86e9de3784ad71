"""A film of a run is changed only if every provider that is on answers: who keeps it from that, and why. Pure."""

from collections.abc import Sequence

from metarr_contracts.commands import RunPart
from metarr_contracts.fields import PROVIDER_TITLES
from metarr_contracts.movie import ANSWERED, FAILED, LIMITED, ProviderOutcome

TROUBLED = LIMITED | FAILED


def goes_without(fared: ProviderOutcome, run: RunPart | None) -> bool:
    """Whether the run goes on without this answer: the provider's quota is used up.

    What it says after that, for whatever reason, is no news.
    """
    return run is not None and fared.outcome in TROUBLED and fared.name in run.without


def keeps_incomplete(fared: ProviderOutcome, run: RunPart | None) -> bool:
    """Whether the film stays as it is because of this provider."""
    return fared.outcome in TROUBLED and not goes_without(fared, run)


def lacking(outcomes: Sequence[ProviderOutcome], run: RunPart | None) -> tuple[ProviderOutcome, ...]:
    """The providers because of which the film stays as it is; when nobody answered, all that were in trouble."""
    if not anybody_answered(outcomes):
        return tuple(fared for fared in outcomes if fared.outcome in TROUBLED)
    return tuple(fared for fared in outcomes if keeps_incomplete(fared, run))


def anybody_answered(outcomes: Sequence[ProviderOutcome]) -> bool:
    """Whether there is an answer. Only who was asked has one with a time: a film without an id was not asked about."""
    return any(fared.outcome in ANSWERED and fared.fetched_at for fared in outcomes)


def why(outcomes: Sequence[ProviderOutcome]) -> str:
    """What kept the film from being complete, for a person; empty where no provider was in trouble."""
    return "; ".join(_trouble(fared) for fared in outcomes if fared.outcome in TROUBLED)


def _trouble(fared: ProviderOutcome) -> str:
    title = PROVIDER_TITLES[fared.name]
    if fared.outcome in LIMITED:
        return f"{title} is limited"
    return f"{title}: {fared.message}" if fared.message else f"{title} failed"
