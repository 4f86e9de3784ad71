"""Filling a library: made-up films by the thousand, and the list of 1,794 real titles."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.client import Api

from metarr_sandbox.ids import format_imdb_id, tmdb_id_of

BECHDEL = Path(__file__).parents[2] / ".." / "shared" / "data" / "library" / "fivethirtyeight_bechdel_movies.csv"
BECHDEL_FILMS = 1_794
needs_bechdel = pytest.mark.skipif(
    not BECHDEL.exists(), reason="the list of 1,794 real titles is not beside the project"
)

FIRST_MADE_UP = 20_000_000
"""IMDb number of the first made-up film: far from those of the catalog."""


def made_up(count: int, first: int = FIRST_MADE_UP) -> Iterator[dict[str, object]]:
    """Import rows of films that have both ids, as the sandbox pairs them; it knows 99 % of them at each of two."""
    for number in range(first, first + count):
        yield {"title": f"Made Up {number}", "imdbId": format_imdb_id(number), "tmdbId": tmdb_id_of(number)}


async def import_rows(api: Api, rows: Iterable[object], seconds: float = 600) -> dict[str, int]:
    """Import rows and return how many were added, unchanged, and so on, once all answers know them."""
    lines = "\n".join(json.dumps(row) for row in rows)
    answer = await api.request(
        "POST", "/api/movies/import", data=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status in {200, 202}, answer
    if answer.status == 200:
        await known(api, answer.data["seq"])
        return {name: answer.data[name] for name in ("added", "unchanged", "conflict", "rejected")}
    counts: dict[str, int] = (await import_ended(api, answer.data["jobId"], seconds))["counts"]
    return counts


async def known(api: Api, seq: int, seconds: float = 300) -> None:
    """Wait until the read models hold this sequence."""
    async with asyncio.timeout(seconds):
        while (await api.get("/api/movies", limit=1, after=seq)).status != 200:
            await asyncio.sleep(0.1)


async def import_ended(api: Api, job_id: int, seconds: float = 300) -> Any:
    """Wait until an import job is completed and return its report."""
    async with asyncio.timeout(seconds):
        while (job := (await api.get(f"/api/jobs/{job_id}")).data)["state"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
    assert job["state"] == "completed", job
    return job["report"]


async def import_csv(api: Api, content: bytes) -> Any:
    """Post a short CSV file and return the answer's data."""
    answer = await api.request("POST", "/api/movies/import", data=content, headers={"Content-Type": "text/csv"})
    assert answer.status == 200, answer.body
    return answer.data


async def import_bechdel(api: Api) -> Any:
    """Import the 1,794 real titles and return the answer's data; a test that does so is marked `needs_bechdel`."""
    return await import_csv(api, BECHDEL.read_bytes())


async def films(api: Api) -> list[Any]:
    """All films of the library as the list shows them, in the order of their ids."""
    found: list[Any] = []
    cursor: dict[str, object] = {}
    while True:
        page = (await api.get("/api/movies", sort="id", limit=200, **cursor)).data
        found += page["movies"]
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


def ids_at(provider: str, of: Iterable[Any]) -> set[str]:
    """The external ids by which a provider is asked about these films, which have both."""
    return {film["imdbId"] if provider == "omdb" else str(film["tmdbId"]) for film in of}


async def statuses(api: Api, of: Iterable[Any]) -> dict[int, Any]:
    """The enrichment status of each of these films, by id."""
    return {film["id"]: (await api.get(f"/api/movies/{film['id']}/enrichment-status")).data for film in of}


def is_done(status: Any) -> bool:
    """Whether a film has all that the providers have: each was asked and has answered."""
    outcomes = {fared["outcome"] for fared in status["providers"]}
    return outcomes <= {"found", "not_found"} and not status["partial"]
