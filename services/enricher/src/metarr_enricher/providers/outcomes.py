"""How a provider fared: outcomes are values, so an expected bad answer is no exception."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from metarr_contracts.answers import AnsweredValue
from metarr_contracts.movie import Candidate, ExternalIds, Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """The provider knows the film; `fields` holds only values that say something, `ids` what it calls the film."""

    outcome: ClassVar[Outcome] = "found"
    fields: dict[str, AnsweredValue] = field(default_factory=dict)
    ids: ExternalIds = field(default_factory=ExternalIds)


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider does not know the film: an answer, not a failure."""

    outcome: ClassVar[Outcome] = "not_found"


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many requests just now; `retry_after` is in seconds, None where the provider did not say."""

    outcome: ClassVar[Outcome] = "throttled"
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class QuotaExhausted:
    """The requests of the period are used up; `until` is None where the provider does not say when the next begins."""

    outcome: ClassVar[Outcome] = "quota_exhausted"
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """The provider refuses the key; the message is for a person."""

    outcome: ClassVar[Outcome] = "unauthorized"
    message: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer that means anything; the same request may succeed later."""

    outcome: ClassVar[Outcome] = "unavailable"
    message: str


@dataclass(frozen=True, slots=True)
class Unexpected:
    """An answer that we do not understand; the same request would bring the same one."""

    outcome: ClassVar[Outcome] = "unexpected"
    message: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a title or an IMDb id means at TMDB: one film, or else the candidates for a person to choose from."""

    tmdb_id: int | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Whether there is any such film."""
        return "not_found" if self.tmdb_id is None and not self.candidates else "found"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of TMDB's list of the films that were changed on a day."""

    outcome: ClassVar[Outcome] = "found"
    tmdb_ids: frozenset[int] = frozenset()


Failure = Throttled | QuotaExhausted | Unauthorized | Unavailable | Unexpected
Answer = Found | NotFound | Failure
Lookup = LookedUp | Failure
ListedChanges = ChangesPage | Failure
