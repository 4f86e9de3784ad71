"""What events of providers do: configured, paused, resumed, refused."""

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_projector.patches import Changes, ProviderPatch


def fold_provider(changes: Changes, event: Value) -> None:
    """Add what one event does to a provider; nothing if it is not about one."""
    match event:
        case events.ProviderConfigured():
            patch = ProviderPatch(event.provider, "none", event.at, configured=event.on, key=event.key_fingerprint)
        case events.ProviderPaused():
            patch = ProviderPatch(
                event.provider,
                "quota_used_up" if event.reason == "quota" else "paused",
                event.at,
                event.until,
                event.message,
                learned=event.requests,
                learned_at=None if event.requests is None else event.at,
            )
        case events.ProviderResumed():
            patch = ProviderPatch(event.provider, "none", event.at)
        case events.ProviderKeyRefused():
            patch = ProviderPatch(event.provider, "key_refused", event.at, None, event.message)
        case _:
            return
    changes.providers.append(patch)
