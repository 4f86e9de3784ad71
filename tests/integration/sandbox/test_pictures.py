"""Pictures of all three hosts over a real socket."""

import io
from typing import Any

from PIL import Image


def _local(sandbox: Any, url: str) -> str:
    return str(sandbox.url) + "/pictures/" + url.removeprefix("https://")


async def _addresses(sandbox: Any) -> list[str]:
    _, movie, _ = await sandbox.get("/tmdb/3/movie/13")
    _, omdb, _ = await sandbox.get("/omdb/", i="tt0133093")
    _, fanart, _ = await sandbox.get("/fanart/v3/movies/13")
    return [
        f"https://image.tmdb.org/t/p/w342{movie['poster_path']}",
        f"https://image.tmdb.org/t/p/w780{movie['backdrop_path']}",
        omdb["Poster"],
        *[value[0]["url"] for value in fanart.values() if isinstance(value, list)],
    ]


async def test_every_address_in_a_body_has_a_picture(sandbox: Any) -> None:
    """The gateway only changes the host."""
    for url in await _addresses(sandbox):
        async with sandbox.http.get(_local(sandbox, url)) as response:
            assert response.status == 200, url
            picture = Image.open(io.BytesIO(await response.read()))
            assert response.content_type == ("image/png" if url.endswith("png") else "image/jpeg")
            assert picture.format == ("PNG" if url.endswith("png") else "JPEG")


async def test_an_unchanged_picture_is_a_304(sandbox: Any) -> None:
    """By its ETag; another size has another one."""
    url = f"{sandbox.url}/pictures/image.tmdb.org/t/p/w92/abc.jpg"
    async with sandbox.http.get(url) as first:
        etag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "public, max-age=31536000"
    async with sandbox.http.get(url, headers={"If-None-Match": etag}) as again:
        assert (again.status, await again.read()) == (304, b"")
    async with sandbox.http.get(url.replace("w92", "w154"), headers={"If-None-Match": etag}) as other:
        assert other.status == 200


async def test_unknown_hosts_and_missing_files_are_404(sandbox: Any) -> None:
    """As at the real hosts."""
    for path in ("example.com/a.jpg", "image.tmdb.org/t/p/w92/missing.jpg", "image.tmdb.org/t/p/w93/abc.jpg"):
        async with sandbox.http.get(f"{sandbox.url}/pictures/{path}") as response:
            assert response.status == 404
