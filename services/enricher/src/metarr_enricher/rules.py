"""The rules of a library: who outranks whom, what counts how much, language and region."""

from pydantic import Field

from metarr_contracts.base import Value
from metarr_contracts.fields import FIELDS, TRACKED, ProviderName


def _order() -> dict[str, tuple[ProviderName, ...]]:
    return {name: field.providers for name, field in FIELDS.items()}


class Rules(Value):
    """What a person may decide about merging and counting."""

    order: dict[str, tuple[ProviderName, ...]] = Field(default_factory=_order)
    weights: dict[str, int] = Field(default_factory=lambda: {field.name: 1 for field in TRACKED})
    language: str = Field(default="en", pattern=r"^[a-z]{2}$", description="ISO 639-1")
    region: str = Field(default="US", pattern=r"^[A-Z]{2}$", description="ISO 3166-1")
