"""Bad requests, limits, and parts of the system away: clear answers, and recovery without a restart."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from tests.e2e.client import Answer, Api, api_of
from tests.e2e.system import running

HEAT = {"title": "Heat", "year": 1995, "imdbId": "tt0113277"}


async def until(ask: Callable[[], Awaitable[Answer]], status: int) -> Answer:
    """Ask again until the answer has this status."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                answer = await ask()
                if answer.status == status:
                    return answer
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "field"),
    [
        ("GET", "/api/movies/abc/enrichment-status", None, 400, "invalid_request", "id"),
        ("GET", "/api/movies/001", None, 400, "invalid_request", "id"),
        ("GET", "/api/movies/424242/enrichment-status", None, 404, "movie_not_found", None),
        ("POST", "/api/movies/424242/enrich", None, 404, "movie_not_found", None),
        ("POST", "/api/movies/1/enrich", {"force": "yes"}, 400, "invalid_request", "force"),
        ("POST", "/api/movies/1/enrich", {"forse": True}, 400, "invalid_request", "forse"),
        ("POST", "/api/movies", {"title": "X", "year": "MMXX"}, 400, None, "year"),
        ("POST", "/api/movies", {}, 400, None, "title"),
        ("POST", "/api/movies/1/identify", {"tmdbId": 99_999_999_999}, 400, "invalid_request", "tmdbId"),
        ("GET", "/api/movies?sort=colour", None, 400, "invalid_request", "sort"),
        ("GET", "/api/movies?cursor=%21", None, 400, None, "cursor"),
        ("GET", "/api/jobs/99999999", None, 404, "job_not_found", None),
        ("GET", "/api/nothing", None, 404, None, None),
        ("GET", "/api/enrichment/nothing", None, 404, None, None),
    ],
)
async def test_a_bad_request_names_what_is_wrong(
    api: Api, method: str, path: str, body: object, status: int, code: str | None, field: str | None
) -> None:
    """Status, a sentence, a stable code and the field."""
    answer = await api.request(method, path, **({} if body is None else {"json": body}))
    assert (answer.status, answer.body["success"]) == (status, False), answer
    assert isinstance(answer.body["error"], str)
    assert code is None or answer.body["code"] == code, answer
    assert field is None or answer.body["field"] == field, answer


async def test_too_many_refreshes_are_told_when_to_come_again() -> None:
    """429 with Retry-After after the allowed number a minute; a conflict is told before the limit."""
    async with running(METARR_MANUAL_REFRESHES_PER_MINUTE="2") as system, api_of(system.url, patient=True) as api:
        films = [(await api.post("/api/movies", {"title": f"Film {i}", "tmdbId": 100 + i})).data for i in range(3)]
        with system.providers_halted():
            answers = [await api.post(f"/api/movies/{film['movieId']}/enrich") for film in films]
            again = await api.post(f"/api/movies/{films[0]['movieId']}/enrich")
    assert [answer.status for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert answers[2].body["error"] == "Too many manual enrichment requests"
    assert again.status == 409


async def test_the_database_away_and_back() -> None:
    """Queries answer 500 `Database error`; refreshing goes on; all is right again without a restart."""
    async with running() as system, api_of(system.url) as api:
        movie_id = (await api.post("/api/movies", {"title": "Heat", "year": 1995, "imdbId": "tt0113277"})).data[
            "movieId"
        ]
        await system.postgres.stop()
        stats = await until(lambda: api.get("/api/movies/enrichment/stats"), 500)
        assert (stats.body["error"], stats.body["code"]) == ("Database error", "database_error")
        assert (await api.get("/readyz")).status == 200
        accepted = await api.post(f"/api/movies/{movie_id}/enrich")
        assert accepted.status == 202
        await system.postgres.start()
        await until(lambda: api.get("/api/movies/enrichment/stats"), 200)
        async with asyncio.timeout(60):
            while (await api.get(f"/api/jobs/{accepted.data['jobId']}")).data["state"] != "completed":
                await asyncio.sleep(0.1)
        assert (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data["completeness"] > 0


async def test_the_bus_away_and_back() -> None:
    """A refresh answers 500 `Failed to queue job`; all is right again without a restart."""
    async with running() as system, api_of(system.url) as api:
        movie_id = (await api.post("/api/movies", {"title": "Heat", "year": 1995, "imdbId": "tt0113277"})).data[
            "movieId"
        ]
        await system.nats.kill()
        failed = await until(lambda: api.post(f"/api/movies/{movie_id}/enrich"), 500)
        assert failed.body["error"] == "Failed to queue job"
        await system.nats.start()
        await until(lambda: api.post(f"/api/movies/{movie_id}/enrich"), 202)
        async with asyncio.timeout(60):
            while (await until(lambda: api.get(f"/api/movies/{movie_id}"), 200)).data["completeness"] == 0:
                await asyncio.sleep(0.1)


async def test_a_persons_values_are_checked(api: Api) -> None:
    """A value that is none of its field is refused, and the film stays as it was."""
    added = (await api.post("/api/movies", HEAT)).data
    movie_id = added["movieId"]
    for field, value in {"plot": 5, "runtime": -3, "genres": "Drama", "poster": "javascript:1"}.items():
        refused = await api.request("PATCH", f"/api/movies/{movie_id}", json={"fields": {field: value}})
        assert (refused.status, refused.body["code"], refused.body["field"]) == (400, "invalid_value", field), refused
    assert (await api.get(f"/api/movies/{movie_id}", after=added["seq"])).data["fields"] == {}
