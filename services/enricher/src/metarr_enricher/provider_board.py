"""The providers' states, the same for all replicas: read from the bus at start, followed, and written to."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import structlog
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy
from pydantic import ValidationError

from metarr_chassis.bus import Bus
from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import streams, subjects
from metarr_contracts.envelope import read_envelope
from metarr_contracts.events import ProviderEvent
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.registry import UnknownTypeError, decode
from metarr_enricher.cause import Cause
from metarr_enricher.provider_state import INITIAL, ProviderState, evolve

log = structlog.get_logger()

HEARTBEAT_SECONDS = 1.0
"""After a few without one, as after a restart of the server, the consumer is made anew."""


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

    async def decide(
        self, provider: ProviderName, decision: Callable[[ProviderState], ProviderEvent | None]
    ) -> ProviderState:
        """Append what is decided, if anything; repeated when another replica wrote first."""
        subject = subjects.provider_event(provider)
        while True:
            entry = self._entries[provider]
            event = decision(entry.state)
            if event is None:
                return entry.state
            new = Cause(uuid4().hex).event(subject, entry.version, event, self.clock.now())
            try:
                recorded = await self.store.append(subject, new, entry.version)
            except ConflictError:
                await self._catch_up(provider)
                continue
            self._apply(provider, recorded.seq, event)
            log.info("provider", provider=provider, became=type(event).__name__)

    @contextlib.asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        """Keep up with what other replicas write while the context is open."""
        for provider in PROVIDERS:
            await self._catch_up(provider)
        start = 1 + max(entry.version for entry in self._entries.values())
        subscription = await self.bus.js.subscribe(
            subjects.PROVIDER_EVENTS,
            stream=streams.EVENTS,
            ordered_consumer=True,
            idle_heartbeat=HEARTBEAT_SECONDS,
            cb=self._received,
            config=ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start),
        )
        try:
            yield
        finally:
            with contextlib.suppress(Exception):
                await subscription.unsubscribe()

    async def _received(self, message: Msg) -> None:
        try:
            event = cast("ProviderEvent", decode(read_envelope(message.headers or {}), message.data))
        except (ValidationError, UnknownTypeError) as error:
            log.warning("unreadable event", subject=message.subject, error=str(error))
            return
        self._apply(event.provider, message.metadata.sequence.stream, event)

    async def _catch_up(self, provider: ProviderName) -> None:
        async for recorded in self.store.read(subjects.provider_event(provider), self._entries[provider].version):
            if recorded.body is not None:
                self._apply(provider, recorded.seq, cast("ProviderEvent", recorded.body))

    def _apply(self, provider: ProviderName, seq: int, event: ProviderEvent) -> None:
        entry = self._entries[provider]
        if seq > entry.version:
            self._entries[provider] = _Entry(evolve(entry.state, event), seq)
