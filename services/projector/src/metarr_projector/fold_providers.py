"""What events of providers do: configured, paused, resumed, refused."""

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_projector.patches import Changes, ProviderPatch


def fold_provider(changes: Changes, event: Value) -> None:
    """Add what one event does to a provider; nothing if it is not about one."""
    match event:
        case events.ProviderConfigured():
            patch = ProviderPatch(event.provider, event.on, "none", event.at)
        case events.ProviderPaused():
            patch = ProviderPatch(event.provider, None, "paused", event.at, event.until, event.message)
        case events.ProviderResumed():
            patch = ProviderPatch(event.provider, None, "none", event.at)
        case events.ProviderKeyRefused():
            patch = ProviderPatch(event.provider, None, "key_refused", event.at, None, event.message)
        case _:
            return
    before = changes.providers.get(patch.name)
    if patch.configured is None and before is not None:
        patch.configured = before.configured
    changes.providers[patch.name] = patch
