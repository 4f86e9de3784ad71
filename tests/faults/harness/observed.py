"""What was seen of a run when it was over: plain values, from which the invariants judge. No IO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.base import Value


@dataclass(frozen=True)
class Fact:
    """A message of METARR_EVENTS; `body` is None where nobody can read it."""

    seq: int
    id: str
    subject: str
    body: Value | None


@dataclass(frozen=True)
class Asked:
    """A request that a provider got. `real` is seconds since 1970, `at` the product's time."""

    provider: str
    id: str
    at: datetime
    real: float


@dataclass(frozen=True)
class Stored:
    """An answer in METARR_ANSWERS; `real` is when it was stored, in seconds since 1970."""

    answer: ProviderAnswered
    real: float


@dataclass(frozen=True)
class Dead:
    """A dead letter of a command: where it came from, and at which delivery it was given up."""

    subject: str
    deliveries: int
    reason: str


@dataclass(frozen=True)
class Answered:
    """An answer over HTTP. `status` is 0 and `code` the error where there was none."""

    method: str
    path: str
    status: int
    code: str
    seconds: float


@dataclass(frozen=True)
class Watched:
    """What a WebSocket client believes: the last job that ended, of each film and of runs."""

    name: str
    films: Mapping[int, int]
    run: int


@dataclass(frozen=True)
class Forced:
    """A refresh by force, and between which seconds since 1970 it was asked for."""

    movie_id: int
    began: float
    ended: float


@dataclass(frozen=True)
class Undone:
    """What a restored backup has undone: jobs after the one and up to the other, and all between these seconds.

    Those that were given while the backup was taken may be in it.
    """

    after_job: int
    last_job: int
    began: float
    ended: float


@dataclass(frozen=True)
class Observed:
    """Everything.

    Attributes:
        commands: The last job id that was given.
        queued: Commands that are still in the queue.
        accepted: Jobs that were answered 202.
        shown: The films as HTTP shows them, by id.
        rows: The read models, and what a rebuild made of the same events.
        forced: The refreshes by force.
        in_limbo: Requests that may be repeated, since those who sent them were cut off from the others.
        poisoned: Subjects on which something was sent that nobody can read.
        undone: What restored backups have undone.
        lies: Long texts of the film that lying providers tell of.
        ready_seconds: How long after the last fault all were ready; None: not at all.
        memory: What each service had in memory after each cycle, in bytes; nothing where there was one cycle alone.
        ended: Services that ended by themselves, and the last that they said.
        raised: Errors that services did not expect, as they logged them.
    """

    commands: int
    queued: int
    accepted: Sequence[int]
    facts: Sequence[Fact]
    asked: Sequence[Asked]
    stored: Sequence[Stored]
    dead: Sequence[Dead]
    answers: Sequence[Answered]
    watched: Sequence[Watched]
    shown: Mapping[int, Any]
    rows: tuple[str, str]
    forced: Sequence[Forced] = ()
    in_limbo: int = 0
    poisoned: frozenset[str] = frozenset()
    undone: Sequence[Undone] = ()
    lies: frozenset[str] = frozenset()
    ready_seconds: float | None = 0
    memory: Mapping[str, Sequence[int]] = field(default_factory=dict)
    ended: Mapping[str, str] = field(default_factory=dict)
    raised: Sequence[str] = ()

    @property
    def jobs(self) -> int:
        """How many job ids were given, but for those that a restored backup has undone or left out."""
        return self.commands - sum(undone.last_job - undone.after_job for undone in self.undone)
