"""Which films TMDB changed on a day: the request for a page of the list and what its answer means.

https://developer.themoviedb.org/reference/changes-movie-list - of the page size and the totals nothing is certain, so
pages are asked for until one names no film that is new.
"""

from datetime import date, timedelta

from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import ChangesPage, ListedChanges, NotFound, Unexpected
from metarr_enricher.providers.reading import rows, tmdb_id
from metarr_enricher.providers.tmdb import read, signed_request

LAST_PAGE = 500


def request(day: date, page: int, key: str) -> ProviderRequest:
    """A page, counted from 1 up to 500, of the films that were changed on this UTC day.

    Nobody says whether TMDB counts `end_date` in: the day after is named, or all of the day might be left out. Films
    that were changed on that one may then be told too; they are on its own list anyway.
    """
    end = day + timedelta(days=1)
    query = {"start_date": day.isoformat(), "end_date": end.isoformat(), "page": str(page)}
    return signed_request("/movie/changes", query, key)


def parse(response: Response) -> ListedChanges:
    """The films that the page names. Never raises, whatever the response holds."""
    body, failure = read(response)
    if failure is not None:
        return Unexpected("TMDB has no list of changes") if isinstance(failure, NotFound) else failure
    results = body.get("results")
    if not isinstance(results, list):
        return Unexpected("TMDB answered without a list of changes")
    return ChangesPage(frozenset(found for item in rows(results) if (found := tmdb_id(item.get("id")))))
