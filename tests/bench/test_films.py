"""The events of a large library are such as the system itself could have told."""

from collections import Counter

from tests.bench.films import history, is_unidentified, title_of

from metarr_contracts import events, registry


def test_each_film_comes_into_the_library_before_it_is_refreshed() -> None:
    """Given some films, then each comes once, and after it are its refreshes, but for those unknown."""
    told = list(history(70, refreshes=3))
    added = [event.movie_id for _, event in told[:70] if isinstance(event, events.MovieAdded)]
    refreshed = Counter(event.movie_id for _, event in told[70:] if isinstance(event, events.MovieEnriched))
    assert added == list(range(1, 71))
    assert refreshed == {movie_id: 3 for movie_id in added if not is_unidentified(movie_id)}


def test_completeness_goes_on_from_the_event_before() -> None:
    """Given films refreshed again, then `before` is what the event before said: counters of the library stay right."""
    known: dict[int, int] = {}
    for _, event in history(40, refreshes=2):
        if isinstance(event, events.MovieEnriched):
            assert event.completeness.before == known.get(event.movie_id, 0)
            known[event.movie_id] = event.completeness.after


def test_a_larger_library_begins_with_the_films_of_a_smaller_one() -> None:
    """Given libraries of two sizes, then the films of the smaller are the same in both: a search finds them in both."""
    small, large = list(history(10)), list(history(20))
    assert large[:10] == small[:10]
    assert title_of(7) in {event.title for _, event in large if isinstance(event, events.MovieAdded)}


def test_every_event_is_of_a_known_type() -> None:
    """Given all events, then each is one that the contracts name."""
    assert all(registry.type_of(event).startswith("metarr.movie.") for _, event in history(40))
