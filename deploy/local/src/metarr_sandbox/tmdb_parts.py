"""TMDB bodies of a film's sub-resources, which may be asked for directly or appended to its details."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from metarr_sandbox import words
from metarr_sandbox.dice import Dice, digest, letters
from metarr_sandbox.film import Film, person
from metarr_sandbox.picture_names import tmdb_path
from metarr_sandbox.tmdb_details import has_translation, texts
from metarr_sandbox.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Wish:
    """The query parameters that a sub-resource may look at. ``image_languages`` None means all."""

    language: str
    image_languages: frozenset[str | None] | None
    country: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wish":
        """Read ``language``, ``include_image_language`` and ``country``."""
        language = query.get("language", "")[:2].lower()
        codes = [code for code in (language, *query.get("include_image_language", "").split(",")) if code]
        images = frozenset(None if code == "null" else code for code in codes) or None
        return cls(language or "en", images, query.get("country", ""))


def object_id(*key: object) -> str:
    """The 24 hex digits by which TMDB names credits, videos and changes."""
    return f"{digest(*key):016x}{digest(key):016x}"[:24]


@lru_cache(maxsize=10_000)
def _portrait(name: str) -> tuple[int, str]:
    """A person's TMDB id and picture; there are about nine thousand names."""
    number = 1_000 + digest("person", name) % 3_000_000
    return number, tmdb_path(number, "profile")


def _human(name: str, department: str, dice: Dice) -> JsonObject:
    number, portrait = _portrait(name)
    return {
        "adult": False,
        "gender": dice.roll(3),
        "id": number,
        "known_for_department": department,
        "name": name,
        "original_name": name,
        "popularity": round(dice.roll(90_000) / 10_000, 4),
        "profile_path": portrait if dice.chance(70) else None,
    }


def _credits(film: Film, _wish: Wish) -> JsonObject:
    dice = film.dice("credits")
    cast = [
        _human(name, "Acting", dice)
        | {
            "cast_id": order + 1,
            "character": person(dice),
            "credit_id": object_id("cast", film.tmdb_id, order),
            "order": order,
        }
        for order, name in enumerate(film.cast)
    ]
    jobs = [("Directing", "Director", name) for name in film.directors]
    if "writers" not in film.lacks:
        jobs += [("Writing", dice.pick(("Screenplay", "Writer", "Story")), name) for name in film.writers]
    jobs += [
        ("Production", "Producer", person(dice)),
        ("Camera", "Director of Photography", person(dice)),
        ("Sound", "Original Music Composer", person(dice)),
    ]
    crew = [
        _human(name, department, dice)
        | {"credit_id": object_id("crew", film.tmdb_id, place), "department": department, "job": job}
        for place, (department, job, name) in enumerate(jobs)
    ]
    return {"cast": cast, "crew": crew}


def _release_dates(film: Film, _wish: Wish) -> JsonObject:
    dice = film.dice("release dates")
    home = film.countries[:1]
    results = []
    for country in dict.fromkeys((*home, "US", *dice.some(("GB", "DE", "FR", "AU"), 3))):
        day = film.released + timedelta(days=0 if (country,) == home else dice.roll(60))
        ladder = words.CERTIFICATIONS.get(country)
        certification = "" if ladder is None or "content_rating" in film.lacks else ladder[film.strictness]
        results.append({"iso_3166_1": country, "release_dates": _releases(day.isoformat(), certification, dice)})
    return {"results": sorted(results, key=lambda result: str(result["iso_3166_1"]))}


def _releases(day: str, certification: str, dice: Dice) -> list[JsonObject]:
    def release(kind: int, rated: str, note: str) -> JsonObject:
        return {
            "certification": rated,
            "descriptors": [],
            "iso_639_1": "",
            "note": note,
            "release_date": f"{day}T00:00:00.000Z",
            "type": kind,
        }

    premiere = [release(1, "", "Festival premiere")] if dice.chance(20) else []
    return [*premiere, release(3, certification, "")]


def _external_ids(film: Film, _wish: Wish) -> JsonObject:
    dice = film.dice("external ids")
    return {
        "imdb_id": film.imdb_id,
        "wikidata_id": f"Q{dice.between(1000, 99_999_999)}" if dice.chance(80) else None,
        "facebook_id": f"film{film.tmdb_id}" if dice.chance(30) else None,
        "instagram_id": f"film.{film.tmdb_id}" if dice.chance(15) else None,
        "twitter_id": None,
    }


def _keywords(film: Film, _wish: Wish) -> JsonObject:
    dice = film.dice("keywords")
    names = dice.some(words.KEYWORDS, dice.roll(7))
    return {"keywords": [{"id": 800 + words.KEYWORDS.index(name), "name": name} for name in names]}


def _image(film: Film, kind: str, index: int, language: str | None, size: tuple[int, int]) -> JsonObject:
    width, height = size
    return {
        "aspect_ratio": round(width / height, 3),
        "height": height,
        "iso_639_1": language,
        "file_path": tmdb_path(film.tmdb_id, kind, index),
        "vote_average": round(6 - index / 7, 3),
        "vote_count": max(1, 12 - index),
        "width": width,
    }


# Which languages a film's pictures of a kind have, best first; index 0 is the one that details name.
_SETS = (
    ("backdrops", "fanart", "backdrop", (1920, 1080), (None, None, "en")),
    ("logos", "clearlogo", "logo", (1804, 389), ("en", "de")),
    ("posters", "poster", "poster", (2000, 3000), ("en", None, "de", "fr")),
)


def _images(film: Film, wish: Wish) -> JsonObject:
    return {
        key: [
            _image(film, kind, index, language, size)
            for index, language in enumerate(languages)
            if field not in film.lacks and (wish.image_languages is None or language in wish.image_languages)
        ]
        for key, field, kind, size, languages in _SETS
    }


def _videos(film: Film, wish: Wish) -> JsonObject:
    if "trailer" in film.lacks or not has_translation(film, wish.language):
        return {"results": []}
    dice = film.dice("videos")
    kinds = ("Trailer", *(("Teaser", "Featurette")[: dice.roll(3)]))
    return {
        "results": [
            {
                "iso_639_1": wish.language,
                "iso_3166_1": words.HOME_OF_LANGUAGE.get(wish.language, "US"),
                "name": f"Official {kind}",
                "key": letters(11, "video", film.tmdb_id, wish.language, kind),
                "site": "Vimeo" if dice.chance(5) else "YouTube",
                "size": dice.pick((480, 720, 1080)),
                "type": kind,
                "official": dice.chance(70),
                "published_at": f"{max(2006, film.year)}-{dice.between(1, 12):02d}-02T19:20:22.000Z",
                "id": object_id("video", film.tmdb_id, kind),
            }
            for kind in kinds
        ]
    }


def _alternative_titles(film: Film, wish: Wish) -> JsonObject:
    titles = [("US", f"{film.title} (Working Title)", "working title")] if film.dice("titles").chance(30) else []
    if film.original_title != film.title:
        titles.append((film.countries[0] if film.countries else "US", film.original_title, ""))
    return {
        "titles": [
            {"iso_3166_1": country, "title": title, "type": kind}
            for country, title, kind in titles
            if wish.country in {"", country}
        ]
    }


def _translations(film: Film, _wish: Wish) -> JsonObject:
    found = []
    for language in ("en", *words.TRANSLATED):
        if not has_translation(film, language):
            continue
        title, overview, tagline = texts(film, language)
        english_name, own_name = words.LANGUAGES[language]
        found.append(
            {
                "iso_3166_1": words.HOME_OF_LANGUAGE[language],
                "iso_639_1": language,
                "name": own_name,
                "english_name": english_name,
                "data": {
                    "homepage": "",
                    "overview": overview,
                    "runtime": film.minutes if language == "en" else 0,
                    "tagline": tagline,
                    "title": "" if title == film.original_title else title,
                },
            }
        )
    return {"translations": found}


PARTS: dict[str, Callable[[Film, Wish], JsonObject]] = {
    "credits": _credits,
    "release_dates": _release_dates,
    "external_ids": _external_ids,
    "keywords": _keywords,
    "images": _images,
    "videos": _videos,
    "alternative_titles": _alternative_titles,
    "translations": _translations,
}
