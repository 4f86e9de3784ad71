"""Every fault as a real client meets it."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, ClientTimeout, TooManyRedirects

MOVIE = "/tmdb/3/movie/603?api_key=sandbox-tmdb-key"


async def _get(sandbox: Any, path: str = MOVIE) -> tuple[int, bytes, Any]:
    async with sandbox.http.get(sandbox.url + path) as response:
        return response.status, await response.read(), response.headers


async def test_a_fault_lasts_for_its_count(sandbox: Any) -> None:
    """Two requests fail, the third is answered."""
    await sandbox.set("tmdb", fault={"kind": "http", "status": 502, "count": 2})
    assert [(await _get(sandbox))[0] for _ in range(3)] == [502, 502, 200]
    assert (await sandbox.get("/control"))[1]["providers"]["tmdb"]["fault"] is None


async def test_a_provider_may_tell_of_another_film(sandbox: Any) -> None:
    """The answer is a good one, and not on the film that was asked for."""
    for name in ("tmdb", "omdb", "fanart"):
        await sandbox.set(name, fault={"kind": "wrong_film"})
    assert (await sandbox.get("/tmdb/3/movie/603"))[1]["id"] == 278
    assert (await sandbox.get("/omdb/", i="tt0133093"))[1]["imdbID"] == "tt0111161"
    assert (await sandbox.get("/fanart/v3/movies/603"))[1]["tmdb_id"] == "278"
    found = (await sandbox.get("/tmdb/3/find/tt0133093", external_source="imdb_id"))[1]
    assert [film["id"] for film in found["movie_results"]] == [603]


async def test_a_fault_may_be_for_some_films_only(sandbox: Any) -> None:
    """The others are answered and do not use up the count."""
    await sandbox.set("tmdb", fault={"kind": "http", "ids": ["603"], "count": 1})
    assert (await sandbox.get("/tmdb/3/movie/550"))[0] == 200
    assert [(await _get(sandbox))[0] for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 522, 403])
async def test_http_errors_have_a_page(sandbox: Any, status: int) -> None:
    """The body is HTML, as from a proxy."""
    await sandbox.set("tmdb", fault={"kind": "http", "status": status})
    got, body, headers = await _get(sandbox)
    assert (got, headers["Content-Type"]) == (status, "text/html")
    assert body.startswith(b"<html>")


@pytest.mark.parametrize(
    ("form", "retry_after", "content_type"),
    [
        ("retry_after", "7", "application/json;charset=utf-8"),
        ("bare", None, "application/json;charset=utf-8"),
        ("html", None, "text/html"),
    ],
)
async def test_throttling_has_three_forms(sandbox: Any, form: str, retry_after: str | None, content_type: str) -> None:
    """With Retry-After, without, and without JSON."""
    await sandbox.set("tmdb", fault={"kind": "throttle", "form": form, "retryAfter": 7})
    status, _, headers = await _get(sandbox)
    assert (status, headers.get("Retry-After"), headers["Content-Type"]) == (429, retry_after, content_type)


async def test_quota_and_unauthorized_look_like_the_real_ones(sandbox: Any) -> None:
    """Both are 401 at OMDb, with different sentences."""
    await sandbox.set("omdb", fault={"kind": "quota"})
    assert (await sandbox.get("/omdb/", i="tt0133093"))[1]["Error"] == "Request limit reached!"
    await sandbox.set("omdb", fault={"kind": "unauthorized"})
    assert (await sandbox.get("/omdb/", i="tt0133093"))[1]["Error"] == "Invalid API key!"
    await sandbox.set("fanart", fault={"kind": "unauthorized"})
    assert (await sandbox.get("/fanart/v3/movies/603"))[:2] == (401, {"error": "invalid API key"})


async def test_a_timeout_ends_when_the_client_goes(sandbox: Any) -> None:
    """The server says nothing; the request is noted without a status sent."""
    await sandbox.set("tmdb", fault={"kind": "timeout"})

    async def asked() -> Any:
        return (await sandbox.get("/control/requests"))[1]["tmdb"]

    async with asyncio.timeout(120):
        # Who stands still may have gone before anything was sent.
        while (await asked())["requests"] == 0:
            with pytest.raises(TimeoutError):
                await sandbox.http.get(sandbox.url + MOVIE, timeout=ClientTimeout(total=0.2))
        while (counts := await asked())["byStatus"] != {"0": counts["requests"]}:
            await asyncio.sleep(0.01)
    await sandbox.set("tmdb", fault=None)
    assert (await _get(sandbox))[0] == 200


async def test_a_disconnect_cuts_the_body(sandbox: Any) -> None:
    """The client gets a part of what was promised."""
    await sandbox.set("tmdb", fault={"kind": "disconnect"})
    with pytest.raises(ClientError):
        await _get(sandbox)


async def test_garbage_and_emptiness_are_200(sandbox: Any) -> None:
    """The status is fine and the body is not."""
    await sandbox.set("tmdb", fault={"kind": "garbage"})
    status, body, headers = await _get(sandbox)
    assert (status, headers["Content-Type"][:16]) == (200, "application/json")
    assert body.startswith(b"<!doctype")
    await sandbox.set("tmdb", fault={"kind": "empty"})
    assert (await _get(sandbox))[:2] == (200, b"")


@pytest.mark.parametrize("path", ["/tmdb/3/movie/603", "/omdb/?i=tt0133093", "/fanart/v3/movies/603"])
async def test_wrong_shapes_are_valid_json(sandbox: Any, path: str) -> None:
    """The keys are right, the types are not."""
    provider = path.split("/")[1]
    path, _, imdb_id = path.partition("?i=")
    query = {"i": imdb_id} if imdb_id else {}
    _, good, _ = await sandbox.get(path, **query)
    await sandbox.set(provider, fault={"kind": "wrong_shape"})
    status, bad, _ = await sandbox.get(path, **query)
    assert status == 200
    assert set(bad) == set(good)
    assert not any(type(bad[key]) is type(good[key]) for key in good)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_huge_body_has_the_size(sandbox: Any, *, packed: bool) -> None:
    """So many bytes arrive, compressed or not, and a client may stop reading."""
    await sandbox.set("tmdb", fault={"kind": "huge", "size": 3_000_000, "gzip": packed})
    status, body, _ = await _get(sandbox)
    assert (status, len(body)) == (200, 3_000_000 + len('{"page":""}'))
    async with sandbox.http.get(sandbox.url + MOVIE) as response:
        assert len(await response.content.read(1000)) <= 1000
    await sandbox.set("tmdb", fault=None)
    assert (await _get(sandbox))[0] == 200


async def test_a_redirect_never_ends(sandbox: Any) -> None:
    """It leads to itself."""
    await sandbox.set("tmdb", fault={"kind": "redirect"})
    with pytest.raises(TooManyRedirects):
        await _get(sandbox)


async def test_latency_delays_but_answers(sandbox: Any) -> None:
    """A client with less patience than the latency gives up; one with more is answered."""
    await sandbox.set("tmdb", latencyMs=300, jitterMs=10)
    with pytest.raises(TimeoutError):
        await sandbox.http.get(sandbox.url + MOVIE, timeout=ClientTimeout(total=0.05))
    assert (await _get(sandbox))[0] == 200
