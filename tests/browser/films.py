"""Libraries of well-known films, in the states in which the scenarios find them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.e2e.client import END_SECONDS, Api
from tests.e2e.library import films, ids_at, import_rows
from tests.e2e.system import System

from metarr_sandbox.catalog import demo_library

KNOWN = [row for row in demo_library() if {"imdbId", "tmdbId"} <= row.keys()]
"""Films with both ids, about which each provider has something to say."""


def known(title: str) -> dict[str, str | int]:
    """The row of the one with this title."""
    return next(row for row in KNOWN if row["title"] == title)


async def with_films(api: Api, rows: Sequence[object]) -> list[Any]:
    """Take in films; the library's films as the list shows them, once all answers know them."""
    await import_rows(api, rows)
    return await library_of(api, len(rows))


async def library_of(api: Api, number: int) -> list[Any]:
    """The films of the library once it has so many."""
    await api.bulk_status(lambda status: status["totalMovies"] == number)
    async with asyncio.timeout(END_SECONDS):
        while len(library := await films(api)) != number:
            await asyncio.sleep(0.05)
    return library


async def without_films(api: Api) -> None:
    """Remove all films of the library."""
    await asyncio.gather(*(api.request("DELETE", f"/api/movies/{film['id']}") for film in await films(api)))
    await library_of(api, 0)


async def refreshed(api: Api, of: Sequence[Any]) -> None:
    """Ask the providers about these films."""
    await asyncio.gather(*(_refreshed(api, film) for film in of))


async def _refreshed(api: Api, film: Any) -> None:
    async with api.socket() as socket:
        await api.refresh(socket, film["id"])


async def refreshed_without(system: System, api: Api, of: Sequence[Any], providers: Sequence[str]) -> None:
    """Ask about these films while some providers cannot answer, so that what those know is missing."""
    for provider in providers:
        await system.provider(provider, fault={"kind": "http", "ids": sorted(ids_at(provider, of))})
    await refreshed(api, of)
    for provider in providers:
        await system.provider(provider, fault=None)
