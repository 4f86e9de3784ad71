"""Which films change on which day, so that TMDB's lists of changes have something to tell."""

from collections.abc import Iterator
from datetime import date

from metarr_sandbox.catalog import by_tmdb_id
from metarr_sandbox.dice import digest

_LOTS = 100
_STRANGERS = 60
_FIRST_STRANGER = 8_000_000


class Changing:
    """The films of the catalog and those that a client has asked TMDB for by id.

    Each day one lot of a hundred changes. A film that is new joins the end of its lot.
    """

    def __init__(self) -> None:
        self._lots: tuple[dict[int, None], ...] = tuple({} for _ in range(_LOTS))
        for tmdb_id in by_tmdb_id():
            self.add(tmdb_id)

    def add(self, tmdb_id: int) -> None:
        """Let this film change from now on."""
        self._lots[digest("lot", tmdb_id) % _LOTS][tmdb_id] = None

    def on(self, day: date) -> Iterator[int]:
        """TMDB ids of that day, with sixty that nobody has heard of, as most of the real list are."""
        yield from self._lots[digest("lot of", day) % _LOTS]
        yield from (_FIRST_STRANGER + digest("change", day, place) % 1_000_000 for place in range(_STRANGERS))
