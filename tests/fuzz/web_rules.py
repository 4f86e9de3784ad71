"""Rules for what comes to the web server beside bodies and query strings: forms, names, cookies, keys, proxies."""

import asyncio
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from tests.fuzz.inputs import as_text, at_once, can_be_answered, chosen, is_said

from metarr_chassis.metrics import metrics
from metarr_gateway import client_address, hosts, sessions
from metarr_gateway.__main__ import ignore_bad_forms
from metarr_gateway.accept_encoding import codings
from metarr_gateway.access import came_by_https
from metarr_gateway.admission import Admission, Asked
from metarr_gateway.api_key import PATTERN, ApiKey
from metarr_gateway.buckets import Pace
from metarr_gateway.errors import ApiError
from metarr_gateway.keys import LIMITS
from metarr_gateway.limits import Limits
from metarr_gateway.upload import Upload, read_upload

FORM_LIMIT = 4_000
"""Bytes of a file in a form; smaller than the largest input, so that some are too large."""
FORMS = (
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "multipart/form-data; boundary=--",
    "multipart/form-data",
    None,
)
"""Where there is none, the first line of the input says it."""
APPLICATION = web.Application()
APPLICATION[LIMITS] = Limits(Pace(1, 1), 1)
KEY = ApiKey.parse("a-key-that-nobody-guesses")
NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
METHODS = ("GET", "POST")
ADMISSIONS = (
    Admission(None, None, frozenset({"metarr"})),
    Admission(None, frozenset({"films.example"}), frozenset()),
    Admission(KEY, None, frozenset()),
    Admission(KEY, frozenset({"films.example"}), frozenset()),
)
PROXIES = client_address.read_networks("10.0.0.0/8, fd00::/8")


def form(data: bytes) -> None:
    """A form is refused, or a file comes out of it that was in it."""
    kind, content = chosen(data, FORMS)
    if kind is None:
        line, _, content = content.partition(b"\n")
        kind = as_text(line)
    with warnings.catch_warnings():
        ignore_bad_forms()
        try:
            upload = asyncio.run(_uploaded(_header(kind), content))
        except ApiError as error:
            can_be_answered(error)
            return
    assert len(upload.content) <= FORM_LIMIT
    assert upload.content in content


async def _uploaded(kind: str, content: bytes) -> Upload:
    """What the route makes of a body that came in two pieces, to its end."""
    loop = asyncio.get_running_loop()
    body = StreamReader(BaseProtocol(loop), 2**22, loop=loop)
    half = len(content) // 2
    for piece in filter(None, (content[:half], content[half:])):
        body.feed_data(piece)
    body.feed_eof()
    request = make_mocked_request(
        "POST", "/api/movies/import", headers={"Content-Type": kind}, payload=body, app=APPLICATION
    )
    return await read_upload(request, FORM_LIMIT)


def admission(data: bytes) -> None:
    """Who is admitted calls us by a name of ours, from a page of ours where it may do harm, and knows the key."""
    method, content = chosen(data, METHODS)
    host, origin, name, cookie, key = _lines(content, 5)
    asked = Asked(method, "/api/movies", is_open=False, hosts=(host,), origins=(origin,), api_key=key or None)
    for rules in ADMISSIONS:
        refusal = rules.refusal(replace(asked, cookie=cookie), NOON)
        if refusal is not None:
            can_be_answered(refusal)
            continue
        assert rules.key is None or key == KEY.secret.decode()
        called = hosts.Authority.parse(host)
        if method == "POST" and called is not None:
            assert hosts.is_same_site(origin, called, rules.allowed_hosts or frozenset())
        if rules.key is None:
            assert called is not None
            assert hosts.cannot_be_rebound(called.name) or called.name in {"metarr", "films.example"}
    assert not sessions.is_valid(cookie, KEY, NOON)
    _must_be_names(host, name)
    came_by_https(make_mocked_request("GET", "/", headers={"X-Forwarded-Proto": _header(name)}))


def _must_be_names(host: str, names: str) -> None:
    called = hosts.Authority.parse(host)
    if called is not None:
        assert hosts.canonical(called.name) == called.name
        assert called.port_for("https") == (called.port if called.port is not None else 443)
    hosts.is_loopback(host)
    assert all(hosts.canonical(name) == name for name in hosts.names_of(host))
    try:
        read = hosts.parse_names(names)
    except ValueError as error:
        is_said(str(error), 200)
        return
    assert all(hosts.canonical(name) == name for name in read)
    assert hosts.parse_names(",".join(read)) == read


def session(data: bytes) -> None:
    """Of cookies and keys that anybody may send only the right ones are taken, and no other one breaks anything."""
    text = data.decode("utf-8", "surrogateescape")
    request = make_mocked_request("GET", "/", headers={"Cookie": _header(text)})
    assert not sessions.is_valid(request.cookies.get(sessions.COOKIE, ""), KEY, NOON)
    assert not sessions.is_valid(text, KEY, NOON)
    assert KEY.is_known_to(text) == (data == KEY.secret)
    try:
        key = ApiKey.parse(data.decode(errors="replace"))
    except ValueError as error:
        is_said(str(error), 100)
        return
    assert PATTERN.fullmatch(key.secret.decode())
    assert key.is_known_to(key.secret.decode())
    assert key.secret.decode() not in repr(key)


def client(data: bytes) -> None:
    """Whoever asks counts as an address or a network, or as where the connection says that it comes from."""
    peer, networks, *told = _lines(data, 4)
    counted = client_address.client_of(peer, told, PROXIES)
    assert counted == peer or ip_network(counted).num_addresses >= 1
    if not client_address.trusts(peer, PROXIES):
        assert counted == client_address.client_of(peer, (), PROXIES)
    try:
        read = client_address.read_networks(networks)
    except ValueError:
        return
    client_address.client_of(peer, told, read)
    assert client_address.read_networks(",".join(map(str, read))) == read


def accept(data: bytes) -> None:
    """Metrics are shown and files have a coding that we have, whatever is accepted."""
    text = data.decode("utf-8", "surrogateescape")
    request = make_mocked_request("GET", "/metrics", headers={"Accept": _header(text)})
    assert at_once(metrics(request)).status == 200
    assert set(codings(text)) <= {"br", "gzip"}


def _lines(data: bytes, count: int) -> list[str]:
    """So many lines; the last ones may be empty."""
    lines = data.decode("utf-8", "surrogateescape").split("\n", count - 1)
    return lines + [""] * (count - len(lines))


def _header(text: str) -> str:
    """As far as a header can hold it."""
    return "".join(letter for letter in text if letter.isprintable())


WEB_RULES: Mapping[str, Callable[[bytes], None]] = {
    "form": form,
    "admission": admission,
    "session": session,
    "client": client,
    "accept": accept,
}
