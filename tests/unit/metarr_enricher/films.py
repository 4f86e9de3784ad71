"""Films, values and answers for the tests, and hypothesis strategies that make many of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from metarr_contracts.answers import AnsweredValue, ProviderAnswered
from metarr_contracts.base import Json
from metarr_contracts.events import MovieAdded, MovieEvent
from metarr_contracts.fields import FIELDS, PROVIDERS, USER, ProviderName
from metarr_contracts.movie import ExternalIds, FieldValue
from metarr_enricher.movie_state import INITIAL, MovieState, evolve
from metarr_enricher.rules import Rules

RULES = Rules()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MATRIX = ExternalIds(imdb="tt0133093", tmdb=603)
OTHER = ExternalIds(imdb="tt0000007", tmdb=7)
ADDED = MovieAdded(movie_id=1, title="The Matrix", year=1999, ids=MATRIX, request="add/1/1", missing=())
EMPTY: tuple[Json, ...] = (None, "", "  ", "N/A", "n/a", [], {})


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOW + timedelta(minutes=minutes)


def given(*events: MovieEvent, state: MovieState = INITIAL) -> MovieState:
    """The film after these events."""
    for event in events:
        state = evolve(state, event)
    return state


def value(content: Json, source: str = "tmdb", minutes: float = 0, language: str | None = None) -> FieldValue:
    """A value of the film with MATRIX's ids."""
    asked_with = None if source == USER else "imdb:tt0133093" if source == "omdb" else "tmdb:603"
    return FieldValue(value=content, source=source, fetched_at=at(minutes), language=language, asked_with=asked_with)


def answer(
    provider: ProviderName, minutes: float = 0, asked_with: str | None = None, **fields: Json | AnsweredValue
) -> ProviderAnswered:
    """A provider's answer on film 1."""
    return ProviderAnswered(
        provider=provider,
        movie_id=1,
        job_id=1,
        asked_with=asked_with or ("imdb:tt0133093" if provider == "omdb" else "tmdb:603"),
        outcome="found" if fields else "not_found",
        fetched_at=at(minutes),
        fields={
            name: told if isinstance(told, AnsweredValue) else AnsweredValue(value=told)
            for name, told in fields.items()
        },
    )


CONTENTS: st.SearchStrategy[Json] = st.sampled_from((*EMPTY, 0, 7, 8, "A", "B", ["A"], ["A", "B"], 0.0, 7.5))
LANGUAGES = st.sampled_from((None, "en", "de"))
FIELD_NAMES = st.sampled_from(("plot", "runtime", "poster", "imdb_rating", "title"))


@st.composite
def answers(draw: st.DrawFn) -> ProviderAnswered:
    """Any answer, some of them asked with an id that the film does not have."""
    provider = draw(st.sampled_from(PROVIDERS))
    able = [
        name for name in ("plot", "runtime", "poster", "imdb_rating", "title") if provider in FIELDS[name].providers
    ]
    told = draw(st.dictionaries(st.sampled_from(able), st.builds(_answered, CONTENTS, LANGUAGES), max_size=4))
    asked_with = draw(st.sampled_from(("imdb:tt0133093", "tmdb:603", "tmdb:603", "tmdb:7")))
    return answer(provider, draw(st.integers(0, 5)), asked_with, **told)


def _answered(content: Json, language: str | None) -> AnsweredValue:
    return AnsweredValue(value=content, language=language)


def field_values(sources: Sequence[str] = (*PROVIDERS, USER)) -> st.SearchStrategy[FieldValue]:
    """Any value that a film can have."""
    contents = CONTENTS.filter(lambda content: content not in (0, 0.0) and content not in EMPTY)
    return st.builds(value, contents, st.sampled_from(sources), st.integers(0, 5), LANGUAGES)


FILMS: st.SearchStrategy[dict[str, FieldValue]] = st.dictionaries(FIELD_NAMES, field_values(), max_size=4)
