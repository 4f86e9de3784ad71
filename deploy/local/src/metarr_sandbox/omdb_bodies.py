"""OMDb bodies: one film, and the items of a search."""

from datetime import timedelta

from metarr_sandbox import picture_names, words
from metarr_sandbox.dice import Dice, letters
from metarr_sandbox.film import Film
from metarr_sandbox.wire import JsonObject

_MISSING = "N/A"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def poster(film: Film) -> str:
    """The poster's address at Amazon, or N/A."""
    if "poster" in film.lacks:
        return _MISSING
    rest = letters(22, "amazon", film.tmdb_id)
    return f"https://m.media-amazon.com/images/M/MV5B{picture_names.code(film.tmdb_id, 'poster')}{rest}@._V1_SX300.jpg"


def search_item(film: Film) -> JsonObject:
    """The film as an item of ``Search``."""
    return {
        "Title": film.title,
        "Year": str(film.year),
        "imdbID": film.imdb_id,
        "Type": "movie",
        "Poster": poster(film),
    }


def _unless(film: Film, field: str, value: str) -> str:
    return _MISSING if field in film.lacks else value


def _awards(dice: Dice) -> str:
    wins, nominations = dice.roll(40), 1 + dice.roll(90)
    rest = f"{wins} wins & {nominations} nominations total" if wins > 1 else f"{nominations} nominations"
    form = dice.roll(4)
    if form == 0:
        return f"Won {1 + dice.roll(5)} Oscars. {rest}"
    if form == 1:
        return f"Nominated for 1 BAFTA Award{rest}"
    return rest


def _ratings(film: Film, imdb: str, rotten: str, metascore: str) -> list[JsonObject]:
    found = (
        ("imdb_rating", "Internet Movie Database", f"{imdb}/10"),
        ("rotten_tomatoes_score", "Rotten Tomatoes", rotten),
        ("metacritic_score", "Metacritic", f"{metascore}/100"),
    )
    return [{"Source": source, "Value": value} for field, source, value in found if field not in film.lacks]


def title_body(film: Film, *, full_plot: bool) -> JsonObject:
    """The body of ``i=`` and ``t=``: every value a string, but ``Ratings``; what is missing is N/A."""
    dice = film.dice("omdb")
    imdb = f"{(film.score + dice.between(-4, 4)) / 10:.1f}"
    rotten, metascore = f"{min(100, film.score + dice.between(-8, 8))}%", str(film.score - dice.between(0, 9))
    day = film.released + timedelta(days=dice.roll(3))
    plot = film.overview if not full_plot else f"{film.overview} {dice.pick(words.TAGLINES)}"
    return {
        "Title": film.title,
        "Year": str(film.year),
        "Rated": _unless(film, "content_rating", words.CERTIFICATIONS["US"][film.strictness]),
        "Released": f"{day.day:02d} {_MONTHS[day.month - 1]} {day.year}",
        "Runtime": _unless(film, "runtime", f"{film.minutes + dice.roll(2)} min"),
        "Genre": ", ".join(words.OMDB_GENRES.get(name, name) for name in film.genres[:3]) or _MISSING,
        "Director": ", ".join(film.directors) or _MISSING,
        "Writer": _unless(film, "writers", ", ".join(film.writers)),
        "Actors": ", ".join(film.cast[:4]) or _MISSING,
        "Plot": _unless(film, "plot", plot),
        "Language": words.LANGUAGES[film.language][0],
        "Country": _unless(film, "countries", ", ".join(words.COUNTRIES[code][1] for code in film.countries)),
        "Awards": _unless(film, "awards", _awards(dice)),
        "Poster": poster(film),
        "Ratings": _ratings(film, imdb, rotten, metascore),
        "Metascore": _unless(film, "metacritic_score", metascore),
        "imdbRating": _unless(film, "imdb_rating", imdb),
        "imdbVotes": _unless(film, "imdb_rating", f"{film.fame * film.fame + dice.roll(900):,}"),
        "imdbID": film.imdb_id,
        "Type": "movie",
        "DVD": _MISSING,
        "BoxOffice": f"${dice.between(10_000, 400_000_000):,}" if dice.chance(60) else _MISSING,
        "Production": _MISSING,
        "Website": _MISSING,
        "Response": "True",
    }
