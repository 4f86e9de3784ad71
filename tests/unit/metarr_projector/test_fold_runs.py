"""What events of runs and of their schedule do to the rows."""

from datetime import timedelta

import pytest
from tests.unit.metarr_projector import run_events
from tests.unit.metarr_projector.histories import START
from tests.unit.metarr_projector.run_events import END, JOB, LIMITED, OMDB, TMDB
from tests.unit.metarr_projector.run_histories import counts_of

from metarr_contracts import bulk, events
from metarr_contracts.base import Value
from metarr_projector.decoding import Received, Recorded
from metarr_projector.fold import fold
from metarr_projector.patches import Changes, JobPatch
from metarr_projector.patches_runs import NightRow, RunPatch, ScheduleRow


def _fold(*told: Value) -> Changes:
    return fold(
        Recorded(Received(seq, "metarr.evt.bulk", {}, b""), str(seq), START, event) for seq, event in enumerate(told, 5)
    )


def test_run_from_start_to_end() -> None:
    """What a run began with stays; how far it is, and what it had of its providers, is said anew each time."""
    resume = bulk.ResumeFrom(movie_id=8, position=8, title="Alien")
    end = run_events.ended(status="partial", counts=counts_of(10, 4, 5, 1), resume_from=resume)
    changes = _fold(
        run_events.started(trigger="schedule", scheduled_for=START, force=True),
        run_events.progressed(waiting="All providers are down"),
        run_events.limited(),
        end,
    )
    assert changes.runs == {
        JOB: RunPatch(
            JOB,
            seq=8,
            status="partial",
            counts=end.counts,
            activity_id=5,
            trigger="schedule",
            force=True,
            scheduled_for=START,
            started_at=START,
            completed_at=END,
            looked_at=7,
            current=bulk.RunMovie(id=8, title="Alien"),
            providers=(TMDB, OMDB),
            limits={"omdb": LIMITED},
            waiting="",
            cancelling=False,
            resume_from=resume,
        )
    }


def test_quota_is_used_up_once() -> None:
    """The first moment counts when a quota is said to be used up twice."""
    again = run_events.limited(at=END)
    other = run_events.limited(at=END, provider="tmdb")
    assert _fold(run_events.limited(), again, other).runs[JOB].limits == {"omdb": LIMITED, "tmdb": END}


def test_finished_round_has_looked_at_all_films() -> None:
    """The end of a whole round says that each film was looked at; the end of another one does not say how many."""
    assert _fold(run_events.ended()).runs[JOB].looked_at == 10
    assert _fold(run_events.ended(status="cancelled")).runs[JOB].looked_at is None


def test_run_that_is_to_end() -> None:
    """Once a person wants a run to end that stays, and the rest of it is as it was: its films, its job."""
    changes = _fold(run_events.started(), run_events.cancel(), run_events.progressed())
    assert (changes.runs[JOB].cancelling, changes.runs[JOB].status) == (True, "running")
    assert changes.jobs[JOB].state == "running"
    changes = _fold(run_events.progressed(), run_events.cancel())
    assert (changes.runs[JOB].counts, changes.runs[JOB].seq) == (counts_of(10, 4, 2, 1), 6)
    assert _fold(run_events.started()).runs[JOB].cancelling is False


@pytest.mark.parametrize("subject", ["metarr.evt.job.901", "metarr.evt.movie.1"])
def test_other_job_that_is_to_end(subject: str) -> None:
    """The same is said of an import and of a film's refresh, on their own subjects: no run is touched."""
    message = Received(5, subject, {}, b"")
    assert fold([Recorded(message, "5", START, run_events.cancel())]) == Changes()


def test_wait_goes_with_its_reason() -> None:
    """When a film is tried again is said together with why none is; both are over when no reason is told."""
    waiting = run_events.progressed(waiting="All providers are down", waiting_until=END)
    assert _fold(waiting, run_events.limited()).runs[JOB].waiting_until == END
    for over in (run_events.progressed(), run_events.ended(), run_events.progressed(waiting_until=END)):
        run = _fold(waiting, over).runs[JOB]
        assert (run.waiting, run.waiting_until) == ("", None)


def test_job_of_a_run() -> None:
    """The job shows the run's progress from its start on."""
    assert _fold(run_events.started(), run_events.progressed()).jobs[JOB] == JobPatch(
        JOB, "bulk", "running", progress=70, started_at=START
    )


@pytest.mark.parametrize(
    ("end", "state", "code", "progress"),
    [
        (run_events.ended(), "completed", None, 100),
        (run_events.ended(status="partial"), "completed", "partial", 70),
        (run_events.ended(status="cancelled"), "cancelled", "cancelled", 70),
        (run_events.ended(status="failed", error="No", code="key_refused"), "failed", "key_refused", 70),
    ],
)
def test_end_of_the_job(end: bulk.BulkEnded, state: str, code: str | None, progress: int) -> None:
    """A run that ended early is a completed job whose code says so; its progress stays where it was."""
    job = _fold(run_events.progressed(), end).jobs[JOB]
    assert (job.state, job.code, job.progress, job.error) == (state, code, progress, end.error)
    assert job.completed_at == END


def test_failed_films_accumulate() -> None:
    """Each event tells the failures since the one before; a film that is told twice counts once."""
    first, again, other = (run_events.failed_movie(film, error) for film, error in ((3, "a"), (3, "b"), (4, "c")))
    changes = _fold(run_events.progressed(failures=(first,)), run_events.progressed(failures=(again, other)))
    assert changes.run_failures == {(JOB, 3): again, (JOB, 4): other}


def test_rejected_run_is_a_failed_job() -> None:
    """A night that was run already makes no run."""
    rejected = events.CommandRejected(job_id=9, kind="bulk", movie_id=None, code="already_ran", error="Ran already")
    changes = _fold(rejected)
    assert changes.runs == {}
    assert changes.jobs == {
        9: JobPatch(9, "bulk", "failed", completed_at=START, error="Ran already", code="already_ran")
    }


def test_schedule_is_what_was_said_last() -> None:
    """Every event of the schedule tells when the next run is due; off is said in the same way."""
    fired = events.ScheduleFired(
        **run_events.planned(time_zone="Europe/Berlin").model_dump() | {"due": START}, job_id=1
    )
    assert _fold(run_events.planned(), fired).schedule == ScheduleRow(
        START + timedelta(days=1), "0 3 * * *", "Europe/Berlin"
    )
    off = run_events.planned(scheduled_for=None, cron=None)
    assert _fold(fired, off).schedule == ScheduleRow(None, None, "UTC")


def test_nights_that_were_left_out() -> None:
    """A night without a run is remembered with its reason; one with a run is that run."""
    changes = _fold(run_events.skipped(), run_events.missed(), run_events.planned())
    assert list(changes.nights.values()) == [
        NightRow(5, "skipped", JOB, START, START + timedelta(seconds=1)),
        NightRow(6, "missed", None, START, START + timedelta(hours=9)),
    ]
    assert changes.runs == {}
