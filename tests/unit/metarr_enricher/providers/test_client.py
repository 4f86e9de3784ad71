"""How often a provider is asked, and what its caller hears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from metarr_contracts.movie import ExternalIds
from metarr_enricher.lane import MANUAL, Lane, NotWantedError
from metarr_enricher.providers import omdb, tmdb
from metarr_enricher.providers.client import KEPT_FREE, Client, Pace
from metarr_enricher.providers.exchange import ProviderRequest, Response
from metarr_enricher.providers.outcomes import Found, NotFound, Throttled, Unauthorized, Unavailable, Unexpected
from metarr_enricher.providers.registry import Fanart, Omdb, Provider, Tmdb

KEY = "secret-key"
NOT_FOUND = Response(200, {}, b'{"Response":"False","Error":"Movie not found!"}')
DOWN = Response(503, {}, b"<html>")
THROTTLED = Response(429, {"retry-after": "4"}, b"")


@dataclass
class Script:
    """A transport that gives the answers of a script and notes everything that happens."""

    answers: list[Response | Unavailable]
    notes: list[object] = field(default_factory=list)

    async def send(self, request: ProviderRequest) -> Response | Unavailable:
        """The next answer."""
        self.notes.append(request.path)
        return self.answers.pop(0)

    @asynccontextmanager
    async def gate(self, lane: Lane) -> AsyncIterator[None]:
        """Notes that a request waited at the gate."""
        self.notes.append("gate" if lane == MANUAL else "gate of runs")
        yield

    async def throttled(self, outcome: Throttled) -> None:
        """Notes that the caller heard of the throttling."""
        self.notes.append(outcome)

    async def sleep(self, seconds: float) -> None:
        """Notes the wait instead of waiting."""
        self.notes.append(seconds)

    @property
    def client(self) -> Client:
        """A client that follows the script."""
        return Client(self, 2, Pace(self.gate, self.throttled, self.sleep, lambda: 0.5))


async def ask(script: Script) -> object:
    """The outcome of one question to OMDb."""
    return await script.client.ask(omdb.request("tt0133093", KEY), omdb.parse, MANUAL)


async def test_an_answer_is_asked_for_once() -> None:
    """Each request waits at the gate; an answer is not asked for again."""
    script = Script([NOT_FOUND])
    assert await ask(script) == NotFound()
    assert script.notes == ["gate", "/"]


async def test_an_outage_is_retried() -> None:
    """An unavailable provider is asked again after a growing wait, through the gate."""
    script = Script([DOWN, Unavailable("cannot be reached"), NOT_FOUND])
    assert await ask(script) == NotFound()
    assert script.notes == ["gate", "/", 0.25, "gate", "/", 0.5, "gate", "/"]


async def test_retries_are_bounded() -> None:
    """After two retries the outage is the outcome."""
    script = Script([DOWN] * 4)
    assert await ask(script) == Unavailable("OMDb has no answer now (HTTP 503)")
    assert len(script.answers) == 1


async def test_what_nobody_wants_any_more_is_not_sent() -> None:
    """At the gate, which may have been closed for long, a request is looked at once more."""
    script = Script([])

    async def never() -> bool:
        return False

    with pytest.raises(NotWantedError):
        await script.client.ask(omdb.request("tt0133093", KEY), omdb.parse, Lane(wanted=never))
    assert script.notes == ["gate"]


async def test_throttling_is_told_and_not_repeated() -> None:
    """The caller owns the rate: it hears of the throttling and decides what follows."""
    script = Script([THROTTLED])
    assert await ask(script) == Throttled(4.0)
    assert script.notes == ["gate", "/", Throttled(4.0)]


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (401, "Invalid API key! secret-key", Unauthorized("OMDb refuses the key: Invalid API key! ***")),
        (200, "What is secret-key?", Unexpected("OMDb answered HTTP 200: What is ***?")),
    ],
)
async def test_a_key_that_comes_back_is_redacted(status: int, error: str, expected: object) -> None:
    """A provider that repeats the key in its error does not bring it into our logs."""
    body = f'{{"Response":"False","Error":"{error}"}}'.encode()
    assert await ask(Script([Response(status, {}, body)])) == expected


async def test_a_key_in_a_value_is_redacted() -> None:
    """Values are stored and shown: a picture's address with the key in it is one without."""
    body = b'{"Response":"True","Title":"Heat","Type":"movie","Poster":"https://pictures/?i=1&apikey=secret-key"}'
    found = await ask(Script([Response(200, {}, body)]))
    assert isinstance(found, Found)
    assert found.fields["poster"].value == "https://pictures/?i=1&apikey=***"


async def test_a_key_that_is_cut_off_is_redacted() -> None:
    """Messages are shortened, and half a key is secret too."""
    body = f'{{"Response":"False","Error":"{"x" * 195}secret-key"}}'.encode()
    assert await ask(Script([Response(401, {}, body)])) == Unauthorized(f"OMDb refuses the key: {'x' * 195}***")


async def test_questions_beyond_the_connections_wait() -> None:
    """No more requests are under way than there are connections."""
    under_way: list[int] = [0]

    class Slow(Script):
        async def send(self, request: ProviderRequest) -> Response | Unavailable:
            under_way.append(under_way[-1] + 1)
            await asyncio.sleep(0)
            under_way.append(under_way[-1] - 1)
            return await super().send(request)

    client = Slow([NOT_FOUND] * 20).client
    await asyncio.gather(*(client.ask(omdb.request("tt0133093", KEY), omdb.parse, MANUAL) for _ in range(20)))
    assert max(under_way) == 2


@dataclass
class Held(Script):
    """A transport that answers nothing before it is told to."""

    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, request: ProviderRequest) -> Response | Unavailable:
        """The next answer, when it is time."""
        self.notes.append(request.query["i"])
        await self.answering.wait()
        return NOT_FOUND


@pytest.mark.parametrize("connections", [1, 2, 5, 10, 20])
async def test_a_run_leaves_connections_free(connections: int) -> None:
    """Of ten all but four; where there are fewer, a run has one."""
    script = Held([])
    client = Client(script, connections, Pace(script.gate, script.throttled))

    async def asked(imdb: str, lane: Lane) -> object:
        return await client.ask(omdb.request(imdb, KEY), omdb.parse, lane)

    async with asyncio.TaskGroup() as tasks:
        for n in range(30):
            tasks.create_task(asked(f"run {n}", Lane(run=True)))
        for n in range(connections):
            tasks.create_task(asked(f"manual {n}", MANUAL))
        for _ in range(20):
            await asyncio.sleep(0)
        sent = [note for note in script.notes if str(note).startswith(("run", "manual"))]
        runs = max(1, connections - KEPT_FREE)
        assert sent == [*(f"run {n}" for n in range(runs)), *(f"manual {n}" for n in range(connections - runs))]
        # No more of them wait at the gate than can go out, so that they go out when it lets them.
        assert script.notes.count("gate of runs") == runs
        script.answering.set()


HOME = tmdb.Locale("en", "US")


def providers(script: Script) -> dict[str, Provider]:
    """The three providers over one script."""
    everyone = (Tmdb(script.client, KEY, HOME), Omdb(script.client, KEY), Fanart(script.client, KEY, "en"))
    return {provider.name: provider for provider in everyone}


@pytest.mark.parametrize(
    ("name", "ids", "needed", "path"),
    [
        ("tmdb", ExternalIds(tmdb=603, imdb="tt0133093"), "tmdb:603", "/movie/603"),
        ("omdb", ExternalIds(tmdb=603, imdb="tt0133093"), "imdb:tt0133093", "/"),
        ("fanart", ExternalIds(tmdb=603, imdb="tt0133093"), "tmdb:603", "/movies/603"),
        ("fanart", ExternalIds(imdb="tt0133093"), "imdb:tt0133093", "/movies/tt0133093"),
    ],
)
async def test_what_a_provider_needs(name: str, ids: ExternalIds, needed: str, path: str) -> None:
    """Each provider is asked with the id that it knows films by."""
    script = Script([THROTTLED])
    provider = providers(script)[name]
    assert provider.needs(ids) == needed
    await provider.ask(ids, MANUAL)
    assert path in script.notes


@pytest.mark.parametrize(
    ("name", "ids"),
    [("tmdb", ExternalIds(imdb="tt0133093")), ("omdb", ExternalIds(tmdb=603)), ("fanart", ExternalIds())],
)
async def test_without_the_id_nobody_is_asked(name: str, ids: ExternalIds) -> None:
    """A film without the id that a provider needs is not found there, without a request."""
    script = Script([])
    provider = providers(script)[name]
    assert provider.needs(ids) is None
    assert await provider.ask(ids, MANUAL) == NotFound()
    assert script.notes == []


def test_no_key_is_shown() -> None:
    """A provider in a traceback or a log does not tell its keys."""
    script = Script([])
    assert KEY not in repr([*providers(script).values(), Fanart(script.client, "other", "en", KEY)])


@pytest.mark.parametrize(("imdb", "path"), [("tt0133093", "/find/tt0133093"), (None, "/search/movie")])
async def test_a_lookup_is_one_request(imdb: str | None, path: str) -> None:
    """A film is looked up by its IMDb id, and by title only without one."""
    script = Script([THROTTLED])
    assert await Tmdb(script.client, KEY, HOME).lookup("The Matrix", 1999, imdb, MANUAL) == Throttled(4.0)
    assert script.notes == ["gate", path, Throttled(4.0)]
