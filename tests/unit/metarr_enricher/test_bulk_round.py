"""The round of a run: order, window, cursor, and the sum law."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarr_contracts.bulk import FailedMovie, RunCounts
from metarr_enricher.bulk_round import SPREAD, Round


def failed(movie_id: int) -> FailedMovie:
    """A film that a provider failed on."""
    return FailedMovie(movie_id=movie_id, title=f"Film {movie_id}", error="OMDB: away")


def take_all(around: Round) -> list[int]:
    """Everything that may be started now."""
    taken = []
    while (movie_id := around.take()) is not None:
        taken.append(movie_id)
    return taken


class TestOrder:
    """From the cursor up, then from the lowest id."""

    @pytest.mark.parametrize(
        ("ids", "first", "order"),
        [
            ([1, 2, 3], 1, [1, 2, 3]),
            ([1, 2, 3], 2, [2, 3, 1]),
            ([1, 5, 9], 4, [5, 9, 1]),
            ([1, 5, 9], 10, [1, 5, 9]),
            ([7], 7, [7]),
            ([], 1, []),
        ],
    )
    def test_goes_round_once(self, ids: Sequence[int], first: int, order: Sequence[int]) -> None:
        """Every film is considered once; the wrap is part of the round; ids may have gaps."""
        around = Round(ids, first, window=1)
        seen = []
        while (movie_id := around.take()) is not None:
            seen.append(movie_id)
            around.settle(movie_id, "processed")
        assert seen == order
        assert around.done
        assert around.cursor is None
        assert around.counts == RunCounts(total=len(ids), processed=len(ids), remaining=0)

    def test_a_film_that_was_put_back_comes_first(self) -> None:
        """So that the cursor moves on."""
        around = Round([1, 2, 3], 1, window=1)
        assert around.take() == 1
        around.put_back(1)
        assert around.take() == 1


class TestBounds:
    """However large the library is, what is remembered is not."""

    def test_no_more_than_the_window_is_in_flight(self) -> None:
        """The rest of the workers is for manual refreshes."""
        assert take_all(Round(range(1, 100), 1, window=3)) == [1, 2, 3]

    def test_a_film_that_does_not_end_holds_the_others_only_after_a_while(self) -> None:
        """And the settled ones beyond it stay few."""
        around = Round(range(1, 10_000), 1, window=2)
        assert around.take() == 1
        while (movie_id := around.take()) is not None:
            around.settle(movie_id, "skipped")
        assert around.cursor == 1
        assert around.settled_above == tuple(range(2, SPREAD + 1))
        around.settle(1, "skipped")
        assert around.cursor == SPREAD + 1
        assert around.settled_above == ()


class TestDoubts:
    """Whose fault is it when a film fails?"""

    def test_a_later_film_that_succeeds_shows_that_it_was_the_films(self) -> None:
        """The provider works."""
        around = Round([1, 2], 1, window=1)
        around.take()
        around.doubt(failed(1))
        assert around.take() == 2
        around.settle(2, "processed")
        assert around.failures == [failed(1)]
        assert around.counts == RunCounts(total=2, processed=1, failed=1, remaining=0)
        assert around.done

    def test_an_earlier_film_that_succeeds_shows_nothing(self) -> None:
        """It may have been answered before the provider went away."""
        around = Round([1, 2], 1, window=2)
        take_all(around)
        around.doubt(failed(2))
        around.settle(1, "processed")
        assert around.counts.failed == 0

    def test_after_a_pause_it_is_tried_again(self) -> None:
        """The provider was away."""
        around = Round([1], 1, window=1)
        around.take()
        around.doubt(failed(1))
        around.retry_doubts()
        assert around.take() == 1
        around.settle(1, "processed")
        assert around.counts.processed == 1

    def test_at_the_end_nobody_can_show_it_any_more(self) -> None:
        """Then it failed."""
        around = Round([1], 1, window=1)
        around.take()
        around.doubt(failed(1))
        assert around.take() is None
        assert around.only_doubts_left
        around.fail_doubts()
        assert around.done


class TestTakeOver:
    """Another lead goes on from what was told."""

    def test_goes_on_at_the_cursor(self) -> None:
        """Settled films beyond it are left out."""
        around = Round([1, 2, 3, 4, 5], 1, window=9)
        around.resume(3, [4], RunCounts(total=5, processed=3, remaining=2))
        assert take_all(around) == [3, 5]

    def test_goes_on_behind_the_wrap(self) -> None:
        """The places of a round count from where it began."""
        around = Round([1, 2, 3, 4], 3, window=9)
        around.resume(1, [], RunCounts(total=4, processed=2, remaining=2))
        assert take_all(around) == [1, 2]

    def test_films_may_have_gone_meanwhile(self) -> None:
        """The total follows."""
        around = Round([2, 4, 5], 2, window=9)
        around.resume(3, [], RunCounts(total=5, processed=2, remaining=3))
        assert take_all(around) == [4, 5]
        assert around.counts == RunCounts(total=4, processed=2, remaining=2)

    def test_nothing_was_left(self) -> None:
        """The lead died between the last film and the end."""
        around = Round([1, 2], 1, window=9)
        around.resume(1, [], RunCounts(total=2, processed=2, remaining=0))
        assert around.take() is None
        assert around.done


EVENTS = ("processed", "skipped", "doubt", "put_back", "retry", "resume")


@settings(max_examples=200)
@given(
    ids=st.lists(st.integers(1, 60), unique=True, min_size=1, max_size=40).map(sorted),
    first=st.integers(1, 70),
    window=st.integers(1, 5),
    data=st.data(),
)
def test_every_film_is_settled_once_whatever_happens(
    ids: list[int], first: int, window: int, data: st.DataObject
) -> None:
    """The sum law holds at every step, and the cursor never passes a film that is not settled."""
    around, settled = Round(ids, first, window), set[int]()
    for _ in range(400):
        taken = around.take()
        if taken is None and not around.in_flight:
            if around.done:
                break
            around.fail_doubts()
        counts = around.counts
        assert counts.processed + counts.skipped + counts.failed + counts.remaining == counts.total == len(ids)
        if not around.in_flight:
            continue
        movie_id = data.draw(st.sampled_from(around.in_flight))
        match data.draw(st.sampled_from(EVENTS)):
            case "processed" | "skipped" as how:
                assert movie_id not in settled
                around.settle(movie_id, how)
                settled.add(movie_id)
            case "doubt":
                around.doubt(failed(movie_id))
            case "put_back":
                around.put_back(movie_id)
            case "retry":
                around.retry_doubts()
            case _:
                told = around
                around = Round(ids, first, window)
                around.resume(told.cursor or 1, told.settled_above, told.counts)
                settled &= {i for i in ids if i not in _open(around)}
        assert around.cursor not in around.settled_above


def _open(around: Round) -> set[int]:
    """Films that are not settled, seen by taking them all from a copy."""
    copy = Round(around.ids, around.first, window=len(around.ids))
    copy.resume(around.cursor or 1, around.settled_above, around.counts)
    return set(take_all(copy))


def test_what_was_taken_up_before_is_in_flight_again() -> None:
    """Of the films that are not settled, as far as a round may have got; it is settled as any other."""
    around = Round(range(1, 2 * SPREAD), 3, window=1)
    around.resume(5, [6, 8], RunCounts(total=2 * SPREAD - 1, processed=4, remaining=2 * SPREAD - 5))
    assert around.within_reach[:3] == (5, 7, 9)
    assert len(around.within_reach) == SPREAD - 2
    around.recall(7)
    assert around.in_flight == (7,)
    around.settle(7, "processed")
    assert (around.cursor, around.settled_above, around.counts.processed) == (5, (6, 7, 8), 5)


def test_a_film_that_failed_is_not_the_first_after_a_pause() -> None:
    """One that always fails would be the one to find out that the provider is back, each time."""
    around = Round([1, 2, 3], 1, window=1)
    around.take()
    around.doubt(failed(1))
    around.retry_doubts()
    seen = []
    while (movie_id := around.take()) is not None:
        seen.append(movie_id)
        around.settle(movie_id, "processed")
    assert seen == [2, 3, 1]


def test_a_film_that_was_at_work_when_a_provider_went_away_is_tried_again() -> None:
    """Also if its end comes when the provider is back already."""
    around = Round([1, 2, 3], 1, window=2)
    assert take_all(around) == [1, 2]
    around.pause()
    around.settle(1, "processed")
    around.doubt(failed(2))
    assert around.take() == 3
    around.settle(3, "processed")
    assert around.take() == 2
    around.doubt(failed(2))
    assert around.only_doubts_left


def test_a_film_that_others_answered_for_shows_nothing() -> None:
    """Only who failed the earlier one can show that it works."""
    around = Round([1, 2, 3], 1, window=1)
    around.take()
    around.doubt(failed(1), because=["omdb"])
    around.take()
    around.settle(2, "processed", answered=["tmdb"])
    assert around.counts.failed == 0
    around.take()
    around.settle(3, "processed", answered=["tmdb", "omdb"])
    assert around.counts.failed == 1
