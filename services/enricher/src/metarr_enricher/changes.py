"""What TMDB's lists of changed films say of a film. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Changes:
    """The films that TMDB changed, by UTC day, as far as it is known."""

    days: Mapping[date, frozenset[int]] = field(default_factory=dict)

    def unchanged_since(self, tmdb_id: int, day: date, today: date) -> bool | None:
        """Whether no list from `day` through yesterday names the film; None where one of them is not known."""
        since = [day + n * DAY for n in range((today - day).days)]
        if any(one not in self.days for one in since):
            return None
        return all(tmdb_id not in self.days[one] for one in since)
