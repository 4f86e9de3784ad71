"""What is true of one film: the facts from which all three providers' answers are made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from metarr_sandbox import ids, words
from metarr_sandbox.catalog import Entry
from metarr_sandbox.dice import Dice

# From this year on each year has so many slots: films of recent years are more frequent.
_SLOTS = {1925: 1, 1970: 2, 2000: 4}
_LAST_YEAR = 2025


def _slots() -> Iterator[int]:
    for year in range(min(_SLOTS), _LAST_YEAR + 1):
        yield from [year] * max(count for since, count in _SLOTS.items() if year >= since)


YEARS = tuple(_slots())

# How complete films are: share of all films in percent, and how likely each field is missing then.
_MADE_UP_KINDS = ((55, 4), (30, 24), (15, 60))
_CATALOG_KINDS = ((86, 2), (12, 25), (2, 50))

# The tracked fields that a film may lack, at every provider.
_MAY_LACK = (
    "plot",
    "tagline",
    "runtime",
    "content_rating",
    "awards",
    "imdb_rating",
    "rotten_tomatoes_score",
    "metacritic_score",
    "tmdb_rating",
    "writers",
    "studios",
    "countries",
    "poster",
    "fanart",
    "clearlogo",
    "trailer",
)


@dataclass(frozen=True, slots=True)
class Film:
    """The facts of one film. ``lacks`` names the tracked fields for which no provider has a value."""

    tmdb_id: int
    imdb_number: int | None
    title: str
    original_title: str
    language: str
    countries: tuple[str, ...]
    year: int
    released: date
    minutes: int
    strictness: int
    """Column of ``words.CERTIFICATIONS``."""
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    writers: tuple[str, ...]
    cast: tuple[str, ...]
    companies: tuple[str, ...]
    overview: str
    tagline: str
    score: int
    """How good it is, 20 to 95."""
    fame: int
    """How known it is, 1 to 1000."""
    adult: bool
    in_catalog: bool
    lacks: frozenset[str]

    @property
    def imdb_id(self) -> str | None:
        """The canonical IMDb id."""
        return None if self.imdb_number is None else ids.format_imdb_id(self.imdb_number)

    def dice(self, use: str) -> Dice:
        """A fresh sequence for one use, so that one block's choices do not depend on another's."""
        return Dice(use, self.tmdb_id)

    def known_to(self, provider: str) -> bool:
        """Whether ``tmdb``, ``omdb`` or ``fanart`` has heard of it."""
        if self.in_catalog:
            return provider == "tmdb" or self.imdb_number is not None
        return ids.known_to(provider, self.tmdb_id)


def _lacks(dice: Dice, kinds: tuple[tuple[int, int], ...]) -> frozenset[str]:
    percent = dice.pick([percent for share, percent in kinds for _ in range(share)])
    return frozenset(field for field in _MAY_LACK if dice.chance(percent))


def person(dice: Dice) -> str:
    """A made-up name."""
    return f"{dice.pick(words.FIRST_NAMES)} {dice.pick(words.LAST_NAMES)}"


def _people(dice: Dice, count: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person(dice) for _ in range(count)))


def _title(dice: Dice) -> str:
    adjective, noun, other = dice.pick(words.ADJECTIVES), dice.pick(words.NOUNS), dice.pick(words.NOUNS)
    forms = (f"The {noun} of the {other}", f"{adjective} {noun} {dice.between(2, 4)}", f"The {adjective} {noun}")
    return dice.pick(forms) if dice.chance(50) else f"{adjective} {noun}"


def _story(dice: Dice) -> str:
    role, deed, twist = dice.pick(words.ROLES), dice.pick(words.DEEDS), dice.pick(words.TWISTS)
    article = "An" if role[0] in "aeiou" else "A"
    return f"{article} {role} {deed}, {twist.removeprefix('but ')}."


def _released(dice: Dice, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=dice.roll(330))


def year_of(number: int) -> int:
    """The year of a made-up film: a function of its number alone, so that a search can choose a number by year."""
    return YEARS[number % len(YEARS)]


def generated(tmdb_id: int, imdb_number: int) -> Film:
    """The made-up film with these ids."""
    dice = Dice("film", tmdb_id)
    year = year_of(imdb_number)
    language = dice.pick(tuple(words.HOME_OF_LANGUAGE)) if dice.chance(30) else "en"
    title = _title(dice)
    return Film(
        tmdb_id=tmdb_id,
        imdb_number=imdb_number,
        title=title,
        original_title=title if language == "en" else f"{_title(dice)} ({language})",
        language=language,
        countries=tuple(dict.fromkeys((words.HOME_OF_LANGUAGE[language], dice.pick(("US", "GB", "FR", "DE", "CA"))))),
        year=year,
        released=_released(dice, year),
        minutes=dice.between(74, 171),
        strictness=dice.roll(4),
        genres=dice.some(words.COMMON_GENRES, dice.between(1, 4)),
        directors=_people(dice, 2 if dice.chance(12) else 1),
        writers=_people(dice, dice.between(1, 3)),
        cast=_people(dice, dice.between(4, 10)),
        companies=dice.some(words.COMPANIES, dice.between(1, 3)),
        overview=_story(dice),
        tagline=dice.pick(words.TAGLINES),
        score=dice.between(35, 88),
        fame=dice.between(1, 400),
        adult=dice.chance(0.3),
        in_catalog=False,
        lacks=_lacks(dice, _MADE_UP_KINDS),
    )


def from_catalog(entry: Entry, tmdb_id: int) -> Film:
    """The film of a catalog row: what the row tells, and believable facts for the rest, nearly complete."""
    dice = Dice("film", tmdb_id)
    base = generated(tmdb_id, entry.imdb_number or ids.UNKNOWN_NUMBER)
    ratings = words.CERTIFICATIONS["US"]
    lacks = _lacks(dice, _CATALOG_KINDS)
    if entry.imdb_number is not None:  # there is hardly a well-known film without these
        lacks -= {"plot", "poster"}
    return replace(
        base,
        imdb_number=entry.imdb_number,
        title=entry.title,
        original_title=entry.original_title,
        language=entry.language,
        countries=entry.countries,
        year=entry.year,
        released=_released(dice, entry.year),
        minutes=entry.minutes or 0,
        strictness=ratings.index(entry.rating) if entry.rating else 0,
        genres=entry.genres,
        directors=entry.directors,
        cast=entry.cast + base.cast[:6],
        overview=entry.overview,
        score=dice.between(72, 95),
        fame=dice.between(300, 1000),
        adult=False,
        in_catalog=True,
        lacks=lacks if entry.rating else lacks | {"content_rating"},
    )
