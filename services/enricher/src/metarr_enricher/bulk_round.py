"""One round over the films' ids: what is next, what is in flight, what is settled, and how many of each. Pure.

Settled films need not be settled in order. The cursor is the first film of the round that is not settled; no film is
taken up further than `SPREAD` beyond it, so that what is remembered stays small however large the library is.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from metarr_contracts.bulk import FailedMovie, RunCounts
from metarr_contracts.fields import ProviderName

SPREAD = 256
Settled = Literal["processed", "skipped", "failed"]


@dataclass(frozen=True)
class _Doubt:
    """A film that failed: its own fault, or that of a provider that is away?

    `order` is when it was started, `because` who gave no answer.
    """

    place: int
    order: int
    failed: FailedMovie
    because: frozenset[ProviderName]


@dataclass
class Round:
    """The places of a round are counted from 0 in its order: from the first id up, then from the lowest id up.

    Attributes:
        ids: Ids of the films, ascending.
        first: The id (or the next higher one) at which the round begins.
    """

    ids: Sequence[int]
    first: int
    window: int
    counts: RunCounts = field(init=False)
    failures: list[FailedMovie] = field(default_factory=list)
    _start: int = field(init=False)
    _low: int = 0
    _next: int = 0
    _order: int = 0
    _paused_at: int = 0
    _settled: set[int] = field(default_factory=set)
    _again: deque[int] = field(default_factory=deque)
    _retries: deque[int] = field(default_factory=deque)
    _in_flight: dict[int, tuple[int, int]] = field(default_factory=dict)
    _doubts: list[_Doubt] = field(default_factory=list)
    _failed_before: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._start = bisect_left(self.ids, self.first) % max(1, len(self.ids))
        self.counts = RunCounts(total=len(self.ids), remaining=len(self.ids))

    def resume(self, cursor: int, settled_above: Iterable[int], told: RunCounts) -> None:
        """Go on from what was told of the round before. Films may have come or gone since: the total follows."""
        if told.remaining == 0:
            self._low = self._next = len(self.ids)
        else:
            self._low = self._next = self._place_from(cursor)
            self._settled = {self._place_from(movie_id) for movie_id in settled_above if self._is_here(movie_id)}
            self._advance()
        remaining = len(self.ids) - self._low - len(self._settled)
        self.counts = told.model_copy(update={"remaining": remaining, "total": told.settled + remaining})

    @property
    def cursor(self) -> int | None:
        """The first film of the round that is not settled; None when all are."""
        return self._id(self._low) if self._low < len(self.ids) else None

    @property
    def settled_above(self) -> tuple[int, ...]:
        """Ids settled beyond the cursor."""
        return tuple(self._id(place) for place in sorted(self._settled))

    @property
    def in_flight(self) -> tuple[int, ...]:
        """Ids of the films at work, in the order of the round."""
        return tuple(sorted(self._in_flight, key=lambda movie_id: self._in_flight[movie_id][0]))

    @property
    def done(self) -> bool:
        """Nothing is left to take up, in flight or in doubt."""
        waiting = self._in_flight or self._doubts or self._again or self._retries
        return not waiting and self._next >= len(self.ids)

    def is_first_try(self, movie_id: int) -> bool:
        """Whether the film has not failed in this round yet."""
        return movie_id not in self._failed_before

    def take(self) -> int | None:
        """The next film to look at, now in flight; None where the window is full or nothing is left."""
        place = self._next_place() if len(self._in_flight) < self.window else None
        if place is None:
            return None
        self._order += 1
        movie_id = self._id(place)
        self._in_flight[movie_id] = (place, self._order)
        return movie_id

    @property
    def within_reach(self) -> tuple[int, ...]:
        """The films that whoever went this round before may have taken up, as far as is known."""
        reach = range(self._low, min(len(self.ids), self._low + SPREAD))
        return tuple(self._id(place) for place in reach if place not in self._settled)

    def recall(self, movie_id: int) -> None:
        """The film, which is within reach, was taken up before: it is in flight."""
        self._order += 1
        self._in_flight[movie_id] = (self._place_from(movie_id), self._order)

    def settle(self, movie_id: int, how: Settled, answered: Iterable[ProviderName] = ()) -> None:
        """The film is done with. Who `answered` for it shows that earlier films failed by themselves.

        One that was at work when a provider went away shows nothing.
        """
        place, order = self._in_flight.pop(movie_id)
        self._count(place, how)
        if how == "processed" and order > self._paused_at:
            self._fail([doubt for doubt in self._doubts if doubt.order < order and doubt.because <= set(answered)])

    def doubt(self, failed: FailedMovie, because: Iterable[ProviderName] = ()) -> None:
        """The film failed. It is decided later whether it is its own fault."""
        place, order = self._in_flight.pop(failed.movie_id)
        self._failed_before.add(failed.movie_id)
        if order <= self._paused_at:
            # It was at work when a provider went away.
            self._retries.append(place)
            return
        self._doubts.append(_Doubt(place, order, failed, frozenset(because)))

    def put_back(self, movie_id: int) -> None:
        """The film was not settled: it is looked at again; one that has failed before, after all others."""
        place, _ = self._in_flight.pop(movie_id)
        (self._again if self.is_first_try(movie_id) else self._retries).append(place)

    def pause(self) -> None:
        """A provider is away: films at work may fail because of that."""
        self._paused_at = self._order

    def retry_doubts(self) -> None:
        """A provider was away: films that failed meanwhile are looked at again.

        After films that have not failed yet: else one that always fails would be the first to find out, each time.
        """
        self._retries.extend(doubt.place for doubt in self._doubts)
        self._doubts.clear()

    def fail_doubts(self) -> None:
        """No film is left that could show whose fault it was."""
        self._fail(list(self._doubts))

    @property
    def only_doubts_left(self) -> bool:
        """Whether nothing but films in doubt keeps the round from its end, or from going on."""
        waiting = self._in_flight or self._again or self._retries
        return bool(self._doubts) and not waiting and self._fresh_place() is None

    def position(self, movie_id: int) -> int:
        """Where the film stands among all in the order of their ids, from 1."""
        return bisect_left(self.ids, movie_id) + 1

    def _next_place(self) -> int | None:
        if self._again:
            return self._again.popleft()
        place = self._fresh_place()
        if place is not None:
            self._next = place + 1
            return place
        return self._retries.popleft() if self._retries else None

    def _fresh_place(self) -> int | None:
        place = self._next
        while place in self._settled:
            place += 1
        return place if place < min(len(self.ids), self._low + SPREAD) else None

    def _fail(self, doubts: list[_Doubt]) -> None:
        self._doubts = [doubt for doubt in self._doubts if doubt not in doubts]
        for doubt in doubts:
            self.failures.append(doubt.failed)
            self._count(doubt.place, "failed")

    def _count(self, place: int, how: Settled) -> None:
        self._failed_before.discard(self._id(place))
        self._settled.add(place)
        self._advance()
        self.counts = self.counts.model_copy(
            update={how: getattr(self.counts, how) + 1, "remaining": self.counts.remaining - 1}
        )

    def _advance(self) -> None:
        while self._low in self._settled:
            self._settled.remove(self._low)
            self._low += 1
        self._next = max(self._next, self._low)

    def _id(self, place: int) -> int:
        return self.ids[(self._start + place) % len(self.ids)]

    def _is_here(self, movie_id: int) -> bool:
        index = bisect_left(self.ids, movie_id)
        return index < len(self.ids) and self.ids[index] == movie_id

    def _place_from(self, movie_id: int) -> int:
        """The place of this film, or of the next one after it in the order of the round."""
        index, start = bisect_left(self.ids, movie_id), bisect_left(self.ids, self.first)
        return index - start if movie_id >= self.first else len(self.ids) - start + index
