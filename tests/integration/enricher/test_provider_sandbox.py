"""The three providers asked over HTTP, on good days and on every bad day that the sandbox can play."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, get_args

import aiohttp
import pytest

from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import MANUAL, Lane
from metarr_enricher.providers.client import Client, Pace
from metarr_enricher.providers.outcomes import (
    Failure,
    Found,
    LookedUp,
    NotFound,
    QuotaExhausted,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
)
from metarr_enricher.providers.registry import CONNECTIONS, Fanart, Omdb, Provider, Tmdb
from metarr_enricher.providers.tmdb import Locale
from metarr_enricher.providers.transport import open_transport

MATRIX = ExternalIds(tmdb=603, imdb="tt0133093")
PATHS: dict[ProviderName, str] = {"tmdb": "tmdb/3", "omdb": "omdb/", "fanart": "fanart/v3"}
HOME = Locale("en", "US")
WRONG_KEY = "no-such-key"

Control = Callable[[ProviderName, dict[str, Any]], Awaitable[None]]
Providers = dict[ProviderName, Provider]


@pytest.fixture
async def control(sandbox: str) -> AsyncIterator[Control]:
    """Changes settings of one provider in the sandbox."""
    async with aiohttp.ClientSession(raise_for_status=True) as session:

        async def change(name: ProviderName, settings: dict[str, Any]) -> None:
            await session.put(f"{sandbox}/control/providers/{name}", json=settings)

        yield change


@asynccontextmanager
async def open_gate(_: Lane) -> AsyncIterator[None]:
    """No gate."""
    yield


async def nothing(*_: object) -> None:
    """No wait between retries, nobody listening."""


@pytest.fixture
async def clients(sandbox: str) -> AsyncIterator[dict[ProviderName, Client]]:
    """Clients of the three providers, without waits between retries."""
    async with AsyncExitStack() as stack:

        async def client(name: ProviderName) -> Client:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS[name])
            opened = open_transport(f"{sandbox}/{PATHS[name]}", connector, total_seconds=60)
            return Client(await stack.enter_async_context(opened), CONNECTIONS[name], Pace(open_gate, nothing, nothing))

        yield {name: await client(name) for name in PROVIDERS}


@pytest.fixture
def tmdb(clients: dict[ProviderName, Client]) -> Tmdb:
    """TMDB with the sandbox's key."""
    return Tmdb(clients["tmdb"], "sandbox-tmdb-key", HOME)


@pytest.fixture
def providers(clients: dict[ProviderName, Client], tmdb: Tmdb) -> Providers:
    """The three providers with the sandbox's keys."""
    omdb, fanart = (
        Omdb(clients["omdb"], "sandbox-omdb-key"),
        Fanart(clients["fanart"], "sandbox-fanart-key", "en"),
    )
    return {"tmdb": tmdb, "omdb": omdb, "fanart": fanart}


async def requests(sandbox: str, name: ProviderName) -> int:
    """How often the sandbox was asked as that provider."""
    async with aiohttp.ClientSession() as session, session.get(f"{sandbox}/control/requests") as answer:
        return int((await answer.json())[name]["requests"])


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("tmdb", {"plot", "genres", "cast", "directors", "release_date", "original_title"}),
        ("omdb", {"plot", "genres", "imdb_rating", "imdb_votes", "cast", "release_date"}),
        ("fanart", {"fanart"}),
    ],
)
async def test_a_known_film_is_found(providers: Providers, name: ProviderName, fields: set[str]) -> None:
    """Each provider's answer is read into its fields, with the ids it has."""
    found = await providers[name].ask(MATRIX, MANUAL)
    assert isinstance(found, Found)
    assert fields <= found.fields.keys()
    assert found.ids.asked_with() & MATRIX.asked_with()


async def test_fanart_is_asked_by_imdb_id_too(providers: Providers) -> None:
    """A film without a TMDB id has pictures all the same."""
    assert isinstance(await providers["fanart"].ask(ExternalIds(imdb="tt0133093"), MANUAL), Found)


async def test_many_made_up_films(providers: Providers) -> None:
    """Whatever film is asked for, it is found or it is not: nothing is unexpected."""
    for number in range(2_000_000, 2_000_040):
        ids = ExternalIds(tmdb=number, imdb=f"tt{90_000_000 + number}")
        for provider in providers.values():
            assert isinstance(await provider.ask(ids, MANUAL), Found | NotFound)


async def test_an_unknown_film_is_not_found(providers: Providers) -> None:
    """An id that nobody has is an answer."""
    unknown = ExternalIds(imdb="tt9999999")
    assert await providers["omdb"].ask(unknown, MANUAL) == NotFound()
    assert await providers["fanart"].ask(unknown, MANUAL) == NotFound()


@pytest.mark.parametrize("form", ["status404", "empty"])
async def test_both_forms_of_unknown(providers: Providers, control: Control, form: str) -> None:
    """fanart.tv's old servers say 404, its new ones an empty object."""
    await control("fanart", {"unknownForm": form})
    assert await providers["fanart"].ask(ExternalIds(imdb="tt9999999"), MANUAL) == NotFound()


async def test_lookup_by_imdb_id(tmdb: Tmdb) -> None:
    """An IMDb id means one film."""
    assert await tmdb.lookup("whatever", None, "tt0133093", MANUAL) == LookedUp(603)


async def test_lookup_by_title_and_year(tmdb: Tmdb) -> None:
    """A title and a year mean one film; the year may be one off."""
    assert await tmdb.lookup("The Matrix", 1999, None, MANUAL) == LookedUp(603)
    assert await tmdb.lookup("the matrix", 1999, None, MANUAL) == LookedUp(603)


async def test_lookup_without_a_film(tmdb: Tmdb) -> None:
    """A title that nobody knows has no candidates."""
    assert await tmdb.lookup("The Road to Nowhere", 1999, None, MANUAL) == LookedUp()


async def test_lookup_with_two_films(tmdb: Tmdb) -> None:
    """Two films of one title are for a person to choose from."""
    looked_up = await tmdb.lookup("The Blue Twins", 1999, None, MANUAL)
    assert isinstance(looked_up, LookedUp)
    assert (looked_up.tmdb_id, len(looked_up.candidates)) == (None, 2)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_refused_key(clients: dict[ProviderName, Client], name: ProviderName) -> None:
    """A wrong key is told, without the key, and not tried again."""
    refused: dict[ProviderName, Provider] = {
        "tmdb": Tmdb(clients["tmdb"], WRONG_KEY, HOME),
        "omdb": Omdb(clients["omdb"], WRONG_KEY),
        "fanart": Fanart(clients["fanart"], WRONG_KEY, "en"),
    }
    outcome = await refused[name].ask(MATRIX, MANUAL)
    assert isinstance(outcome, Unauthorized)
    assert WRONG_KEY not in outcome.message


@pytest.mark.parametrize("form", ["status401", "status200"])
async def test_the_used_up_quota_of_omdb(providers: Providers, control: Control, form: str) -> None:
    """The limit is recognised under either status, and the answer before it was a good one."""
    await control("omdb", {"dailyLimit": 1, "limitForm": form})
    assert isinstance(await providers["omdb"].ask(MATRIX, MANUAL), Found)
    assert await providers["omdb"].ask(MATRIX, MANUAL) == QuotaExhausted()


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(("form", "seconds"), [("retry_after", 2.0), ("bare", None), ("html", None)])
async def test_throttling(
    providers: Providers, control: Control, sandbox: str, name: ProviderName, form: str, seconds: float | None
) -> None:
    """A 429 of any form is throttling; it is not repeated behind the caller's back."""
    await control(name, {"fault": {"kind": "throttle", "form": form, "retryAfter": 2}})
    assert await providers[name].ask(MATRIX, MANUAL) == Throttled(seconds)
    assert await requests(sandbox, name) == 1


BAD_DAYS: list[dict[str, Any]] = [
    {"kind": "http", "status": 500},
    {"kind": "http", "status": 503},
    {"kind": "http", "status": 522},
    {"kind": "http", "status": 403},
    {"kind": "disconnect"},
    {"kind": "garbage"},
    {"kind": "empty"},
    {"kind": "huge", "size": 9 << 20},
    {"kind": "huge", "size": 64 << 20, "gzip": True},
]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("fault", BAD_DAYS, ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}")
async def test_outages(
    providers: Providers, control: Control, sandbox: str, name: ProviderName, fault: dict[str, Any]
) -> None:
    """Whatever is no answer is tried three times in all, and then the provider is unavailable."""
    await control(name, {"fault": fault})
    assert isinstance(await providers[name].ask(MATRIX, MANUAL), Unavailable)
    assert await requests(sandbox, name) == 3


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_short_outage_is_not_noticed(providers: Providers, control: Control, name: ProviderName) -> None:
    """After a failed request or two the answer is a good one."""
    await control(name, {"fault": {"kind": "disconnect", "count": 2}})
    assert isinstance(await providers[name].ask(MATRIX, MANUAL), Found)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_redirect_is_not_followed(
    providers: Providers, control: Control, sandbox: str, name: ProviderName
) -> None:
    """A redirect could carry a key elsewhere."""
    await control(name, {"fault": {"kind": "redirect"}})
    assert isinstance(await providers[name].ask(MATRIX, MANUAL), Unavailable | Unexpected)
    assert await requests(sandbox, name) <= 3


@pytest.mark.parametrize("name", PROVIDERS)
async def test_wrong_types_raise_nothing(providers: Providers, control: Control, name: ProviderName) -> None:
    """An answer whose values have other types is some outcome."""
    await control(name, {"fault": {"kind": "wrong_shape"}})
    assert isinstance(await providers[name].ask(MATRIX, MANUAL), (Found, NotFound, *get_args(Failure)))


@pytest.mark.parametrize("name", PROVIDERS)
async def test_silence_is_an_outage(sandbox: str, control: Control, name: ProviderName) -> None:
    """A provider that says nothing does not hold a film for ever."""
    await control(name, {"fault": {"kind": "timeout"}})
    async with open_transport(f"{sandbox}/{PATHS[name]}", aiohttp.TCPConnector(), total_seconds=0.1) as transport:
        impatient = Client(transport, 1, Pace(open_gate, nothing, nothing))
        silent: dict[ProviderName, Provider] = {
            "tmdb": Tmdb(impatient, "sandbox-tmdb-key", HOME),
            "omdb": Omdb(impatient, "sandbox-omdb-key"),
            "fanart": Fanart(impatient, "sandbox-fanart-key", "en"),
        }
        assert await silent[name].ask(MATRIX, MANUAL) == Unavailable("127.0.0.1 did not answer in time")
