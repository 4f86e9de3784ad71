"""Whether an answer is about the film that was asked for: its values would be another film's. Pure."""

from collections.abc import Callable

from metarr_contracts.movie import ExternalIds
from metarr_enricher.providers.exchange import Response
from metarr_enricher.providers.outcomes import Answer, Found, Unexpected


def about(asked: ExternalIds, parse: Callable[[Response], Answer]) -> Callable[[Response], Answer]:
    """`parse`, but for answers that name another id than the one that was asked with; who names none is believed."""

    def parse_checked(response: Response) -> Answer:
        answer = parse(response)
        if not isinstance(answer, Found):
            return answer
        told = answer.ids
        if asked.tmdb is not None and told.tmdb not in (asked.tmdb, None):
            return Unexpected(f"The answer is about another film (TMDB {told.tmdb})")
        if asked.imdb is not None and told.imdb not in (asked.imdb, None):
            return Unexpected(f"The answer is about another film ({told.imdb})")
        return answer

    return parse_checked
