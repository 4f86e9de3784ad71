"""Names of pictures, the paths of the three hosts, and the drawings."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from metarr_sandbox import picture_names, pictures
from metarr_sandbox.picture_names import KINDS, PictureOf
from metarr_sandbox.picture_paths import recognise

POSTER = picture_names.tmdb_path(603, "poster")


@given(st.integers(min_value=1, max_value=110_000_000), st.sampled_from(KINDS), st.integers(min_value=0, max_value=63))
def test_a_name_tells_what_it_shows(tmdb_id: int, kind: str, index: int) -> None:
    """Film, kind and number can be read back from a name."""
    assert picture_names.decode(picture_names.code(tmdb_id, kind, index)) == PictureOf(tmdb_id, kind, index)


@pytest.mark.parametrize("text", ["", "abc", "jSziioSwPVrOy9Yow3XhWIBDjq1", "........", "AAAAAAAAAAA"])
def test_foreign_names_tell_nothing(text: str) -> None:
    """A name that we did not make shows no film."""
    assert picture_names.decode(text) is None


def test_file_paths_look_like_tmdbs() -> None:
    """27 characters and an extension."""
    assert len(POSTER) == len("/jSziioSwPVrOy9Yow3XhWIBDjq1.jpg")


@pytest.mark.parametrize(
    ("host", "path", "size"),
    [
        ("image.tmdb.org", f"/t/p/w342{POSTER}", (342, 513)),
        ("image.tmdb.org", f"/t/p/original{POSTER}", (1000, 1500)),
        ("image.tmdb.org", "/t/p/w92/abc.jpg", (92, 138)),
        ("image.tmdb.org", f"/t/p/w1280{picture_names.tmdb_path(603, 'backdrop')}", (1280, 720)),
        ("m.media-amazon.com", "/images/M/MV5Babc@._V1_SX300.jpg", (300, 450)),
        ("m.media-amazon.com", "/images/M/MV5Babc@._V1_.jpg", (1000, 1500)),
        ("assets.fanart.tv", "/fanart/movies/603/hdmovielogo/the-matrix-abc.png", (800, 310)),
        ("assets.fanart.tv", "/preview/the-matrix-abc.jpg", (200, 300)),
    ],
)
def test_the_hosts_paths(host: str, path: str, size: tuple[int, int]) -> None:
    """Each host's way of asking for a size is understood."""
    wanted = recognise(host, path)
    assert wanted is not None
    assert (wanted.width, wanted.height) == size


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("example.com", "/a.jpg"),
        ("image.tmdb.org", "/t/p/w343/abc.jpg"),
        ("image.tmdb.org", "/t/p/w342/abc.gif"),
        ("image.tmdb.org", "/t/p/w342/missing-1.jpg"),
        ("assets.fanart.tv", "/other/a-b.jpg"),
        ("m.media-amazon.com", "/images/S/a.jpg"),
    ],
)
def test_what_is_not_there(host: str, path: str) -> None:
    """Other hosts, sizes and names are not found."""
    assert recognise(host, path) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_has_the_size_and_form(kind: str) -> None:
    """Every kind is drawn, by its extension a JPEG or a PNG, and again the same."""
    wanted = recognise("image.tmdb.org", "/t/p/w154" + picture_names.tmdb_path(603, kind))
    assert wanted is not None
    body = pictures.draw(wanted, "A Rather Long Title: The Matrix")
    picture = Image.open(io.BytesIO(body))
    assert picture.size == (wanted.width, wanted.height)
    assert picture.format == ("PNG" if wanted.extension == "png" else "JPEG")
    assert body == pictures.draw(wanted, "A Rather Long Title: The Matrix")


def test_a_logo_is_transparent() -> None:
    """Nothing but the title is painted."""
    wanted = recognise("image.tmdb.org", "/t/p/w300" + picture_names.tmdb_path(603, "logo"))
    assert wanted is not None
    picture = Image.open(io.BytesIO(pictures.draw(wanted, "The Matrix")))
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently asked pictures go first."""
    monkeypatch.setattr(pictures, "_CACHE_BYTES", 1000)
    monkeypatch.setattr(pictures, "draw", lambda wanted, _title: wanted.name.encode() * 30)
    cache = pictures.Cache()
    for number in range(50):
        wanted = recognise("image.tmdb.org", f"/t/p/w92/name{number:02d}.jpg")
        assert wanted is not None
        assert cache.get(wanted, "") == f"name{number:02d}".encode() * 30
    assert cache._size <= 1000
    assert len(cache._bodies) == 5
