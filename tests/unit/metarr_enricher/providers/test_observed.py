"""Every HTTP request to a provider is counted with its outcome, a repeated one too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import pytest

from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers import omdb
from metarr_enricher.providers.client import Client, Pace
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import LookedUp, Throttled, Unavailable

NOT_FOUND = Response(200, {}, b'{"Response":"False","Error":"Movie not found!"}')
REFUSED = Response(401, {}, b'{"Response":"False","Error":"Invalid API key!"}')
THROTTLED = Response(429, {}, b"")
DOWN = Response(503, {}, b"<html>")
SILENT = Unavailable("it did not answer in time")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([NOT_FOUND], ["not_found"]),
        ([REFUSED], ["unauthorized"]),
        ([THROTTLED], ["throttled"]),
        ([DOWN, NOT_FOUND], ["unavailable", "not_found"]),
        ([SILENT, DOWN, SILENT], ["unavailable", "unavailable", "unavailable"]),
    ],
)
async def test_each_request_is_heard_of(answers: list[Response | Unavailable], expected: list[str]) -> None:
    """Once, with the time from sending to the answer."""
    left, heard = list(answers), []

    class Script:
        async def send(self, _request: ProviderRequest) -> Response | Unavailable:
            return left.pop(0)

    @asynccontextmanager
    async def gate(_lane: Lane) -> AsyncIterator[None]:
        yield

    async def sleep(_seconds: float) -> None:
        pass

    async def throttled(_outcome: Throttled) -> None:
        pass

    pace = Pace(gate, throttled, sleep, observe=lambda outcome, seconds: heard.append((outcome, seconds)))
    began = perf_counter()
    await Client(Script(), 1, pace).ask(omdb.request("tt0133093", "key"), omdb.parse, MANUAL)
    took = perf_counter() - began
    assert [outcome for outcome, _ in heard] == expected
    assert all(0 <= seconds <= took for _, seconds in heard)


def test_a_search_without_a_result_has_found_nothing() -> None:
    """A search has an outcome as a question about a film has."""
    assert LookedUp().outcome == "not_found"
    assert LookedUp(tmdb_id=603).outcome == "found"
