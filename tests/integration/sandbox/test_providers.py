"""The three services over a real socket: auth, headers, bodies, counts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientTimeout

from metarr_sandbox import FANART_KEY, OMDB_KEY, TMDB_KEY


async def test_the_three_services_know_a_film(sandbox: Any) -> None:
    """One film, found by its IMDb id at TMDB and asked for at all three."""
    _, found, _ = await sandbox.get("/tmdb/3/find/tt0133093", external_source="imdb_id")
    tmdb_id = found["movie_results"][0]["id"]
    assert (await sandbox.get(f"/tmdb/3/movie/{tmdb_id}"))[1]["title"] == "The Matrix"
    assert (await sandbox.get("/omdb/", i="tt0133093"))[1]["Title"] == "The Matrix"
    assert (await sandbox.get(f"/fanart/v3/movies/{tmdb_id}"))[1]["name"] == "The Matrix"


async def test_answers_are_compressed_for_those_who_accept_it(sandbox: Any) -> None:
    """Gzip on demand, the same body without."""
    url = f"{sandbox.url}/tmdb/3/movie/603?api_key={TMDB_KEY}"
    async with sandbox.http.get(url) as packed, sandbox.http.get(url, headers={"Accept-Encoding": "identity"}) as plain:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert await packed.read() == await plain.read()


async def test_headers_are_those_of_the_services(sandbox: Any) -> None:
    """No answer betrays the server behind it."""
    answers = [
        await sandbox.get("/tmdb/3/movie/603"),
        await sandbox.get("/tmdb/3/movie/0"),
        await sandbox.get("/omdb/", i="tt0133093"),
        await sandbox.get("/omdb", i="tt0133093", apikey="wrong"),
        await sandbox.get("/fanart/v3/movies/603"),
    ]
    assert [headers["Server"] for _, _, headers in answers] == ["openresty"] * 2 + ["cloudflare"] * 3
    assert [headers["Content-Type"] for _, _, headers in answers] == [
        "application/json;charset=utf-8",
        "application/json;charset=utf-8",
        "application/json; charset=utf-8",
        "application/json; charset=utf-8",
        "application/json",
    ]


@pytest.mark.parametrize(
    ("path", "query", "status", "body"),
    [
        ("/tmdb/3/movie/603", {"api_key": "no"}, 401, "Invalid API key: You must be granted a valid key."),
        ("/omdb/", {"apikey": "no", "i": "tt0133093"}, 401, "Invalid API key!"),
        ("/omdb/", {"apikey": "", "i": "tt0133093"}, 401, "No API key provided."),
        ("/fanart/v3/movies/603", {"api_key": "no"}, 401, "invalid API key"),
        ("/fanart/v3/movies/603", {"api_key": ""}, 401, "API key is required"),
    ],
)
async def test_wrong_keys_are_refused(sandbox: Any, path: str, query: dict[str, str], status: int, body: str) -> None:
    """Each service says so in its own words."""
    got, refusal, _ = await sandbox.get(path, **query)
    assert got == status
    assert body in refusal.values()


async def test_keys_may_stand_in_headers(sandbox: Any) -> None:
    """TMDB takes a bearer token, fanart.tv an api-key header."""
    for path, headers in (
        ("/tmdb/3/movie/603", {"Authorization": f"Bearer {TMDB_KEY}"}),
        ("/fanart/v3/movies/603", {"api-key": FANART_KEY}),
    ):
        async with sandbox.http.get(sandbox.url + path, headers=headers) as response:
            assert response.status == 200


async def test_a_key_can_be_changed(sandbox: Any) -> None:
    """The old key is refused from then on."""
    await sandbox.set("tmdb", key="another")
    assert (await sandbox.get("/tmdb/3/movie/603"))[0] == 401
    assert (await sandbox.get("/tmdb/3/movie/603", api_key="another"))[0] == 200


async def test_other_methods_are_refused_by_tmdb(sandbox: Any) -> None:
    """405 with code 42."""
    async with sandbox.http.post(f"{sandbox.url}/tmdb/3/movie/603") as response:
        assert (response.status, (await response.json(content_type=None))["status_code"]) == (405, 42)


async def test_requests_are_counted_by_kind_and_id(sandbox: Any) -> None:
    """A test can prove what was asked, how often and in which order."""
    await sandbox.get("/tmdb/3/find/tt0133093", external_source="imdb_id")
    await sandbox.get("/tmdb/3/movie/603")
    await sandbox.get("/tmdb/3/movie/603", api_key="wrong")
    await sandbox.get("/omdb/", i="tt0133093")
    _, counts, _ = await sandbox.get("/control/requests", log="2")
    assert counts["tmdb"]["byKind"] == {"find": 1, "movie": 2}
    assert counts["tmdb"]["byStatus"] == {"200": 2, "401": 1}
    assert counts["tmdb"]["byId"] == {"tt0133093": 1, "603": 2}
    assert counts["tmdb"]["answeredById"] == {"tt0133093": 1, "603": 1}
    assert [(one["id"], one["status"]) for one in counts["tmdb"]["log"]] == [("603", 200), ("603", 401)]
    assert counts["omdb"]["byId"] == {"tt0133093": 1}
    assert counts["fanart"]["requests"] == 0


async def test_an_answered_film_is_told_from_a_refused_one(sandbox: Any) -> None:
    """Not found is an answer; a wrong key, a limit in whichever form, and a fault are none."""
    await sandbox.get("/omdb/", i="tt9999999")
    await sandbox.get("/omdb/", i="tt0000001", apikey="wrong")
    await sandbox.set("omdb", fault={"kind": "wrong_shape", "count": 1})
    await sandbox.get("/omdb/", i="tt0000002")
    await sandbox.set("omdb", dailyLimit=0, limitForm="status200")
    await sandbox.get("/omdb/", i="tt0000003")
    await sandbox.get("/fanart/v3/movies/99999999999")
    await sandbox.get("/tmdb/3/movie/0")
    _, counts, _ = await sandbox.get("/control/requests")
    assert len(counts["omdb"]["byId"]) == 4
    assert counts["omdb"]["answeredById"] == {"tt9999999": 1}
    assert counts["fanart"]["answeredById"] == {"99999999999": 1}
    assert counts["tmdb"]["answeredById"] == {"0": 1}


async def test_who_gives_up_is_not_answered(sandbox: Any) -> None:
    """A client that has gone before its answer was there may ask again."""
    await sandbox.set("omdb", latencyMs=300)

    async def gives_up_in_time() -> bool:
        """Whether it was asked, and the client gone before the answer was there: not where all stood still."""
        await (await sandbox.http.post(f"{sandbox.url}/control/requests/reset")).read()
        began = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await sandbox.http.get(
                f"{sandbox.url}/omdb/?apikey={OMDB_KEY}&i=tt0133093", timeout=ClientTimeout(total=0.05)
            )
        _, counts, _ = await sandbox.get("/control/requests")
        return bool(counts["omdb"]["requests"] == 1 and asyncio.get_running_loop().time() - began < 0.3)

    async with asyncio.timeout(120):
        while not await gives_up_in_time():
            pass
        while not (await sandbox.get("/control/requests"))[1]["omdb"]["byStatus"]:
            await asyncio.sleep(0.02)
    _, counts, _ = await sandbox.get("/control/requests")
    assert (counts["omdb"]["byId"], counts["omdb"]["answeredById"]) == ({"tt0133093": 1}, {})


async def test_changes_name_what_was_set_and_what_was_asked_for(sandbox: Any) -> None:
    """The list follows the setting and the test clock, and is counted by kind."""
    day = (datetime.now(UTC) + timedelta(days=40)).date()
    await sandbox.clock(offsetSeconds=40 * 86_400)
    await sandbox.set("tmdb", changed={(day + timedelta(days=step)).isoformat(): [603, 604] for step in (0, 1)})
    _, body, _ = await sandbox.get("/tmdb/3/movie/changes")
    assert [item["id"] for item in body["results"] if item["id"] in {603, 604}] == [603, 604]
    _, counts, _ = await sandbox.get("/control/requests")
    assert (counts["tmdb"]["byKind"], counts["tmdb"]["byId"]) == ({"changes": 1}, {})


async def test_reset_takes_everything_back(sandbox: Any) -> None:
    """Settings, counts and clock are as at the start."""
    await sandbox.set("omdb", dailyLimit=0, fault={"kind": "empty"})
    await sandbox.clock(offsetSeconds=1000)
    await sandbox.get("/omdb/", i="tt0133093", apikey="wrong")
    async with sandbox.http.post(f"{sandbox.url}/control/reset") as response:
        state = await response.json()
    assert state["clock"]["offsetSeconds"] == 0
    assert state["providers"]["omdb"]["dailyLimit"] is None
    assert state["providers"]["omdb"]["requests"] == 0
    assert (await sandbox.get("/omdb/", i="tt0133093"))[0] == 200


async def test_a_request_from_before_a_reset_meets_nothing_of_after_it(sandbox: Any) -> None:
    """It takes no fault that was set for one request, and uses nothing of the day's limit."""
    await sandbox.set("omdb", latencyMs=1_000)
    before = asyncio.create_task(sandbox.get("/omdb/", i="tt0133093"))
    while not (await sandbox.get("/control/requests"))[1]["omdb"]["requests"]:
        await asyncio.sleep(0.01)
    async with sandbox.http.post(f"{sandbox.url}/control/reset") as response:
        await response.read()
    # No midnight, which gives a new day's limit, comes while the test runs.
    now = datetime.now(UTC)
    await sandbox.clock(offsetSeconds=(now.replace(hour=12, minute=0) - now).total_seconds())
    await sandbox.set("omdb", dailyLimit=1, fault={"kind": "unauthorized", "count": 1})
    assert (await before)[0] == 200
    assert [(await sandbox.get("/omdb/", i="tt0133093"))[0] for _ in range(3)] == [401, 200, 401]


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("providers/tmdb", {"latencyMs": -1}, 400, "latencyMs"),
        ("providers/imdb", {}, 404, "name"),
        ("clock", {"offsetSeconds": "1"}, 400, "offsetSeconds"),
        ("clock", {"advanceSeconds": 1e12}, 400, "advanceSeconds"),
        ("clock", {"offsetSeconds": 1, "advanceSeconds": 1}, 400, "offsetSeconds"),
    ],
)
async def test_control_names_the_field(sandbox: Any, path: str, body: Any, status: int, field: str) -> None:
    """A body that cannot be used changes nothing and names the field."""
    async with sandbox.http.put(f"{sandbox.url}/control/{path}", json=body) as response:
        assert response.status == status
        assert (await response.json())["field"] == field


async def test_control_wants_json(sandbox: Any) -> None:
    """A body that is no JSON is a 400."""
    async with sandbox.http.put(f"{sandbox.url}/control/providers/tmdb", data="{") as response:
        assert response.status == 400
