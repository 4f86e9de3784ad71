"""A film in a run over the whole library: changed completely or not at all, and what is kept of its answers."""

import pytest
from tests.unit.metarr_enricher.films import ADDED, MATRIX, NOW, OTHER, RULES, answer, at, given

from metarr_contracts import events
from metarr_contracts.commands import Mode, RunPart
from metarr_contracts.fields import ProviderName
from metarr_contracts.movie import ANSWERED, ExternalIds, Outcome, ProviderOutcome
from metarr_enricher import movie_decider
from metarr_enricher.movie_decider import FinishedJob
from metarr_enricher.movie_state import Kept, MovieState, RunMark

RUN = RunPart(id=4, due=("tmdb", "omdb", "fanart"), asked_since=NOW)
WITHOUT_OMDB = RUN.model_copy(update={"without": ("omdb",)})
TROUBLE: tuple[Outcome, ...] = ("throttled", "quota_exhausted", "unauthorized", "unavailable", "unexpected")
ASKED_WITH: dict[ProviderName, str] = {"tmdb": "tmdb:603", "omdb": "imdb:tt0133093", "fanart": "tmdb:603"}


def fared(name: ProviderName, outcome: Outcome, *, minutes: float = 0, vain: int = 0) -> ProviderOutcome:
    """How a provider that was asked fared."""
    if outcome not in ANSWERED:
        return ProviderOutcome(name=name, outcome=outcome)
    return ProviderOutcome(name=name, outcome=outcome, fetched_at=at(minutes), asked_with=ASKED_WITH[name], vain=vain)


def without_id(name: ProviderName) -> ProviderOutcome:
    """A provider whose id the film lacks."""
    return ProviderOutcome(name=name, outcome="not_found")


def job(
    *providers: ProviderOutcome, run: RunPart | None = RUN, job_id: int = 5, mode: Mode = "complete"
) -> FinishedJob:
    """A film's part of a run that is about to end; TMDB told a plot, OMDb awards."""
    told = {"tmdb": answer("tmdb", plot="A"), "omdb": answer("omdb", awards="B")}
    return FinishedJob(
        movie_id=1,
        job_id=job_id,
        started_at=at(0),
        completed_at=at(1),
        providers=providers,
        answers=[told[each.name] for each in providers if each.outcome == "found"],
        mode=mode,
        run=run,
    )


def incomplete(state: MovieState, ending: FinishedJob) -> events.EnrichmentFailed:
    """How it ends, when it does not end well."""
    event = movie_decider.finish(state, ending, RULES)
    assert isinstance(event, events.EnrichmentFailed)
    assert event.code == "incomplete"
    return event


def enriched(state: MovieState, ending: FinishedJob) -> events.MovieEnriched:
    """How it ends, when it ends well."""
    event = movie_decider.finish(state, ending, RULES)
    assert isinstance(event, events.MovieEnriched)
    return event


def best_effort() -> events.MovieEnriched:
    """A refresh by hand before the run: OMDb was away, and the film has a plot."""
    hand = (fared("tmdb", "found"), fared("omdb", "unavailable"), fared("fanart", "not_found"))
    return enriched(given(ADDED), job(*hand, run=None, job_id=3, mode="best_effort"))


class TestComplete:
    """Every provider that is on has answered."""

    @pytest.mark.parametrize("third", ["not_found", "off"])
    def test_the_film_is_changed(self, third: Outcome) -> None:
        """Not to know a film is an answer; who is off does not count."""
        told = (fared("tmdb", "found"), fared("omdb", "not_found"), fared("fanart", third))
        event = enriched(given(ADDED), job(*told))
        assert (event.run_id, event.partial, set(event.changed)) == (4, False, {"plot"})

    def test_a_provider_whose_id_the_film_lacks_has_nothing_to_say(self) -> None:
        """Nobody can ask it, and the film is complete without."""
        event = enriched(given(ADDED), job(fared("tmdb", "found"), without_id("omdb"), fared("fanart", "not_found")))
        assert not event.partial

    def test_a_film_by_itself_can_be_refreshed_so(self) -> None:
        """An operator asks for it; it belongs to no run."""
        assert enriched(given(ADDED), job(fared("tmdb", "found"), run=None)).run_id is None
        event = incomplete(given(ADDED), job(fared("tmdb", "found"), fared("omdb", "quota_exhausted"), run=None))
        assert event.run_id is None


class TestIncomplete:
    """A provider that is on has not answered."""

    @pytest.mark.parametrize("outcome", TROUBLE)
    def test_the_film_stays_as_it_was(self, outcome: Outcome) -> None:
        """Values, what was known of the providers, and why something is missing."""
        before = given(ADDED, best_effort())
        event = incomplete(before, job(fared("tmdb", "found"), fared("omdb", outcome), fared("fanart", "not_found")))
        after = given(event, state=before)
        assert (after.fields, after.outcomes) == (before.fields, before.outcomes)
        assert event.missing == best_effort().missing
        assert event.run_id == 4

    def test_says_who_and_why(self) -> None:
        """For a person who reads the run's failures."""
        down = ProviderOutcome(name="fanart", outcome="unavailable", message="HTTP 503")
        event = incomplete(given(ADDED), job(fared("tmdb", "unexpected"), fared("omdb", "throttled"), down))
        assert event.error == "TMDB failed; OMDB is limited; Fanart: HTTP 503"

    def test_one_refusal_is_enough(self) -> None:
        """Nobody else was asked."""
        event = incomplete(given(ADDED), job(fared("omdb", "quota_exhausted")))
        assert [each.name for each in event.providers] == ["omdb"]
        assert event.error == "OMDB is limited"

    def test_nobody_answered(self) -> None:
        """Is not another kind of end."""
        told = (fared("tmdb", "unavailable"), without_id("omdb"), without_id("fanart"))
        assert incomplete(given(ADDED), job(*told)).error == "TMDB failed"


class TestWithout:
    """The run goes on without a provider whose quota is used up."""

    def test_the_film_is_changed_by_the_others(self) -> None:
        """It is partial, and what is missing says why."""
        told = (fared("tmdb", "found"), fared("omdb", "quota_exhausted"), fared("fanart", "not_found"))
        event = enriched(given(ADDED), job(*told, run=WITHOUT_OMDB))
        assert (event.partial, set(event.changed)) == (True, {"plot"})
        assert {lack.field: lack.reason for lack in event.missing}["awards"] == "rate_limited"

    @pytest.mark.parametrize("outcome", TROUBLE)
    def test_whatever_it_says_after_that_is_no_news(self, outcome: Outcome) -> None:
        """A key that is refused later, or an outage: the run has gone on without it already."""
        told = (fared("tmdb", "found"), fared("omdb", outcome), fared("fanart", "not_found"))
        assert enriched(given(ADDED), job(*told, run=WITHOUT_OMDB)).partial

    def test_another_failure_is_the_films_own(self) -> None:
        """The missing quota is no reason for it: the film has failed, and the run is done with it."""
        told = (fared("tmdb", "unavailable"), fared("omdb", "quota_exhausted"), fared("fanart", "not_found"))
        event = incomplete(given(ADDED), job(*told, run=WITHOUT_OMDB))
        assert [each.name for each in event.providers] == ["tmdb", "fanart"]
        assert given(ADDED, event).run == RunMark(id=4, result="failed")

    def test_nobody_is_left_who_could_answer(self) -> None:
        """A film that is known by its title alone, while TMDB is done without."""
        told = (fared("tmdb", "quota_exhausted"), without_id("omdb"), without_id("fanart"))
        event = incomplete(given(ADDED), job(*told, run=RUN.model_copy(update={"without": ("tmdb",)})))
        assert event.error == "TMDB is limited"
        assert given(ADDED, event).run == RunMark(id=4, result="failed")


class TestKept:
    """What is known of the answers that are stored."""

    TMDB = Kept(asked_with="tmdb:603", fetched_at=NOW)

    def test_answers_are_kept_and_trouble_is_not(self) -> None:
        """Also what a refresh by hand has fetched."""
        assert given(ADDED, best_effort()).kept == {"tmdb": self.TMDB, "fanart": self.TMDB}

    def test_an_incomplete_film_keeps_the_answers_that_came(self) -> None:
        """They need not be asked for again; what was kept of the others stays."""
        told = (fared("tmdb", "unavailable"), fared("omdb", "found", minutes=1, vain=2), fared("fanart", "throttled"))
        before = given(ADDED, best_effort())
        after = given(incomplete(before, job(*told)), state=before)
        assert after.kept == {
            **before.kept,
            "omdb": Kept(asked_with="imdb:tt0133093", fetched_at=at(1), vain=2),
        }
        assert after.ended_job == 5

    def test_a_newer_answer_takes_the_place(self) -> None:
        """The last one is the cache."""
        newer = enriched(given(ADDED), job(fared("tmdb", "found", minutes=1, vain=1)))
        assert given(ADDED, best_effort(), newer).kept["tmdb"] == Kept(asked_with="tmdb:603", fetched_at=at(1), vain=1)

    def test_who_could_not_be_asked_has_given_no_answer(self) -> None:
        """As soon as the id is known it is asked."""
        assert given(ADDED, enriched(given(ADDED), job(without_id("omdb")))).kept == {}

    def test_an_event_of_the_first_version_says_too_little(self) -> None:
        """What was asked with is not in it."""
        old = ProviderOutcome(name="tmdb", outcome="found", fetched_at=NOW)
        assert given(ADDED, enriched(given(ADDED), job(old))).kept == {}

    def test_go_with_the_identity_they_are_of(self) -> None:
        """So do the values: a film that gets its old id back is asked about again."""
        film = given(ADDED, best_effort(), enriched(given(ADDED, best_effort()), job(fared("omdb", "found"))))
        assert film.kept.keys() == {"tmdb", "omdb", "fanart"}
        for ids, left in ((OTHER, set()), (ExternalIds(imdb="tt0133093", tmdb=7), {"omdb"})):
            corrected = movie_decider.identify(film, 1, ids, "user", RULES)
            assert corrected is not None
            other = given(corrected, state=film)
            back = movie_decider.identify(other, 1, MATRIX, "user", RULES)
            assert back is not None
            assert set(given(back, state=other).kept) == left


class TestRun:
    """A film remembers what became of it in the last run."""

    def test_processed(self) -> None:
        """Its values may be the same as before."""
        assert given(ADDED, enriched(given(ADDED), job())).run == RunMark(id=4, result="processed")

    def test_left_for_the_next_night(self) -> None:
        """By a used-up quota."""
        event = incomplete(given(ADDED), job(fared("omdb", "quota_exhausted")))
        assert given(ADDED, event).run == RunMark(id=4, result="unsettled")

    def test_cancelled(self) -> None:
        """A person did not want it."""
        asked = given(ADDED, events.CancelRequested(job_id=5))
        event = movie_decider.finish(asked, job(fared("tmdb", "found")), RULES)
        assert isinstance(event, events.EnrichmentCancelled)
        assert event.run_id == 4
        assert given(event, state=asked).run == RunMark(id=4, result="cancelled")

    def test_given_up(self) -> None:
        """What was known of the providers stays known."""
        before = given(ADDED, best_effort())
        event = movie_decider.give_up(before, job(), "gave_up", "Gave up", RULES)
        assert event is not None
        after = given(event, state=before)
        assert (after.run, after.kept, after.outcomes) == (
            RunMark(id=4, result="failed"),
            before.kept,
            before.outcomes,
        )

    def test_a_refresh_by_hand_is_no_part_of_it(self) -> None:
        """The mark of the run stays."""
        in_run = enriched(given(ADDED), job())
        by_hand = best_effort().model_copy(update={"job_id": 6})
        cancelled = events.EnrichmentCancelled(movie_id=1, job_id=7, started_at=NOW, completed_at=NOW)
        assert given(ADDED, in_run, by_hand, cancelled).run == RunMark(id=4, result="processed")

    def test_the_last_run_counts(self) -> None:
        """Two runs, one mark."""
        second = enriched(given(ADDED), job(job_id=9, run=RUN.model_copy(update={"id": 8})))
        assert given(ADDED, enriched(given(ADDED), job()), second).run == RunMark(id=8, result="processed")


def test_a_missing_field_of_an_incomplete_film_says_what_it_said() -> None:
    """A film never asked about is still one that nobody was asked about."""
    event = incomplete(given(ADDED), job(fared("omdb", "quota_exhausted")))
    assert {lack.reason for lack in event.missing} == {"not_fetched"}
    assert given(ADDED, event).outcomes == {}
    assert movie_decider.finish(given(ADDED, event), job(), RULES) is None
