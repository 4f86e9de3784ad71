"""How complete a film is, what is missing, and why. The one place where this is computed."""

from collections.abc import Collection, Mapping

from metarr_contracts.fields import TRACKED, ProviderName
from metarr_contracts.movie import FAILED, LIMITED, MissingField, MissingReason, Outcome
from metarr_enricher.rules import Rules


def completeness(present: Collection[str], rules: Rules) -> int:
    """Percent of the weight that is there, rounded half up."""
    whole = sum(rules.weights[field.name] for field in TRACKED)
    there = sum(rules.weights[field.name] for field in TRACKED if field.name in present)
    return (200 * there + whole) // (2 * whole)


def missing(
    present: Collection[str], outcomes: Mapping[ProviderName, Outcome], rules: Rules
) -> tuple[MissingField, ...]:
    """The tracked fields without a value, in the order in which they are shown."""
    return tuple(
        MissingField(field=field.name, reason=_reason(rules.order[field.name], outcomes), providers=order)
        for field in TRACKED
        if field.name not in present
        for order in [rules.order[field.name]]
    )


def _reason(providers: tuple[ProviderName, ...], outcomes: Mapping[ProviderName, Outcome]) -> MissingReason:
    fared = [outcomes[provider] for provider in providers if provider in outcomes]
    if not fared:
        return "not_fetched"
    if any(outcome in LIMITED for outcome in fared):
        return "rate_limited"
    if any(outcome in FAILED for outcome in fared):
        return "provider_error"
    return "provider_off" if all(outcome == "off" for outcome in fared) else "not_provided"
