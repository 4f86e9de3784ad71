"""One film, live, end to end: added, refreshed, watched, read; flows 1 and 2, scenarios 1 and 2."""

import asyncio

import pytest
from tests.e2e.client import END_SECONDS, Api, api_of, steps
from tests.e2e.system import System, running


async def _add(api: Api, **film: object) -> int:
    added = await api.post("/api/movies", film)
    assert added.status in (200, 201), added
    movie_id: int = added.data["movieId"]
    # Sees its own write.
    assert (await api.get(f"/api/movies/{movie_id}", after=added.data["seq"])).status == 200
    return movie_id


async def test_a_watcher_sees_every_step_and_then_the_new_state(api: Api) -> None:
    """Scenario 1: 0, 33, 66, 100, complete; a refetch on complete shows the filled fields and their sources."""
    movie_id = await _add(api, title="The Matrix", year=1999, imdbId="tt0133093")
    before = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    assert (before["completeness"], before["lastEnriched"], before["enrichmentDuration"]) == (0, None, None)
    assert {missing["reason"] for missing in before["missingFields"]} == {"not_fetched"}
    async with api.socket() as socket:
        assert (await socket.subscribe(movie_id))["type"] == "subscribed"
        frames = await api.refresh(socket, movie_id)
        assert steps(frames) == [0, 33, 66, 100]
        assert frames[0]["providersRemaining"] == ["tmdb", "omdb", "fanart"]
        complete = frames[-1]
        after = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    assert complete["type"] == "enrichment:complete"
    assert after["completeness"] == complete["completeness"] >= 60
    assert after["fieldSources"]["plot"] == "tmdb"
    assert after["fieldSources"]["imdb_rating"] == "omdb"
    assert after["fieldSources"]["poster"] == "fanart"
    assert (after["partial"], after["rateLimitedProviders"]) == (False, [])
    assert after["lastEnriched"].endswith("Z")
    assert [provider["outcome"] for provider in after["providers"]] == ["found"] * 3


async def test_who_refetches_on_complete_never_sees_the_old_state(api: Api) -> None:
    """200 films in a row: no refetch after `complete` is stale."""
    rows = [{"title": f"Film {number}", "imdbId": f"tt{2_000_000 + number}"} for number in range(200)]
    imported = await api.post("/api/movies/import", rows)
    assert imported.data["added"] == 200
    stale = 0
    async with api.socket() as socket:
        for row in imported.data["rows"]:
            complete = (await api.refresh(socket, row["movieId"]))[-1]
            status = (await api.get(f"/api/movies/{row['movieId']}/enrichment-status")).data
            stale += (status["completeness"], status["lastJob"]["jobId"]) != (
                complete["completeness"],
                complete["jobId"],
            )
    assert stale == 0


async def test_subscribing_after_the_end_shows_the_end(api: Api) -> None:
    """A client that comes late gets the present state with the acknowledgement."""
    movie_id = await _add(api, title="Alien", year=1979, tmdbId=348)
    async with api.socket() as first:
        ended = (await api.refresh(first, movie_id))[-1]
    async with api.socket() as late:
        told = await late.subscribe(movie_id)
    assert told["status"]["lastJob"]["jobId"] == ended["jobId"]
    assert told["status"]["completeness"] == ended["completeness"]


async def test_broken_frames_do_not_end_a_socket(api: Api) -> None:
    """Unknown film, broken JSON, unknown type: an error frame each, and the socket lives."""
    async with api.socket() as socket:
        # From the first one on no live message comes in between.
        assert (await socket.subscribe(999_999))["code"] == "movie_not_found"
        await socket.socket.send_str("{")
        assert (await socket.next())["code"] == "invalid_json"
        await socket.send({"type": "dance"})
        assert (await socket.next())["code"] == "invalid_frame"
        await socket.send({"type": "ping"})
        assert await socket.next() == {"type": "pong"}


async def test_a_refresh_with_everything_fresh_asks_nobody(system: System, api: Api) -> None:
    """The 7-day cache answers and the end says since when; `force` asks again."""
    movie_id = await _add(api, title="Heat", year=1995, imdbId="tt0113277")
    async with api.socket() as socket:
        asked = (await api.refresh(socket, movie_id))[-1]
        before = await system.control("GET", "/requests")
        fresh = (await api.refresh(socket, movie_id))[-1]
        assert await system.control("GET", "/requests") == before
        providers = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data["providers"]
        assert asked["freshSince"] is None
        assert fresh["freshSince"] == min(provider["fetchedAt"] for provider in providers)
        await api.refresh(socket, movie_id, force=True)
        assert await system.control("GET", "/requests") != before


async def test_a_second_refresh_while_one_runs_is_refused(system: System, api: Api) -> None:
    """409 while running; free again at its end."""
    movie_id = await _add(api, title="Se7en", year=1995, imdbId="tt0114369")
    async with api.socket() as socket:
        with system.providers_halted():
            accepted = await api.post(f"/api/movies/{movie_id}/enrich")
            again = await api.post(f"/api/movies/{movie_id}/enrich")
        assert again.status == 409
        assert again.body["error"] == "Enrichment already in progress for this movie"
        await socket.until_end(accepted.data["jobId"])
    async with asyncio.timeout(END_SECONDS):
        while (await api.post(f"/api/movies/{movie_id}/enrich")).status != 202:
            await asyncio.sleep(0.05)


async def test_cancel_ends_a_running_refresh(system: System, api: Api) -> None:
    """`enrichment:failed` with code `cancelled`; then cancelling is a conflict, of an unknown job 404."""
    movie_id = await _add(api, title="Fargo", year=1996, imdbId="tt0116282")
    async with api.socket() as socket:
        with system.providers_halted():
            job = (await api.post(f"/api/movies/{movie_id}/enrich")).data["jobId"]
            assert (await api.post(f"/api/jobs/{job}/cancel")).status == 202
            end = (await socket.until_end(job))[-1]
    assert (end["type"], end["code"]) == ("enrichment:failed", "cancelled")
    assert (await api.get(f"/api/jobs/{job}")).data["state"] == "cancelled"
    assert (await api.post(f"/api/jobs/{job}/cancel")).status == 409
    assert (await api.post("/api/jobs/99999999/cancel")).status == 404


async def test_a_used_up_quota_leaves_a_partial_film_and_is_filled_later(system: System, api: Api) -> None:
    """Scenario 2: OMDb is listed, its fields say why; nothing that was there is gone; the next answer fills them."""
    movie_id = await _add(api, title="Inception", year=2010, imdbId="tt1375666")
    await system.control("PUT", "/providers/omdb", {"dailyLimit": 0})
    async with api.socket() as socket:
        limited = (await api.refresh(socket, movie_id))[-1]
        assert (limited["partial"], limited["rateLimitedProviders"]) == (True, ["omdb"])
        status = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
        reasons = {missing["field"]: missing["reason"] for missing in status["missingFields"]}
        assert reasons["awards"] == reasons["imdb_rating"] == "rate_limited"
        assert status["fieldSources"]["plot"] == "tmdb"
        omdb = (await api.get("/api/providers/status")).data["providers"][1]
        assert (omdb["name"], omdb["state"]) == ("omdb", "paused")
        await system.control("PUT", "/providers/omdb", {"dailyLimit": None})
        await system.advance_clock(86_400)
        filled = (await api.refresh(socket, movie_id))[-1]
    assert (filled["partial"], filled["rateLimitedProviders"]) == (False, [])
    after = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    assert after["fieldSources"].items() >= status["fieldSources"].items()
    assert after["fieldSources"]["imdb_rating"] == "omdb"


async def test_all_providers_down(system: System, api: Api) -> None:
    """`enrichment:failed`, "All providers failed", and the film is as it was."""
    movie_id = await _add(api, title="Memento", year=2000, imdbId="tt0209144", tmdbId=77)
    for provider in ("tmdb", "omdb", "fanart"):
        await system.control("PUT", f"/providers/{provider}", {"fault": {"kind": "http", "status": 503}})
    async with api.socket() as socket:
        before = (await api.get(f"/api/movies/{movie_id}")).data
        failed = (await api.refresh(socket, movie_id))[-1]
        after = (await api.get(f"/api/movies/{movie_id}")).data
    await system.control("POST", "/reset")
    assert (failed["type"], failed["error"]) == ("enrichment:failed", "All providers failed")
    assert (after["fields"], after["completeness"]) == (before["fields"], before["completeness"])


async def test_a_provider_without_a_key_is_off() -> None:
    """OMDb off: two providers in the progress, not partial."""
    async with running(demo=False, METARR_OMDB_KEY="") as system, api_of(system.url, patient=True) as api:
        movie_id = await _add(api, title="The Matrix", year=1999, imdbId="tt0133093")
        async with api.socket() as socket:
            frames = await api.refresh(socket, movie_id)
        status = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    assert steps(frames) == [0, 50, 100]
    assert frames[-1]["partial"] is False
    reasons = {missing["field"]: missing["reason"] for missing in status["missingFields"]}
    assert reasons["awards"] == "provider_off"


@pytest.mark.parametrize("kind", ["poster", "fanart"])
async def test_pictures_come_through_the_gateway(api: Api, kind: str) -> None:
    """A browser gets pictures from us, with an ETag that saves the second transfer."""
    movie_id = await _add(api, title="The Matrix", year=1999, imdbId="tt0133093")
    async with api.socket() as socket:
        await api.refresh(socket, movie_id)
    url = f"{api.url}/api/movies/{movie_id}/images/{kind}?w=342"
    async with api.session.get(url) as picture:
        assert (picture.status, picture.content_type.split("/")[0]) == (200, "image")
        etag = picture.headers["ETag"]
    async with api.session.get(url, headers={"If-None-Match": etag}) as again:
        assert again.status == 304
