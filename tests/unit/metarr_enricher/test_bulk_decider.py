"""One run at a time, each night once, each end once; who leads and who no longer does."""

from datetime import UTC, datetime, timedelta

import pytest

from metarr_contracts import bulk
from metarr_contracts.commands import RunBulk
from metarr_contracts.events import CancelRequested
from metarr_contracts.fields import ProviderName
from metarr_enricher import bulk_decider
from metarr_enricher.bulk_decider import RunLostError
from metarr_enricher.bulk_state import INITIAL, BulkEvent, BulkState, evolve
from metarr_enricher.rule_errors import JobEndedError

NIGHT = datetime(2025, 11, 22, 3, tzinfo=UTC)
ON = (bulk.RunProvider(name="tmdb"), bulk.RunProvider(name="omdb"))
HERE = bulk.RunMovie(id=1, title="Alien")


def started(job_id: int = 7, cursor: int = 1, scheduled_for: datetime | None = None) -> bulk.BulkStarted:
    """A run over ten films."""
    return bulk.BulkStarted(
        job_id=job_id,
        attempt=1,
        trigger="manual",
        scheduled_for=scheduled_for,
        force=False,
        asked_since=NIGHT,
        started_at=NIGHT,
        cursor=cursor,
        highest=10,
        counts=bulk.RunCounts(total=10, remaining=10),
        current=HERE,
        providers=ON,
    )


def progressed(
    attempt: int = 1, cursor: int = 4, done: int = 3, without: tuple[ProviderName, ...] = ()
) -> bulk.BulkProgressed:
    """Some films are done."""
    return bulk.BulkProgressed(
        job_id=7,
        attempt=attempt,
        at=NIGHT,
        cursor=cursor,
        settled_above=(),
        counts=bulk.RunCounts(total=10, processed=done, remaining=10 - done),
        current=HERE,
        providers=ON,
        without=without,
    )


def limited(*, stops: bool) -> bulk.BulkLimited:
    """OMDb's quota is used up."""
    return bulk.BulkLimited(
        job_id=7,
        attempt=1,
        at=NIGHT,
        provider="omdb",
        until=None,
        stops=stops,
        message="OMDB rate limit reached",
        counts=progressed().counts,
    )


def ended(attempt: int = 1, cursor: int = 5) -> bulk.BulkEnded:
    """The run ends early."""
    return bulk.BulkEnded(
        job_id=7,
        attempt=attempt,
        completed_at=NIGHT,
        status="partial",
        cursor=cursor,
        counts=bulk.RunCounts(total=10, processed=4, skipped=6, remaining=0),
        providers=ON,
    )


def given(*history: BulkEvent) -> BulkState:
    """What these events say."""
    state = INITIAL
    for event in history:
        state = evolve(state, event)
    return state


class TestNights:
    """Each night is run once."""

    def test_a_night_that_was_run_is_refused(self) -> None:
        """Whoever sends it again."""
        state = given(started(scheduled_for=NIGHT), ended())
        refused = bulk_decider.refusal(state, RunBulk(scheduled_for=NIGHT), NIGHT)
        assert refused is not None
        assert (refused.code, refused.field) == ("already_ran", "scheduledFor")

    def test_an_earlier_night_is_refused(self) -> None:
        """It can only be a late repetition."""
        state = given(started(scheduled_for=NIGHT), ended())
        assert bulk_decider.refusal(state, RunBulk(scheduled_for=NIGHT - timedelta(days=1)), NIGHT) is not None

    def test_the_next_night_and_a_manual_run_are_not(self) -> None:
        """A manual run belongs to no night."""
        state = given(started(scheduled_for=NIGHT), ended())
        tomorrow = NIGHT + timedelta(days=1)
        assert bulk_decider.refusal(state, RunBulk(scheduled_for=tomorrow), tomorrow) is None
        assert bulk_decider.refusal(state, RunBulk(), NIGHT) is None

    def test_a_manual_run_does_not_forget_the_night(self) -> None:
        """The last night stays known."""
        state = given(started(scheduled_for=NIGHT), ended(), started(job_id=8))
        assert state.last_scheduled == NIGHT

    def test_a_night_to_come_is_refused(self) -> None:
        """Or all nights before it would be left out."""
        refused = bulk_decider.refusal(INITIAL, RunBulk(scheduled_for=NIGHT + timedelta(days=1)), NIGHT)
        assert refused is not None
        assert refused.code == "invalid_command"


class TestOneRun:
    """A command that is delivered again begins nothing twice."""

    def test_begins_once(self) -> None:
        """The second time it is taken over."""
        assert bulk_decider.start(INITIAL, started()) == started()
        assert bulk_decider.start(given(started()), started()) is None

    def test_does_not_begin_again_after_its_end(self) -> None:
        """Its command was not acknowledged, that is all."""
        with pytest.raises(JobEndedError):
            bulk_decider.start(given(started(), ended()), started())

    def test_ends_once(self) -> None:
        """Also when the end is decided twice."""
        assert bulk_decider.end(given(started()), ended()) == ended()
        assert bulk_decider.end(given(started(), ended()), ended()) is None

    def test_the_next_run_begins_where_this_one_says(self) -> None:
        """The cursor outlives the run."""
        state = given(started(), progressed(), ended(cursor=5))
        assert (state.cursor, state.run) == (5, None)


class TestLeads:
    """Who was away too long leads no longer."""

    def test_a_former_lead_says_nothing_more(self) -> None:
        """Another delivery of the command has told something since."""
        state = given(started(), progressed(attempt=2))
        for told in (progressed(attempt=1), limited(stops=True)):
            with pytest.raises(RunLostError):
                bulk_decider.go_on(state, told)
        with pytest.raises(RunLostError):
            bulk_decider.end(state, ended(attempt=1))

    def test_progress_of_a_run_that_ended_is_refused(self) -> None:
        """It was ended by somebody else."""
        with pytest.raises(RunLostError):
            bulk_decider.go_on(given(started(), ended()), progressed())

    def test_deliveries_without_progress_are_counted(self) -> None:
        """A run is given up when ten of them in a row got it no further, however many there were before."""
        state = given(started(), progressed(attempt=9))
        assert not bulk_decider.is_hopeless(state, 7, 18)
        assert bulk_decider.is_hopeless(state, 7, 19)
        assert bulk_decider.is_hopeless(INITIAL, 7, 10)

    def test_a_run_that_is_given_up_leaves_out_the_rest(self) -> None:
        """The next one goes on from where it was."""
        run = given(started(), progressed()).run
        assert run is not None
        end = bulk_decider.give_up(run, 5, "Gave up", NIGHT)
        assert (end.status, end.code, end.cursor) == ("failed", "gave_up", 4)
        assert end.counts == bulk.RunCounts(total=10, processed=3, skipped=7, remaining=0)


class TestCancel:
    """A person wants a run to end."""

    def test_said_once(self) -> None:
        """A second request changes nothing."""
        asked = bulk_decider.request_cancel(given(started()), 7)
        assert asked == CancelRequested(job_id=7)
        assert bulk_decider.request_cancel(given(started(), asked), 7) is None

    def test_not_after_the_end(self) -> None:
        """409 for a person."""
        with pytest.raises(JobEndedError):
            bulk_decider.request_cancel(given(started(), ended()), 7)

    def test_before_it_has_begun(self) -> None:
        """It waits in the queue: it begins, and ends at once."""
        asked = bulk_decider.request_cancel(INITIAL, 7)
        assert asked == CancelRequested(job_id=7)
        run = given(asked, started()).run
        assert run is not None
        assert run.cancel_requested
        another = given(asked, started(job_id=8)).run
        assert another is not None
        assert not another.cancel_requested


class TestLimits:
    """What a used-up quota means for where the next run begins."""

    def test_going_on_without_a_provider_remembers_where_it_was_lost(self) -> None:
        """The films from there on lack it."""
        lost = (started(), progressed(cursor=4), limited(stops=False))
        run = given(*lost, progressed(cursor=9, done=8, without=("omdb",))).run
        assert run is not None
        assert (run.without, run.resume_at, run.stopped_by) == (("omdb",), 4, None)

    def test_a_run_that_stops_says_by_whom(self) -> None:
        """Who takes it over starts no further film."""
        run = given(started(), limited(stops=True)).run
        assert run is not None
        assert (run.stopped_by, run.resume_at) == ("omdb", None)
        assert [one.name for one in run.providers if one.limited_at] == ["omdb"]

    def test_events_of_another_run_change_nothing(self) -> None:
        """A late one of a former lead."""
        state = given(started(job_id=8))
        assert evolve(state, progressed()) == state
