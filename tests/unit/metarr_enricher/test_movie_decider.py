"""What may be said of a film next: given these events, when this is asked, then that is said, or nothing."""

from collections.abc import Callable

import pytest
from tests.unit.metarr_enricher.films import ADDED, MATRIX, NOW, OTHER, RULES, answer, at, given, value

from metarr_contracts import events
from metarr_contracts.answers import ProviderAnswered
from metarr_contracts.fields import TRACKED
from metarr_contracts.library import ChangeMovie
from metarr_contracts.movie import Candidate, Completeness, ExternalIds, Outcome, ProviderOutcome
from metarr_enricher import movie_decider
from metarr_enricher.movie_decider import FinishedJob, NewMovie
from metarr_enricher.movie_state import INITIAL, MovieState
from metarr_enricher.rule_errors import JobEndedError, MovieNotFoundError, RuleError

REMOVED = events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=0)
NOTHING = Completeness(before=0, after=0)
NEW = NewMovie("The Matrix", 1999, MATRIX, "add/1/1")
IMDB_ONLY = ExternalIds(imdb="tt0133093")
CANDIDATES = (Candidate(tmdb_id=603, title="The Matrix"), Candidate(tmdb_id=604, title="The Matrix Reloaded"))


def cancel_requested(job_id: int) -> events.CancelRequested:
    """A person cancelled this job."""
    return events.CancelRequested(job_id=job_id)


def fared(name: str, outcome: Outcome, *, asked: bool = True) -> ProviderOutcome:
    """How a provider fared."""
    answered = asked and outcome in ("found", "not_found")
    return ProviderOutcome.model_validate({"name": name, "outcome": outcome, "fetchedAt": NOW if answered else None})


ALL_FOUND = (fared("tmdb", "found"), fared("omdb", "found"), fared("fanart", "found"))


def finished(
    *answers: ProviderAnswered, job_id: int = 5, providers: tuple[ProviderOutcome, ...] = ALL_FOUND
) -> FinishedJob:
    """A refresh that is about to end."""
    return FinishedJob(
        movie_id=1, job_id=job_id, started_at=at(0), completed_at=at(1), providers=providers, answers=answers
    )


def finish(state: MovieState, job: FinishedJob) -> events.MovieEvent | None:
    """How it ends."""
    return movie_decider.finish(state, job, RULES)


def enriched(state: MovieState, job: FinishedJob) -> events.MovieEnriched:
    """How it ends, when it ends well."""
    event = finish(state, job)
    assert isinstance(event, events.MovieEnriched)
    return event


def changed(**fields: object) -> events.MovieChanged:
    """A person set these values to begin with."""
    wanted = ChangeMovie.model_validate({"movieId": 1, "fields": fields})
    event = movie_decider.change(given(ADDED), wanted, NOW, RULES)
    assert event is not None
    return event


class TestAdd:
    """A film comes in."""

    def test_once(self) -> None:
        """With what the person said; all twenty fields are missing and nobody was asked yet."""
        event = movie_decider.add(INITIAL, 1, NEW, RULES)
        assert event is not None
        assert event.model_copy(update={"missing": ()}) == ADDED
        assert [lack.reason for lack in event.missing] == ["not_fetched"] * 20

    @pytest.mark.parametrize("history", [[ADDED], [ADDED, REMOVED]])
    def test_again_is_ignored(self, history: list[events.MovieEvent]) -> None:
        """An id is used once: a removed film never comes back under it."""
        assert movie_decider.add(given(*history), 1, NEW, RULES) is None


class TestIdentify:
    """A film gets its ids."""

    def test_a_person_says_which_film_it_is(self) -> None:
        """Values that were fetched with the old id go, and so does what providers said; own and locked values stay."""
        history = (
            ADDED,
            changed(awards="own"),
            enriched(
                given(ADDED), finished(answer("tmdb", plot="A", tagline="B"), answer("omdb", runtime=1), job_id=2)
            ),
            events.MovieChanged(
                movie_id=1,
                title="The Matrix",
                year=1999,
                changed={},
                cleared=(),
                locked=("tagline",),
                completeness=NOTHING,
                missing=(),
            ),
        )
        event = movie_decider.identify(given(*history), 1, OTHER, "user", RULES)
        assert event is not None
        assert event.dropped == ("plot", "runtime")
        assert (event.completeness.before, event.completeness.after) == (20, 10)
        assert {lack.reason for lack in event.missing} == {"not_fetched"}
        assert given(*history, event).fields.keys() == {"awards", "tagline"}

    def test_one_more_id_drops_nothing(self) -> None:
        """What was fetched with the id that stays is still of this film."""
        film = given(
            ADDED.model_copy(update={"ids": IMDB_ONLY}),
            enriched(given(ADDED), finished(answer("omdb", plot="A"), job_id=2)),
        )
        event = movie_decider.identify(film, 1, MATRIX, "lookup", RULES, 3, IMDB_ONLY)
        assert event is not None
        assert (event.dropped, event.by, event.job_id) == ((), "lookup", 3)

    def test_the_same_ids_are_ignored(self) -> None:
        """A repeated identification says nothing."""
        assert movie_decider.identify(given(ADDED), 1, MATRIX, "user", RULES) is None

    def test_a_person_is_not_overruled_by_a_job_that_began_before(self) -> None:
        """What a job has found out about other ids than the film has now is not said."""
        now = movie_decider.identify(given(ADDED), 1, OTHER, "user", RULES)
        assert now is not None
        assert movie_decider.identify(given(ADDED, now), 1, MATRIX, "provider", RULES, 5, IMDB_ONLY) is None

    @pytest.mark.parametrize("history", [[], [ADDED, REMOVED]])
    def test_a_film_that_is_not_there_is_not_found(self, history: list[events.MovieEvent]) -> None:
        """Neither before it was added nor after it was removed."""
        with pytest.raises(MovieNotFoundError):
            movie_decider.identify(given(*history), 1, OTHER, "user", RULES)

    @pytest.mark.parametrize(
        ("ids", "imdb", "tmdb", "expected"),
        [
            (ExternalIds(), None, 603, ExternalIds(tmdb=603)),
            (IMDB_ONLY, None, 603, MATRIX),
            (MATRIX, None, 603, MATRIX),
            (MATRIX, None, 7, ExternalIds(tmdb=7)),
            (ExternalIds(tmdb=603), "tt0133093", None, MATRIX),
            (MATRIX, "tt0000007", None, ExternalIds(imdb="tt0000007")),
        ],
    )
    def test_a_corrected_id_takes_the_other_with_it(
        self, ids: ExternalIds, imdb: str | None, tmdb: int | None, expected: ExternalIds
    ) -> None:
        """The other id stays unless it belonged to the identity that is corrected."""
        assert movie_decider.corrected_ids(MovieState(ids=ids), imdb=imdb, tmdb=tmdb) == expected


class TestCandidates:
    """A film whose title may mean several."""

    FILM = ADDED.model_copy(update={"ids": ExternalIds()})

    def test_are_offered(self) -> None:
        """To a person, who has to choose."""
        event = movie_decider.offer_candidates(given(self.FILM), 1, 5, CANDIDATES)
        assert event == events.CandidatesFound(movie_id=1, job_id=5, candidates=CANDIDATES)

    def test_none_found_is_said_too(self) -> None:
        """Else nobody would know that it was looked for."""
        event = movie_decider.offer_candidates(given(self.FILM), 1, 5, ())
        assert event == events.CandidatesFound(movie_id=1, job_id=5, candidates=())

    @pytest.mark.parametrize("found", [(), CANDIDATES])
    def test_the_same_again_are_ignored(self, found: tuple[Candidate, ...]) -> None:
        """The next refresh finds the same ones and says nothing."""
        said = events.CandidatesFound(movie_id=1, job_id=4, candidates=found)
        assert movie_decider.offer_candidates(given(self.FILM, said), 1, 5, found) is None

    @pytest.mark.parametrize("history", [[], [FILM, REMOVED], [ADDED]])
    def test_are_not_offered_where_nobody_has_to_choose(self, history: list[events.MovieEvent]) -> None:
        """The film is gone, or a person has said meanwhile which one it is."""
        assert movie_decider.offer_candidates(given(*history), 1, 5, CANDIDATES) is None


class TestChange:
    """A person sets, clears, locks."""

    def change(self, *history: events.MovieEvent, **wanted: object) -> events.MovieChanged | None:
        """What comes of it."""
        return movie_decider.change(
            given(ADDED, *history), ChangeMovie.model_validate({"movieId": 1, **wanted}), NOW, RULES
        )

    def test_a_value(self) -> None:
        """It is the person's own from now on, and counts."""
        event = self.change(fields={"plot": "own"})
        assert event is not None
        assert event.changed == {"plot": value("own", "user")}
        assert event.completeness == Completeness(before=0, after=5)
        assert "plot" not in {lack.field for lack in event.missing}

    @pytest.mark.parametrize("empty", [None, "", " ", []])
    def test_an_empty_value_clears(self, empty: object) -> None:
        """The field is missing again, until a provider fills it."""
        event = self.change(changed(plot="own"), fields={"plot": empty})
        assert event is not None
        assert (event.cleared, event.changed) == (("plot",), {})
        assert event.completeness == Completeness(before=5, after=0)

    def test_title_and_year(self) -> None:
        """What the user gives is the title."""
        event = self.change(title="Matrix", year=2000)
        assert event is not None
        assert (event.title, event.year) == ("Matrix", 2000)

    def test_locks(self) -> None:
        """The whole list is said, sorted."""
        event = self.change(self._locked("tagline", "plot"), lock=["awards"], unlock=["plot"])
        assert event is not None
        assert event.locked == ("awards", "tagline")

    def _locked(self, *names: str) -> events.MovieChanged:
        event = self.change(lock=list(names))
        assert event is not None
        return event

    @pytest.mark.parametrize(
        "wanted",
        [{}, {"title": "The Matrix", "year": 1999}, {"lock": ["plot"]}, {"unlock": ["cast"]}, {"fields": {"cast": []}}],
    )
    def test_what_is_so_already_is_ignored(self, wanted: dict[str, object]) -> None:
        """No event for a change that changes nothing."""
        assert self.change(self._locked("plot"), **wanted) is None

    def test_an_unknown_field_is_named_in_bounded_length(self) -> None:
        """A megabyte is not sent back."""
        with pytest.raises(RuleError) as refused:
            movie_decider._require_fields(["x" * 100_000])
        assert len(str(refused.value)) < 200
        assert refused.value.field == "x" * 100

    @pytest.mark.parametrize("wanted", [{"fields": {"smell": 1}}, {"lock": ["smell"]}, {"unlock": ["smell"]}])
    def test_an_unknown_field_is_refused(self, wanted: dict[str, object]) -> None:
        """And named."""
        with pytest.raises(RuleError, match="smell is not a field") as refused:
            self.change(**wanted)
        assert (refused.value.code, refused.value.field) == ("unknown_field", "smell")

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            ({"fields": {"runtime": "long"}}, "runtime"),
            ({"fields": {"title": "B"}}, "title"),
            ({"title": " "}, "title"),
            ({"title": "A\x00"}, "title"),
        ],
    )
    def test_a_value_of_another_kind_is_refused(self, wanted: dict[str, object], field: str) -> None:
        """And the field is named."""
        with pytest.raises(RuleError, match=f"^{field}: ") as refused:
            self.change(**wanted)
        assert (refused.value.code, refused.value.field) == ("invalid_value", field)

    def test_a_value_is_kept_in_its_canonical_form(self) -> None:
        """As if a provider had said it; the title too."""
        event = self.change(title=" B ", fields={"plot": " own "})
        assert event is not None
        assert (event.title, event.changed) == ("B", {"plot": value("own", "user")})

    def test_a_removed_film_is_not_found(self) -> None:
        """Nothing of it changes any more."""
        with pytest.raises(MovieNotFoundError):
            self.change(REMOVED, title="B")


class TestRemove:
    """A film leaves."""

    def test_it_carries_what_it_was(self) -> None:
        """The ids whose claims are released, and the completeness that the counts lose."""
        event = movie_decider.remove(given(ADDED, changed(plot="own")), 1, RULES)
        assert event == events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=5)

    def test_a_second_time_it_is_not_found(self) -> None:
        """A film is removed once."""
        with pytest.raises(MovieNotFoundError):
            movie_decider.remove(given(ADDED, REMOVED), 1, RULES)


class TestCancel:
    """A person cancels a job."""

    def test_it_is_said_once(self) -> None:
        """A second cancel of the same job is ignored."""
        assert movie_decider.request_cancel(given(ADDED), 5) == cancel_requested(5)
        assert movie_decider.request_cancel(given(ADDED, cancel_requested(5)), 5) is None

    @pytest.mark.parametrize("job_id", [4, 5])
    def test_an_ended_job_cannot_be_cancelled(self, job_id: int) -> None:
        """Jobs on one film come one after the other, so an older one has ended too."""
        ended = enriched(given(ADDED), finished(job_id=5))
        with pytest.raises(JobEndedError):
            movie_decider.request_cancel(given(ADDED, ended), job_id)

    def test_the_next_job_can(self) -> None:
        """An ended job does not stand in its way."""
        ended = enriched(given(ADDED), finished(job_id=5))
        assert movie_decider.request_cancel(given(ADDED, ended), 6) == cancel_requested(6)


class TestFinish:
    """A refresh ends."""

    def test_with_what_was_found(self) -> None:
        """Changed values, how each provider fared, and completeness before and after."""
        event = enriched(given(ADDED), finished(answer("tmdb", plot="A", runtime=136), answer("omdb", awards="B")))
        assert event.changed.keys() == {"plot", "runtime", "awards"}
        assert event.completeness == Completeness(before=0, after=15)
        assert (event.partial, event.title, event.year, event.job_id) == (False, "The Matrix", 1999, 5)
        assert {lack.reason for lack in event.missing} == {"not_provided"}

    def test_what_did_not_change_is_not_repeated(self) -> None:
        """The same answer again changes nothing, and the job has its end all the same."""
        told = answer("tmdb", plot="A")
        first = enriched(given(ADDED), finished(told))
        second = enriched(given(ADDED, first), finished(told, job_id=6))
        assert second.changed == {}
        assert second.completeness == Completeness(before=5, after=5)

    def test_a_complete_film_is_at_100_percent(self) -> None:
        """When every tracked field has a value."""
        told = {
            field.name: answer(provider, 0, None, **{field.name: "A"})
            for field in TRACKED
            for provider in field.providers[:1]
        }
        event = enriched(given(ADDED), finished(*told.values()))
        assert (event.completeness.after, event.missing) == (100, ())

    @pytest.mark.parametrize("outcome", ["throttled", "quota_exhausted", "unauthorized", "unavailable", "unexpected"])
    def test_partial_when_a_provider_was_limited_or_failed(self, outcome: Outcome) -> None:
        """What the others said is merged."""
        providers = (fared("tmdb", "found"), fared("omdb", outcome), fared("fanart", "not_found"))
        event = enriched(given(ADDED), finished(answer("tmdb", plot="A"), providers=providers))
        assert event.partial
        assert event.changed.keys() == {"plot"}

    @pytest.mark.parametrize("outcome", ["not_found", "off"])
    def test_not_partial_without_what_nobody_has(self, outcome: Outcome) -> None:
        """A provider that does not know the film, or is off, makes no film partial."""
        providers = (fared("tmdb", "found"), fared("omdb", outcome), fared("fanart", outcome))
        assert not enriched(given(ADDED), finished(providers=providers)).partial

    def test_failed_when_nobody_answered(self) -> None:
        """The film stays as it was, and each missing field says why."""
        providers = (fared("tmdb", "unavailable"), fared("omdb", "quota_exhausted"), fared("fanart", "off"))
        state = given(ADDED, changed(plot="own"))
        event = finish(state, finished(providers=providers))
        assert isinstance(event, events.EnrichmentFailed)
        assert (event.code, event.error) == ("all_providers_failed", "All providers failed")
        assert {lack.field: lack.reason for lack in event.missing}["imdb_rating"] == "rate_limited"
        assert given(ADDED, changed(plot="own"), event).fields == state.fields

    def test_a_provider_that_could_not_be_asked_has_not_answered(self) -> None:
        """TMDB is down, so nobody knows the id with which to ask the others: nobody answered."""
        providers = (
            fared("tmdb", "unavailable"),
            fared("omdb", "not_found", asked=False),
            fared("fanart", "not_found", asked=False),
        )
        assert isinstance(finish(given(ADDED), finished(providers=providers)), events.EnrichmentFailed)

    def test_nobody_could_be_asked(self) -> None:
        """A film without the id that the only provider needs: nothing failed, nothing was found."""
        providers = (fared("tmdb", "off"), fared("omdb", "not_found", asked=False), fared("fanart", "off"))
        event = enriched(given(ADDED), finished(providers=providers))
        assert (event.partial, event.changed) == (False, {})

    def test_answers_on_an_id_that_the_film_has_no_more_do_not_count(self) -> None:
        """A person corrected the id while the job ran."""
        corrected = movie_decider.identify(given(ADDED), 1, OTHER, "user", RULES)
        assert corrected is not None
        assert enriched(given(ADDED, corrected), finished(answer("tmdb", plot="A"))).changed == {}

    def test_locked_and_own_values_stay(self) -> None:
        """Whatever the providers say."""
        locked = events.MovieChanged(
            movie_id=1,
            title=None,
            year=None,
            changed={"plot": value("own", "user")},
            cleared=(),
            locked=("tagline",),
            completeness=NOTHING,
            missing=(),
        )
        told = answer("tmdb", plot="A", tagline="B", runtime=136)
        assert enriched(given(ADDED, locked), finished(told)).changed.keys() == {"runtime"}

    def test_a_film_known_by_an_id_alone_is_called_as_the_provider_calls_it(self) -> None:
        """A title that the user gave never changes by itself."""
        nameless = ADDED.model_copy(update={"title": None, "year": None})
        told = answer("tmdb", title="The Matrix", year=1999)
        event = enriched(given(nameless), finished(told))
        assert (event.title, event.year) == ("The Matrix", 1999)
        named = ADDED.model_copy(update={"title": "Matrix"})
        assert enriched(given(named), finished(told)).title == "Matrix"

    def test_cancelled(self) -> None:
        """What was gathered is not used."""
        event = finish(given(ADDED, cancel_requested(5)), finished(answer("tmdb", plot="A")))
        assert event == events.EnrichmentCancelled(movie_id=1, job_id=5, started_at=at(0), completed_at=at(1))

    def test_a_cancel_of_another_job_does_not_count(self) -> None:
        """Each job is cancelled by its own id."""
        assert isinstance(finish(given(ADDED, cancel_requested(4)), finished()), events.MovieEnriched)

    @pytest.mark.parametrize("end", [movie_decider.finish, None])
    def test_a_job_ends_once(self, end: Callable[..., events.MovieEvent | None] | None) -> None:
        """A repeated job, or an older one, says nothing."""
        ended = enriched(given(ADDED), finished())
        for job_id in (4, 5):
            job = finished(job_id=job_id)
            again = end(given(ADDED, ended), job, RULES) if end else give_up(given(ADDED, ended), job)
            assert again is None

    @pytest.mark.parametrize("history", [[], [ADDED, REMOVED]])
    def test_a_film_that_is_not_there_has_no_end(self, history: list[events.MovieEvent]) -> None:
        """The job ends elsewhere, as a rejected command."""
        assert finish(given(*history), finished()) is None
        assert give_up(given(*history), finished()) is None


def give_up(state: MovieState, job: FinishedJob) -> events.EnrichmentFailed | None:
    """The job is given up."""
    return movie_decider.give_up(state, job, "gave_up", "Gave up", RULES)


def test_a_job_that_is_given_up_leaves_the_film_as_it_was() -> None:
    """What was known of the providers stays known."""
    first = enriched(given(ADDED), finished(answer("tmdb", plot="A"), job_id=4))
    event = give_up(given(ADDED, first), finished(providers=()))
    assert event is not None
    assert (event.code, event.providers) == ("gave_up", ())
    assert {lack.reason for lack in event.missing} == {"not_provided"}
    after = given(ADDED, first, event)
    assert (after.fields, after.outcomes) == (given(ADDED, first).fields, given(ADDED, first).outcomes)
