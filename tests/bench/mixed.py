"""A stream of mixed events: first as an import and its enrichment leave it, then about films at random.

The same seed gives the same events. Choosing a film takes no longer in a large library.
"""

from collections.abc import Iterator

from tests.unit.metarr_projector.histories import Library

from metarr_contracts import subjects
from metarr_contracts.base import Value

Told = tuple[str, Value]
"""Subject and body of an event."""


class Mixed(Library):
    """A library whose films are told of one after the other, or in no order."""

    def in_order(self) -> Iterator[Told]:
        """Each film is added, identified and enriched; one event in thirty is of imports, providers or claims."""
        while True:
            self.events += 1
            yield self._added()
            subject = subjects.movie_event(self.films)
            for tell in (self._identified, self._enriched):
                self.events += 1
                yield subject, tell(self.films)
            if self.random.random() < 0.1:
                self.events += 1
                yield self._of_job()

    def at_random(self) -> Iterator[Told]:
        """Whatever happens to any film; one event in fifty adds one, one in ten is of jobs, runs and the like."""
        films = list(self.fields)
        tell_of_film = (
            *(self._enriched, self._failed, self._put_off, self._cancelled),
            *(self._changed, self._identified, self._candidates),
        )
        while True:
            self.events += 1
            chance = self.random.random()
            if chance < 0.02:
                yield self._added()
                films.append(self.films)
            elif chance < 0.07:
                yield self._of_job()
            elif chance < 0.12:
                yield self.runs.next(self._now())
            elif chance < 0.125:
                place = self.random.randrange(len(films))
                films[place], films[-1] = films[-1], films[place]
                movie_id = films.pop()
                yield subjects.movie_event(movie_id), self._removed(movie_id)
            else:
                movie_id = self.random.choice(films)
                (tell,) = self.random.choices(tell_of_film, [12, 2, 2, 1, 3, 3, 2])
                yield subjects.movie_event(movie_id), tell(movie_id)
