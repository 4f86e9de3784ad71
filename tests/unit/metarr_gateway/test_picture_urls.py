"""Where pictures come from, and in which size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from metarr_gateway.parsing import PictureKind
from metarr_gateway.picture_urls import bases, source, tmdb_url

REAL = bases(None, None)
TMDB = "https://image.tmdb.org/t/p/original/abc.jpg"
FANART = "https://assets.fanart.tv/fanart/movies/120/hdmovielogo/lotr-123.png"


@pytest.mark.parametrize(
    ("url", "kind", "width", "expected"),
    [
        (TMDB, "poster", None, "/t/p/original/abc.jpg"),
        (TMDB, "poster", 1, "/t/p/w92/abc.jpg"),
        (TMDB, "poster", 92, "/t/p/w92/abc.jpg"),
        (TMDB, "poster", 93, "/t/p/w154/abc.jpg"),
        (TMDB, "poster", 781, "/t/p/original/abc.jpg"),
        (TMDB, "fanart", 500, "/t/p/w780/abc.jpg"),
        (TMDB, "fanart", 1280, "/t/p/w1280/abc.jpg"),
        (TMDB, "clearlogo", 250, "/t/p/w300/abc.jpg"),
        ("http://image.tmdb.org/t/p/w500/abc.jpg", "poster", 100, "/t/p/w154/abc.jpg"),
        ("https://image.tmdb.org/t/p/original/logo.svg", "clearlogo", 300, "/t/p/w300/logo.png"),
        ("https://image.tmdb.org/t/p/original/logo.svg", "clearlogo", 900, "/t/p/original/logo.svg"),
        ("https://image.tmdb.org/elsewhere.jpg", "poster", 100, "/elsewhere.jpg"),
    ],
)
def test_sizes_of_tmdb(url: str, kind: PictureKind, width: int | None, expected: str) -> None:
    """The smallest size that is wide enough; always over https."""
    assert source(url, kind, width, REAL) == f"https://image.tmdb.org{expected}"


def test_the_address_of_a_file_of_tmdb() -> None:
    """As providers give it."""
    assert tmdb_url("abc.jpg") == TMDB


@pytest.mark.parametrize(
    ("width", "folder"), [(None, "fanart"), (200, "preview"), (201, "bigpreview"), (400, "bigpreview"), (401, "fanart")]
)
def test_sizes_of_fanart(width: int | None, folder: str) -> None:
    """Up to 200 pixels the preview, up to 400 the big one; only the first folder is another."""
    expected = f"https://assets.fanart.tv/{folder}/movies/120/hdmovielogo/lotr-123.png"
    assert source(FANART, "clearlogo", width, REAL) == expected


def test_fanart_in_a_name_stays() -> None:
    """The current flat form of the address, with the word in the file's name."""
    url = "https://assets.fanart.tv/fanart/some-fanart-1.jpg"
    assert source(url, "fanart", 100, REAL) == "https://assets.fanart.tv/preview/some-fanart-1.jpg"


def test_omdbs_posters_come_as_they_are() -> None:
    """No sizes are known there."""
    url = "https://m.media-amazon.com/images/M/abc@._V1_SX300.jpg"
    assert source(url, "poster", 100, REAL) == url


def test_the_sandbox_serves_all_hosts() -> None:
    """In a demo no provider is ever asked."""
    demo = bases(None, "http://127.0.0.1:9000")
    assert source(TMDB, "poster", 500, demo) == "http://127.0.0.1:9000/pictures/image.tmdb.org/t/p/w500/abc.jpg"
    assert set(demo) == set(REAL)


def test_the_setting_wins() -> None:
    """Only the hosts of the setting are known then."""
    hosts = bases({"pictures.example": "https://mirror.example/"}, "http://127.0.0.1:9000")
    assert source("https://pictures.example/a.jpg?v=2", "poster", 9, hosts) == "https://mirror.example/a.jpg?v=2"
    assert source(TMDB, "poster", None, hosts) is None


@pytest.mark.parametrize(
    "url",
    [
        None,
        3,
        [],
        "",
        "abc.jpg",
        "https://other.example/a.jpg",
        "https://image.tmdb.org@other.example/a.jpg",
        "https://image.tmdb.org.other.example/a.jpg",
        "https://image.tmdb.org/a/../../b.jpg",
        "https://image.tmdb.org/%2E%2e/b.jpg",
        "https://image.tmdb.org/./b.jpg",
        "https://image.tmdb.org/a/..%2f..%2fb.jpg",
        "https://image.tmdb.org/%2Fother.example/b.jpg",
        "https://image.tmdb.org/..%5cb.jpg",
        "https://image.tmdb.org\\@other.example/b.jpg",
        "https://other.example\\@image.tmdb.org/b.jpg",
        "https://somebody@image.tmdb.org/b.jpg",
        "https://somebody:secret@image.tmdb.org/b.jpg",
        "https://@image.tmdb.org/b.jpg",
        "https://image.tmdb.org:8080/b.jpg",
        "https://image.tmdb.org:b/b.jpg",
        "https://other.example#@image.tmdb.org/b.jpg",
        "https://other.example?@image.tmdb.org/b.jpg",
        "file:///etc/passwd",
        "file:image.tmdb.org/b.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "https://[image.tmdb.org/b.jpg",
    ],
)
def test_what_is_no_picture_of_a_known_host(url: object) -> None:
    """Other hosts and ports, users and paths that climb are refused."""
    assert source(url, "poster", 100, REAL) is None


PARTS = st.sampled_from(
    [*"/\\@:?#%.[]", "//", "..", "%2e", "%2F", "%5c", "\t", "\n", "https:", "file:", "image.tmdb.org", "evil.example"]
)


@given(st.lists(PARTS | st.text(max_size=3)).map("".join), st.sampled_from([None, 1, 5_000]))
def test_whatever_a_provider_says_only_known_hosts_are_asked(text: str, width: int | None) -> None:
    """The address that is asked is below the base of a known host, whichever way it is read."""
    for url in (text, f"https://image.tmdb.org{text}", f"https://image.tmdb.org/{text}"):
        address = source(url, "poster", width, bases(None, "http://127.0.0.1:9000"))
        if address is not None:
            asked = URL(address)
            assert (asked.scheme, asked.host, asked.port, asked.user) == ("http", "127.0.0.1", 9000, None)
            assert asked.raw_path.startswith("/pictures/image.tmdb.org")
