"""Which address a picture is fetched from: configured hosts only, in a size near the one that is asked for. Pure."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from metarr_gateway.parsing import PictureKind

TMDB = "image.tmdb.org"
FANART = "assets.fanart.tv"
AMAZON = "m.media-amazon.com"
HOSTS = (TMDB, FANART, AMAZON)

TMDB_PREFIX = ["", "t", "p"]
TMDB_WIDTHS: Mapping[PictureKind, Sequence[int]] = {
    "poster": (92, 154, 185, 342, 500, 780),
    "fanart": (300, 780, 1280),
    "clearlogo": (45, 92, 154, 185, 300, 500),
}
"""`/configuration` of TMDB; wider than the last is `original`."""

FANART_WIDTHS = ((200, "preview"), (400, "bigpreview"))
"""Largest side of fanart.tv's smaller versions, and the folder that stands in the place of `fanart`."""


def bases(hosts: Mapping[str, str] | None, sandbox_url: str | None) -> Mapping[str, str]:
    """From where each host's pictures are fetched: as set, else the sandbox, else the host itself."""
    if hosts is not None:
        return hosts
    if sandbox_url is not None:
        return {host: f"{sandbox_url}/pictures/{host}" for host in HOSTS}
    return {host: f"https://{host}" for host in HOSTS}


def tmdb_url(file: str) -> str:
    """The address of a picture of TMDB, as providers give it."""
    return f"https://{TMDB}{'/'.join(TMDB_PREFIX)}/original/{file}"


def source(url: object, kind: PictureKind, width: int | None, hosts: Mapping[str, str]) -> str | None:
    """The address to fetch, or None where the value is no picture of a known host.

    Args:
        url: The value of the film's field.
        kind: Which picture it is.
        width: Pixels that the asker wants at least; None means the picture as it is stored.
        hosts: Base address by host name.
    """
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        base = hosts.get(parts.hostname or "")
        names_more = parts.port is not None or "@" in parts.netloc
    except ValueError:
        return None
    segments = parts.path.split("/")
    if base is None or names_more or any(_leads_elsewhere(unquote(segment)) for segment in segments):
        return None
    path = "/".join(_sized(segments, str(parts.hostname), kind, width))
    return f"{base.rstrip('/')}{path}" + (f"?{parts.query}" if parts.query else "")


def _leads_elsewhere(segment: str) -> bool:
    """Whether a server that takes the segment apart could come to another folder."""
    return segment in {".", ".."} or "/" in segment or "\\" in segment


def _sized(segments: list[str], host: str, kind: PictureKind, width: int | None) -> list[str]:
    if width is None:
        return segments
    if host == TMDB and segments[:3] == TMDB_PREFIX and len(segments) > len(TMDB_PREFIX) + 1:
        return _tmdb_size(segments, kind, width)
    if host == FANART and segments[:2] == ["", "fanart"]:
        return _fanart_size(segments, width)
    return segments


def _tmdb_size(segments: list[str], kind: PictureKind, width: int) -> list[str]:
    size = next((f"w{known}" for known in TMDB_WIDTHS[kind] if known >= width), "original")
    *_, file = segments
    # TMDB renders a vector logo at a width only as a PNG.
    file = f"{file.removesuffix('.svg')}.png" if size != "original" and file.endswith(".svg") else file
    return [*TMDB_PREFIX, size, file]


def _fanart_size(segments: list[str], width: int) -> list[str]:
    folder = next((folder for widest, folder in FANART_WIDTHS if width <= widest), "fanart")
    return ["", folder, *segments[2:]]
