"""Which film an IMDb id or a title means at TMDB: the requests and the rule of identification.

https://developer.themoviedb.org/reference/find-by-id and https://developer.themoviedb.org/reference/search-movie
"""

from metarr_contracts.base import Json
from metarr_contracts.identifiers import normalise_title
from metarr_contracts.movie import Candidate
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import LookedUp, Lookup, NotFound
from metarr_enricher.providers.reading import day, name, rows, text, tmdb_id
from metarr_enricher.providers.tmdb import Locale, read, signed_request
from metarr_enricher.providers.tmdb_fields import picture

MAX_CANDIDATES = 10
MAX_LISTED = 20
"""As many as TMDB puts on a page."""
OVERVIEW_LENGTH = 300
THUMBNAIL = "w342"
YEARS_APART = 1


def looked_up_with(title: str, year: int | None, imdb: str | None) -> str:
    """How an answer says what was looked up: `imdb:tt0133093` or `title:the matrix|1999`."""
    return f"imdb:{imdb}" if imdb else f"title:{_comparable(title)}|{year or ''}"


def find_request(imdb: str, key: str, locale: Locale) -> ProviderRequest:
    """The film with this canonical IMDb id."""
    return signed_request(f"/find/{imdb}", {"external_source": "imdb_id", "language": str(locale)}, key)


def parse_find(response: Response) -> Lookup:
    """The film that has the IMDb id: the only one that TMDB names. An id of a series names none."""
    body, failure = read(response)
    if failure is not None:
        return _failed(failure)
    films = _candidates(body.get("movie_results"))
    return LookedUp(films[0].tmdb_id) if len(films) == 1 else LookedUp(candidates=films[:MAX_CANDIDATES])


def search_request(title: str, year: int | None, key: str, locale: Locale) -> ProviderRequest:
    """The films that may have this title.

    `year` finds a film by any of its release dates; `primary_release_year` would miss one whose first showing was at a
    festival the year before, which the rule of identification accepts. Without `region` the dates in the answer are the
    primary ones.
    """
    query = {"query": title, "include_adult": "false", "language": str(locale), "page": "1"}
    return signed_request("/search/movie", query | ({"year": str(year)} if year else {}), key)


def parse_search(response: Response, title: str, year: int | None) -> Lookup:
    """The one film that the title means, or else the first ten in TMDB's order for a person to choose from."""
    listed = parse_list(response)
    if not isinstance(listed, LookedUp):
        return listed
    meant = [candidate for candidate in listed.candidates if is_meant(candidate, title, year)]
    return LookedUp(meant[0].tmdb_id) if len(meant) == 1 else LookedUp(candidates=listed.candidates[:MAX_CANDIDATES])


def parse_list(response: Response) -> Lookup:
    """All films of the page in TMDB's order: a person who searches chooses, however sure we would be."""
    body, failure = read(response)
    if failure is not None:
        return _failed(failure)
    return LookedUp(candidates=_candidates(body.get("results"))[:MAX_LISTED])


def is_meant(candidate: Candidate, title: str, year: int | None) -> bool:
    """The rule of identification: the same title, as the library or the original has it, and a year at most one off."""
    titles = {_comparable(known) for known in (candidate.title, candidate.original_title) if known}
    near = year is None or (candidate.year is not None and abs(candidate.year - year) <= YEARS_APART)
    return near and _comparable(title) in titles


def _comparable(title: str) -> str:
    """A title of signs alone ("$") has no normalised form; it is compared as it stands."""
    return normalise_title(title) or title.strip().casefold()


def _failed(failure: NotFound | Lookup) -> Lookup:
    return LookedUp() if isinstance(failure, NotFound) else failure


def _candidates(results: Json) -> tuple[Candidate, ...]:
    read_ones = (_candidate(item) for item in rows(results))
    return tuple({found.tmdb_id: found for found in read_ones if found}.values())


def _candidate(item: dict[str, Json]) -> Candidate | None:
    found, title = tmdb_id(item.get("id")), name(item.get("title")) or name(item.get("original_title"))
    if found is None or title is None:
        return None
    released = day(item.get("release_date"))
    return Candidate(
        tmdb_id=found,
        title=title,
        original_title=name(item.get("original_title")),
        year=int(released[:4]) if released else None,
        poster=picture(item.get("poster_path"), THUMBNAIL),
        overview=_shortened(text(item.get("overview"))),
    )


def _shortened(overview: str | None) -> str | None:
    if overview is None or len(overview) <= OVERVIEW_LENGTH:
        return overview
    return overview[: OVERVIEW_LENGTH - 1].rsplit(maxsplit=1)[0].rstrip(" ,;:.-") + "…"
