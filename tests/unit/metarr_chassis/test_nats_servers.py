"""What a setting may say of NATS servers, and what of it may be shown."""

import pytest

from metarr_chassis.nats_login import login
from metarr_chassis.nats_servers import NatsServers, parse_servers
from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import ServiceSettings, read_settings


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("nats://127.0.0.1:4222", ("nats://127.0.0.1:4222",)),
        ("nats://a:1,nats://b:2,nats://c:3", ("nats://a:1", "nats://b:2", "nats://c:3")),
        (" nats://a:1 , b ", ("nats://a:1", "nats://b")),
        ("tls://a,nats://[::1]:4222", ("tls://a", "nats://[::1]:4222")),
        ("wss://a/nats", ("wss://a/nats",)),
    ],
)
def test_servers_are_separated_by_commas(text: str, urls: tuple[str, ...]) -> None:
    """The scheme may be left out."""
    assert parse_servers(text) == NatsServers(urls)


@pytest.mark.parametrize(
    "text",
    [
        "nats://metarr:pa%2Cs%40s@a:1,nats://b:2",
        "nats://b:2,nats://metarr:pa%2Cs%40s@a:1",
        "nats://metarr:pa%2Cs%40s@a:1,nats://metarr:pa%2Cs%40s@b:2",
    ],
)
def test_user_and_password_hold_for_all(text: str) -> None:
    """However often they are named; what is special in an address is written as there."""
    servers = parse_servers(text)
    assert sorted(servers.urls) == ["nats://a:1", "nats://b:2"]
    told = {"servers": list(servers.urls), "user": "metarr", "password": "pa,s@s", "inbox_prefix": "_INBOX.metarr"}
    assert login(servers) == told


def test_a_user_without_a_password_is_a_token() -> None:
    """As the clients of NATS read it."""
    assert login(parse_servers("nats://t0ken@a:1")) == {"servers": ["nats://a:1"], "token": "t0ken"}


def test_nothing_secret_is_shown() -> None:
    """Neither as text nor in a log line that holds the settings."""
    settings = read_settings(ServiceSettings, {"METARR_NATS_URL": "nats://metarr:secret@a:1,b:2"})
    servers = parse_servers(settings.nats_url)
    assert str(servers) == "nats://a:1, nats://b:2"
    assert "secret" not in f"{servers!r}{settings!r}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nats://me:secret@a:1,http://b", "expected addresses such as nats://127.0.0.1:4222, separated by commas"),
        ("nats://me:secret@a:1,", "expected addresses"),
        ("nats://me:secret@a:port", "expected addresses"),
        ("nats://me:4/secret@a:1", "expected addresses"),
        ("nats://me:secret@a:99999", "expected addresses"),
        ("nats://me:secret@x[::1]y@z[::1", "expected addresses"),
        ("nats://me:secret@a b", "expected addresses"),
        ("nats://me:secret@[::]@[:8]", "expected addresses"),
        ("nats://me:secret@a\x01", "expected addresses"),
        ("wss://me:secret@a/\x7f", "expected addresses"),
        ("nats://me:secret@", "expected addresses"),
        ("nats://me:secret@a:1,nats://you:secret@b:2", "all servers are given the same user and password"),
        ("nats://me:secret@a:1,ws://b:2", "either all servers or none are reached by WebSocket"),
    ],
)
def test_what_is_wrong_is_named_without_the_password(text: str, words: str) -> None:
    """With the setting's name."""
    with pytest.raises(WrongSettingsError) as refused:
        read_settings(ServiceSettings, {"METARR_NATS_URL": text})
    assert str(refused.value).startswith(f"METARR_NATS_URL: {words}")
    assert "secret" not in str(refused.value)
