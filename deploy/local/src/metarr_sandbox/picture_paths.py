"""What a path of a picture host asks for: size, kind of file, and the film it shows."""

import re
from dataclasses import dataclass
from hashlib import blake2b

from metarr_sandbox.picture_names import PictureOf, decode

_TMDB = re.compile(r"/t/p/(w45|w92|w154|w185|w300|w342|w500|w780|w1280|h632|original)/([\w-]+)\.(jpg|png|svg)")
_AMAZON = re.compile(r"/images/M/([^/]+)\.(jpg)")
_AMAZON_WIDTH = re.compile(r"_S([XY])(\d{2,4})")
_FANART = re.compile(r"/(fanart|preview|bigpreview)/(?:movies/\d+/(\w+)/)?([^/]+)\.(jpg|png)")

# Kind -> full width and height in pixels; TMDB's originals are larger, which nobody would look at here.
_FULL = {
    "poster": (1000, 1500),
    "backdrop": (1920, 1080),
    "logo": (800, 310),
    "profile": (632, 948),
    "company": (500, 200),
    "clearart": (1000, 562),
    "disc": (1000, 1000),
    "banner": (1000, 185),
    "thumb": (1000, 562),
    "square": (1000, 1000),
}
_PREVIEWS = {"preview": 200, "bigpreview": 400}
_UNTITLED = {"profile", "company", "backdrop"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture to draw. ``name`` seeds its colours; ``shows`` is None for a foreign name."""

    name: str
    kind: str
    width: int
    height: int
    extension: str
    shows: PictureOf | None

    @property
    def etag(self) -> str:
        """Strong, and known without drawing."""
        key = f"{self.name}.{self.extension} {self.kind} {self.width}x{self.height}"
        return f'"{blake2b(key.encode(), digest_size=16).hexdigest()}"'

    @property
    def content_type(self) -> str:
        """``image/jpeg`` or ``image/png``."""
        return "image/png" if self.extension == "png" else "image/jpeg"

    @property
    def has_title(self) -> bool:
        """Whether the film's title is written on it."""
        return self.kind not in _UNTITLED


def recognise(host: str, path: str) -> Wanted | None:
    """The picture behind a host and path; None where the real host would say 404.

    Any well-formed name is drawn; one that begins with ``missing`` is not there.
    """
    match host:
        case "image.tmdb.org":
            return _tmdb(path)
        case "assets.fanart.tv":
            return _fanart(path)
        case "m.media-amazon.com":
            return _amazon(path)
        case _:
            return None


def _wanted(name: str, code: str, kind: str, width: int, extension: str) -> Wanted | None:
    if name.startswith("missing"):
        return None
    shows = decode(code)
    kind = shows.kind if shows else kind
    full = _FULL[kind]
    width = min(width, full[0])
    return Wanted(name, kind, width, max(1, round(width * full[1] / full[0])), extension, shows)


def _tmdb(path: str) -> Wanted | None:
    found = _TMDB.fullmatch(path)
    if found is None or found[3] == "svg":
        return None
    size, name, extension = found.groups()
    kind = "logo" if extension == "png" else "backdrop" if size == "w1280" else "poster"
    width = 4000 if size == "original" else 421 if size == "h632" else int(size[1:])
    return _wanted(name, name, kind, width, extension)


def _amazon(path: str) -> Wanted | None:
    found = _AMAZON.fullmatch(path)
    if found is None:
        return None
    name = found[1].partition(".")[0]
    size = _AMAZON_WIDTH.search(found[1])
    width = 1000 if size is None else int(size[2]) if size[1] == "X" else int(size[2]) * 2 // 3
    return _wanted(name, name.removeprefix("MV5B"), "poster", width, "jpg")


def _fanart(path: str) -> Wanted | None:
    found = _FANART.fullmatch(path)
    if found is None:
        return None
    size, _, name, extension = found.groups()
    kind = "logo" if extension == "png" else "poster"
    return _wanted(name, name.rpartition("-")[2], kind, _PREVIEWS.get(size, 4000), extension)
