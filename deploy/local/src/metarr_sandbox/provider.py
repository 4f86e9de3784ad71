"""One provider as the server runs it: its way of speaking, its settings, its limits and its counts."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from metarr_sandbox import fanart, omdb, tmdb, tmdb_errors
from metarr_sandbox.counts import Counts
from metarr_sandbox.library import Library
from metarr_sandbox.settings import FanartSettings, Fault, OmdbSettings, ProviderSettings, TmdbSettings
from metarr_sandbox.wire import Answer, Asked

Query = Mapping[str, str]
_WRONG = {"api_key": "wrong", "apikey": "wrong"}
TELLING = frozenset({"movie", "id", "movies"})
"""Kinds of requests whose answers name the film that they are about."""
OTHER_FILM = (("tt", "tt0111161"), *((str(digit), "278") for digit in range(10)))
"""What the fault `wrong_film` tells of, by how the id that was asked for begins."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one service speaks."""

    name: str
    key_refused: Callable[[Query, Mapping[str, str], str], Answer | None]
    throttled: Callable[[str, int], Answer]
    initial: ProviderSettings


TMDB = Dialect("tmdb", tmdb.key_refused, tmdb_errors.throttled, TmdbSettings())
OMDB = Dialect("omdb", omdb.key_refused, omdb.throttled, OmdbSettings())
FANART = Dialect("fanart", fanart.key_refused, fanart.throttled, FanartSettings())


@dataclass(slots=True)
class Provider:
    """A running provider. Limits count the requests that passed the key; refused ones cost nothing."""

    dialect: Dialect
    settings: ProviderSettings = field(init=False)
    counts: Counts = field(init=False)
    resets: int = 0
    _used: int = field(init=False)
    _day: int = field(init=False)
    _second: deque[float] = field(init=False)
    _fault_left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Everything as at the start."""
        self.resets += 1
        self.configure(self.dialect.initial)
        self.count_anew()
        self._used, self._day, self._second = 0, 0, deque()

    def count_anew(self) -> None:
        """Counts from zero; what is used of the day's limit stays used."""
        self.counts = Counts()

    def configure(self, settings: ProviderSettings) -> None:
        """Use other settings from now on; a fault's count starts anew."""
        self.settings = settings
        self._fault_left = settings.fault.count if settings.fault else None

    def ask(self, library: Library, path: str, query: Query, now: datetime) -> Asked:
        """Recognise a request."""
        match self.settings:
            case TmdbSettings(changed=changed):
                return tmdb.ask(library, path, query, now, changed)
            case FanartSettings(unknown_form=unknown_form):
                return fanart.ask(library, path, query, now, unknown_form)
            case _:
                return omdb.ask(library, path, query, now)

    def ask_about_another(self, library: Library, path: str, query: Query, now: datetime, external_id: str) -> Asked:
        """The same request as if it were about `OTHER_FILM`, where the answer would say what it is about."""
        asked = self.ask(library, path, query, now)
        other = next((other for start, other in OTHER_FILM if external_id.startswith(start)), None)
        if other is None or asked.kind not in TELLING:
            return asked
        steps = [other if step == external_id else step for step in path.split("/")]
        asked_about = {name: other if value == external_id else value for name, value in query.items()}
        return self.ask(library, "/".join(steps), asked_about, now)

    def take_fault(self, external_id: str) -> Fault | None:
        """The fault that this request meets; the last one of a count ends it."""
        fault = self.settings.fault
        if fault is None or (fault.ids is not None and external_id not in fault.ids):
            return None
        if self._fault_left is not None:
            self._fault_left -= 1
            if not self._fault_left:
                self.settings = self.settings.model_copy(update={"fault": None})
        return fault

    def refused(self, query: Query, headers: Mapping[str, str], now: datetime, monotonic: float) -> Answer | None:
        """The answer to a request with a wrong key or over a limit; None counts it as used."""
        answer = self.dialect.key_refused(query, headers, self.settings.key)
        if answer is None and not (self.dialect is FANART and fanart.is_personal(query, headers)):
            answer = self._over_limit(now, monotonic)
        return answer

    def quota_answer(self, now: datetime) -> Answer:
        """What an exceeded daily limit looks like."""
        if isinstance(self.settings, OmdbSettings):
            return omdb.quota_used_up(self.settings.limit_form)
        seconds = self.settings.limit_retry_after
        if seconds is None:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            seconds = ceil((midnight - now).total_seconds())
        return self.dialect.throttled(self.settings.throttle_form, seconds)

    def unauthorized_answer(self) -> Answer:
        """What a wrong key looks like."""
        answer = self.dialect.key_refused(_WRONG, {}, self.settings.key)
        if answer is None:
            raise LookupError(self.dialect.name)
        return answer

    def used_today(self, now: datetime) -> int:
        """Requests on the UTC day of ``now`` that counted towards its limit."""
        return self._used if now.toordinal() == self._day else 0

    def _over_limit(self, now: datetime, monotonic: float) -> Answer | None:
        used = self.used_today(now)
        if self.settings.daily_limit is not None and used >= self.settings.daily_limit:
            return self.quota_answer(now)
        if self.settings.rate_per_second is not None:
            while self._second and self._second[0] <= monotonic - 1:
                self._second.popleft()
            if len(self._second) >= self.settings.rate_per_second:
                return self.dialect.throttled(self.settings.throttle_form, 1)
            self._second.append(monotonic)
        self._used, self._day = used + 1, now.toordinal()
        return None
