"""Who gets what from a gateway that asks for a key, and from one that asks for none."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from tests.integration.gateway.conftest import PATIENCE, Gateway, eventually
from tests.unit.metarr_chassis.spans import kept_spans

from metarr_gateway import key_file
from metarr_gateway.metrics import REQUESTS
from metarr_gateway.routes import ROUTES, Route
from metarr_gateway.sessions import COOKIE
from metarr_gateway.settings import GatewaySettings

KEY = "iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C"
NEW_KEY = "another-key-another-key-another-key"
WITH_KEY = {"X-Api-Key": KEY}
EVIL = {"Origin": "https://evil.example"}
PARAMETERS = {"{id}": "1", "{kind}": "poster", "{file}": "a.jpg", "{name}": "tmdb"}
CLOSED = [route for route in ROUTES if not route.open]
OPEN = [route for route in ROUTES if route.open]


def named(route: Route) -> str:
    """The id of a test."""
    return route.name


def address(route: Route) -> str:
    """One that the route answers."""
    return re.sub(r"\{\w+\}", lambda found: PARAMETERS[found[0]], route.path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the key is."""
    file = tmp_path / "secrets" / "api-key"
    file.parent.mkdir()
    file.write_text(f"{KEY}\n")
    return file


@pytest.fixture
def settings(settings: GatewaySettings, file: Path, tmp_path: Path) -> GatewaySettings:
    """A gateway with a key and a web UI, whose pictures come from where nobody is."""
    ui = tmp_path / "ui"
    (ui / "assets").mkdir(parents=True)
    (ui / "index.html").write_text("<p>Metarr</p>")
    (ui / "assets" / "index.js").write_text("1")
    hosts = {"image.tmdb.org": "http://127.0.0.1:9"}
    return settings.model_copy(update={"api_key_file": file, "ui_dir": ui, "picture_hosts": hosts})


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_file, "LOOK_SECONDS", 0.02)


async def sign_in(gateway: Gateway, **headers: str) -> str:
    """The cookie's value, which the client keeps from then on."""
    async with gateway.http.post("/api/session", json={"apiKey": KEY}, headers=headers) as response:
        assert response.status == HTTPStatus.OK
        return response.cookies[COOKIE].value


class TestRoutes:
    """What is closed and what is open."""

    @pytest.mark.parametrize("route", CLOSED, ids=named)
    async def test_all_are_closed_that_do_not_say_otherwise(self, gateway: Gateway, route: Route) -> None:
        """Without key and session 401 in the one form of failures; with the key it is the route that answers."""
        path = address(route)
        async with gateway.http.request(route.method, path) as response:
            body = await response.json()
            assert (response.status, body["code"], body["success"]) == (401, "not_signed_in", False)
            assert response.headers["WWW-Authenticate"] == "ApiKey"
        status, body = await gateway.ask(route.method, path, headers={"X-Api-Key": NEW_KEY})
        assert (status, body["code"]) == (401, "wrong_api_key")
        assert gateway.stand_in.asked == []
        async with gateway.http.request(route.method, path, headers=WITH_KEY) as response:
            assert response.status not in {401, 403}

    @pytest.mark.parametrize("route", OPEN, ids=named)
    async def test_open_ones_say_so(self, gateway: Gateway, route: Route) -> None:
        """Signing in, and whether we live."""
        assert address(route) in {"/api/session", "/healthz", "/readyz"}
        async with gateway.http.request(route.method, address(route), json={"apiKey": KEY}) as response:
            assert response.status == HTTPStatus.OK

    @pytest.mark.parametrize("path", ["/", "/movies/1", "/index.html", "/assets/index.js", "/favicon.svg"])
    async def test_the_page_is_open(self, gateway: Gateway, path: str) -> None:
        """There is nothing of the library in it, and one signs in there."""
        async with gateway.http.get(path) as response:
            assert response.status in {200, 404}

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/nothing"),
            ("GET", "/api/docs/start.js"),
            ("GET", "/api/docs/openapi-3.0.json"),
            ("GET", "/ws/"),
            ("GET", "/metrics/"),
            ("GET", "/api/session/"),
            ("GET", "/api%2Fmovies"),
            ("POST", "/"),
            ("PUT", "/api/movies"),
            ("HEAD", "/api/movies"),
            ("OPTIONS", "/api/movies"),
        ],
    )
    async def test_what_is_in_no_table_is_closed(self, gateway: Gateway, method: str, path: str) -> None:
        """Whether there is something at an address is nobody's business either; a page's route is a page."""
        async with gateway.http.request(method, path) as response:
            assert response.status == (200 if path == "/api%2Fmovies" else 401)
            assert "movies" not in await response.text()

    async def test_what_is_open_is_by_every_method(self, gateway: Gateway) -> None:
        """One that it does not know is answered as everywhere."""
        assert (await gateway.ask("PUT", "/api/session"))[0] == 405


class TestSession:
    """Signing in and out."""

    async def test_a_browser_signs_in_and_out(self, gateway: Gateway) -> None:
        """The cookie opens what is closed, until the browser forgets it."""
        signed = {"required": True, "signedIn": True}
        assert await gateway.get("/api/session") == (200, {"success": True, "data": signed | {"signedIn": False}})
        async with gateway.http.post("/api/session", json={"apiKey": KEY}) as response:
            assert await response.json() == {"success": True, "data": signed}
            cookie = response.cookies[COOKIE]
        assert {name: cookie[name] for name in ("path", "samesite", "httponly", "secure", "max-age", "domain")} == {
            "path": "/",
            "samesite": "Strict",
            "httponly": True,
            "secure": "",
            "max-age": str(30 * 24 * 3600),
            "domain": "",
        }
        assert await gateway.get("/api/session") == (200, {"success": True, "data": signed})
        assert (await gateway.get("/api/about"))[0] == 200
        assert (await gateway.ask("DELETE", "/api/session"))[1]["data"] == signed | {"signedIn": False}
        assert (await gateway.get("/api/about"))[0] == 401

    async def test_behind_tls_the_cookie_stays_there(self, gateway: Gateway) -> None:
        """A proxy says how the browser came; the browser never sends it in the clear then."""
        headers = {"X-Forwarded-Proto": "https"}
        async with gateway.http.post("/api/session", json={"apiKey": KEY}, headers=headers) as response:
            assert response.cookies[COOKIE]["secure"] is True
        async with gateway.http.delete("/api/session", headers=headers) as response:
            assert response.cookies[COOKIE]["secure"] is True
            assert response.cookies[COOKIE]["max-age"] == "0"

    async def test_a_wrong_key_is_none(self, gateway: Gateway) -> None:
        """The field is named, no cookie is given, and the key that was sent is nowhere."""
        with capture_logs() as logs:
            async with gateway.http.post("/api/session", json={"apiKey": NEW_KEY}) as response:
                body = await response.json()
        assert (response.status, body["code"], body["field"]) == (401, "wrong_api_key", "apiKey")
        assert COOKIE not in response.cookies
        assert NEW_KEY not in f"{logs} {body}"

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            (b"", "invalid_request", "apiKey"),
            (b"{", "invalid_json", None),
            (b"[]", "invalid_request", None),
            (b'{"apiKey": 1}', "invalid_request", "apiKey"),
            (b'{"apiKey": null}', "invalid_request", "apiKey"),
            (b'{"apiKey": "a", "remember": true}', "invalid_request", "remember"),
            (b'{"apiKey": "\\ud800"}', None, None),
        ],
    )
    async def test_bodies_are_read_as_everywhere(
        self, gateway: Gateway, body: bytes, code: str | None, field: str | None
    ) -> None:
        """What is wrong is named; whatever is sent as a key is at most wrong."""
        status, answer = await gateway.post("/api/session", data=body, headers={"Content-Type": "application/json"})
        assert status in {400, 401}
        assert code is None or (answer["code"], answer.get("field")) == (code, field)

    async def test_a_session_is_taken_by_every_gateway_with_the_key(self, gateway: Gateway) -> None:
        """And by none that has another, nor when it is changed on the way."""
        cookie = await sign_in(gateway)
        gateway.http.cookie_jar.clear()
        assert (await gateway.get("/api/about", headers={"Cookie": f"{COOKIE}={cookie}"}))[0] == 200
        for wrong in (f"{cookie}x", cookie[1:], "", "x.y.z", '"', "\x80"):
            status, body = await gateway.get("/api/about", headers={"Cookie": f"{COOKIE}={wrong}"})
            assert (status, body["code"]) == (401, "not_signed_in"), wrong


class TestWebSocket:
    """The socket is refused before it is one."""

    async def test_it_asks_for_key_or_session(self, gateway: Gateway) -> None:
        """As everything else does."""
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await gateway.http.ws_connect("/ws")
        assert refused.value.status == 401
        async with gateway.http.ws_connect("/ws", headers=WITH_KEY) as ws:
            await ws.send_json({"type": "ping"})
            assert await ws.receive_json() == {"type": "pong"}
        await sign_in(gateway)
        async with gateway.http.ws_connect("/ws") as ws:
            await ws.send_json({"type": "ping"})
            assert await ws.receive_json() == {"type": "pong"}

    async def test_a_page_of_another_site_gets_none(self, gateway: Gateway) -> None:
        """Its browser would send the cookie of older browsers; its own origin gives it away."""
        await sign_in(gateway)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await gateway.http.ws_connect("/ws", headers=EVIL)
        assert refused.value.status == 403
        own = str(gateway.http._base_url).rstrip("/")
        async with gateway.http.ws_connect("/ws", headers={"Origin": own}) as ws:
            await ws.send_json({"type": "ping"})
            assert await ws.receive_json() == {"type": "pong"}


def replace_by_rename(file: Path) -> None:
    """As `metarr api-key --rotate` does."""
    file.with_name("new").write_text(NEW_KEY)
    file.with_name("new").replace(file)


def replace_by_link(file: Path) -> None:
    """As Kubernetes does with a secret's volume: the folder is a link that is led elsewhere."""
    folder, newer = file.parent, file.parent.with_name("newer")
    newer.mkdir()
    (newer / file.name).write_text(NEW_KEY)
    link = folder.with_name("link")
    link.symlink_to(newer, target_is_directory=True)
    folder.rename(folder.with_name("older"))
    link.replace(folder)


def replace_by_halves(file: Path) -> None:
    """As an editor does that writes over what is there."""
    file.write_text("")
    file.write_text(NEW_KEY)


class TestRotation:
    """Another key, while the gateway runs."""

    @pytest.mark.parametrize("replace", [replace_by_rename, replace_by_link, replace_by_halves])
    async def test_a_new_key_ends_what_the_old_one_began(
        self, gateway: Gateway, file: Path, replace: Callable[[Path], None]
    ) -> None:
        """Sessions and sockets too; nothing is started anew for it."""
        await sign_in(gateway)
        async with gateway.http.ws_connect("/ws") as ws:
            replace(file)
            message = await ws.receive(PATIENCE)
            assert (message.type, ws.close_code, message.extra) == (aiohttp.WSMsgType.CLOSE, 1008, "sign in again")
        assert (await gateway.get("/api/about"))[1]["code"] == "not_signed_in"
        assert (await gateway.get("/api/about", headers=WITH_KEY))[1]["code"] == "wrong_api_key"
        assert (await gateway.get("/api/about", headers={"X-Api-Key": NEW_KEY}))[0] == 200

    async def test_a_file_without_a_key_changes_nothing(self, gateway: Gateway, file: Path) -> None:
        """The last key holds, and that is said once; then the next one counts."""
        with capture_logs() as logs:

            async def warned(times: int) -> bool:
                return len([line for line in logs if line["log_level"] == "warning"]) == times

            for times, content in ((1, "short"), (2, None)):
                file.unlink() if content is None else file.write_text(content)
                async with asyncio.timeout(PATIENCE):
                    while not await warned(times):
                        await asyncio.sleep(0.01)
                assert (await gateway.get("/api/about", headers=WITH_KEY))[0] == 200
            replace_by_rename(file)

            async def follows() -> bool:
                return (await gateway.get("/api/about", headers={"X-Api-Key": NEW_KEY}))[0] == 200

            await eventually(follows)
        assert KEY not in str(logs)
        assert NEW_KEY not in str(logs)
        assert await warned(2), "each reason is given once"


class TestRefusals:
    """What is refused costs nothing and says little."""

    async def test_it_is_counted_and_logged_but_not_traced(self, gateway: Gateway) -> None:
        """One line with the route and the status, no span, and no secret."""
        refused = REQUESTS.labels("PATCH", "/api/movies/{id}", 401)._value
        before = refused.get()
        with capture_logs() as logs, kept_spans() as spans:
            headers = {"X-Api-Key": NEW_KEY, "Cookie": f"{COOKIE}=a-secret", "Content-Type": "application/json"}
            status, _ = await gateway.ask("PATCH", "/api/movies/17?token=a-secret", data=b"{", headers=headers)
        assert status == 401
        assert refused.get() == before + 1
        (line,) = logs
        assert {"event": "request", "route": "/api/movies/{id}", "status": 401}.items() <= line.items()
        assert "secret" not in str(line)
        assert NEW_KEY not in str(line)
        assert spans.get_finished_spans() == ()

    @pytest.mark.parametrize("headers", [EVIL, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
    async def test_a_page_of_another_site_changes_nothing(self, gateway: Gateway, headers: dict[str, str]) -> None:
        """Not with a session, nor can it sign one in; there is no leave for it to read anything either."""
        await sign_in(gateway)
        for method, path in (("POST", "/api/movies"), ("DELETE", "/api/movies/1"), ("POST", "/api/session")):
            async with gateway.http.request(method, path, json={}, headers=headers) as response:
                assert (response.status, (await response.json())["code"]) == (403, "origin_not_allowed")
        assert gateway.stand_in.asked == []
        async with gateway.http.options("/api/movies", headers=headers) as response:
            assert not [name for name in response.headers if name.startswith("Access-Control")]


class TestWithoutKey:
    """A gateway that only its machine reaches."""

    @pytest.fixture
    def settings(self, settings: GatewaySettings) -> GatewaySettings:
        """No key."""
        return settings.model_copy(update={"api_key_file": None})

    async def test_everything_is_open(self, gateway: Gateway) -> None:
        """Nobody has to sign in, and nobody can: there is no cookie."""
        state = {"success": True, "data": {"required": False, "signedIn": True}}
        assert await gateway.get("/api/session") == (200, state)
        assert (await gateway.get("/api/about", headers={"X-Api-Key": "whatever"}))[0] == 200
        async with gateway.http.post("/api/session", json={"apiKey": "whatever"}) as response:
            assert await response.json() == state
            assert COOKIE not in response.cookies
        assert await gateway.ask("DELETE", "/api/session") == (200, state)

    async def test_a_name_that_another_site_had_lead_here_is_refused(self, gateway: Gateway) -> None:
        """By DNS its pages are of the same origin as we; their name is not ours. Probes may use any."""
        host = {"Host": "evil.example:3000", "Origin": "http://evil.example:3000"}
        for method, path in (("GET", "/api/movies"), ("GET", "/"), ("POST", "/api/movies"), ("GET", "/metrics")):
            async with gateway.http.request(method, path, headers=host) as response:
                assert (response.status, (await response.json())["code"]) == (403, "host_not_allowed")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await gateway.http.ws_connect("/ws", headers=host)
        assert refused.value.status == 403
        assert (await gateway.get("/readyz", headers=host))[0] == 200
        assert gateway.stand_in.asked == []

    @pytest.mark.parametrize("host", ["localhost:3000", "LOCALHOST.", "[::1]:3000", "127.0.0.1", "metarr.localhost:80"])
    async def test_names_of_this_machine_are_ours(self, gateway: Gateway, host: str) -> None:
        """In whatever case and form."""
        assert (await gateway.get("/api/about", headers={"Host": host}))[0] == 200

    async def test_a_page_of_another_site_changes_nothing(self, gateway: Gateway) -> None:
        """It needs no cookie to ask; our own page is told by its origin."""
        assert (await gateway.post("/api/movies", json={}, headers=EVIL))[1]["code"] == "origin_not_allowed"
        own = {"Host": "[::1]:3000", "Origin": "http://[::1]:3000"}
        assert (await gateway.post("/api/movies", json={"x": 1}, headers=own))[0] == 400

    async def test_who_names_no_host_is_no_browser(self, gateway: Gateway) -> None:
        """HTTP/1.0 has no host."""
        async with spoken(gateway, b"GET /api/about HTTP/1.0\r\n\r\n") as answer:
            assert b" 200 " in answer
        async with spoken(gateway, b"POST /api/movies HTTP/1.0\r\nOrigin: http://a\r\n\r\n") as answer:
            assert b" 403 " in answer

    async def test_two_hosts_are_none(self, gateway: Gateway) -> None:
        """Nobody can tell which one is meant."""
        hosts = b"Host: localhost\r\nHost: evil.example\r\n"
        async with spoken(gateway, b"GET /api/about HTTP/1.1\r\n" + hosts + b"\r\n") as answer:
            assert b" 403 " in answer or b" 400 " in answer


class TestAllowedHosts:
    """Names that were given."""

    @pytest.fixture
    def settings(self, settings: GatewaySettings) -> GatewaySettings:
        """A name, and no key."""
        return settings.model_copy(update={"api_key_file": None, "allowed_hosts": frozenset({"metarr.example"})})

    async def test_they_are_answered_and_their_pages_too(self, gateway: Gateway) -> None:
        """Also where a proxy calls us by another of them, or by our address."""
        for host in ("metarr.example", "Metarr.Example.:8443", "127.0.0.1:3000"):
            headers = {"Host": host, "Origin": "https://metarr.example"}
            assert (await gateway.post("/api/movies", json={"x": 1}, headers=headers))[0] == 400
        assert (await gateway.get("/api/about", headers={"Host": "nas.example"}))[1]["code"] == "host_not_allowed"


@contextlib.asynccontextmanager
async def spoken(gateway: Gateway, request: bytes) -> AsyncIterator[bytes]:
    """The first line of the answer to what no client of HTTP would send."""
    url = gateway.http._base_url
    assert url is not None
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(request)
    async with asyncio.timeout(PATIENCE):
        yield await reader.readline()
    writer.close()
    await writer.wait_closed()
