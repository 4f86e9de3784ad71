"""TMDB bodies: film details, search and find items, the configuration."""

from metarr_sandbox import words
from metarr_sandbox.dice import digest
from metarr_sandbox.film import Film
from metarr_sandbox.picture_names import tmdb_path
from metarr_sandbox.wire import JsonObject

_SIZES = {
    "backdrop_sizes": ["w300", "w780", "w1280", "original"],
    "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
    "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
    "profile_sizes": ["w45", "w185", "h632", "original"],
    "still_sizes": ["w92", "w185", "w300", "original"],
}
_CHANGE_KEYS = (
    "adult air_date also_known_as alternative_titles biography birthday budget cast certifications character_names "
    "created_by crew deathday episode episode_number episode_run_time freebase_id freebase_mid general genres "
    "guest_stars homepage images imdb_id languages name network origin_country original_name original_title overview "
    "parts place_of_birth plot_keywords production_code production_companies production_countries releases revenue "
    "runtime season season_number season_regular spoken_languages status tagline title translations tvdb_id tvrage_id "
    "type video videos"
)
CONFIGURATION: JsonObject = {
    "change_keys": _CHANGE_KEYS.split(),
    "images": {
        "base_url": "http://image.tmdb.org/t/p/",
        "secure_base_url": "https://image.tmdb.org/t/p/",
        **_SIZES,
    },
}


def texts(film: Film, language: str) -> tuple[str, str, str]:
    """Title, overview and tagline in a language: ``""`` and the original title where there is no translation."""
    overview = "" if "plot" in film.lacks else film.overview
    tagline = "" if "tagline" in film.lacks else film.tagline
    if language == "en":
        untranslated = film.language != "en" and not film.in_catalog and film.dice("english").chance(15)
        return (film.original_title, "", "") if untranslated else (film.title, overview, tagline)
    frame = words.TRANSLATED.get(language)
    if frame is None or not has_translation(film, language):
        return film.original_title, "", ""
    title = film.original_title if language == film.language else film.title
    return title, overview and frame[0].format(title=title), tagline and frame[1]


def has_translation(film: Film, language: str) -> bool:
    """Whether somebody has translated the film's texts."""
    return language in {"en", film.language} or digest("translation", film.tmdb_id, language) % 1000 < film.fame + 300


def votes(film: Film) -> tuple[float, int]:
    """TMDB's average (three decimals) and number of votes; 0.0 and 0 when nobody has voted."""
    if "tmdb_rating" in film.lacks:
        return 0.0, 0
    dice = film.dice("tmdb votes")
    return round(
        min(9.2, (film.score * 10 + dice.between(-60, 40)) / 100 + dice.roll(100) / 1000), 3
    ), 3 * film.fame + 7


def _picture(film: Film, field: str, kind: str) -> str | None:
    return None if field in film.lacks else tmdb_path(film.tmdb_id, kind)


def item(film: Film, language: str, *, media_type: bool = False) -> JsonObject:
    """The film as an item of a search or, with ``media_type``, of a find."""
    title, overview, _ = texts(film, language)
    average, count = votes(film)
    body: JsonObject = {
        "adult": film.adult,
        "backdrop_path": _picture(film, "fanart", "backdrop"),
        "id": film.tmdb_id,
        "title": title,
        "original_language": film.language,
        "original_title": film.original_title,
        "overview": overview,
        "poster_path": _picture(film, "poster", "poster"),
    }
    if media_type:
        body["media_type"] = "movie"
    return body | {
        "genre_ids": [words.GENRES[name] for name in film.genres],
        "popularity": popularity(film),
        "release_date": film.released.isoformat(),
        "video": False,
        "vote_average": average,
        "vote_count": count,
    }


def popularity(film: Film) -> float:
    """TMDB's popularity, four decimals."""
    return round(film.fame / 9 + film.dice("popularity").roll(10_000) / 10_000, 4)


def found(film: Film | None, language: str) -> JsonObject:
    """The body of ``/find``: five arrays, of which ours fills the first."""
    return {
        "movie_results": [] if film is None else [item(film, language, media_type=True)],
        "person_results": [],
        "tv_results": [],
        "tv_episode_results": [],
        "tv_season_results": [],
    }


def _collection(film: Film) -> JsonObject | None:
    dice = film.dice("collection")
    if not dice.chance(20):
        return None
    number = dice.between(1000, 900_000)
    return {
        "id": number,
        "name": f"{film.title.partition(':')[0]} Collection",
        "poster_path": tmdb_path(film.tmdb_id, "poster", 40),
        "backdrop_path": tmdb_path(film.tmdb_id, "backdrop", 40) if dice.chance(80) else None,
    }


def _companies(film: Film) -> list[JsonObject]:
    if "studios" in film.lacks:
        return []
    return [
        {
            "id": 500 + words.COMPANIES.index(name),
            "logo_path": None if place else tmdb_path(500 + words.COMPANIES.index(name), "company"),
            "name": name,
            "origin_country": "" if place > 1 else film.countries[0] if film.countries else "",
        }
        for place, name in enumerate(film.companies)
    ]


def details(film: Film, language: str) -> JsonObject:
    """The body of ``/movie/{id}`` without anything appended."""
    title, overview, tagline = texts(film, language)
    average, count = votes(film)
    dice = film.dice("details")
    english_name, own_name = words.LANGUAGES[film.language]
    return {
        "adult": film.adult,
        "backdrop_path": _picture(film, "fanart", "backdrop"),
        "belongs_to_collection": _collection(film),
        "budget": dice.between(1, 200) * 1_000_000 if dice.chance(60) else 0,
        "genres": [{"id": words.GENRES[name], "name": name} for name in film.genres],
        "homepage": f"https://www.example.com/films/{film.tmdb_id}" if dice.chance(40) else "",
        "id": film.tmdb_id,
        "imdb_id": film.imdb_id,
        "origin_country": list(film.countries[:1]),
        "original_language": film.language,
        "original_title": film.original_title,
        "overview": overview,
        "popularity": popularity(film),
        "poster_path": _picture(film, "poster", "poster"),
        "production_companies": _companies(film),
        "production_countries": _countries(film),
        "release_date": film.released.isoformat(),
        "revenue": dice.between(1, 900_000_000) if dice.chance(55) else 0,
        "runtime": (None if dice.chance(20) else 0) if "runtime" in film.lacks else film.minutes,
        "spoken_languages": [{"english_name": english_name, "iso_639_1": film.language, "name": own_name}],
        "status": "Released",
        "tagline": tagline,
        "title": title,
        "video": False,
        "vote_average": average,
        "vote_count": count,
    }


def _countries(film: Film) -> list[JsonObject]:
    if "countries" in film.lacks:
        return []
    return [{"iso_3166_1": code, "name": words.COUNTRIES[code][0]} for code in film.countries]
