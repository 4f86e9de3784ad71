"""fanart.tv v3 as a pure function from path and query to an answer."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus

from metarr_sandbox import ids, picture_names
from metarr_sandbox.catalog import by_tmdb_id, normalised
from metarr_sandbox.dice import Dice, digest
from metarr_sandbox.film import Film
from metarr_sandbox.library import Library
from metarr_sandbox.wire import Answer, Asked, JsonObject, html, to_bytes, whole_number

KEY = "sandbox-fanart-key"
"""The project key: ``?api_key=`` or the ``api-key`` header."""
PERSONAL_KEY = "sandbox-fanart-personal-key"
"""A personal key: as ``client_key``, or alone in the place of the project key. It knows no limits."""

# Root key -> (kind of picture, extension, languages to choose from, tracked field that a film may lack).
_TYPES = {
    "hdmovielogo": ("logo", "png", ("en", "en", "de", "00"), "clearlogo"),
    "movieposter": ("poster", "jpg", ("en", "en", "de", "00"), "poster"),
    "moviebackground": ("backdrop", "jpg", ("", "", "en"), "fanart"),
    "movielogo": ("logo", "png", ("en", "fr"), "clearlogo"),
    "hdmovieclearart": ("clearart", "png", ("en", "de"), ""),
    "movieart": ("clearart", "png", ("en",), ""),
    "moviedisc": ("disc", "png", ("en", "fr"), ""),
    "moviebanner": ("banner", "jpg", ("en", "xx"), ""),
    "moviethumb": ("thumb", "jpg", ("en", "de"), ""),
    "moviesquare": ("square", "jpg", ("en",), ""),
    "movie4kbackground": ("backdrop", "jpg", ("",), "fanart"),
}
_MOST_OF_A_TYPE = 3
_USUAL = ("hdmovielogo", "movieposter", "moviebackground")

Query = Mapping[str, str]


def error(status: int, message: str) -> Answer:
    """An error in the classic form, whose second key contains a space."""
    return _json(status, {"status": "error", "error message": message})


def key_refused(query: Query, headers: Mapping[str, str], key: str) -> Answer | None:
    """The 401 for a missing or wrong project key."""
    given = query.get("api_key") or headers.get("api-key")
    if is_personal(query, headers):
        return None
    if not given:
        return error(401, "API key is required")
    return None if given == key else _json(401, {"error": "invalid API key"})


def is_personal(query: Query, headers: Mapping[str, str]) -> bool:
    """Whether the request carries the personal key, which by-passes the project key's limits."""
    places = (query.get("client_key"), headers.get("client-key"), query.get("api_key"), headers.get("api-key"))
    return PERSONAL_KEY in places


def throttled(form: str, retry_after: int) -> Answer:
    """429, with Retry-After in seconds unless the form says otherwise."""
    if form == "html":
        return html(429, "Too Many Requests")
    answer = error(429, "Too many requests")
    return answer if form == "bare" else Answer(429, answer.body, {**answer.headers, "Retry-After": str(retry_after)})


def ask(library: Library, path: str, query: Query, now: datetime, unknown_form: str = "mixed") -> Asked:
    """Recognise a request by its path below ``/v3`` (``/movies/550``). ``now`` is the sandbox's time."""
    match [step for step in path.split("/") if step]:
        case ["movies", "latest"]:
            return Asked("latest", "", partial(_latest, library, query, now))
        case ["movies", film_id]:
            return Asked("movies", film_id, partial(_movie, library, film_id, unknown_form))
        case _:
            return Asked("other", "", lambda: error(404, "Not found"))


def _json(status: int, body: object) -> Answer:
    caching = {"Cache-Control": "max-age=600"} if status == HTTPStatus.OK else {}
    return Answer(status, to_bytes(body), {"Content-Type": "application/json", "Server": "cloudflare", **caching})


def _film(library: Library, film_id: str) -> Film | None:
    number = ids.parse_imdb_id(film_id)
    if number is not None:
        return library.by_imdb_number(number)
    tmdb_id = whole_number(film_id)
    return None if tmdb_id is None else library.by_tmdb_id(tmdb_id)


def _movie(library: Library, film_id: str, unknown_form: str) -> Answer:
    film = _film(library, film_id)
    if film is not None and film.known_to("fanart"):
        return _json(200, movie_body(film))
    empty = digest("fanart unknown", film_id) % 2 == 0 if unknown_form == "mixed" else unknown_form == "empty"
    return _json(200, {}) if empty else error(404, "Not found")


def movie_body(film: Film) -> JsonObject:
    """All pictures of a film: a type without any is absent, and each type has its count beside it."""
    dice = film.dice("fanart")
    body: JsonObject = {"name": film.title, "tmdb_id": str(film.tmdb_id)}
    if film.imdb_id:
        body["imdb_id"] = film.imdb_id
    counts: JsonObject = {}
    for name, (_, _, _, field) in _TYPES.items():
        if field not in film.lacks and dice.chance(92 if name in _USUAL else 35):
            body[name] = _pictures(film, name, dice)
            counts[f"{name}_count"] = len(body[name])
    return body | {"image_count": sum(counts.values())} | counts


def _pictures(film: Film, name: str, dice: Dice) -> list[JsonObject]:
    likes = sorted((dice.roll(12) for _ in range(dice.between(1, _MOST_OF_A_TYPE))), reverse=True)
    disc = {"disc": "1", "disc_type": dice.pick(("bluray", "dvd", "3d"))} if name == "moviedisc" else {}
    return [
        {
            "id": str(1000 + digest("image", film.tmdb_id, name, index) % 400_000),
            "url": _url(film, name, index),
            "lang": dice.pick(_TYPES[name][2]),
            "likes": str(count),
        }
        | disc
        for index, count in enumerate(likes)
    ]


def _url(film: Film, name: str, index: int) -> str:
    """The old form of address for films of odd id, today's flat one for the others."""
    kind, extension, _, _ = _TYPES[name]
    slug = re.sub(r"[^a-z0-9]+", "-", normalised(film.title)).strip("-") or "film"
    folder = f"movies/{film.tmdb_id}/{name}/" if film.tmdb_id % 2 else ""
    code = picture_names.code(film.tmdb_id, kind, index + _MOST_OF_A_TYPE * list(_TYPES).index(name))
    return f"https://assets.fanart.tv/fanart/{folder}{slug}-{code}.{extension}"


def _latest(library: Library, query: Query, now: datetime) -> Answer:
    since = whole_number(query.get("date", ""))
    day = (int(now.timestamp()) - 86_400 if since is None else since) // 86_400
    films = [library.by_tmdb_id(tmdb_id) for tmdb_id in by_tmdb_id() if digest("latest", tmdb_id, day) % 8 == 0]
    return _json(
        200,
        [
            {
                "tmdb_id": str(film.tmdb_id),
                "imdb_id": film.imdb_id,
                "name": film.title,
                "new_images": "1",
                "total_images": str(movie_body(film)["image_count"]),
            }
            for film in films
            if film is not None and film.known_to("fanart")
        ],
    )
