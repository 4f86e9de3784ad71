"""Fields of a film from OMDb's answer: every value is a text, and a missing one says N/A."""

import re
from datetime import date

from metarr_contracts.answers import AnsweredValue
from metarr_contracts.base import Json
from metarr_enricher.providers.answered import answered
from metarr_enricher.providers.languages import ENGLISH
from metarr_enricher.providers.reading import name, names, positive, rating, rows, text, web_address, whole, year_of

MISSING = "N/A"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
RELEASED = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})", re.ASCII)
RUNTIME = re.compile(r"(?:(\d{1,3}) ?h(?:ours?|rs?)?)? ?(?:([\d,]{1,6}) ?min(?:utes|s)?\.?)?", re.ASCII)
NOTE = re.compile(r"\([^()]*\)")
# "Nominated for 1 BAFTA Award7 wins": the blank and the full stop between two sentences get lost.
LOST_STOP = re.compile(r"(?<=[A-Za-z])(?=\d+ (?:win|nomination)s?\b)")
PERCENT = re.compile(r"(\d{1,3})(?:%|/100)?", re.ASCII)
FULL_SCORE = 100
MAX_ACTORS = 20


def film_fields(body: dict[str, Json]) -> dict[str, AnsweredValue]:
    """The fields of the film; OMDb speaks English only."""
    said = {key: value for key, value in body.items() if value != MISSING}
    return {**answered(_texts(said), ENGLISH), **answered(_facts(said))}


def _texts(said: dict[str, Json]) -> dict[str, Json]:
    return {
        "title": name(said.get("Title")),
        "plot": text(said.get("Plot")),
        "genres": listed(said.get("Genre")),
        "awards": awards(said.get("Awards")),
    }


def _facts(said: dict[str, Json]) -> dict[str, Json]:
    scores = {str(score.get("Source")): score.get("Value") for score in rows(said.get("Ratings"))}
    return {
        "release_date": released(said.get("Released")),
        "year": year_of(said.get("Year")),
        "runtime": runtime(said.get("Runtime")),
        "content_rating": name(said.get("Rated")),
        "imdb_rating": rating(said.get("imdbRating")),
        "imdb_votes": positive(said.get("imdbVotes")),
        "rotten_tomatoes_score": percent(scores.get("Rotten Tomatoes")),
        "metacritic_score": percent(scores.get("Metacritic", said.get("Metascore"))),
        "directors": listed(said.get("Director")),
        "writers": listed(said.get("Writer")),
        "cast": [{"name": actor, "role": None} for actor in listed(said.get("Actors"))[:MAX_ACTORS]],
        "countries": listed(said.get("Country")),
        "poster": web_address(said.get("Poster")),
    }


def listed(value: Json) -> list[Json]:
    """The items of a list in one text, without notes such as `(screenplay)`; a note may hold commas of its own."""
    whole_list = NOTE.sub("", text(value) or "")
    return names(item for item in whole_list.split(",") if item.strip() != MISSING)


def released(value: Json) -> str | None:
    """`14 Jun 2013` as `2013-06-14`; month names are English whatever the machine's language is."""
    match = RELEASED.fullmatch(name(value) or "")
    if match is None or match[2].lower() not in MONTHS:
        return None
    try:
        return date(int(match[3]), MONTHS.index(match[2].lower()) + 1, int(match[1])).isoformat()
    except ValueError:
        return None


def runtime(value: Json) -> int | None:
    """Minutes of `143 min` or `1 h 30 min`."""
    match = RUNTIME.fullmatch(name(value) or "")
    if match is None:
        return None
    return 60 * (whole(match[1]) or 0) + (whole(match[2]) or 0) or None


def awards(value: Json) -> str | None:
    """The sentences on awards, with the full stop that OMDb loses between them."""
    said = name(value)
    return LOST_STOP.sub(". ", said) if said else None


def percent(value: Json) -> int | None:
    """A score from 0 to 100; 0 is a score that films have."""
    match = PERCENT.fullmatch(name(value) or "")
    score = int(match[1]) if match else None
    return score if score is not None and score <= FULL_SCORE else None
