"""The parsers of providers' answers, and what holds for whatever they make of one."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, get_args

from metarr_contracts.answers import ChangesAnswered, LookupAnswered, ProviderAnswered
from metarr_enricher.providers import fanart, omdb, tmdb, tmdb_changes, tmdb_lookup
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import ChangesPage, Failure, Found, LookedUp, NotFound

LARGEST_MESSAGE = 1_000_000
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL in JSON; a backslash before these letters may be one of the text's own."""
HOME = tmdb.Locale("en", "US")
PARSERS: dict[str, Callable[[Response], Any]] = {
    "tmdb": partial(tmdb.parse, locale=HOME),
    "omdb": omdb.parse,
    "fanart": partial(fanart.parse, language="en"),
    "find": tmdb_lookup.parse_find,
    "search": partial(tmdb_lookup.parse_search, title="The Matrix", year=1999),
    "list": tmdb_lookup.parse_list,
    "changes": tmdb_changes.parse,
}


def must_be_an_outcome(outcome: object) -> None:
    """An outcome whose values fit into a message: valid UTF-8, no NUL, no infinite number, below 1 MB."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    asked = {"movie_id": 1, "job_id": 1, "asked_with": "tmdb:603", "fetched_at": moment}
    stored: ProviderAnswered | LookupAnswered | ChangesAnswered
    if isinstance(outcome, Found):
        stored = ProviderAnswered(provider="tmdb", outcome="found", fields=outcome.fields, ids=outcome.ids, **asked)
    elif isinstance(outcome, LookedUp):
        stored = LookupAnswered(tmdb_id=outcome.tmdb_id, candidates=outcome.candidates, **asked)
    elif isinstance(outcome, ChangesPage):
        stored = ChangesAnswered(day=moment.date(), fetched_at=moment, tmdb_ids=tuple(outcome.tmdb_ids))
    else:
        assert isinstance(outcome, (NotFound, *get_args(Failure)))
        assert len(getattr(outcome, "message", "")) < 300
        return
    message = stored.to_json()
    assert len(message) < LARGEST_MESSAGE
    assert NUL.search(message) is None
    assert type(stored).model_validate_json(message) == stored
