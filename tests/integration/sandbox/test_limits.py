"""Daily limits by the test clock, rates by real time."""

from datetime import UTC, datetime
from typing import Any

import pytest

OMDB = ("/omdb/", {"i": "tt0133093"})


async def _statuses(sandbox: Any, path: str, count: int, **query: str) -> list[int]:
    return [(await sandbox.get(path, **query))[0] for _ in range(count)]


async def _used_today(sandbox: Any) -> int:
    _, state, _ = await sandbox.get("/control")
    used: int = state["providers"]["omdb"]["usedToday"]
    return used


async def _set_noon(sandbox: Any) -> float:
    """No midnight comes while the test runs."""
    now = datetime.now(UTC)
    shown = await sandbox.clock(offsetSeconds=(now.replace(hour=12, minute=0) - now).total_seconds())
    offset: float = shown["offsetSeconds"]
    return offset


async def test_omdb_says_401_when_the_day_is_used_up(sandbox: Any) -> None:
    """The third of two is refused with a body of its own."""
    await _set_noon(sandbox)
    await sandbox.set("omdb", dailyLimit=2)
    assert await _statuses(sandbox, "/omdb/", 2, i="tt0133093") == [200, 200]
    status, body, _ = await sandbox.get("/omdb/", i="tt0133093")
    assert (status, body) == (401, {"Response": "False", "Error": "Request limit reached!"})


async def test_omdb_may_say_it_with_200(sandbox: Any) -> None:
    """The variant has the same body."""
    await sandbox.set("omdb", dailyLimit=0, limitForm="status200")
    status, body, _ = await sandbox.get("/omdb/", i="tt0133093")
    assert (status, body["Error"]) == (200, "Request limit reached!")


@pytest.mark.parametrize(("provider", "path"), [("tmdb", "/tmdb/3/movie/603"), ("fanart", "/fanart/v3/movies/603")])
async def test_the_others_say_429_until_midnight(sandbox: Any, provider: str, path: str) -> None:
    """Retry-After is the rest of the test clock's day, or what was set."""
    await _set_noon(sandbox)
    await sandbox.set(provider, dailyLimit=1)
    assert await _statuses(sandbox, path, 2) == [200, 429]
    assert 0 <= int((await sandbox.get(path))[2]["Retry-After"]) <= 86_400
    await sandbox.set(provider, limitRetryAfter=77)
    assert (await sandbox.get(path))[2]["Retry-After"] == "77"


async def test_a_new_day_has_a_new_limit(sandbox: Any) -> None:
    """The day is that of the test clock."""
    await _set_noon(sandbox)
    await sandbox.set("omdb", dailyLimit=1)
    assert await _statuses(sandbox, "/omdb/", 2, i="tt0133093") == [200, 401]
    await sandbox.clock(advanceSeconds=86_400)
    assert await _statuses(sandbox, "/omdb/", 2, i="tt0133093") == [200, 401]


async def test_each_utc_day_of_the_test_clock_has_its_limit(sandbox: Any) -> None:
    """The day ends at midnight, not 24 hours after its first request; steps of 24 hours give a new one each."""
    await _set_noon(sandbox)
    await sandbox.set("omdb", dailyLimit=2)
    for _ in range(3):
        assert await _statuses(sandbox, "/omdb/", 4, i="tt0133093") == [200, 200, 401, 401]
        assert await _used_today(sandbox) == 2
        await sandbox.clock(advanceSeconds=86_400)
        assert await _used_today(sandbox) == 0
    await _statuses(sandbox, "/omdb/", 2, i="tt0133093")
    await sandbox.clock(advanceSeconds=11 * 3600)
    assert await _statuses(sandbox, "/omdb/", 1, i="tt0133093") == [401]
    await sandbox.clock(advanceSeconds=2 * 3600)
    assert await _statuses(sandbox, "/omdb/", 1, i="tt0133093") == [200]


async def test_counts_begin_anew_while_the_day_goes_on(sandbox: Any) -> None:
    """Settings, clock and the day's use stay; so a test can count per night."""
    offset = await _set_noon(sandbox)
    await sandbox.set("omdb", dailyLimit=2)
    assert await _statuses(sandbox, "/omdb/", 2, i="tt0133093") == [200, 200]
    async with sandbox.http.post(f"{sandbox.url}/control/requests/reset") as response:
        state = await response.json()
    assert state["clock"]["offsetSeconds"] == offset
    assert (state["providers"]["omdb"]["requests"], state["providers"]["omdb"]["usedToday"]) == (0, 2)
    assert await _statuses(sandbox, "/omdb/", 1, i="tt0133093") == [401]
    _, counts, _ = await sandbox.get("/control/requests")
    assert (counts["omdb"]["byId"], counts["omdb"]["answeredById"]) == ({"tt0133093": 1}, {})


async def test_refused_requests_cost_nothing(sandbox: Any) -> None:
    """A wrong key does not use up the day."""
    await _set_noon(sandbox)
    await sandbox.set("omdb", dailyLimit=1)
    await sandbox.get("/omdb/", i="tt0133093", apikey="wrong")
    assert await _statuses(sandbox, "/omdb/", 1, i="tt0133093") == [200]
    assert (await sandbox.get("/control"))[1]["providers"]["omdb"]["usedToday"] == 1


async def test_a_personal_key_knows_no_limit(sandbox: Any) -> None:
    """fanart.tv's client_key by-passes the project key's limits."""
    await sandbox.set("fanart", dailyLimit=0)
    assert await _statuses(sandbox, "/fanart/v3/movies/603", 1) == [429]
    assert await _statuses(sandbox, "/fanart/v3/movies/603", 1, client_key="sandbox-fanart-personal-key") == [200]


@pytest.mark.parametrize(
    ("provider", "path"), [("tmdb", "/tmdb/3/movie/603"), ("omdb", "/omdb/"), ("fanart", "/fanart/v3/movies/603")]
)
async def test_too_many_in_a_second(sandbox: Any, provider: str, path: str) -> None:
    """With a rate of one, many at once are mostly refused, in the form that was set."""
    await sandbox.set(provider, ratePerSecond=1, throttleForm="bare")
    url = sandbox.url + path
    keys = {"api_key": f"sandbox-{provider}-key", "apikey": f"sandbox-{provider}-key", "i": "tt0133093"}
    statuses, forms = [], set()
    for _ in range(20):
        async with sandbox.http.get(url, params=keys) as response:
            statuses.append(response.status)
            forms.add("Retry-After" in response.headers)
    assert statuses[0] == 200
    assert statuses.count(429) > 0
    assert forms == {False}
    assert (await sandbox.get("/control/requests"))[1][provider]["peakPerSecond"] > 1
