"""Jobs that the read models do not know yet."""

from metarr_contracts.bulk import RunMovie
from metarr_contracts.readmodels import LiveRunStats
from metarr_contracts.websocket import BulkProgress, EnrichmentProgress
from metarr_gateway.topics import RUNS, film
from metarr_gateway.waiting_job import movie_of, topic_of, waiting_job


def progress(job_id: int) -> EnrichmentProgress:
    """A job of film 12 runs."""
    return EnrichmentProgress(
        movie_id=12,
        job_id=job_id,
        progress=33,
        current_provider="omdb",
        providers_complete=("tmdb",),
        providers_remaining=("omdb", "fanart"),
    )


def test_whose_job_it_is() -> None:
    """The subject tells; what an operator wrote badly belongs to no film."""
    assert movie_of("metarr.cmd.enrich.12") == 12
    for token in ("twelve", "012", "0", "\u0661", "9999999999"):
        assert movie_of(f"metarr.cmd.enrich.{token}") is None
    assert movie_of("metarr.cmd.import.12") is None


def test_queued_until_there_is_progress() -> None:
    """Progress of an earlier job of the film says nothing of this one."""
    for other in (None, progress(6)):
        job = waiting_job(7, "metarr.cmd.enrich.12", other)
        assert (job.state, job.progress, job.movie_id, job.kind) == ("queued", 0, 12, "enrichment")


def test_running() -> None:
    """Its own progress is shown."""
    job = waiting_job(7, "metarr.cmd.enrich.12", progress(7))
    assert (job.state, job.progress) == ("running", 33)


def test_a_refresh_of_no_film() -> None:
    """The queue says what kind of job it is, as its rejection will."""
    job = waiting_job(7, "metarr.cmd.enrich.012", None)
    assert (job.kind, job.movie_id, job.state) == ("enrichment", None, "queued")


def test_an_import() -> None:
    """An import belongs to no film."""
    job = waiting_job(7, "metarr.cmd.import.u", None)
    assert (job.kind, job.movie_id, job.state) == ("import", None, "queued")


def run_progress(job_id: int) -> BulkProgress:
    """A run goes on."""
    return BulkProgress(
        job_id=job_id,
        seq=9,
        progress=42,
        processed_movies=42,
        total_movies=100,
        current_movie=RunMovie(id=43, title="Heat"),
        rate_limited_providers=(),
        stats=LiveRunStats(total_movies=100, processed=42, skipped=0, failed=0, remaining=58),
    )


def test_a_run_over_the_whole_library() -> None:
    """It belongs to no film; it is queued until its own progress is known."""
    for progress_known, expected in [
        (None, ("bulk", "queued", 0)),
        (run_progress(6), ("bulk", "queued", 0)),
        (run_progress(7), ("bulk", "running", 42)),
    ]:
        job = waiting_job(7, "metarr.cmd.bulk.run", progress_known)
        assert (job.kind, job.state, job.progress) == expected
        assert job.movie_id is None


def test_what_live_messages_on_a_job_are_about() -> None:
    """A refresh is about its film, a run about all; of an import there are none."""
    assert topic_of("metarr.cmd.enrich.12") == film(12)
    assert topic_of("metarr.cmd.bulk.run") == RUNS
    assert topic_of("metarr.cmd.enrich.012") is None
    assert topic_of("metarr.cmd.import.u") is None
