"""A person has a provider tested: one request past any pause, and what becomes of it."""

from typing import Any

import pytest
from tests.integration.enricher.conftest import World

from metarr_chassis.errors import RefusedError
from metarr_contracts import events

FILM = {"title": "The Matrix", "year": 1999, "imdbId": "tt0133093", "tmdbId": 603}


async def refused(world: World, provider: str) -> RefusedError:
    """Why the provider is not resumed."""
    with pytest.raises(RefusedError) as told:
        await world.ask("resume", provider=provider)
    assert told.value.status == 409
    return told.value


async def last(world: World, provider: str) -> tuple[int, Any]:
    """The provider's last event."""
    told = (await world.history(f"metarr.evt.provider.{provider}"))[-1]
    return told.seq, told.body


async def test_a_used_up_quota(world: World) -> None:
    """While it is used up that is said and the pause stays; when the provider answers, films are filled again."""
    await world.enricher()
    movie_id = await world.add(**FILM)
    await world.provider("omdb", fault={"kind": "quota"})
    await world.refreshed(movie_id)
    asked = (await world.requests())["omdb"]
    still = await refused(world, "omdb")
    assert (still.refused.code, str(still)) == (
        "provider_still_limited",
        "OMDB still says: The request limit is reached",
    )
    assert (await world.requests())["omdb"] == asked + 1
    assert await world.provider_story("omdb") == ["ProviderConfigured", "ProviderPaused"]

    await world.provider("omdb", fault=None)
    reply = await world.ask("resume", provider="omdb")
    seq, resumed = await last(world, "omdb")
    assert reply == {"provider": "omdb", "message": "OMDB answers again", "seq": seq}
    assert isinstance(resumed, events.ProviderResumed)
    assert resumed.by == "user"
    filled = await world.refreshed(movie_id)
    assert isinstance(filled, events.MovieEnriched)
    assert not filled.partial


@pytest.mark.parametrize("provider", ["tmdb", "omdb", "fanart"])
async def test_without_a_pause_it_is_tested_all_the_same(world: World, provider: str) -> None:
    """Nothing is to be told."""
    await world.enricher()
    reply = await world.ask("resume", provider=provider)
    assert reply["seq"] == (await last(world, provider))[0]
    assert (await world.requests())[provider] == 1
    assert await world.provider_story(provider) == ["ProviderConfigured"]


async def test_a_quota_that_is_met_by_the_test_pauses(world: World) -> None:
    """As if a film had met it."""
    await world.enricher()
    await world.provider("omdb", fault={"kind": "quota"})
    assert (await refused(world, "omdb")).refused.code == "provider_still_limited"
    assert await world.provider_story("omdb") == ["ProviderConfigured", "ProviderPaused"]


@pytest.mark.parametrize(("provider", "setting"), [("tmdb", "METARR_TMDB_KEY"), ("omdb", "METARR_OMDB_KEY")])
async def test_a_refused_key(world: World, provider: str, setting: str) -> None:
    """The setting of the key is named, here and in the provider's state; an accepted one lifts the refusal."""
    await world.enricher()
    await world.provider(provider, fault={"kind": "unauthorized"})
    told = await refused(world, provider)
    assert told.refused.code == "provider_key_refused"
    assert setting in str(told)
    _, event = await last(world, provider)
    assert isinstance(event, events.ProviderKeyRefused)
    assert setting in event.message
    await world.provider(provider, fault=None)
    await world.ask("resume", provider=provider)
    assert (await world.provider_story(provider))[-1] == "ProviderResumed"


@pytest.mark.parametrize(
    "fault", [{"kind": "http", "status": 503}, {"kind": "garbage"}, {"kind": "throttle", "form": "bare"}]
)
async def test_a_provider_that_does_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]
) -> None:
    """A person is told; one test does not pause it."""
    monkeypatch.setattr("metarr_enricher.providers.client.backoff", lambda *_: 0.0)
    await world.enricher()
    await world.provider("fanart", fault=fault)
    assert (await refused(world, "fanart")).refused.code == "provider_unavailable"
    assert await world.provider_story("fanart") == ["ProviderConfigured"]


async def test_a_provider_that_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person does not wait for ever."""
    monkeypatch.setattr("metarr_enricher.resume.TEST_SECONDS", 0.2)
    await world.enricher()
    await world.provider("omdb", fault={"kind": "timeout"})
    told = await refused(world, "omdb")
    assert (told.refused.code, str(told)) == ("provider_unavailable", "OMDB did not answer in time")


async def test_a_provider_that_is_off(real_world: World) -> None:
    """It has no key to be asked with."""
    await real_world.enricher(tmdb_key="sandbox-tmdb-key")
    told = await refused(real_world, "omdb")
    assert (told.refused.code, str(told)) == ("provider_off", "OMDB has no key (METARR_OMDB_KEY)")


async def test_another_replica_knows_at_once(world: World) -> None:
    """The one that is asked may not have heard of the pause yet: it looks before it decides."""
    await world.enricher(concurrency=1)
    movie_id = await world.add(**FILM)
    await world.provider("omdb", fault={"kind": "quota"})
    await world.refreshed(movie_id)
    await world.provider("omdb", fault=None)
    await world.enricher()
    await world.ask("resume", provider="omdb")
    assert await world.provider_story("omdb") == ["ProviderConfigured", "ProviderPaused", "ProviderResumed"]
