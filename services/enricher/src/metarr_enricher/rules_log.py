"""What a person decides about runs over the whole library: kept as events, the last one holds all that is in force."""

from uuid import uuid4

from metarr_chassis import correlation
from metarr_chassis.clock import Clock
from metarr_chassis.errors import ConflictError
from metarr_chassis.event_store import EventStore
from metarr_contracts import subjects
from metarr_contracts.rules import ChangeRules, RulesChanged, RulesReply, RunRules
from metarr_enricher.cause import Cause


class RulesLog:
    """`metarr.evt.rules`."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def current(self) -> tuple[RunRules, int]:
        """The rules in force and the sequence of the event that set them; 0 for the defaults."""
        last = await self._store.last(subjects.RULES_EVENTS)
        if last is None:
            return RunRules(), 0
        return last.body.rules if isinstance(last.body, RulesChanged) else RunRules(), last.seq

    async def change(self, wanted: ChangeRules) -> RulesReply:
        """Change what is named; the rules now in force. Nothing is appended where nothing is new."""
        cause = Cause(f"rules/{uuid4().hex}", correlation.current())
        while True:
            rules, version = await self.current()
            changed = rules.model_copy(update=wanted.model_dump(exclude_none=True))
            if changed == rules:
                return RulesReply(**rules.model_dump(), seq=version)
            now = self._clock.now()
            event = cause.event(subjects.RULES_EVENTS, version, RulesChanged(rules=changed, at=now), now)
            try:
                recorded = await self._store.append(subjects.RULES_EVENTS, event, version)
            except ConflictError:
                continue
            return RulesReply(**changed.model_dump(), seq=recorded.seq)
