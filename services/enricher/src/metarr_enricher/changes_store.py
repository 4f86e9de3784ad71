"""TMDB's lists of changed films, kept on the bus by day. They only save requests, so nothing fails without them."""

from datetime import date, timedelta

import nats.errors
import nats.js.errors
import structlog
from pydantic import ValidationError

from metarr_chassis.bus import UNAVAILABLE, Bus
from metarr_chassis.clock import Clock
from metarr_contracts import streams, subjects
from metarr_contracts.answers import ChangesAnswered
from metarr_contracts.envelope import Envelope, read_envelope
from metarr_contracts.registry import UnknownTypeError, decode, type_of
from metarr_enricher.asking import Desk
from metarr_enricher.cause import Cause
from metarr_enricher.changes import DAY, Changes
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers.outcomes import ChangesPage
from metarr_enricher.providers.registry import Tmdb
from metarr_enricher.providers.tmdb_changes import LAST_PAGE

log = structlog.get_logger()

LONGEST_BACK = timedelta(days=13)
"""TMDB tells the changes of the last 14 days; this many before today are over and still told."""
KEPT = timedelta(days=180)
MAX_FILMS = 100_000
"""Films of a day; a list that is longer saves nothing, and the bus would not take it."""
RUN = Lane(run=True)


class ChangesStore:
    """`metarr.ans.changes.<day>`."""

    def __init__(self, bus: Bus, desk: Desk, tmdb: Tmdb | None, clock: Clock) -> None:
        self._bus = bus
        self._desk = desk
        self._tmdb = tmdb
        self._clock = clock

    async def bring_up_to_date(self, first: date, today: date) -> None:
        """Fetch what is lacking from `first` through yesterday, if TMDB still tells it; ends early where it does not.

        Raises:
            BusUnavailableError: what is there cannot be read.
        """
        if self._tmdb is None:
            return
        for day in _days(max(first, today - LONGEST_BACK), today):
            if await self._stored(day) is None and not await self._fetch(self._tmdb, day):
                return

    async def load(self, first: date, today: date) -> Changes:
        """What is known of the days from `first` through yesterday.

        Raises:
            BusUnavailableError: it cannot be read.
        """
        stored = {day: await self._stored(day) for day in _days(max(first, today - KEPT), today)}
        return Changes({day: frozenset(told.tmdb_ids) for day, told in stored.items() if told is not None})

    async def _fetch(self, tmdb: Tmdb, day: date) -> bool:
        """Store a day's list if there is one; False where TMDB or the bus is not to be asked further."""
        found: set[int] = set()
        for page in range(1, LAST_PAGE + 1):
            # A run begins after this and can do without: throttling is not waited out for long.
            asked = await self._desk.ask("tmdb", lambda page=page: tmdb.changes(day, page, RUN), MANUAL)  # type: ignore[misc]
            if not isinstance(asked.outcome, ChangesPage):
                log.info("changes not told", day=day.isoformat(), page=page, outcome=type(asked.outcome).__name__)
                return False
            if asked.outcome.tmdb_ids <= found:
                break
            found |= asked.outcome.tmdb_ids
            if len(found) > MAX_FILMS:
                log.warning("too many changes", day=day.isoformat())
                return False
        if not found:
            # Thousands of films change on a day: this is a list that is not there, and not one that says "none".
            log.warning("no changes told", day=day.isoformat())
            return True
        return await self._put(ChangesAnswered(day=day, fetched_at=self._clock.now(), tmdb_ids=tuple(sorted(found))))

    async def _put(self, answer: ChangesAnswered) -> bool:
        subject = subjects.changes_answer(answer.day)
        cause = Cause("changes")
        envelope = Envelope(
            # The same for every replica: two that fetch the same day store it once.
            id=cause.message_id(subject),
            type=type_of(answer),
            source="/metarr/enricher",
            time=answer.fetched_at,
            subject=subject,
        )
        try:
            await self._bus.js.publish(subject, answer.to_json(), stream=streams.ANSWERS, headers=envelope.headers())
        except (*UNAVAILABLE, nats.errors.MaxPayloadError, nats.js.errors.APIError) as error:
            log.warning("changes not stored", day=answer.day.isoformat(), error=type(error).__name__)
            return False
        return True

    async def _stored(self, day: date) -> ChangesAnswered | None:
        message = await self._bus.last_message(streams.ANSWERS, subjects.changes_answer(day))
        if message is None:
            return None
        try:
            told = decode(read_envelope(message.headers), message.data)
        except (ValidationError, UnknownTypeError) as error:
            log.warning("unreadable answer", subject=message.subject, error=str(error))
            return None
        return told if isinstance(told, ChangesAnswered) else None


def _days(first: date, today: date) -> list[date]:
    return [first + n * DAY for n in range((today - first).days)]
