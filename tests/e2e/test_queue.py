"""The queue is the lock: what waits there is a job, seen and refused as one."""

import asyncio

from tests.e2e.client import END_SECONDS, Api
from tests.e2e.system import System


async def test_a_queued_refresh(system: System, api: Api) -> None:
    """With no enricher: 202, then 409; the job is queued; cancelled jobs end so; the others are done later."""
    films = [
        (await api.post("/api/movies", {"title": f"Queued {n}", "tmdbId": 700 + n})).data["movieId"] for n in range(2)
    ]
    await system.stop("enricher")
    jobs = [(await api.post(f"/api/movies/{film}/enrich")).data["jobId"] for film in films]
    assert (await api.post(f"/api/movies/{films[0]}/enrich")).status == 409
    assert (await api.get(f"/api/jobs/{jobs[0]}")).data["state"] == "queued"
    async with api.socket() as socket:
        await system.start("enricher")
        assert (await socket.until_end(jobs[0]))[-1]["type"] == "enrichment:complete"
    async with asyncio.timeout(END_SECONDS):
        while (await api.get(f"/api/jobs/{jobs[1]}")).data["state"] != "completed":
            await asyncio.sleep(0.05)
        while (await api.post(f"/api/movies/{films[0]}/enrich")).status != 202:
            await asyncio.sleep(0.05)


async def test_a_film_is_removed_while_it_is_refreshed(system: System, api: Api) -> None:
    """The job ends all the same, and the film is gone from everywhere."""
    movie_id = (await api.post("/api/movies", {"title": "Gone", "imdbId": "tt0001000"})).data["movieId"]
    async with api.socket() as socket:
        with system.providers_halted():
            job = (await api.post(f"/api/movies/{movie_id}/enrich")).data["jobId"]
            removed = await api.request("DELETE", f"/api/movies/{movie_id}")
        assert removed.status == 200
        end = (await socket.until_end(job))[-1]
    assert (end["type"], end["code"]) == ("enrichment:failed", "movie_not_found")
    assert (await api.get(f"/api/movies/{movie_id}", after=removed.data["seq"])).status == 404
    assert (await api.post(f"/api/movies/{movie_id}/enrich")).status == 404
    again = await api.post("/api/movies", {"title": "Gone", "imdbId": "tt0001000"})
    assert again.status == 201
    assert again.data["movieId"] != movie_id


async def test_a_title_that_fits_two_films_waits_for_a_person(api: Api) -> None:
    """Unidentified with its candidates, never a guess; chosen by a person, it is refreshed like any other."""
    added = await api.post("/api/movies", {"title": "Pinocchio", "year": 2022})
    movie_id = added.data["movieId"]
    async with api.socket() as socket:
        assert (await api.refresh(socket, movie_id))[-1]["completeness"] == 0
        film = (await api.get(f"/api/movies/{movie_id}")).data
        assert film["identification"] == "unidentified"
        assert len(film["candidates"]) == 2
        chosen = film["candidates"][0]["tmdbId"]
        identified = await api.post(f"/api/movies/{movie_id}/identify", {"tmdbId": chosen})
        assert identified.status == 200
        assert (await api.refresh(socket, movie_id))[-1]["completeness"] >= 60
    film = (await api.get(f"/api/movies/{movie_id}")).data
    assert (film["identification"], film["tmdbId"], film["candidates"]) == ("identified", chosen, [])


async def test_own_values_and_locks_stay(api: Api) -> None:
    """A person's value outranks all, and a locked field never changes, also when the identity is corrected."""
    movie_id = (await api.post("/api/movies", {"title": "Alien", "year": 1979, "imdbId": "tt0078748"})).data["movieId"]
    changed = await api.request(
        "PATCH", f"/api/movies/{movie_id}", json={"fields": {"tagline": "Mine"}, "lock": ["tagline"]}
    )
    assert changed.status == 200
    async with api.socket() as socket:
        await api.refresh(socket, movie_id)
        before = (await api.get(f"/api/movies/{movie_id}")).data
        assert (await api.post(f"/api/movies/{movie_id}/identify", {"tmdbId": 550})).status == 200
        await api.refresh(socket, movie_id)
    after = (await api.get(f"/api/movies/{movie_id}")).data
    assert before["fields"]["tagline"]["value"] == after["fields"]["tagline"]["value"] == "Mine"
    assert (after["imdbId"], after["tmdbId"]) == ("tt0137523", 550)
    assert before["fields"]["imdb_rating"] != after["fields"]["imdb_rating"]
    assert after["title"] == "Alien"
