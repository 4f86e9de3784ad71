"""Keys, passwords and sessions are nowhere to be seen: not in logs, messages, rows, figures, spans, answers, files."""

import asyncio
import contextlib
import json
import secrets
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from tests.e2e.client import ENDS, Api
from tests.e2e.collector import collecting
from tests.e2e.echo import Echo, Manner, echoing
from tests.e2e.planted import (
    USER,
    NatsWithPassword,
    PostgresWithPassword,
    command_lines,
    files,
    leaks,
    made_up,
    rows,
    said_by,
)
from tests.e2e.system import DATABASE_PASSWORDS, PATHS, System

from metarr_chassis.background import running
from metarr_chassis.bus import Bus, connect
from metarr_gateway import sessions
from metarr_local import embedded_nats

PROVIDERS = ("tmdb", "omdb", "fanart")
MANNERS: tuple[Manner, ...] = ("found", "unavailable", "unexpected", "garbage", "redirect", "cut_off", "throttled")
OUTCOMES = ("found", "unauthorized", "unavailable", "unexpected", "throttled")
READ = (
    "/api/movies",
    "/api/movies/1",
    "/api/movies/2/enrichment-status",
    "/api/movies/2/history",
    "/api/movies/abc",
    "/api/movies/4242",
    "/api/candidates?title=Heat",
    "/api/movies/enrichment/stats",
    "/api/providers/status",
    "/api/activity/history",
    "/api/enrichment/bulk-status",
    "/api/rules",
    "/api/about",
    "/api/openapi.json",
    "/api/nothing",
    "/nothing.html",
    "/readyz",
    "/metrics",
)


@pytest.fixture
def planted() -> dict[str, str]:
    """A secret for each of our own, and passwords that somebody got wrong."""
    return {
        # Only a key of this form goes into the query, and so into addresses.
        "tmdb": secrets.token_hex(16),
        "omdb": made_up(),
        "fanart": made_up(),
        "fanart client": made_up(),
        "nats": made_up(),
        "postgres": made_up(),
        **DATABASE_PASSWORDS,
        "wrong": made_up(),
        # Neither goes where a space could.
        "api key": made_up().replace(" ", "_"),
        # The cookie is known once somebody has signed in.
    }


class Planted(System):
    """A system whose servers have users with planted passwords."""

    def __init__(self, folder: Path, planted: Mapping[str, str], environment: Mapping[str, str]) -> None:
        super().__init__(folder, demo=False)
        self.nats = self.bus = NatsWithPassword(folder / "nats")
        self.postgres = self.database = PostgresWithPassword(folder / "postgres")
        self.bus.password, self.database.password = planted["nats"], planted["postgres"]
        (folder / "api-key").write_text(planted["api key"])
        self.environment = {
            "METARR_DATABASE_URL": self.database.address(planted["postgres"]),
            "METARR_DATABASE_READER_URL": self.database.address(planted["postgres"]),
            **{f"METARR_{name.upper()}_KEY": planted[name] for name in PROVIDERS},
            "METARR_FANART_CLIENT_KEY": planted["fanart client"],
            "METARR_API_KEY_FILE": str(folder / "api-key"),
            **environment,
        }

    def environment_for(self, **changed: str) -> dict[str, str]:
        """What a further process is told: as a service, but no ports of one."""
        given = self.environment_of("gateway")
        return {name: value for name, value in given.items() if not name.endswith("_PORT")} | changed


@contextlib.asynccontextmanager
async def recording(seen: dict[str, bytes], url: str, cookie: str) -> AsyncIterator[Api]:
    """A client that keeps whatever comes, by address; it is signed in."""

    async def ended(_session: object, _context: object, end: aiohttp.TraceRequestEndParams) -> None:
        if end.response.status != 101:
            name = f"answer {len(seen)} to {end.method} {end.url}"
            seen[name] = str(end.response.raw_headers).encode() + await end.response.read()

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    async with aiohttp.ClientSession(trace_configs=[trace], headers={"Cookie": cookie}) as session:
        yield Api(session, url, patient=True)


async def signed_in(system: Planted, planted: dict[str, str]) -> str:
    """The cookie of a session, planted from then on; only the answer to the key holds it."""
    body = {"apiKey": planted["api key"]}
    async with aiohttp.ClientSession() as client, client.post(f"{system.url}/api/session", json=body) as answer:
        planted["session"] = answer.cookies[sessions.COOKIE].value
    return f"{sessions.COOKIE}={planted['session']}"


async def sign_in_wrongly(api: Api, wrong: str) -> None:
    """What is said to who sends a wrong key, in whatever way."""
    assert (await api.post("/api/session", {"apiKey": wrong})).status == 401
    for headers in ({"X-Api-Key": wrong}, {"Cookie": f"{sessions.COOKIE}={quote(wrong)}"}):
        async with api.session.get(f"{api.url}/api/movies", headers=headers) as answer:
            assert answer.status == 401


async def hear_sockets(seen: dict[str, bytes], api: Api, ready: asyncio.Event) -> None:
    """Keep all frames of a socket that has not subscribed, and so gets everything."""
    async with api.session.ws_connect(api.url + "/ws") as socket:
        await socket.send_json({"type": "ping"})
        async for message in socket:
            ready.set()
            seen["frames"] = seen.get("frames", b"") + str(message.data).encode()


@contextlib.asynccontextmanager
async def hearing_the_bus(seen: dict[str, bytes], bus: Bus) -> AsyncIterator[None]:
    """Keep everything that is said on the bus, requests and replies too."""

    async def hear(message: Any) -> None:
        said = f"{message.subject} {message.reply} {message.headers} ".encode() + message.data
        seen["bus"] = seen.get("bus", b"") + said

    subscription = await bus.listen(">", hear)
    yield
    await subscription.unsubscribe()


async def stored(name: str, bus: Bus) -> dict[str, bytes]:
    """All messages of all streams and buckets, and what the server says of them."""
    info = await bus.api("STREAM.LIST")
    found = {f"{name}: streams": json.dumps(info).encode()}
    for stream in (one["config"]["name"] for one in info["streams"]):
        text = [json.dumps(await bus.api(f"CONSUMER.LIST.{stream}")).encode()]
        seq = 1
        while (message := await bus.next_message(stream, ">", seq)) is not None:
            text.append(f"{message.subject} {message.headers} ".encode() + message.data)
            seq = message.seq + 1
        found[f"{name}: {stream}"] = b"\n".join(text)
    return found


async def read_figures(system: Planted, seen: dict[str, bytes]) -> None:
    """The pages that every service has at its own port."""
    key = (system.folder / "api-key").read_text()
    async with aiohttp.ClientSession(headers={"X-Api-Key": key}) as client:
        for name in system.processes.keys() & system.ports.keys():
            for path in ("/metrics", "/healthz", "/readyz"):
                async with client.get(f"http://127.0.0.1:{system.ports[name]}{path}") as answer:
                    seen[f"{path} of {name}"] = await answer.read()


async def use_everything(system: Planted, api: Api, echo: Echo, seen: dict[str, bytes]) -> None:
    """Films for each manner of answering, each refreshed; a run; pictures; refused keys; all that can be read."""
    ids = []
    for number, manner in enumerate(MANNERS, start=2_000_000):
        film = {"title": f"Film {manner}", "year": 1995, "imdbId": f"tt{number}", "tmdbId": 10_000_000 + number}
        echo.manners |= {f"tt{number}": manner, str(10_000_000 + number): manner}
        ids.append((await api.post("/api/movies", film)).data["movieId"])
    async with api.socket() as socket:
        await socket.subscribe()
        jobs = [(await api.post(f"/api/movies/{movie_id}/enrich")).data["jobId"] for movie_id in ids]
        ended: set[int] = set()
        while not ended >= set(jobs):
            frame = await socket.next()
            ended |= {frame["jobId"]} if frame["type"] in ENDS else set()
    echo.manners.clear()
    await api.run_ended(await api.start_run(force=True))
    for path in (*READ, *(f"/api/movies/{ids[0]}/images/{kind}" for kind in ("poster", "fanart"))):
        async with api.session.get(api.url + path):
            pass
    # From here on it is the one that shows its spans who asks.
    await read_figures(system, seen)
    await system.stop("enricher")
    echo.everywhere = "refused"
    async with api.socket() as socket:
        await api.refresh(socket, ids[0], force=True)
    await api.get("/api/candidates", title="Heat")
    for provider in PROVIDERS:
        assert (await api.post(f"/api/providers/{provider}/resume")).status == 409


async def start_wrongly(system: Planted, wrong: str) -> dict[str, bytes]:
    """What services and commands say that are told the wrong password, or addresses that are none for one."""
    plain = f"{wrong[:40]}/{wrong}"
    bus, database = (
        {"METARR_NATS_URL": system.bus.address(wrong)},
        {"METARR_DATABASE_URL": system.database.address(wrong)},
    )
    no_bus = {"METARR_NATS_URL": f"nats://{USER}:{plain}@127.0.0.1"}
    no_databases = [
        {"METARR_DATABASE_URL": f"postgresql://{USER}:{password}"}
        for password in (f"{plain}@127.0.0.1/metarr", wrong.replace("/", ""))
    ]
    projector, setup, command = ("metarr_projector",), ("metarr_local.cli", "setup"), ("metarr_local.cli",)
    tries = [
        (("metarr_enricher",), bus, "refuses the user"),
        ((*command, "backup", str(system.folder / "none")), bus, "refuses the user"),
        (projector, database, "password authentication failed"),
        (setup, database, "password authentication failed"),
        (setup, no_bus, "METARR_NATS_URL: expected"),
        ((*command, "run"), {**no_databases[0], **no_bus, "METARR_HTTP_PORT": "x"}, "METARR_HTTP_PORT: expected"),
        *(
            (module, address, "METARR_DATABASE_URL: expected")
            for module in (projector, setup)
            for address in no_databases
        ),
    ]
    said = await asyncio.gather(
        *(
            said_by(sys.executable, "-m", *arguments, environment=system.environment_for(**changed), until=until)
            for arguments, changed, until in tries
        )
    )
    return {f"{number}: {tries[number][0]} with wrong settings": text for number, text in enumerate(said)}


async def back_up(system: Planted, seen: dict[str, bytes], second: NatsWithPassword) -> None:
    """A backup, and all that is in it."""
    folder, command = system.folder / "backup", (sys.executable, "-m", "metarr_local.cli")
    there = system.environment_for(METARR_NATS_URL=second.url)
    seen["backup"] = await said_by(*command, "backup", str(folder), environment=system.environment_for())
    seen |= files("backup", folder)
    # Files of a backup are packed; what is in them a server knows.
    seen["restore"] = await said_by(*command, "restore", str(folder), environment=there)
    async with connect(second.url, "test") as bus:
        seen |= await stored("restored", bus)


def require_all(seen: Mapping[str, bytes]) -> None:
    """What is searched is there: every kind of output, each way to fail, and what was left of the secrets."""
    events, answers = seen["bus: METARR_EVENTS"], seen["restored: METARR_ANSWERS"]
    assert all(f'"outcome":"{outcome}"'.encode() in events for outcome in OUTCOMES), events
    assert [hidden for hidden in (b"api_key=***", b"apikey=***", b"?***&***") if hidden not in answers] == [], answers
    assert any(b"api_key=***" in text for name, text in seen.items() if name.startswith("store"))
    assert b"api_key=***" in seen["rows of live.movie_detail"]
    assert b'"name": "GET omdb"' in seen["enricher2.log"]
    assert any(b"GET fanart" in text for name, text in seen.items() if name.startswith("span"))
    assert any(b"image/" in text for name, text in seen.items() if "/images/poster" in name)
    assert b"enrichment:complete" in seen["frames"]
    assert b"metarr.live.movie" in seen["bus"]
    assert {"/metrics of scheduler", "/metrics of enricher", "gateway.log", "nats.log", "backup backup.json"} <= set(
        seen
    )


@contextlib.asynccontextmanager
async def all_at_work(
    tmp_path: Path, planted: Mapping[str, str], echo: Echo, collector_url: str
) -> AsyncIterator[Planted]:
    """A system that says as much as it can, with two enrichers, one of which shows its spans itself."""
    told = {
        **{f"METARR_{provider.upper()}_URL": echo.url + path for provider, path in PATHS.items()},
        "METARR_LOG_LEVEL": "debug",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector_url,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    async with Planted(tmp_path, planted, told) as system:
        echo.sandbox_url = system.sandbox_url
        for provider in PROVIDERS:
            await system.provider(provider, key=planted[provider])
        system.environment = {**system.environment, "OTEL_TRACES_EXPORTER": "console"}
        await system.start("enricher", "enricher2")
        yield system


async def test_no_secret_is_to_be_seen(
    tmp_path: Path, planted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given planted keys, passwords and a session, when everything happens, then nothing that comes out holds one."""
    tmp_path.chmod(0o755)
    login = f"authorization {{ user: {USER}, password: {json.dumps(planted['nats'])} }}\n"
    configuration = embedded_nats.configuration
    monkeypatch.setattr(embedded_nats, "configuration", lambda *given: configuration(*given) + login)
    second = NatsWithPassword(tmp_path / "second")
    second.password = planted["nats"]
    seen: dict[str, bytes] = {}
    async with collecting() as collector, echoing() as echo, second:
        async with (
            all_at_work(tmp_path, planted, echo, collector.url) as system,
            connect(system.bus.url, "test") as bus,
            recording(seen, system.url, await signed_in(system, planted)) as api,
            hearing_the_bus(seen, bus),
        ):
            ready = asyncio.Event()
            async with running(hear_sockets(seen, api, ready)):
                await ready.wait()
                await use_everything(system, api, echo, seen)
                await sign_in_wrongly(api, planted["wrong"])
            seen |= command_lines()
            await read_figures(system, seen)
            _, wrong = await asyncio.gather(back_up(system, seen, second), start_wrongly(system, planted["wrong"]))
            seen |= wrong
            seen |= await stored("bus", bus)
            seen |= await rows(system.database.url)
        seen |= {f"span {number}": body for number, body in enumerate(collector.bodies)}
    seen |= {path.name: path.read_bytes() for path in tmp_path.rglob("*.log")}
    seen |= files("store", tmp_path / "nats" / "jetstream")
    require_all(seen)
    found = leaks(planted, seen)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("around", ["", "a", "ab", "abc"])
def test_what_is_searched_for_would_be_found(around: str) -> None:
    """A secret in any form, cut off too, and nothing that is none."""
    secret = made_up()
    texts = (secret, quote(secret, safe=""), secret[5:], b64encode(f"{around}{secret}{around}".encode()).decode())
    for text in texts:
        assert leaks({"key": secret}, {"log": f"{around}{text}{around}".encode()})
    assert leaks({"key": secret}, {"log": made_up().encode()}) == []
