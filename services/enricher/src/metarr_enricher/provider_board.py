"""The providers' states, the same for all replicas: read from the bus at start, followed, and written to."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never
from uuid import uuid4

import structlog
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import events, streams, subjects
from metarr_contracts.base import Value
from metarr_contracts.envelope import read_envelope
from metarr_contracts.events import ProviderEvent
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.registry import UnknownTypeError, decode
from metarr_enricher.cause import Cause
from metarr_enricher.following import following
from metarr_enricher.provider_state import INITIAL, ProviderState, evolve

log = structlog.get_logger()

BY_SUBJECT: Mapping[str, ProviderName] = {subjects.provider_event(name): name for name in PROVIDERS}
ATTEMPTS = 50
"""Decisions on what another replica wrote meanwhile; there are far fewer replicas than that."""


@dataclass
class _Entry:
    state: ProviderState = INITIAL
    version: int = 0


@dataclass
class ProviderBoard:
    """What every replica knows of the providers."""

    bus: Bus
    store: EventStore
    clock: Clock
    _entries: dict[ProviderName, _Entry] = field(default_factory=lambda: {name: _Entry() for name in PROVIDERS})

    def state(self, provider: ProviderName) -> ProviderState:
        """The provider's state as far as it has reached this replica."""
        return self._entries[provider].state

    def version(self, provider: ProviderName) -> int:
        """The sequence of the provider's last event that has reached this replica; 0: none has."""
        return self._entries[provider].version

    def states(self) -> Mapping[ProviderName, ProviderState]:
        """All providers' states, as far as they have reached this replica."""
        return {name: entry.state for name, entry in self._entries.items()}

    async def decide(
        self, provider: ProviderName, decision: Callable[[ProviderState], ProviderEvent | None]
    ) -> ProviderState:
        """Append what is decided, if anything; repeated when another replica wrote first.

        Raises:
            ConflictError: another writer was first every time.
        """
        subject = subjects.provider_event(provider)
        for _ in range(ATTEMPTS):
            entry = self._entries[provider]
            event = decision(entry.state)
            if event is None:
                return entry.state
            new = Cause(uuid4().hex).event(subject, entry.version, event, self.clock.now())
            try:
                recorded = await self.store.append(subject, new, entry.version)
            except ConflictError:
                await self.catch_up(provider)
                continue
            self._apply(provider, recorded.seq, event)
            _tell(event)
        raise ConflictError(subject)

    @contextlib.asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        """Keep up with what other replicas write while the context is open."""
        # From before the first is read: what is written to one provider while the others are read is not missed.
        start = 1 + (await self.bus.stream_state(streams.EVENTS)).last_seq
        for provider in PROVIDERS:
            await self.catch_up(provider)
        config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start)
        async with following(self.bus, subjects.PROVIDER_EVENTS, self._received, config):
            yield

    async def _received(self, message: Msg) -> None:
        provider = BY_SUBJECT.get(message.subject)
        if provider is None:
            return
        try:
            event: Value | None = decode(read_envelope(message.headers or {}), message.data)
        except (ValidationError, UnknownTypeError) as error:
            log.warning("unreadable event", subject=message.subject, error=str(error))
            event = None
        self._apply(provider, message.metadata.sequence.stream, event)

    async def catch_up(self, provider: ProviderName) -> None:
        """Take in all that has been written to the provider so far, by whichever replica."""
        async for recorded in self.store.read(subjects.provider_event(provider), self._entries[provider].version):
            self._apply(provider, recorded.seq, recorded.body)

    def _apply(self, provider: ProviderName, seq: int, event: Value | None) -> None:
        """Take in an event; of one that says nothing here it counts that it is there, or nothing could be appended."""
        entry = self._entries[provider]
        if seq > entry.version:
            self._entries[provider] = _Entry(
                evolve(entry.state, event) if isinstance(event, ProviderEvent) else entry.state, seq
            )


def _tell(event: ProviderEvent) -> None:
    match event:
        case events.ProviderPaused():
            log.warning("provider paused", provider=event.provider, until=str(event.until), why=event.message)
        case events.ProviderKeyRefused():
            log.warning("provider refuses the key", provider=event.provider, why=event.message)
        case events.ProviderResumed():
            log.info("provider answers again", provider=event.provider)
        case events.ProviderConfigured():
            log.info("provider on" if event.on else "provider off", provider=event.provider)
        case _:
            assert_never(event)
