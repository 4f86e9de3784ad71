"""Who is to be asked about a film again in a run: by age, by back-off, by TMDB's changes, by force."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from tests.unit.metarr_enricher.films import ADDED, MATRIX, NOW, OTHER, at, given, value

from metarr_contracts import events
from metarr_contracts.answers import AnsweredValue, LookupAnswered, ProviderAnswered
from metarr_contracts.commands import RunPart
from metarr_contracts.fields import PROVIDERS, TRACKED, USER, ProviderName
from metarr_contracts.movie import Candidate, ExternalIds, FieldValue
from metarr_contracts.rules import RunRules
from metarr_enricher.answer_store import serves_run
from metarr_enricher.freshness import Policy, due, times_in_vain
from metarr_enricher.movie_state import INITIAL, Kept, MovieState

OFF = RunRules(tmdb_changes=False, age_by_release=False, back_off=False)
BACK_OFF = OFF.model_copy(update={"back_off": True})
BY_AGE = OFF.model_copy(update={"age_by_release": True})
CHANGES = OFF.model_copy(update={"tmdb_changes": True})
SECOND = timedelta(seconds=1)
ASKED_WITH: dict[ProviderName, str] = {"tmdb": "tmdb:603", "omdb": "imdb:tt0133093", "fanart": "tmdb:603"}
FULL = {name: value("A") for name in (tracked.name for tracked in TRACKED)}


@dataclass
class Said:
    """TMDB's changes: always the same answer, and what was asked."""

    unchanged: bool | None = None
    asked: list[tuple[int, date, date]] = field(default_factory=list)

    def unchanged_since(self, tmdb_id: int, day: date, today: date) -> bool | None:
        """As told."""
        self.asked.append((tmdb_id, day, today))
        return self.unchanged


def policy(
    rules: RunRules = OFF, now: datetime = NOW, *, unchanged: bool | None = None, force_since: datetime | None = None
) -> Policy:
    """The rules of a run that looks at the film now."""
    return Policy(rules=rules, changes=Said(unchanged), now=now, force_since=force_since)


def film(
    *, days: float = 0, vain: int = 0, lacks: tuple[str, ...] = (), released: object = None, ids: ExternalIds = MATRIX
) -> MovieState:
    """A film that was asked about so many days before now, and what it lacks."""
    fields = {name: told for name, told in FULL.items() if name not in lacks}
    if "release_date" in fields:
        fields["release_date"] = value(released)  # type: ignore[arg-type]
    kept = {
        name: Kept(asked_with=with_, fetched_at=NOW - timedelta(days=days), vain=vain)
        for name, with_ in ASKED_WITH.items()
    }
    return given(ADDED).model_copy(update={"fields": fields, "kept": kept, "ids": ids})


def due_after(state: MovieState, rules: RunRules, provider: ProviderName, *, unchanged: bool | None = None) -> int:
    """The days after which the provider is to be asked again, and not a second earlier."""
    fetched = state.kept[provider].fetched_at
    for days in (7, 14, 30, 90):
        now = fetched + timedelta(days=days)
        if due(state, [provider], policy(rules, now, unchanged=unchanged)):
            assert due(state, [provider], policy(rules, now - SECOND, unchanged=unchanged)) == ()
            return days
    raise AssertionError("never")


class TestWhoCanBeAsked:
    """A film that is there, and whose id is known."""

    def test_a_film_never_asked_about_is_due_everywhere(self) -> None:
        """In the order of the providers that are on."""
        assert due(given(ADDED), PROVIDERS, policy()) == PROVIDERS
        assert due(given(ADDED), ("omdb",), policy()) == ("omdb",)

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            (ExternalIds(), ("tmdb",)),
            (ExternalIds(imdb="tt0133093"), PROVIDERS),
            (ExternalIds(tmdb=603), ("tmdb", "fanart")),
        ],
    )
    def test_nobody_is_due_without_an_id(self, ids: ExternalIds, expected: tuple[ProviderName, ...]) -> None:
        """TMDB also looks up titles and IMDb ids."""
        assert due(given(ADDED.model_copy(update={"ids": ids})), PROVIDERS, policy()) == expected

    def test_a_film_that_is_not_there_is_not_due(self) -> None:
        """Neither before it was added nor after it was removed, even under force."""
        removed = given(ADDED, events.MovieRemoved(movie_id=1, ids=MATRIX, completeness=0))
        for state in (INITIAL, removed):
            assert due(state, PROVIDERS, policy(force_since=NOW)) == ()

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            (MATRIX, ()),
            (OTHER, PROVIDERS),
            (ExternalIds(imdb="tt0133093", tmdb=7), ("tmdb", "fanart")),
            (ExternalIds(imdb="tt0000007", tmdb=603), ("omdb",)),
        ],
    )
    def test_an_answer_on_another_identity_does_not_count(
        self, ids: ExternalIds, expected: tuple[ProviderName, ...]
    ) -> None:
        """A person has corrected the film."""
        assert due(film(ids=ids), PROVIDERS, policy()) == expected

    def test_a_lookup_counts_for_its_title(self) -> None:
        """Which film a title means is asked again when the title, the year or the IMDb id is another."""
        added = ADDED.model_copy(update={"ids": ExternalIds()})
        kept = {"tmdb": Kept(asked_with="title:the matrix|1999", fetched_at=NOW)}
        state = given(added).model_copy(update={"kept": kept})
        assert due(state, PROVIDERS, policy()) == ()
        for other in ({"title": "Matrix"}, {"year": 2000}):
            assert due(state.model_copy(update=other), PROVIDERS, policy()) == ("tmdb",)

    def test_a_lookup_by_the_imdb_id_is_no_answer_on_the_tmdb_id(self) -> None:
        """Once a person has said which film it is at TMDB, TMDB is asked about that."""
        kept = {"tmdb": Kept(asked_with="imdb:tt0133093", fetched_at=NOW)}
        unknown = given(ADDED).model_copy(update={"ids": ExternalIds(imdb="tt0133093"), "kept": kept})
        assert due(unknown, ["tmdb"], policy()) == ()
        assert due(unknown.model_copy(update={"ids": MATRIX}), ["tmdb"], policy()) == ("tmdb",)


@pytest.mark.parametrize("lacks", [(), ("imdb_rating", "tagline", "clearlogo")])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_with_all_rules_off_an_answer_is_fresh_for_seven_days(provider: ProviderName, lacks: tuple[str, ...]) -> None:
    """Whatever the film lacks and however old it is."""
    assert due_after(film(vain=3, lacks=lacks, released="1999-03-31"), OFF, provider) == 7


class TestBackOff:
    """What a provider did not know is asked again ever more rarely."""

    @pytest.mark.parametrize(("vain", "days"), [(0, 7), (1, 14), (2, 30), (3, 90), (4, 90), (50, 90)])
    def test_grows_with_each_answer_in_vain(self, vain: int, days: int) -> None:
        """7, 14, 30, then 90 days."""
        assert due_after(film(vain=vain, lacks=("imdb_rating",)), BACK_OFF, "omdb") == days

    def test_is_for_those_who_may_supply_what_is_lacking(self) -> None:
        """The others are asked as always."""
        state = film(vain=3, lacks=("clearlogo",))
        assert [due_after(state, BACK_OFF, provider) for provider in PROVIDERS] == [90, 7, 90]

    def test_a_field_that_is_locked_empty_is_not_lacking(self) -> None:
        """Nobody may fill it; one that the user entered is there."""
        state = film(vain=3, lacks=("awards",))
        assert due_after(state.model_copy(update={"locked": ("awards",)}), BACK_OFF, "omdb") == 7
        own = FieldValue(value="own", source=USER, fetched_at=NOW)
        assert due_after(state.model_copy(update={"fields": {**state.fields, "awards": own}}), BACK_OFF, "omdb") == 7

    def test_off_is_seven_days_for_what_is_lacking(self) -> None:
        """Also when the age of the film counts otherwise."""
        assert due_after(film(vain=3, lacks=("awards",), released="1999-03-31"), BY_AGE, "omdb") == 7


class TestAge:
    """The longer ago a film was released, the more rarely it is asked about."""

    @pytest.mark.parametrize(
        ("released", "days"),
        [
            (NOW.date() + timedelta(days=400), 7),
            (NOW.date(), 7),
            (NOW.date() - timedelta(days=89), 7),
            (NOW.date() - timedelta(days=90), 14),
            (NOW.date() - timedelta(days=364), 14),
            (NOW.date() - timedelta(days=365), 30),
            (NOW.date() - timedelta(days=5 * 365 - 1), 30),
            (NOW.date() - timedelta(days=5 * 365), 90),
        ],
    )
    @pytest.mark.parametrize("provider", PROVIDERS)
    def test_decides_when_nothing_is_lacking(self, provider: ProviderName, released: date, days: int) -> None:
        """Counted from the release to the day on which the provider was asked."""
        assert due_after(film(released=released.isoformat()), BY_AGE, provider) == days

    @pytest.mark.parametrize("released", ["", "1999", "31 March 1999", 1999, None, ["1999-03-31"]])
    def test_a_date_that_is_none_counts_as_long_ago(self, released: object) -> None:
        """Whatever it says."""
        assert due_after(film(released=released), BY_AGE, "omdb") == 90

    def test_no_date_counts_as_long_ago(self) -> None:
        """A film that lacks it, asked of who does not supply it."""
        assert due_after(film(lacks=("release_date",)), BY_AGE, "fanart") == 90

    @pytest.mark.parametrize(("age", "vain", "days"), [(0, 3, 7), (100, 3, 14), (100, 0, 7), (9999, 3, 90)])
    def test_the_shorter_of_age_and_back_off_counts(self, age: int, vain: int, days: int) -> None:
        """What is lacking of a new film may come any day."""
        released = (NOW.date() - timedelta(days=age)).isoformat()
        rules = OFF.model_copy(update={"back_off": True, "age_by_release": True})
        assert due_after(film(vain=vain, lacks=("awards",), released=released), rules, "omdb") == days


class TestChanges:
    """TMDB says which films it has changed."""

    ALL = RunRules()

    def test_an_unchanged_film_is_left_alone(self) -> None:
        """Even a new one that lacks something: TMDB would say the same again."""
        assert due_after(film(lacks=("tagline",), released="2026-11-20"), self.ALL, "tmdb", unchanged=True) == 90

    def test_a_changed_film_is_asked_about_after_seven_days(self) -> None:
        """Even an old one that lacks nothing."""
        assert due_after(film(released="1999-03-31"), self.ALL, "tmdb", unchanged=False) == 7

    def test_unknown_days_leave_it_to_the_other_rules(self) -> None:
        """One day that is not known may be the one."""
        assert due_after(film(released="1999-03-31"), self.ALL, "tmdb") == 90
        assert due_after(film(vain=1, lacks=("tagline",)), self.ALL, "tmdb") == 14

    @pytest.mark.parametrize("provider", ["omdb", "fanart"])
    def test_say_nothing_of_other_providers(self, provider: ProviderName) -> None:
        """They have data of their own."""
        assert due_after(film(released="2026-11-20"), self.ALL, provider, unchanged=True) == 7

    def test_say_nothing_of_a_film_without_a_tmdb_id(self) -> None:
        """What its title means is asked by the other rules."""
        kept = {"tmdb": Kept(asked_with="imdb:tt0133093", fetched_at=NOW)}
        state = film(ids=ExternalIds(imdb="tt0133093"), lacks=("plot",)).model_copy(update={"kept": kept})
        assert due_after(state, self.ALL, "tmdb", unchanged=True) == 7

    def test_are_asked_from_the_answers_day(self) -> None:
        """In UTC; and not for an answer that is fresh anyway."""
        told = policy(CHANGES, NOW + timedelta(days=8))
        due(film(), ["tmdb"], told)
        due(film(days=-8), ["tmdb"], told)
        assert isinstance(told.changes, Said)
        assert told.changes.asked == [(603, date(2026, 11, 22), date(2026, 11, 30))]


class TestForce:
    """A person wants everything anew."""

    def test_everything_that_was_fetched_before_the_run_is_due(self) -> None:
        """However fresh; and what was fetched since is not."""
        state = film()
        kept = {**state.kept, "omdb": Kept(asked_with="imdb:tt0133093", fetched_at=at(1))}
        state = state.model_copy(update={"kept": kept})
        assert due(state, PROVIDERS, policy(now=at(2), force_since=at(1))) == ("tmdb", "fanart")

    def test_a_long_run_does_not_ask_twice(self) -> None:
        """What it fetched itself is fresh until it ends."""
        assert due(film(days=10), PROVIDERS, policy(force_since=NOW - timedelta(days=10))) == ()


RULES = st.builds(RunRules, tmdb_changes=st.booleans(), age_by_release=st.booleans(), back_off=st.booleans())
RELEASES = st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2028, 1, 1)).map(date.isoformat))
FILMS = st.builds(
    film,
    vain=st.integers(0, 5),
    lacks=st.lists(st.sampled_from(sorted(FULL)), max_size=3).map(tuple),
    released=RELEASES,
)
UNCHANGED = st.sampled_from((None, True, False))
DAYS = st.floats(0, 120, allow_nan=False)


@hypothesis.given(state=FILMS, rules=RULES, unchanged=UNCHANGED, seconds=st.integers(0, 7 * 86400 - 1))
def test_no_rule_asks_earlier_than_after_seven_days(
    *, state: MovieState, rules: RunRules, unchanged: bool | None, seconds: int
) -> None:
    """The rules only ever save requests."""
    now = NOW + timedelta(seconds=seconds)
    assert due(state, PROVIDERS, policy(rules, now, unchanged=unchanged)) == ()


@hypothesis.given(state=FILMS, rules=RULES, unchanged=UNCHANGED, days=st.tuples(DAYS, DAYS))
def test_who_is_due_stays_due(
    *, state: MovieState, rules: RunRules, unchanged: bool | None, days: tuple[float, float]
) -> None:
    """Until asked: time alone makes no answer fresh again."""
    before, after = (
        set(due(state, PROVIDERS, policy(rules, NOW + timedelta(days=day), unchanged=unchanged)))
        for day in sorted(days)
    )
    assert before <= after


@hypothesis.given(state=FILMS, rules=RULES, unchanged=UNCHANGED)
def test_everybody_is_due_after_ninety_days(*, state: MovieState, rules: RunRules, unchanged: bool | None) -> None:
    """Nothing is kept for ever."""
    now = NOW + timedelta(days=90)
    assert due(state, PROVIDERS, policy(rules, now, unchanged=unchanged)) == PROVIDERS


def answered(outcome: str = "found", *, asked_with: str = "tmdb:603", vain: int = 0, **fields: str) -> ProviderAnswered:
    """An answer of TMDB."""
    return ProviderAnswered.model_validate(
        {
            "provider": "tmdb",
            "movie_id": 1,
            "job_id": 1,
            "asked_with": asked_with,
            "outcome": outcome,
            "fetched_at": NOW,
            "fields": {name: AnsweredValue(value=told) for name, told in fields.items()},
            "vain": vain,
        }
    )


def looked_up(*candidates: int, tmdb_id: int | None = None, vain: int = 0) -> LookupAnswered:
    """What a title meant."""
    return LookupAnswered(
        movie_id=1,
        job_id=1,
        asked_with="title:the matrix|1999",
        fetched_at=NOW,
        tmdb_id=tmdb_id,
        candidates=tuple(Candidate(tmdb_id=found, title="A") for found in candidates),
        vain=vain,
    )


class TestInVain:
    """How often the same answer has come."""

    def test_the_first_answer_is_not_in_vain(self) -> None:
        """There is none before it."""
        assert times_in_vain(answered(plot="A"), None) == 0

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (answered(plot="A", vain=1), answered(plot="B")),
            (answered("not_found", vain=1), answered("not_found")),
            (looked_up(1, 2, vain=1), looked_up(2, 1)),
            (looked_up(vain=1), looked_up()),
        ],
    )
    def test_the_same_fields_again_are(
        self, before: ProviderAnswered | LookupAnswered, after: ProviderAnswered | LookupAnswered
    ) -> None:
        """A rating that moved fills no gap: the names of the fields count, not their values."""
        assert times_in_vain(after, before) == 2

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (answered(plot="A", vain=3), answered(plot="A", tagline="B")),
            (answered(plot="A", vain=3), answered("not_found")),
            (answered(plot="A", vain=3), answered(plot="A", asked_with="tmdb:7")),
            (looked_up(1, vain=3), looked_up(1, 2)),
            (looked_up(vain=3), looked_up(tmdb_id=603)),
        ],
    )
    def test_another_answer_begins_anew(
        self, before: ProviderAnswered | LookupAnswered, after: ProviderAnswered | LookupAnswered
    ) -> None:
        """Something has changed, so more may."""
        assert times_in_vain(after, before) == 0


class TestJobOfARun:
    """It obeys what the run has decided."""

    RUN = RunPart(id=4, due=("tmdb",), asked_since=NOW)

    def serves(self, fetched_at: datetime, *, provider: ProviderName = "tmdb", job_id: int = 2) -> bool:
        """Whether the answer of job 1 (or this one) is used."""
        told = answered(plot="A").model_copy(update={"fetched_at": fetched_at})
        return serves_run(told, self.RUN, provider=provider, job_id=job_id)

    def test_asks_who_is_due(self) -> None:
        """Unless the answer came since the run began."""
        assert not self.serves(NOW - SECOND)
        assert self.serves(NOW)

    def test_asks_nobody_else(self) -> None:
        """The stored answer is used whatever its age."""
        assert self.serves(NOW - timedelta(days=170), provider="omdb")

    def test_asks_nobody_twice(self) -> None:
        """A job that is delivered again uses what it has stored."""
        assert self.serves(NOW - timedelta(days=1), job_id=1)
