"""Fields, providers and the bounds of the bands for the web UI, which names and groups them as we do. Pure."""

from collections.abc import Mapping
from typing import Any

from metarr_chassis.settings import PREFIX
from metarr_contracts.fields import FIELDS, PROVIDER_TITLES, PROVIDERS, TRACKED, FieldDefinition, ProviderName
from metarr_contracts.movie import ENRICHED_FROM, PARTIAL_FROM


def document() -> Mapping[str, Any]:
    """The fields in the order in which they are shown, the providers with the setting that holds their key."""
    return {
        "fields": [_field(field) for field in FIELDS.values()],
        "providers": [_provider(name) for name in PROVIDERS],
        "bands": {"enrichedFrom": ENRICHED_FROM, "partialFrom": PARTIAL_FROM},
    }


def _field(field: FieldDefinition) -> Mapping[str, Any]:
    return {
        "name": field.name,
        "displayName": field.display_name,
        "category": field.category,
        "providers": field.providers,
        "tracked": field in TRACKED,
    }


def _provider(name: ProviderName) -> Mapping[str, str]:
    return {"name": name, "title": PROVIDER_TITLES[name], "keySetting": f"{PREFIX}{name.upper()}_KEY"}
