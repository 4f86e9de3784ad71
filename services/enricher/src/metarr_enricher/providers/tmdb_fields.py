"""Fields of a film from TMDB's details; the order of keys and of crews varies between answers, so none is relied on."""

import re

from metarr_contracts.answers import AnsweredValue
from metarr_contracts.base import Json
from metarr_enricher.providers.answered import answered
from metarr_enricher.providers.languages import language_of, with_words
from metarr_enricher.providers.reading import (
    day,
    mapping,
    name,
    names,
    number,
    positive,
    rating,
    rows,
    text,
    whole,
    year_of,
)

PICTURES = "https://image.tmdb.org/t/p"
# Vector drawings are left out: the pictures of a library are shown by players that know none.
PICTURE_PATH = re.compile(r"/[\w-]{1,100}\.(?:jpe?g|png|webp)", re.ASCII | re.IGNORECASE)
VIDEO_KEY = re.compile(r"[\w-]{6,20}", re.ASCII)
FALLBACK_REGION = "US"
CAST_SHOWN = 20
LAST_BILLED = 10**9
# Kinds of release: 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 television
RELEASES = (3, 2, 1, 4, 5, 6)
# Who wrote the film itself comes before whom it is based on.
WRITING = (
    "Screenplay",
    "Writer",
    "Co-Writer",
    "Screenstory",
    "Adaptation",
    "Teleplay",
    "Story",
    "Original Story",
    "Author",
    "Novel",
    "Book",
    "Short Story",
    "Theatre Play",
    "Comic Book",
    "Graphic Novel",
    "Characters",
)


def details_fields(body: dict[str, Json], language: str, region: str) -> dict[str, AnsweredValue]:
    """The fields of the film. What TMDB translates carries the language that was asked for."""
    return {
        **answered(_texts(body), language),
        **answered(_facts(body, region)),
        **_picture(body, "poster", "poster_path", "posters"),
        **_picture(body, "fanart", "backdrop_path", "backdrops"),
        **_logo(body, language),
        **_trailer(body, language),
    }


def _texts(body: dict[str, Json]) -> dict[str, Json]:
    return {
        "title": name(body.get("title")),
        "plot": text(body.get("overview")),
        "tagline": text(body.get("tagline")),
        "genres": _names(body, "genres"),
        "collection": name(mapping(body.get("belongs_to_collection")).get("name")),
    }


def _facts(body: dict[str, Json], region: str) -> dict[str, Json]:
    crew, votes = rows(mapping(body.get("credits")).get("crew")), positive(body.get("vote_count"))
    return {
        "release_date": day(body.get("release_date")),
        "year": year_of(day(body.get("release_date"))),
        "runtime": positive(body.get("runtime")),
        "content_rating": _certification(body, region) or _certification(body, FALLBACK_REGION),
        "tmdb_rating": rating(body.get("vote_average")) if votes else None,
        "tmdb_votes": votes,
        "directors": names(person.get("name") for person in crew if person.get("job") == "Director"),
        "writers": _writers(crew),
        "cast": _cast(body),
        "studios": _names(body, "production_companies"),
        "countries": _names(body, "production_countries"),
        "original_title": name(body.get("original_title")),
        "original_language": language_of(body.get("original_language")),
    }


def _names(body: dict[str, Json], key: str) -> list[Json]:
    return names(item.get("name") for item in rows(body.get(key)))


def _writers(crew: list[dict[str, Json]]) -> list[Json]:
    jobs = [(str(person.get("job")), person.get("name")) for person in crew if person.get("department") == "Writing"]
    return names(written for job in WRITING for held, written in jobs if held == job)


def _cast(body: dict[str, Json]) -> list[Json]:
    billed = sorted(rows(mapping(body.get("credits")).get("cast")), key=_billing)
    played = [(name(actor.get("name")), name(actor.get("character"))) for actor in billed]
    shown: list[Json] = [{"name": actor, "role": role} for actor, role in played if actor]
    return shown[:CAST_SHOWN]


def _billing(actor: dict[str, Json]) -> int:
    place = whole(actor.get("order"))
    return LAST_BILLED if place is None else place


def _certification(body: dict[str, Json], region: str) -> str | None:
    """The certificate of the film's first showing in the region's cinemas, else of its first other release there."""
    releases = [
        release
        for country in rows(mapping(body.get("release_dates")).get("results"))
        if country.get("iso_3166_1") == region
        for release in rows(country.get("release_dates"))
    ]
    certified = [release for release in releases if name(release.get("certification"))]
    first = min(certified, key=_showing, default=None)
    return name(first.get("certification")) if first else None


def _showing(release: dict[str, Json]) -> tuple[int, str]:
    kind = whole(release.get("type"))
    return RELEASES.index(kind) if kind in RELEASES else len(RELEASES), str(release.get("release_date"))


def picture(path: Json, size: str = "original") -> str | None:
    """The absolute address of a picture."""
    return f"{PICTURES}/{size}{path}" if isinstance(path, str) and PICTURE_PATH.fullmatch(path) else None


def _picture(body: dict[str, Json], field: str, key: str, kind: str) -> dict[str, AnsweredValue]:
    """The picture that TMDB itself prefers; its language is only told in the list of all pictures."""
    path = body.get(key)
    listed = (image for image in rows(mapping(body.get("images")).get(kind)) if image.get("file_path") == path)
    return answered({field: picture(path)}, language_of(next(listed, {}).get("iso_639_1")))


def _logo(body: dict[str, Json], language: str) -> dict[str, AnsweredValue]:
    logos = [logo for logo in rows(mapping(body.get("images")).get("logos")) if picture(logo.get("file_path"))]
    best = min(logos, key=lambda logo: (_rank(logo, language), *_dislike(logo)), default={})
    return answered({"clearlogo": picture(best.get("file_path"))}, language_of(best.get("iso_639_1")))


def _rank(item: dict[str, Json], language: str) -> int:
    return with_words(language_of(item.get("iso_639_1")), language)


def _dislike(image: dict[str, Json]) -> tuple[float, float]:
    return -(number(image.get("vote_average")) or 0), -(number(image.get("vote_count")) or 0)


def _trailer(body: dict[str, Json], language: str) -> dict[str, AnsweredValue]:
    """A trailer before a teaser, then by language, official ones first, large ones first."""
    videos = [video for video in rows(mapping(body.get("videos")).get("results")) if _is_trailer(video)]
    best = min(videos, key=lambda video: (video["type"] != "Trailer", *_appeal(video, language)), default=None)
    if best is None:
        return {}
    address = f"https://www.youtube.com/watch?v={best['key']}"
    return answered({"trailer": address}, language_of(best.get("iso_639_1")))


def _is_trailer(video: dict[str, Json]) -> bool:
    key = video.get("key")
    playable = video.get("site") == "YouTube" and isinstance(key, str) and VIDEO_KEY.fullmatch(key) is not None
    return playable and video.get("type") in ("Trailer", "Teaser")


def _appeal(video: dict[str, Json], language: str) -> tuple[int, bool, float]:
    return _rank(video, language), video.get("official") is not True, -(number(video.get("size")) or 0)
